"""The phase that creates events of several sizes and reads their seat lists."""

import statistics

from . import probes

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
    return {"halls": [median_hall(size, rows) for size in SIZES]}


def median_hall(size, rows):
    """The median times of the halls of one size."""
    of_size = [row for row in rows if row["seats"] == size]
    medians = {key: round(statistics.median(row[key] for row in of_size), 3)
               for key in ("create_ms", "read_ms")}
    return {"seats": size, "samples": len(of_size), **medians}
