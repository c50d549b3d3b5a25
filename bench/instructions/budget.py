"""The budget: how many instructions of each service a reservation may take, in budget.json."""

import json

TOLERANCE_PERCENT = 3  # what other versions of a library or a compiler may change


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def save(path, counts, facts):
    budget = {"instructions_per_reservation": counts, "batch": facts["batch"],
              "compiler": facts["compiler"]}
    path.write_text(json.dumps(budget, indent=2) + "\n", encoding="utf-8")


def change_percent(counted, allowed):
    return 100 * (counted - allowed) / allowed


def overruns(counts, budget):
    """A line for each service that takes more than its budget and the tolerance allow."""
    allowed = budget["instructions_per_reservation"]
    return [
        f"{service} takes {counted:,} instructions per reservation, "
        f"{change_percent(counted, allowed[service]):.1f} % more than its budget of "
        f"{allowed[service]:,} ({TOLERANCE_PERCENT} % are tolerated)"
        for service, counted in counts.items()
        if change_percent(counted, allowed[service]) > TOLERANCE_PERCENT
    ]


def savings(counts, budget):
    """The services that have become so cheap that their budget no longer guards them."""
    allowed = budget["instructions_per_reservation"]
    return [service for service, counted in counts.items()
            if change_percent(counted, allowed[service]) < -TOLERANCE_PERCENT]
