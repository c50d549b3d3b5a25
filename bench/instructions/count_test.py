#!/usr/bin/env python3
"""Reading callgrind's files, and judging counts by a budget. Nothing is counted here."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import budget as budgets
import callgrind
import count

PROFILE = """\
version: 1
creator: callgrind-3.19.0
events: Instructions

fn=(1) main
16 5
cfn=(2) seatsaga::bench::Chain::Round(int)
calls=2 20
17 930

fn=(2)
20 30
cfi=(3) chain.cc
cfn=(4) seatsaga::bench::Chain::TurnOfSeatSvc()
calls=1 40
21 400
cfn=(4)
calls=1 40
+1 500
summary: 935
""".splitlines()


def budget_of(**limits):
    return {"rows": {"64": limits}, "compiler": "12.2.0"}


class ReadsCallgrind(unittest.TestCase):
    def test_what_calls_took_is_summed_by_callee_whatever_its_name_is_short_for(self):
        self.assertEqual(callgrind.inclusive_counts(PROFILE), {
            "seatsaga::bench::Chain::Round(int)": 930,
            "seatsaga::bench::Chain::TurnOfSeatSvc()": 900})

    def test_a_turn_that_is_not_seen_is_an_error_and_not_zero(self):
        with self.assertRaisesRegex(callgrind.CountError, "TurnOfPaymentSvc"):
            callgrind.by_service(PROFILE)


class JudgesByBudget(unittest.TestCase):
    def test_the_service_over_budget_is_named_and_the_others_are_not(self):
        over = budgets.overruns({"seat_svc": 1031, "payment_svc": 2000},
                                {"seat_svc": 1000, "payment_svc": 2000})
        self.assertEqual(len(over), 1)
        self.assertIn("seat_svc takes 1,031 instructions per reservation, 3.1 % more", over[0])

    def test_what_is_tolerated_passes(self):
        self.assertEqual(budgets.overruns({"seat_svc": 1030}, {"seat_svc": 1000}), [])

    def test_one_services_savings_do_not_pay_for_another(self):
        rows, budget = {64: {"seat_svc": 500, "payment_svc": 1100}}, budget_of(seat_svc=1000,
                                                                               payment_svc=1000)
        lines, status = count.judge(rows, "12.2.0", budget)
        self.assertEqual(status, count.OVER_BUDGET)
        self.assertIn("payment_svc", lines[0])
        self.assertTrue(any("--accept" in line for line in lines))

    def test_each_row_of_the_budget_is_held_to(self):
        budget = {"rows": {"64": {"seat_svc": 1000}, "1": {"seat_svc": 3000}}, "compiler": "12.2.0"}
        lines, status = count.judge({64: {"seat_svc": 1000}, 1: {"seat_svc": 3300}}, "12.2.0", budget)
        self.assertEqual(status, count.OVER_BUDGET)
        self.assertIn("1 in a batch", lines[0])

    def test_a_batch_size_without_a_row_is_only_shown(self):
        self.assertEqual(count.judge({7: {"seat_svc": 9999}}, "12.2.0", budget_of(seat_svc=1000)),
                         ([], 0))

    def test_a_saving_is_pointed_out(self):
        lines, status = count.judge({64: {"seat_svc": 900}}, "12.2.0", budget_of(seat_svc=1000))
        self.assertEqual(status, 0)
        self.assertIn("seat_svc", lines[0])

    def test_another_compiler_is_named_as_a_possible_cause(self):
        lines, _ = count.judge({64: {"seat_svc": 1100}}, "13.1.0", budget_of(seat_svc=1000))
        self.assertIn("13.1.0", lines[-1])

    def test_what_was_accepted_is_the_budget(self):
        counts = dict.fromkeys(callgrind.TURNS, 1000)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "budget.json"
            budgets.save(path, {64: counts}, "12.2.0")
            self.assertEqual(budgets.load(path), budget_of(**counts))

    def test_the_committed_budget_has_every_service_in_large_batches_and_alone(self):
        budget = budgets.load(count.BUDGET_FILE)
        self.assertEqual(budgets.batches(budget), [64, 1])
        for batch in budgets.batches(budget):
            self.assertEqual(list(budgets.allowed(budget, batch)), list(callgrind.TURNS))


class TakesArguments(unittest.TestCase):
    def test_another_batch_cannot_become_the_budget(self):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            count.parse(["--accept", "--batch", "1"])


if __name__ == "__main__":
    unittest.main()
