"""The phase that compares SeatSaga with what a team would build instead, on PostgreSQL: the same work, from
the same number of clients."""

from . import facts, killed, measure, plan, postgres
from .processes import SuiteError
from .results import median_of, rate_ratios, summarise

WARMUP_S_MAX = 0.5
DURATION_S_MAX = 2.0
RUN_OVERHEAD_S = 1.3  # tables and connections; only for the progress line

# What takes turns at each level of concurrency: baselines, and SeatSaga doing the same work.
INSTANT = (("seatsaga", "happy"), ("postgres", "one_transaction"), ("postgres", "hot_event"),
           ("postgres", "two_phase_commit"))
SLOW = (("seatsaga", "slow_provider"), ("postgres", "provider_inside"),
        ("postgres", "hot_event_provider_inside"))
SCHEDULE = ((1, INSTANT), (16, INSTANT), (128, INSTANT), (16, SLOW), (128, SLOW))
SAME_WORK = {theirs: entrants[0][1] for entrants in (INSTANT, SLOW) for _, theirs in entrants[1:]}
NAMES = {
    "one_transaction": "one transaction",
    "hot_event": "one transaction, hot event row",
    "two_phase_commit": "two-phase commit",
    "provider_inside": "one transaction, provider inside",
    "hot_event_provider_inside": "the same, hot event row",
}


def wanted(options):
    return options.baselines


def check_installed(options, bin_folder):
    """Raises SuiteError, before anything is measured, if the comparison is not possible."""
    if wanted(options) and (lacking := postgres.lacking(bin_folder)):
        raise SuiteError(f"{lacking}; ./dev bench --baselines installs and builds it")


def lengths_s(options):
    """Warm-up and measurement of a run."""
    return min(options.warmup_s, WARMUP_S_MAX), min(options.duration_s, DURATION_S_MAX)


def expected_run_s(options):
    return sum(lengths_s(options)) + RUN_OVERHEAD_S


def expected_s(options):
    count = sum(len(entrants) for _, entrants in SCHEDULE)
    return options.rounds * count * expected_run_s(options) + killed.EXPECTED_S


def run(suite):
    scratch, bin_folder, _ = suite.where
    with postgres.Cluster(scratch / "postgres", bin_folder) as cluster:
        suite.start_seatsaga("beside_happy")
        suite.start_seatsaga("beside_slow_provider", ("--provider-latency-ms", plan.SLOW_PROVIDER_MS))
        reports = {}
        for shift in range(suite.options.rounds):
            for in_flight, entrants in SCHEDULE:
                for system, scenario in plan.rotated(entrants, shift):
                    report = measured(suite, cluster, system, scenario, in_flight)
                    reports.setdefault((system, scenario, in_flight), []).append(report)
        return {"baselines": summarised(reports) | {"coordinator_killed": killed.run(suite, cluster)}}


def measured(suite, cluster, system, scenario, in_flight):
    suite.progress.step(f"{system}, {scenario}, {in_flight} in flight", expected_run_s(suite.options))
    lengths = lengths_s(suite.options)
    if system == "seatsaga":
        return measure.run_load(suite.systems[f"beside_{scenario}"], "happy", in_flight, *lengths)
    return run_postgres(cluster, scenario, in_flight, *lengths)


def run_postgres(cluster, scenario, in_flight, warmup_s, duration_s):
    """The report of one run of a baseline, whose tables have been checked."""
    command = cluster.load_command(scenario, in_flight, warmup_s, duration_s, plan.SLOW_PROVIDER_MS)
    report = measure.report_of(f"PostgreSQL: {scenario} at {in_flight} in flight", command,
                               warmup_s + duration_s, cluster.check_alive)
    facts.check(cluster, scenario, report["outcomes"])
    return report


def summarised(reports):
    """An object of the output, from the reports under (system, scenario, in flight), one per round."""
    found = {"postgres": [], "seatsaga": [], "ratios": {},
             "provider_latency_ms": plan.SLOW_PROVIDER_MS,
             "settings": {name: str(value) for name, value in postgres.SETTINGS.items()}}
    for (system, scenario, in_flight), rounds in reports.items():
        found[system].append(summarise(scenario, rounds))
        if system == "postgres":
            ours = reports["seatsaga", SAME_WORK[scenario], in_flight]
            ratio = median_of(rate_ratios(ours, rounds))
            found["ratios"].setdefault(scenario, {})[str(in_flight)] = ratio
    return found
