"""The phase that measures rates under load, round by round."""

from . import measure, plan, probes, processes

SLOW_PROVIDER = ("--provider-latency-ms", plan.SLOW_PROVIDER_MS)
HELD_PER_S_EXPECTED = 6_000  # only for the progress line


def wanted(_):
    return True


def expected_s(options):
    return (sum(measure.expected_s(options, run) for run in all_runs(options, options.scenarios))
            + ("live_holds" in options.scenarios) * options.holds / HELD_PER_S_EXPECTED)


def all_runs(options, scenarios):
    """The runs of all rounds, in order."""
    return [run for shift in range(options.rounds)
            for run in plan.round_of(options.in_flight, scenarios, shift)]


def run(suite):
    scenarios = set(suite.options.scenarios)
    if {"declines", "hot_hall", "hold_and_pay", "expiring_holds"} & scenarios:
        suite.start_seatsaga("mixed")
    if "slow_provider" in scenarios:
        suite.start_seatsaga("slow", SLOW_PROVIDER)
    found = hold_seats(suite) if "live_holds" in scenarios else {}
    for each in all_runs(suite.options, scenarios):
        suite.measure(each)
    return found


def hold_seats(suite):
    """A cluster with many holds, which stay live until the end; and the memory that each costs its servers."""
    count = suite.options.holds
    suite.progress.step(f"holding {count:,} seats", count / HELD_PER_S_EXPECTED)
    suite.start_seatsaga("holding")
    system = suite.systems["holding"]
    before = system.resident_mib()
    probes.run(system, "hold", "--event-prefix", "held", "--count", count)
    after = system.resident_mib()
    return {"live_holds": {"holds": count, "bytes_per_hold": {
        name: round((after[name] - before[name]) * processes.MIB / count) for name in after}}}
