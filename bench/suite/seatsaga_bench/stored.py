"""Many finished reservations: how fast they come in, and how fast the next ones are beside them."""

from . import measure, plan

FILL_IN_FLIGHT = 512
FILL_CHUNK = 50_000  # so many in one run of the load generator; one point of the curve
FILL_PER_S_MIN = 200  # slower than this, filling is given up
FILL_PER_S_EXPECTED = 6_000  # only for the progress line


def rounds(suite):
    return [plan.stored_round(shift) for shift in range(suite.options.rounds)]


def expect(suite):
    """Announces what is to come."""
    suite.progress.expect(suite.options.stored / FILL_PER_S_EXPECTED)
    for runs in rounds(suite):
        for run in runs:
            suite.progress.expect(measure.expected_s(suite.options, run))


def fill(suite):
    """Stores them, and says how fast each chunk came in: one point for each."""
    system = suite.systems["seatsaga"]
    points, count = [], 0
    while count < suite.options.stored:
        chunk = min(FILL_CHUNK, suite.options.stored - count)
        suite.progress.step(f"storing reservations: {count:,} of {suite.options.stored:,}",
                            chunk / FILL_PER_S_EXPECTED)
        report = measure.run_load(system, "happy", FILL_IN_FLIGHT, 0,
                                  max(chunk / FILL_PER_S_MIN, 1), extra=["--count", chunk])
        count += sum(report["outcomes"].values())
        points.append({"stored": count, "rate_per_s": round(report["rate_per_s"], 1)})
    return points


def run(suite):
    """Fills one cluster and compares it with a fresh one. Returns what goes into the output."""
    points = fill(suite)
    # The simulated provider keeps its books in the memory of payment_svc; it stands for another company,
    # and its memory is not ours to count. A restart also shows that nothing hot was needed.
    suite.systems["seatsaga"].restart()
    suite.start_seatsaga("fresh")
    for runs in rounds(suite):
        for each in runs:
            suite.measure(each)
    return {"stored_count": points[-1]["stored"], "fill": points}
