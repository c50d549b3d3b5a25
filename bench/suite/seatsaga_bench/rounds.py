"""The phase that measures rates under load, round by round."""

from . import measure, plan

SLOW_PROVIDER = ("--provider-latency-ms", plan.SLOW_PROVIDER_MS)


def wanted(_):
    return True


def expected_s(options):
    return sum(measure.expected_s(options, run) for run in all_runs(options, options.scenarios))


def all_runs(options, scenarios):
    """The runs of all rounds, in order."""
    return [run for shift in range(options.rounds)
            for run in plan.round_of(options.in_flight, scenarios, shift)]


def run(suite):
    scenarios = set(suite.options.scenarios)
    if {"declines", "hot_hall"} & scenarios:
        suite.start_seatsaga("mixed")
    if "slow_provider" in scenarios:
        suite.start_seatsaga("slow", SLOW_PROVIDER)
    for each in all_runs(suite.options, scenarios):
        suite.measure(each)
    return {}
