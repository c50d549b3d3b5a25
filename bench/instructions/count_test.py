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


ROW = budgets.Row("pay_now", 64)


def budget_of(**limits):
    return {"rows": {"pay_now": {"64": limits}}, "compiler": "12.2.0"}


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
        lines, status = count.judge({ROW: {"seat_svc": 500, "payment_svc": 1100}}, "12.2.0",
                                    budget_of(seat_svc=1000, payment_svc=1000))
        self.assertEqual(status, count.OVER_BUDGET)
        self.assertIn("payment_svc", lines[0])
        self.assertTrue(any("--accept" in line for line in lines))

    def test_each_row_of_the_budget_is_held_to(self):
        budget = {"rows": {"pay_now": {"64": {"seat_svc": 1000}, "1": {"seat_svc": 3000}},
                           "cancel": {"64": {"seat_svc": 2000}}}, "compiler": "12.2.0"}
        for over in (budgets.Row("pay_now", 1), budgets.Row("cancel", 64)):
            with self.subTest(over):
                counted = {row: dict(budgets.allowed(budget, row)) for row in budgets.rows(budget)}
                counted[over]["seat_svc"] *= 2
                lines, status = count.judge(counted, "12.2.0", budget)
                self.assertEqual(status, count.OVER_BUDGET)
                self.assertIn(str(over), lines[0])
                self.assertIn(f"--story {over.story} --batch {over.batch} ", lines[1])

    def test_what_has_no_row_is_only_shown(self):
        for row in (budgets.Row("pay_now", 7), budgets.Row("cancel", 64)):
            self.assertEqual(count.judge({row: {"seat_svc": 9999}}, "12.2.0", budget_of(seat_svc=1000)),
                             ([], 0))

    def test_a_saving_is_pointed_out(self):
        lines, status = count.judge({ROW: {"seat_svc": 900}}, "12.2.0", budget_of(seat_svc=1000))
        self.assertEqual(status, 0)
        self.assertIn("seat_svc", lines[0])

    def test_another_compiler_is_named_as_a_possible_cause(self):
        lines, _ = count.judge({ROW: {"seat_svc": 1100}}, "13.1.0", budget_of(seat_svc=1000))
        self.assertIn("13.1.0", lines[-1])

    def test_what_was_accepted_is_the_budget(self):
        counts = dict.fromkeys(callgrind.TURNS, 1000)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "budget.json"
            budgets.save(path, {ROW: counts}, "12.2.0")
            self.assertEqual(budgets.load(path), budget_of(**counts))

    def test_the_committed_budget_has_every_service_in_every_story(self):
        budget = budgets.load(count.BUDGET_FILE)
        found = budgets.rows(budget)
        self.assertEqual(found, [ROW, budgets.Row("pay_now", 1), budgets.Row("hold_and_pay", 64),
                                 budgets.Row("cancel", 64), budgets.Row("exchange", 64)])
        for row in found:
            self.assertEqual(list(budgets.allowed(budget, row)), list(callgrind.TURNS))


class TakesArguments(unittest.TestCase):
    BUDGET = {"rows": {"pay_now": {"64": {}, "1": {}}, "cancel": {"64": {}}}}

    def test_a_part_cannot_become_the_budget(self):
        for part in (["--batch", "1"], ["--story", "cancel"]):
            with self.subTest(part), self.assertRaises(SystemExit), \
                    contextlib.redirect_stderr(io.StringIO()):
                count.parse(["--accept", *part])

    def test_all_rows_are_counted_or_those_of_a_story_or_one_that_the_budget_need_not_have(self):
        for arguments, rows in (
                ("", [("pay_now", 64), ("pay_now", 1), ("cancel", 64)]),
                ("--story pay_now", [("pay_now", 64), ("pay_now", 1)]),
                ("--batch 7", [("pay_now", 7)]),
                ("--story cancel --batch 7", [("cancel", 7)])):
            with self.subTest(arguments):
                self.assertEqual(count.rows(count.parse(arguments.split()), self.BUDGET), rows)


if __name__ == "__main__":
    unittest.main()
