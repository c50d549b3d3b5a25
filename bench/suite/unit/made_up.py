"""Made-up results for the unit tests."""

import pathlib
import sys

SUITE = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUITE))

from seatsaga_bench import baselines, halls, plan  # noqa: E402
from seatsaga_bench.results import Results  # noqa: E402
from seatsaga_bench.targets import targets  # noqa: E402

SERVERS = ("reservation_svc", "orchestrator", "seat_svc", "payment_svc")


def report(rate=1000.0, p50_ms=2.0, p99_ms=4.0, cpu_us=50.0, fsyncs=0.25, in_flight=128):
    """A report of the load generator, with the same figures for every server."""
    return {
        "in_flight": in_flight, "rate_per_s": rate, "p50_ms": p50_ms, "p99_ms": p99_ms,
        "max_ms": 2 * p99_ms, "completed": 100, "outcomes": {"CONFIRMED": 120}, "steal_percent": 0.5,
        "cpu_us_per_reservation": {name: cpu_us for name in ("client", *SERVERS)},
        "resident_mib": {"client": 400, **{name: 30 for name in SERVERS}},
        "fsyncs_per_reservation": 4 * fsyncs,
        "fsyncs_per_reservation_by_process": {name: fsyncs for name in SERVERS},
        "written_bytes_per_reservation": 4 * 2048.0,
        "written_bytes_per_reservation_by_process": {"client": 0, **{n: 2048.0 for n in SERVERS}},
    }


def results_of(*measured):
    """Results of (system, scenario, in flight, rates or reports of the rounds)."""
    results = Results()
    for system, scenario, in_flight, rounds in measured:
        for each in rounds:
            each = each if isinstance(each, dict) else report(each, in_flight=in_flight)
            results.add(system, scenario, in_flight, each)
    return results


def baseline_run():
    """What --baselines adds. SeatSaga is 1, 2, 4 times as fast as one transaction with a hot event row, and
    twice as fast as the others."""
    slowed = {1: 1, 16: 2, 128: 4}
    reports = {}
    for in_flight, entrants in baselines.SCHEDULE:
        for system, scenario in entrants:
            rate = 2000 / slowed[in_flight] if scenario == "hot_event" else 1000
            rate = 2000 if system == "seatsaga" else rate
            reports[system, scenario, in_flight] = [report(rate=rate, in_flight=in_flight)] * 3
    doubt = {"in_doubt_transactions": {}, "reservations_in_doubt": 63, "of_which_decided_to_commit": 20,
             "seats_locked": 61}
    return baselines.summarised(reports) | {"coordinator_killed": {
        "in_flight": 128, "two_phase_commit": doubt | {"after_restart_of_postgres": doubt},
        "seatsaga": {"pending_when_killed": 128, "ready_again_s": 0.03,
                     "none_of_them_pending_after_s": 0.15, "longest_wait_of_a_client_s": 0.2,
                     "pending_at_the_end": 0, "reservations": 5000, "confirmed": 5000}}}


def whole_run(levels=(1, 16, 128, 512), fill_points=5):
    """An object like the one that -o json prints."""
    results = results_of(*((system, "happy", n, [1000 * factor * n ** 0.5] * 3) for n in levels
                           for system, factor in zip(plan.SIDES, (1.5, 1.0))),
                         ("seatsaga", "many_stored", 128, [5000]))
    facts = {
        "database_growth_bytes_per_reservation": 950.0, "fdatasync_p50_ms": 0.2,
        "stored_count": 1000 * fill_points,
        "fill": [{"stored": 1000 * (i + 1), "rate_per_s": 9000 - i} for i in range(fill_points)],
        "queries": [{"what": "GetSaga", "page_size": 0, "rows_each": 1, "samples": 500,
                     "p50_ms": 0.2, "p99_ms": 0.4, "max_ms": 0.5}],
        "start_s_many_stored": 1.5,
        "resident_mib_after_queries": {"seat_svc": 45.0},
        "halls": [{"seats": n, "create_ms": 1.0, "read_ms": n / 3000} for n in halls.SIZES],
        "restart": {"sagas": 10000, "ready_s": 0.1, "moving_s": 0.3, "finished_s": 0.9},
    }
    return {
        **results.of_sides(),
        "other_transport": {"transport": "tcp", **results.of_sides()},
        **facts, "targets": targets(results, facts), "transport": "unix", "rounds": 3,
        "duration_s": 600.0,
        "machine": {"cpus": 2, "cpu_model": "a < b", "memory_gib": 8.0, "kernel": "Linux 6.1",
                    "file_system": "ext4", "steal_percent": 0.1, "idle_percent": 3,
                    "load_average": 2.0},
    }
