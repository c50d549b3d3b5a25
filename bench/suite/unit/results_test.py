"""Plans, ratios, targets, options."""

import contextlib
import io
import unittest

from made_up import report, results_of  # first: it knows where the suite is
from seatsaga_bench import options, other_transport, plan, restart
from seatsaga_bench.processes import SuiteError
from seatsaga_bench.results import Results, median_of
from seatsaga_bench.targets import targets


class Plans(unittest.TestCase):
    def test_every_round_measures_the_same_and_another_side_goes_first(self):
        rounds = [plan.round_of([16, 128], plan.SCENARIOS, shift) for shift in range(2)]
        for runs in rounds[1:]:
            self.assertEqual(sorted(runs), sorted(rounds[0]))
        self.assertEqual({runs[0].system for runs in rounds}, set(plan.SIDES))
        hot = [next(r.system for r in runs if r.in_flight == plan.HOT_HALL_CLIENTS) for runs in rounds]
        self.assertEqual(len(set(hot)), 2)

    def test_the_hot_halls_floor_has_as_many_clients(self):
        runs = [r for r in plan.round_of([1], ["hot_hall"], 0) if r.filed_as == plan.HOT_HALL_FLOOR]
        self.assertEqual({(r.system, r.in_flight) for r in runs},
                         {("null_chain", plan.HOT_HALL_CLIENTS)})

    def test_reservations_are_held_and_paid_for_at_every_level_but_the_lone_one(self):
        runs = [r for r in plan.round_of([1, 16, 128], ["hold_and_pay"], 0) if r.scenario != "happy"]
        self.assertEqual([(r.filed_as, r.in_flight) for r in runs],
                         [("hold_and_pay", 16), ("hold_and_pay", 128)])
        # There, databases grow by happy reservations alone.
        self.assertNotIn("seatsaga", {r.system for r in runs})

    def test_the_open_loop_comes_after_the_levels_that_tell_the_peak(self):
        runs = plan.round_of([16, 128], plan.SCENARIOS, 1)
        begin = next(i for i, r in enumerate(runs) if r.of_peak)
        self.assertTrue(all(r.filed_as != "happy" for r in runs[begin:]))


class Ratios(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_rounds_ratios(self):
        # The machine slows down tenfold over the run: the two medians would say 1000 / 900.
        results = results_of(("seatsaga", "happy", 128, [3000, 1000, 300]),
                             ("null_chain", "happy", 128, [900, 2000, 200]))
        self.assertEqual(results.ratios_to_null_chain(), {"128": [3.3333, 0.5, 1.5]})
        self.assertEqual(results.ratio_to_null_chain(), {"128": 1.5})

    def test_each_level_is_compared_with_the_null_chain_at_that_level(self):
        results = results_of(("seatsaga", "happy", 1, [100]), ("seatsaga", "happy", 16, [100]),
                             ("null_chain", "happy", 1, [50]), ("null_chain", "happy", 16, [200]))
        self.assertEqual(results.ratio_to_null_chain(), {"1": 2.0, "16": 0.5})

    def test_medians_reach_into_dicts_and_unknown_stays_unknown(self):
        self.assertEqual(median_of([{"a": 1, "b": None}, {"a": 5, "b": None}, {"a": 2, "b": None}]),
                         {"a": 2, "b": None})

    def test_a_summary_says_how_far_the_rounds_lie_apart(self):
        found = results_of(("seatsaga", "happy", 1, [5, 9, 7])).find("seatsaga", "happy", 1)
        self.assertEqual((found["rate_per_s_min"], found["rate_per_s"], found["rate_per_s_max"]),
                         (5, 7, 9))


class TargetsOfARun(unittest.TestCase):
    def found(self, results, **facts):
        facts = {"database_growth_bytes_per_reservation": 1024, "fdatasync_p50_ms": 0.5} | facts
        return {t["what"]: t for t in targets(results, facts)}

    def test_what_was_not_measured_has_no_target(self):
        self.assertEqual(self.found(Results()), {})

    def test_the_lone_latency_is_bound_by_the_null_chain_and_the_disk(self):
        results = results_of(("seatsaga", "happy", 1, [report(p50_ms=4.6)]),
                             ("null_chain", "happy", 1, [report(p50_ms=0.6)]))
        lone = next(t for what, t in self.found(results).items() if what.startswith("lone"))
        self.assertEqual((lone["value"], lone["at_most"], lone["met"]), (4.6, 4.6, True))

    def test_costs_count_all_processes(self):
        results = results_of(("seatsaga", "happy", 128, [report(cpu_us=51, fsyncs=0.13)]),
                             ("null_chain", "happy", 128, [report(cpu_us=50)]))
        found = self.found(results)
        cpu = found["CPU per reservation, µs, 128 in flight (null chain's)"]
        self.assertEqual((cpu["value"], cpu["at_most"], cpu["met"]), (255, 250, False))
        syncs = found["fsyncs per reservation, 128 in flight"]
        self.assertEqual((syncs["value"], syncs["met"]), (0.52, False))
        self.assertEqual(found["KiB written per reservation, 128 in flight"]["value"], 8)
        self.assertEqual(found["KiB of database growth per reservation"]["value"], 1)

    def test_scenarios_are_compared_within_their_rounds(self):
        results = results_of(("seatsaga", "happy", 128, [1000, 500]),
                             ("seatsaga", "declines", 128, [900, 450]),
                             ("seatsaga", "hot_hall", 200, [800, 400]),
                             ("null_chain", "hot_hall_floor", 200, [1000, 300]),
                             ("null_chain", "happy", 128, [10, 10]))
        found = self.found(results)
        self.assertEqual(found["10 % declined / happy rate, 128 in flight"]["value"], 0.9)
        hot = found["hot hall's answers / null chain's rate, 200 clients"]
        self.assertEqual((hot["value"], hot["met"]), (1.067, True))
        sold = found["seats of the hot hall sold, of 50"]  # 120, says the made-up report
        self.assertEqual((sold["value"], sold["met"]), (120, False))

    def test_holds_are_compared_with_reservations_that_are_paid_at_once(self):
        expiring = [report(rate=800) | {"holds": 10_000, "holds_undone_s": undone_s}
                    for undone_s in (4, 6, 5.5)]
        results = results_of(("seatsaga", "happy", 128, [1000, 1000, 1000]),
                             ("seatsaga", "hold_and_pay", 16, [1] * 3),
                             ("seatsaga", "hold_and_pay", 128, [740] * 3),
                             ("seatsaga", "live_holds", 128, [910] * 3),
                             ("seatsaga", "expiring_holds", 128, expiring))
        found = self.found(results, live_holds={"holds": 100_000})
        of_holds = list(found.items())[-4:]
        self.assertEqual({what: (t["value"], t["met"]) for what, t in of_holds}, {
            "held, then paid for / happy rate, 128 in flight": (0.74, False),
            "rate beside 100,000 live holds / without, 128 in flight": (0.91, True),
            "rate while 10,000 holds expire / otherwise, 128 in flight": (0.8, True),
            "s until all of them are undone": (5.5, False)})

    def test_the_slowest_query_and_the_largest_server_decide(self):
        results = results_of(("seatsaga", "many_stored", 128, [900]),
                             ("seatsaga", "few_stored", 128, [1000]))
        found = self.found(
            results, resident_mib_after_queries={"seat_svc": 299.0, "orchestrator": 301.0},
            queries=[{"what": "GetSaga", "p99_ms": 1}, {"what": "ListSagas", "p99_ms": 10.5}])
        self.assertFalse(found["MiB of memory of any server, many stored"]["met"])
        slowest = found["p99 of the slowest query, ms, many stored (ListSagas)"]
        self.assertEqual((slowest["value"], slowest["met"]), (10.5, False))
        self.assertTrue(
            found["rate with many stored / with an empty database, 128 in flight"]["met"])

    def test_halls_and_the_restart_are_in_seconds(self):
        found = self.found(Results(), restart={"sagas": 10000, "moving_s": 2.5},
                           halls=[{"seats": 1000, "create_ms": 9e9, "read_ms": 9e9},
                                  {"seats": 50000, "create_ms": 900, "read_ms": 301}])
        self.assertEqual({t["value"]: t["met"] for t in found.values()},
                         {2.5: False, 0.9: True, 0.301: False})


class Restart(unittest.TestCase):
    AFTER = {"sagas": 3, "completed": 3, "charged_once": 3, "confirmed_once": 3}
    AUDITED = {"reservations": 3, "confirmed": 3, "payments": 3, "reserved_seats": 3}

    def test_a_restart_without_loss_passes(self):
        restart.check(3, self.AFTER, self.AUDITED)

    def test_any_saga_that_is_lost_or_done_twice_fails_the_run(self):
        for key in self.AFTER:
            with self.subTest(key), self.assertRaises(SuiteError):
                restart.check(3, self.AFTER | {key: 2}, self.AUDITED)
        for key in self.AUDITED:
            with self.subTest(key), self.assertRaises(SuiteError):
                restart.check(3, self.AFTER, self.AUDITED | {key: 4})


class Options(unittest.TestCase):
    def test_quick_is_shorter_and_what_is_given_wins(self):
        full, quick = options.parse([], ""), options.parse(["--quick", "--rounds", "2"], "")
        self.assertEqual((full.rounds, full.stored), (3, 1_000_000))
        self.assertEqual((quick.rounds, quick.stored), (2, 20_000))
        self.assertEqual(options.parse(["--stored", "0"], "").stored, 0)

    def test_the_other_transport_is_what_the_rest_does_not_use_and_takes_too_long_for_quick(self):
        self.assertEqual(other_transport.of(options.parse([], "")), "tcp")
        self.assertEqual(other_transport.of(options.parse(["--transport", "tcp"], "")), "unix")
        used = {arguments: other_transport.all_of(options.parse(arguments.split(), ""))
                for arguments in ("", "--quick", "--quick --scenarios other_transport")}
        self.assertEqual(used, {"": {"unix", "tcp"}, "--quick": {"unix"},
                                "--quick --scenarios other_transport": {"unix", "tcp"}})

    def test_unknown_scenarios_and_numbers_that_make_no_sense_are_refused(self):
        for wrong in (["--scenarios", "bogus"], ["--rounds", "0"], ["--stored", "-1"]):
            with self.subTest(wrong), self.assertRaises(SystemExit) as end, \
                    contextlib.redirect_stderr(io.StringIO()):
                options.parse(wrong, "")
            self.assertEqual(end.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
