"""Which charts are made from the object that -o json prints."""

from . import baselines, svg

# In the order in which they are stacked, with their colours.
PROCESSES = [("client", 2), ("reservation_svc", 0), ("orchestrator", 1), ("seat_svc", 4),
             ("payment_svc", 5)]
BASELINE_COLOUR = 3  # the first of the baselines'


def charts(output):
    """By file name; only those that the run has data for."""
    made = {
        "throughput.svg": throughput(output),
        "latency.svg": latency(output),
        "cpu.svg": cpu(output),
        "written.svg": written(output),
        "stored.svg": stored(output),
        "halls.svg": halls(output),
    }
    return {name: text for name, text in made.items() if text}


def happy_levels(summaries):
    levels = [s for s in summaries if s["name"] == "happy"]
    return sorted(levels, key=lambda s: s["in_flight"])


def systems(output):
    """(name, happy levels, colour) of SeatSaga and the null chain."""
    found = [("SeatSaga", happy_levels(output["scenarios"]), 0),
             ("null chain", happy_levels(output["null_chain"]), 2)]
    return [system for system in found if system[1]]


def baseline_series(output):
    """What a team would build instead, doing the same work; without the slow provider."""
    levels = {}
    for summary in output.get("baselines", {}).get("postgres", []):
        if baselines.SAME_WORK[summary["name"]] == "happy":
            name = baselines.NAMES[summary["name"]]
            levels.setdefault(name, []).append((summary["in_flight"], summary["rate_per_s"]))
    return [{"name": name, "points": sorted(points),
             "colour": BASELINE_COLOUR + i % (len(svg.COLOURS) - BASELINE_COLOUR)}
            for i, (name, points) in enumerate(levels.items())]


def values_of(series, index):
    return [point[index] for one in series for point in one["points"]]


def throughput(output):
    series = [{"name": name, "points": [(s["in_flight"], s["rate_per_s"]) for s in levels],
               "colour": colour} for name, levels, colour in systems(output)]
    series += baseline_series(output)
    return svg.line_chart(
        "Completed reservations a second", "each with a seat of its own; both axes logarithmic",
        "reservations in flight", "reservations / s", svg.Marked(values_of(series, 0)),
        svg.Log(values_of(series, 1)), series)


def latency(output):
    series = [{"name": f"{name}, {percentile[:3]}", "colour": colour, "dashed": percentile == "p99_ms",
               "points": [(s["in_flight"], s[percentile]) for s in levels]}
              for name, levels, colour in systems(output) for percentile in ("p50_ms", "p99_ms")]
    return svg.line_chart(
        "Time until a reservation is final", "median (lines) and 99th percentile (dashes); both axes"
        " logarithmic", "reservations in flight", "ms", svg.Marked(values_of(series, 0)),
        svg.Log(values_of(series, 1)), series)


def bars_by_process(output, key, names):
    """A group for each level of concurrency, a bar for each system."""
    groups = {}
    for name, levels, _ in systems(output):
        if name not in names:
            continue
        for s in levels:
            groups.setdefault(s["in_flight"], []).append((names[name], s[key]))
    return [(f"{in_flight} in flight", bars) for in_flight, bars in sorted(groups.items())]


def cpu(output):
    names = {"SeatSaga": "SeatSaga", "null chain": "null chain"}
    # A lone reservation wakes every process for itself alone; its bars would dwarf the others.
    groups = [group for group in bars_by_process(output, "cpu_us_per_reservation", names)
              if group[0] != "1 in flight"]
    return groups and svg.stacked_bars(
        "CPU time of a reservation, by process",
        "SeatSaga beside the null chain", "µs of CPU", groups,
        PROCESSES)


def written(output):
    groups = [group for group in bars_by_process(
        output, "written_bytes_per_reservation_by_process", {"SeatSaga": ""})]
    kib = [(name, [("", {process: size / 1024 for process, size in values.items()})
                   for _, values in bars]) for name, bars in groups if name != "1 in flight"]
    return kib and svg.stacked_bars(
        "Written to disk for a reservation, by process", "write-ahead logs and checkpoints; the null"
        " chain writes nothing", "KiB", kib, PROCESSES[1:])


def stored(output):
    points = [(p["stored"], p["rate_per_s"]) for p in output.get("fill", [])]
    if len(points) < 2:
        return None
    scale = svg.Linear(points[-1][0])
    series = [{"name": "SeatSaga", "points": points, "colour": 0}]
    return svg.line_chart(
        "Completed reservations a second, as databases fill", "512 in flight", "reservations stored",
        "reservations / s", scale, svg.Linear(max(values_of(series, 1))), series)


def halls(output):
    rows = output.get("halls")
    if not rows:
        return None
    series = [{"name": name, "colour": colour, "points": [(r["seats"], r[key]) for r in rows]}
              for colour, (name, key) in enumerate([("read all seats", "read_ms"),
                                                    ("create", "create_ms")])]
    return svg.line_chart(
        "What a hall costs", "one client; both axes logarithmic", "seats", "ms",
        svg.Marked(values_of(series, 0)), svg.Log(values_of(series, 1)), series)
