"""The phase that measures rates under load, round by round."""

from . import measure, plan

SLOW_PROVIDER = ("--provider-latency-ms", plan.SLOW_PROVIDER_MS)


def wanted(_):
    return True


def expected_s(options):
    return sum(measure.expected_s(options, run) for runs in all_rounds(options) for run in runs)


def all_rounds(options):
    return [plan.round_of(options.in_flight, options.scenarios, shift)
            for shift in range(options.rounds)]


def run(suite):
    scenarios = set(suite.options.scenarios)
    if {"declines", "hot_hall"} & scenarios:
        suite.start_seatsaga("mixed")
    if "slow_provider" in scenarios:
        suite.start_seatsaga("slow", SLOW_PROVIDER)
    for runs in all_rounds(suite.options):
        for each in runs:
            suite.measure(each)
    return {}
