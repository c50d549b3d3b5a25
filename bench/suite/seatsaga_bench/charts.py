"""Which charts are made from the object that -o json prints. Needs Matplotlib."""

from . import baselines, plot

# In the order in which they are stacked, with their colours.
PROCESSES = [("client", 2), ("reservation_svc", 0), ("orchestrator", 1), ("seat_svc", 4),
             ("payment_svc", 5)]
BASELINE_COLOURS = (3, 4, 5)


def charts(output):
    """Figures by file name; only those that the run has data for."""
    made = {
        "throughput.svg": throughput(output),
        "latency.svg": latency(output),
        "cpu.svg": cpu(output),
        "written.svg": written(output),
        "stored.svg": stored(output),
        "halls.svg": halls(output),
    }
    return {name: figure for name, figure in made.items() if figure}


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
    return [{"name": name, "points": sorted(points), "colour": colour}
            for (name, points), colour in zip(levels.items(), BASELINE_COLOURS)]


def throughput(output):
    series = [{"name": name, "points": [(s["in_flight"], s["rate_per_s"]) for s in levels],
               "colour": colour} for name, levels, colour in systems(output)]
    return plot.line_chart(
        "Completed reservations per second", "each with a seat of its own; both axes logarithmic",
        "reservations in flight", "reservations / s", series + baseline_series(output))


def latency(output):
    series = [{"name": f"{name}, {percentile[:3]}", "colour": colour, "dashed": percentile == "p99_ms",
               "points": [(s["in_flight"], s[percentile]) for s in levels]}
              for name, levels, colour in systems(output) for percentile in ("p50_ms", "p99_ms")]
    return plot.line_chart(
        "Time until a reservation is final", "median (lines) and 99th percentile (dashes); both axes"
        " logarithmic", "reservations in flight", "ms", series)


def bars_by_process(output, key, unit, names):
    """A group per level of concurrency, a bar per system. The lone reservation is left out: it wakes every
    process for itself alone, so its bars would dwarf the others."""
    groups = {}
    for name, levels, _ in systems(output):
        for s in levels:
            if name in names and s["in_flight"] > 1:
                values = {process: value / unit for process, value in s[key].items()}
                groups.setdefault(s["in_flight"], []).append((names[name], values))
    return [(f"{in_flight} in flight", bars) for in_flight, bars in sorted(groups.items())]


def cpu(output):
    groups = bars_by_process(output, "cpu_us_per_reservation", 1,
                             {"SeatSaga": "SeatSaga", "null chain": "null chain"})
    return groups and plot.stacked_bars(
        "CPU time per reservation, by process", "SeatSaga beside the null chain", "µs of CPU", groups,
        PROCESSES)


def written(output):
    groups = bars_by_process(output, "written_bytes_per_reservation_by_process", 1024, {"SeatSaga": ""})
    return groups and plot.stacked_bars(
        "Written to disk per reservation, by process", "write-ahead logs and checkpoints; the null"
        " chain writes nothing", "KiB", groups, PROCESSES[1:])


def stored(output):
    points = [(p["stored"], p["rate_per_s"]) for p in output.get("fill", [])]
    return len(points) > 1 and plot.line_chart(
        "Completed reservations per second, as databases fill", "512 in flight", "reservations stored",
        "reservations / s", [{"name": "SeatSaga", "points": points, "colour": 0}], log=False)


def halls(output):
    rows = output.get("halls")
    return rows and plot.line_chart(
        "What a hall costs", "one client; both axes logarithmic", "seats", "ms",
        [{"name": name, "colour": colour, "points": [(r["seats"], r[key]) for r in rows]}
         for colour, (name, key) in enumerate([("read all seats", "read_ms"), ("create", "create_ms")])])
