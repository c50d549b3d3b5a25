"""The budget: how many instructions of each service a reservation may take, in budget.json.

One row per story and batch size: {"rows": {"pay_now": {"64": {"seat_svc": 33210, ...}, "1": {...}}, ...},
"compiler": "12.2.0"}.
"""

import json
from typing import NamedTuple

TOLERANCE_PERCENT = 3  # what other versions of a library or a compiler may change


class Row(NamedTuple):
    story: str  # what each client does, in the program's words
    batch: int  # clients that begin it at once

    def __str__(self):
        return f"{self.story}, {self.batch} in a batch"


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def save(path, counts, compiler):
    budget = {"rows": nested(counts), "compiler": compiler}
    path.write_text(json.dumps(budget, indent=2) + "\n", encoding="utf-8")


def nested(counts):
    """`counts`: those of each service, by row. The result is what JSON can say."""
    rows = {}
    for row, of_services in counts.items():
        rows.setdefault(row.story, {})[str(row.batch)] = of_services
    return rows


def rows(budget):
    return [Row(story, int(batch)) for story, batches in budget["rows"].items() for batch in batches]


def allowed(budget, row):
    """What each service may take; empty if the budget has no such row."""
    return budget["rows"].get(row.story, {}).get(str(row.batch), {})


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
