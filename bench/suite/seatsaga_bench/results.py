"""From many measurements to medians and ratios."""

import statistics

COSTS = ("cpu_us_per_reservation", "fsyncs_per_reservation", "fsyncs_per_reservation_by_process",
         "written_bytes_per_reservation", "written_bytes_per_reservation_by_process")
FIGURES = ("rate_per_s", "p50_ms", "p99_ms", "max_ms", *COSTS, "resident_mib", "steal_percent")
PLACES = 4


def median_of(values):
    """The median of numbers; of dicts, per key; None if any value is None."""
    if isinstance(values[0], dict):
        return {key: median_of([v[key] for v in values if key in v]) for key in values[0]}
    if any(value is None for value in values):
        return None
    return round(statistics.median(values), PLACES)


def summarise(name, reports):
    """The medians of a scenario's rounds, and their range, as one object of the output."""
    summary = {"name": name, "in_flight": reports[0]["in_flight"]}
    for key in ("offered_per_s", "holds", "holds_undone_s"):
        if key in reports[0]:
            summary[key] = median_of([r[key] for r in reports])
    summary |= {key: median_of([r[key] for r in reports]) for key in FIGURES}
    rates = [round(r["rate_per_s"], 1) for r in reports]
    summary["rate_per_s_min"], summary["rate_per_s_max"] = min(rates), max(rates)
    summary["rate_per_s_of_each_round"] = rates
    summary["completed"] = sum(r["completed"] for r in reports)
    summary["outcome_count"] = sum(sum(r["outcomes"].values()) for r in reports)
    return summary


class Results:
    """What was measured so far. Reports are filed under (system, scenario, in flight), one per round."""

    def __init__(self):
        self.reports = {}

    def add(self, system, scenario, in_flight, report):
        self.reports.setdefault((system, scenario, in_flight), []).append(report)

    def of(self, system, scenario, in_flight=None):
        """The reports, one per round; empty if it was not measured."""
        for (s, c, n), reports in self.reports.items():
            if (s, c) == (system, scenario) and in_flight in (None, n):
                return reports
        return []

    def find(self, system, scenario, in_flight=None):
        """The summary, or None if it was not measured."""
        reports = self.of(system, scenario, in_flight)
        return summarise(scenario, reports) if reports else None

    def of_system(self, system):
        return [summarise(c, reports) for (s, c, _), reports in self.reports.items() if s == system]

    def of_sides(self):
        """SeatSaga beside the null chain: the beginning of the output."""
        return {
            "ratio_to_null_chain": self.ratio_to_null_chain(),
            "ratio_to_null_chain_of_each_round": self.ratios_to_null_chain(),
            "scenarios": self.of_system("seatsaga"),
            "null_chain": self.of_system("null_chain"),
        }

    def levels(self):
        return [n for (s, c, n) in self.reports if (s, c) == ("seatsaga", "happy")]

    def ratios_to_null_chain(self):
        """The ratio of each round, per level of concurrency."""
        ratios = {}
        for level in self.levels():
            if null := self.of("null_chain", "happy", level):
                ratios[str(level)] = rate_ratios(self.of("seatsaga", "happy", level), null)
        return ratios

    def ratio_to_null_chain(self):
        return {level: median_of(each) for level, each in self.ratios_to_null_chain().items()}

    def peak_rate(self):
        rates = [median_rate(self.of("seatsaga", "happy", n)) for n in self.levels()]
        return max(rates, default=None)

    def reservation_count(self, system, *scenarios):
        """All that the load generators made there, including the warm-up."""
        return sum(sum(r["outcomes"].values()) for (s, c, _), reports in self.reports.items()
                   if s == system and c in scenarios for r in reports)


def median_rate(reports):
    return statistics.median(r["rate_per_s"] for r in reports)


def rate_ratios(ours, theirs):
    """Ours divided by theirs, round by round, because both sides of a round had the same machine. The result
    is the median of these, not the ratio of two medians that may come from different rounds."""
    return [round(our["rate_per_s"] / their["rate_per_s"], PLACES)
            for our, their in zip(ours, theirs)]
