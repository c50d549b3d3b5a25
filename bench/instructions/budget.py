"""The budget: how many instructions of each service a reservation may take, in budget.json.

One row per batch size: {"rows": {"64": {"seat_svc": 33210, ...}, "1": {...}}, "compiler": "12.2.0"}.
"""

import json

TOLERANCE_PERCENT = 3  # what other versions of a library or a compiler may change


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def save(path, rows, compiler):
    """`rows`: the counts by service, by batch size."""
    budget = {"rows": {str(batch): counts for batch, counts in rows.items()}, "compiler": compiler}
    path.write_text(json.dumps(budget, indent=2) + "\n", encoding="utf-8")


def batches(budget):
    return [int(batch) for batch in budget["rows"]]


def allowed(budget, batch):
    """What each service may take in batches of this size; empty if there is no row for it."""
    return budget["rows"].get(str(batch), {})


def change_percent(counted, limit):
    return 100 * (counted - limit) / limit


def overruns(counts, limits):
    """One line for each service that takes more than its limit and the tolerance allow."""
    return [
        f"{service} takes {counted:,} instructions per reservation, "
        f"{change_percent(counted, limits[service]):.1f} % more than its budget of "
        f"{limits[service]:,} ({TOLERANCE_PERCENT} % are tolerated)"
        for service, counted in counts.items()
        if change_percent(counted, limits[service]) > TOLERANCE_PERCENT
    ]


def savings(counts, limits):
    """The services that have become so cheap that their budget no longer guards them."""
    return [service for service, counted in counts.items()
            if change_percent(counted, limits[service]) < -TOLERANCE_PERCENT]
