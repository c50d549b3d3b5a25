"""Made-up results for the unit tests."""

import pathlib
import sys

SUITE = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(SUITE))

from seatsaga_bench import halls, plan  # noqa: E402
from seatsaga_bench.results import Results  # noqa: E402
from seatsaga_bench.targets import targets  # noqa: E402

SERVERS = ("reservation_svc", "orchestrator", "seat_svc", "payment_svc")


def report(rate=1000.0, p50_ms=2.0, p99_ms=4.0, cpu_us=50.0, fsyncs=0.25, in_flight=128):
    """What the load generator says of a run, each server alike."""
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


def whole_run(levels=(1, 16, 128, 512), fill_points=5):
    """An object as -o json prints it."""
    results = results_of(*((system, "happy", n, [1000 * factor * n ** 0.5] * 3) for n in levels
                           for system, factor in zip(plan.SIDES, (1.5, 0.9, 1.0))),
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
        "ratio_to_null_chain": results.ratio_to_null_chain(),
        "ratio_to_null_chain_of_each_round": results.ratios_to_null_chain(),
        "scenarios": results.of_system("seatsaga"),
        "null_chain": {name: results.of_system(name) for name in plan.NULL_CHAINS},
        **facts, "targets": targets(results, facts), "transport": "unix", "rounds": 3,
        "duration_s": 600.0,
        "machine": {"cpus": 2, "cpu_model": "a < b", "memory_gib": 8.0, "kernel": "Linux 6.1",
                    "file_system": "ext4", "steal_percent": 0.1, "idle_percent": 3,
                    "load_average": 2.0},
    }
