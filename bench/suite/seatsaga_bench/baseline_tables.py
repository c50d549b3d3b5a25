"""The tables of docs/performance-baselines.md, from the object that -o json prints with --baselines."""

from .baselines import NAMES
from .tables import markdown, number, run_facts

LEVELS = (1, 16, 128)
OUR_NAMES = {"happy": "SeatSaga", "slow_provider": "SeatSaga, slow provider"}


def baseline_tables(output):
    """By the name of their section."""
    found = output["baselines"]
    return {
        "baselines-run": run_facts(output),
        "baselines-rates": rates(found),
        "baselines-ratios": ratios(found),
        "baselines-costs": costs(found),
        "baselines-killed": killed(found["coordinator_killed"]),
    }


def by_scenario(found):
    """(name, {in flight: row}), SeatSaga first."""
    scenarios = {}
    for system, names in (("seatsaga", OUR_NAMES), ("postgres", NAMES)):
        for row in found[system]:
            scenarios.setdefault(names[row["name"]], {})[row["in_flight"]] = row
    return scenarios.items()


def rates(found):
    def cell(row):
        return f"{number(row['rate_per_s'])} · {number(row['p50_ms'], 1)} · {number(row['p99_ms'], 1)}"

    return markdown(["per s · p50 ms · p99 ms", *(f"{level} in flight" for level in LEVELS)],
                    [[name, *(cell(rows[level]) if level in rows else "" for level in LEVELS)]
                     for name, rows in by_scenario(found)])


def ratios(found):
    def cell(at):
        return "" if at is None else f"{at:.2f}" if at < 10 else number(at)

    return markdown(["SeatSaga's rate ÷", *(f"{level} in flight" for level in LEVELS)],
                    [[NAMES[name], *(cell(levels.get(str(level))) for level in LEVELS)]
                     for name, levels in found["ratios"].items()])


def costs(found):
    """At the highest level."""
    return markdown(["per reservation, 128 in flight", "CPU µs, client and servers", "fsyncs"],
                    [[name, number(sum(rows[128]["cpu_us_per_reservation"].values())),
                      number(rows[128]["fsyncs_per_reservation"], 2)]
                     for name, rows in by_scenario(found)])


def killed(found):
    theirs, ours = found["two_phase_commit"], found["seatsaga"]
    later = theirs["after_restart_of_postgres"]
    return markdown(
        [f"killed with {found['in_flight']} in flight", "two-phase commit's coordinator",
         "SeatSaga's orchestrator"],
        [["at once", f"{theirs['reservations_in_doubt']} reservations in doubt"
          f" ({theirs['of_which_decided_to_commit']} of them decided), {theirs['seats_locked']} seats"
          " locked", f"{ours['pending_when_killed']} reservations PENDING"],
         ["after a restart", f"of PostgreSQL: {later['reservations_in_doubt']} in doubt,"
          f" {later['seats_locked']} seats locked",
          f"of the orchestrator: ready in {ours['ready_again_s']:.2f} s, none of those PENDING after"
          f" {ours['none_of_them_pending_after_s']:.2f} s"],
         ["at the end", "the same, until somebody resolves them",
          f"{ours['pending_at_the_end']} PENDING, {ours['confirmed']:,} of {ours['reservations']:,}"
          f" CONFIRMED; no client waited longer than {ours['longest_wait_of_a_client_s']:.2f} s"]])
