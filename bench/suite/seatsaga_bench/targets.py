"""The targets, the results, and whether they are met."""

from .plan import HOLDS_IN_FLIGHT, HOT_HALL_CLIENTS, HOT_HALL_FLOOR, HOT_HALL_SEATS
from .results import median_of, rate_ratios

KIB = 1024


class Targets:
    """A list with an entry for each target that was measured."""

    def __init__(self, results, facts):
        self.results = results
        self.facts = facts  # the rest of the output
        self.found = []

    def at_least(self, what, value, least):
        self.found.append({"what": what, "value": round(value, 3), "at_least": round(least, 3),
                           "met": value >= least})

    def at_most(self, what, value, most):
        self.found.append({"what": what, "value": round(value, 3), "at_most": round(most, 3),
                           "met": value <= most})

    def rate_at_least(self, what, ours, theirs, least):
        """Of two sides measured in the same rounds."""
        if ours and theirs:
            self.at_least(what, median_of(rate_ratios(ours, theirs)), least)

    def add_floor(self):
        for level, ratio in self.results.ratio_to_null_chain().items():
            if int(level) >= 16:
                self.at_least(f"rate / null chain's, {level} in flight", ratio, 1.0)

    def add_latencies(self):
        lone = self.results.find("seatsaga", "happy", 1)
        if not lone:
            return
        if null := self.results.find("null_chain", "happy", 1):
            self.at_most("lone reservation's p50, ms (null chain's + 8 × fdatasync p50)",
                         lone["p50_ms"],
                         null["p50_ms"] + 8 * self.facts["fdatasync_p50_ms"])
        if half := self.results.find("seatsaga", "open_loop_half_peak"):
            self.at_most("p99 at half the peak rate, ms (5 × the lone p50)", half["p99_ms"],
                         5 * lone["p50_ms"])

    def add_costs(self):
        happy = self.results.find("seatsaga", "happy", 128)
        if not happy:
            return
        if null := self.results.find("null_chain", "happy", 128):
            self.at_most("CPU per reservation, µs, 128 in flight (null chain's)", total_cpu_us(happy),
                         total_cpu_us(null))
        self.at_most("fsyncs per reservation, 128 in flight", happy["fsyncs_per_reservation"], 0.5)
        self.at_most("KiB written per reservation, 128 in flight",
                     happy["written_bytes_per_reservation"] / KIB, 12)
        self.at_most("KiB of database growth per reservation",
                     self.facts["database_growth_bytes_per_reservation"] / KIB, 2)

    def add_scenarios(self):
        of = self.results.of
        self.rate_at_least("10 % declined / happy rate, 128 in flight", of("seatsaga", "declines"),
                           of("seatsaga", "happy", 128), 0.8)
        self.rate_at_least("50 ms provider / instant one, 512 in flight",
                           of("seatsaga", "slow_provider"), of("seatsaga", "happy", 512), 0.9)
        if hot := of("seatsaga", "hot_hall"):
            sold = max(report["outcomes"]["CONFIRMED"] for report in hot)
            self.at_most(f"seats of the hot hall sold, of {HOT_HALL_SEATS}", sold, HOT_HALL_SEATS)
        self.rate_at_least(f"hot hall's answers / null chain's rate, {HOT_HALL_CLIENTS} clients",
                           of("seatsaga", "hot_hall"), of("null_chain", HOT_HALL_FLOOR), 1.0)

    def add_holds(self):
        of = self.results.of
        happy = of("seatsaga", "happy", HOLDS_IN_FLIGHT)
        self.rate_at_least(f"held, then paid for / happy rate, {HOLDS_IN_FLIGHT} in flight",
                           of("seatsaga", "hold_and_pay", HOLDS_IN_FLIGHT), happy, 0.75)
        if live := self.facts.get("live_holds"):
            self.rate_at_least(f"rate beside {live['holds']:,} live holds / without,"
                               f" {HOLDS_IN_FLIGHT} in flight", of("seatsaga", "live_holds"), happy, 0.9)
        if expiring := self.results.find("seatsaga", "expiring_holds"):
            self.rate_at_least(f"rate while {expiring['holds']:,.0f} holds expire / otherwise,"
                               f" {HOLDS_IN_FLIGHT} in flight",
                               of("seatsaga", "expiring_holds"), happy, 0.8)
            self.at_most("s until all of them are undone", expiring["holds_undone_s"], 5)

    def add_stored(self):
        of = self.results.of
        self.rate_at_least("rate with many stored / with an empty database, 128 in flight",
                           of("seatsaga", "many_stored"), of("seatsaga", "few_stored"), 0.9)
        if stored := self.results.find("seatsaga", "many_stored"):
            servers = [mib for name, mib in stored["resident_mib"].items() if name != "client"]
            servers += self.facts["resident_mib_after_queries"].values()
            self.at_most("MiB of memory of any server, many stored", max(servers), 300)
        if queries := self.facts.get("queries"):
            slowest = max(queries, key=lambda query: query["p99_ms"])
            self.at_most(f"p99 of the slowest query, ms, many stored ({slowest['what']})",
                         slowest["p99_ms"], 10)

    def add_restart(self):
        if not (restart := self.facts.get("restart")):
            return
        self.at_most(f"s from a restart until all of {restart['sagas']:,} sagas in flight move",
                     restart["moving_s"], 2)

    def add_halls(self):
        for hall in self.facts.get("halls", []):
            if hall["seats"] == 50_000:
                self.at_most("s to create an event of 50,000 seats", hall["create_ms"] / 1000, 1)
                self.at_most("s to read its whole seat list", hall["read_ms"] / 1000, 0.3)

    def add_baselines(self):
        if baselines := self.facts.get("baselines"):
            for what, scenario, least in (("today's one transaction", "one_transaction", 1.0),
                                          ("today's with a hot event row", "hot_event", 5.0)):
                self.at_least(f"rate / {what}, 128 in flight", baselines["ratios"][scenario]["128"],
                              least)


def total_cpu_us(summary):
    return sum(summary["cpu_us_per_reservation"].values())


def targets(results, facts):
    """All of them. What was not measured is left out."""
    all_targets = Targets(results, facts)
    all_targets.add_floor()
    all_targets.add_latencies()
    all_targets.add_costs()
    all_targets.add_baselines()
    all_targets.add_scenarios()
    all_targets.add_holds()
    all_targets.add_stored()
    all_targets.add_restart()
    all_targets.add_halls()
    return all_targets.found
