"""The phase that creates events of several sizes and reads their seat lists."""

from . import probes
from .results import median_of

SIZES = (1_000, 10_000, 50_000, 100_000)
REPEAT = 5  # halls of each size
EXPECTED_S = 2  # only for the progress line


def wanted(options):
    return "halls" in options.scenarios


def expected_s(_):
    return EXPECTED_S


def run(suite):
    suite.progress.step("halls", EXPECTED_S)
    rows = probes.run(suite.systems["seatsaga"], "halls", "--event-prefix", "hall",
                      "--sizes", ",".join(map(str, SIZES)), "--repeat", REPEAT)
    return {"halls": [median_of([row for row in rows if row["seats"] == size]) for size in SIZES]}
