"""From many measurements to medians, ratios and targets."""

import statistics

NULL_CHAINS = ("null_chain_callback", "null_chain_cq")
COSTS = ("cpu_us_per_reservation", "fsyncs_per_reservation", "written_bytes_per_reservation")
FIGURES = ("rate_per_s", "p50_ms", "p99_ms", "max_ms", *COSTS, "resident_mib")
PLACES = 4


def median_of(values):
    """The median of numbers; of dicts, that of each key; of None, None."""
    if isinstance(values[0], dict):
        return {key: median_of([v[key] for v in values if key in v]) for key in values[0]}
    if any(value is None for value in values):
        return None
    return round(statistics.median(values), PLACES)


def summarise(name, reports):
    """The medians of one scenario's rounds, as one object of the output."""
    summary = {"name": name, "in_flight": reports[0]["in_flight"]}
    if "offered_per_s" in reports[0]:
        summary["offered_per_s"] = reports[0]["offered_per_s"]
    summary |= {key: median_of([r[key] for r in reports]) for key in FIGURES}
    summary["completed"] = sum(r["completed"] for r in reports)
    summary["outcome_count"] = sum(sum(r["outcomes"].values()) for r in reports)
    summary["rate_per_s_of_each_round"] = [round(r["rate_per_s"], 1) for r in reports]
    return summary


class Results:
    """What was measured so far. Reports are filed under (system, scenario, in flight)."""

    def __init__(self):
        self.reports = {}

    def add(self, system, scenario, in_flight, report):
        self.reports.setdefault((system, scenario, in_flight), []).append(report)

    def find(self, system, scenario, in_flight=None):
        """The summary, or None if it was not measured."""
        for (s, c, n), reports in self.reports.items():
            if (s, c) == (system, scenario) and in_flight in (None, n):
                return summarise(scenario, reports)
        return None

    def of_system(self, system):
        return [summarise(c, reports) for (s, c, _), reports in self.reports.items() if s == system]

    def levels(self):
        return [n for (s, c, n) in self.reports if (s, c) == ("seatsaga", "happy")]

    def faster_null_chain(self, in_flight):
        chains = [(name, self.find(name, "happy", in_flight)) for name in NULL_CHAINS]
        chains = [(name, chain) for name, chain in chains if chain]
        return max(chains, key=lambda named: named[1]["rate_per_s"], default=(None, None))

    def ratio_to_null_chain(self):
        ratios = {}
        for level in self.levels():
            _, null = self.faster_null_chain(level)
            if null:
                ours = self.find("seatsaga", "happy", level)
                ratios[str(level)] = round(ours["rate_per_s"] / null["rate_per_s"], PLACES)
        return ratios

    def peak_rate(self):
        rates = [self.find("seatsaga", "happy", n)["rate_per_s"] for n in self.levels()]
        return max(rates, default=None)

    def reservation_count(self, system):
        """All that the load generators made there, warm-up included."""
        return sum(sum(r["outcomes"].values())
                   for (s, _, _), reports in self.reports.items() if s == system for r in reports)


def total_cpu_us(summary):
    return sum(summary["cpu_us_per_reservation"].values())


def targets(results, sync_p50_ms, database_growth_bytes):
    """What is aimed at, what came out, and whether that is enough; only of what was measured."""
    found = []

    def at_least(what, value, least):
        found.append({"what": what, "value": round(value, 3), "at_least": round(least, 3),
                      "met": value >= least})

    def at_most(what, value, most):
        found.append({"what": what, "value": round(value, 3), "at_most": round(most, 3),
                      "met": value <= most})

    for level, ratio in results.ratio_to_null_chain().items():
        if int(level) >= 16:
            at_least(f"rate / null chain's, {level} in flight", ratio, 1.0)
    lone = results.find("seatsaga", "happy", 1)
    _, lone_null = results.faster_null_chain(1)
    if lone and lone_null:
        at_most("lone reservation's p50, ms (null chain's + 8 x fdatasync p50)", lone["p50_ms"],
                lone_null["p50_ms"] + 8 * sync_p50_ms)
    if lone and (half := results.find("seatsaga", "open_loop_half_peak")):
        at_most("p99 at half the peak rate, ms (5 x the lone p50)", half["p99_ms"],
                5 * lone["p50_ms"])
    happy, (_, null) = results.find("seatsaga", "happy", 128), results.faster_null_chain(128)
    if happy and null:
        at_most("CPU a reservation, us, 128 in flight (null chain's)", total_cpu_us(happy),
                total_cpu_us(null))
    if happy:
        at_most("fsyncs a reservation, 128 in flight", happy["fsyncs_per_reservation"], 0.5)
        at_most("KiB written a reservation, 128 in flight",
                happy["written_bytes_per_reservation"] / 1024, 12)
        at_most("KiB of database growth a reservation", database_growth_bytes / 1024, 2)
    if happy and (declines := results.find("seatsaga", "declines")):
        at_least("10 % declined / happy rate", declines["rate_per_s"] / happy["rate_per_s"], 0.8)
    if happy and (stored := results.find("seatsaga", "many_stored")):
        at_least("many stored / few stored, 128 in flight",
                 stored["rate_per_s"] / happy["rate_per_s"], 0.9)
        at_most("MiB of memory of any server, many stored",
                max(mib for name, mib in stored["resident_mib"].items() if name != "client"), 300)
    many, slow = results.find("seatsaga", "happy", 512), results.find("seatsaga", "slow_provider")
    if many and slow:
        at_least("50 ms provider / instant one, 512 in flight",
                 slow["rate_per_s"] / many["rate_per_s"], 0.9)
    if null and (hot := results.find("seatsaga", "hot_hall")):
        at_least("hot hall's answers / null chain's rate at 128",
                 hot["rate_per_s"] / null["rate_per_s"], 1.0)
    return found
