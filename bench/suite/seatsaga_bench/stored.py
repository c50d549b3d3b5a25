"""The phase that stores many reservations: how fast they are made, and how fast the next ones are."""

from . import measure, plan, probes

FILL_IN_FLIGHT = 512
# Points of the curve. Each is one run of the load generator, long enough to mean something, and short enough
# to show progress.
FILL_POINTS = 20
FILL_CHUNK_MIN = 5_000
FILL_CHUNK_MAX = 50_000
FILL_PER_S_MIN = 200  # filling fails if it is slower
SAMPLES = 500  # of each query
QUICK_SAMPLES = 100
# Only for the progress line.
FILL_PER_S_EXPECTED = 6_000
QUERY_EXPECTED_S = 0.06  # per sample, for all queries together


def all_runs(options):
    return [run for shift in range(options.rounds) for run in plan.stored_round(shift)]


def samples(options):
    return QUICK_SAMPLES if options.quick else SAMPLES


def wanted(options):
    return options.stored > 0


def expected_s(options):
    return (options.stored / FILL_PER_S_EXPECTED + QUERY_EXPECTED_S * samples(options)
            + sum(measure.expected_s(options, run) for run in all_runs(options)))


def fill(suite):
    """Stores the reservations in chunks. Returns one point per chunk, with its rate."""
    system = suite.systems["seatsaga"]
    points, count = [], 0
    chunk_max = min(max(suite.options.stored // FILL_POINTS, FILL_CHUNK_MIN), FILL_CHUNK_MAX)
    while count < suite.options.stored:
        chunk = min(chunk_max, suite.options.stored - count)
        suite.progress.step(f"storing reservations: {count:,} of {suite.options.stored:,}",
                            chunk / FILL_PER_S_EXPECTED)
        report = measure.run_load(system, "happy", FILL_IN_FLIGHT, 0,
                                  max(chunk / FILL_PER_S_MIN, 1), extra=["--count", chunk])
        count += sum(report["outcomes"].values())
        points.append({"stored": count, "rate_per_s": round(report["rate_per_s"], 1)})
    return points


def run(suite):
    """Fills one cluster, compares it with an empty one, and queries it."""
    points = fill(suite)
    # The simulated provider keeps its books in the memory of payment_svc. It stands for another company, and
    # its memory is not ours to count. A restart also shows that no warm cache was needed.
    restart_s = suite.systems["seatsaga"].restart()
    suite.start_seatsaga("fresh")
    for each in all_runs(suite.options):
        suite.measure(each)
    suite.progress.step("queries", QUERY_EXPECTED_S * samples(suite.options))
    system = suite.systems["seatsaga"]
    queries = probes.run(system, "queries", "--samples", samples(suite.options))
    return {"stored_count": points[-1]["stored"], "fill": points, "queries": queries,
            "start_s_many_stored": restart_s,
            "resident_mib_after_queries": system.resident_mib()}
