"""The report for people, and the line that shows progress."""

import sys
import time

BAR_WIDTH = 30


class Progress:
    """One line on a terminal's stderr that counts the measurements; silent otherwise."""

    def __init__(self, total_s):
        self.total_s = max(total_s, 0.1)
        self.done_s = 0
        self.begin = time.monotonic()
        self.shown = sys.stderr.isatty()

    def step(self, label, seconds):
        if self.shown:
            share = min(self.done_s / self.total_s, 1)
            bar = ("#" * int(share * BAR_WIDTH)).ljust(BAR_WIDTH, ".")
            sys.stderr.write(f"\r\033[K[{bar}] {100 * share:3.0f} %  {label}")
            sys.stderr.flush()
        self.done_s += seconds

    def end(self):
        if self.shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()


def table(header, rows):
    """Columns as wide as they need to be; all but the first flush right."""
    cells = [list(map(str, row)) for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells)]
    lines = []
    for row in cells:
        first, *others = [cell.rjust(width) for cell, width in zip(row, widths)]
        lines.append("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    return "\n".join(lines)


def number(value, places=0):
    return "-" if value is None else f"{value:,.{places}f}"


def scenario_rows(system, summaries, ratios):
    for s in summaries:
        ours = (system, s["name"]) == ("seatsaga", "happy")
        ratio = ratios.get(str(s["in_flight"])) if ours else None
        yield [system, s["name"], s["in_flight"], number(s["rate_per_s"]),
               number(s["p50_ms"], 2), number(s["p99_ms"], 2), number(ratio, 2),
               number(sum(s["cpu_us_per_reservation"].values())),
               number(s["fsyncs_per_reservation"], 2),
               number(s["written_bytes_per_reservation"])]


def cpu_rows(system, summaries):
    for s in summaries:
        cpu = s["cpu_us_per_reservation"]
        yield [system, s["name"], s["in_flight"],
               *(number(cpu.get(p)) for p in ("client", "reservation_svc", "orchestrator",
                                              "seat_svc", "payment_svc"))]


def render(output):
    """The whole report, from the object that -o json prints."""
    ratios = output["ratio_to_null_chain"]
    systems = [("seatsaga", output["scenarios"])]
    systems += [(name, output["null_chain"][name]) for name in output["null_chain"]]
    main = table(
        ["system", "scenario", "in flight", "per s", "p50 ms", "p99 ms", "ratio", "CPU us",
         "fsyncs", "bytes written"],
        [row for name, summaries in systems for row in scenario_rows(name, summaries, ratios)])
    cpu = table(
        ["CPU us a reservation", "scenario", "in flight", "client", "reservation_svc",
         "orchestrator", "seat_svc", "payment_svc"],
        [row for name, summaries in systems for row in cpu_rows(name, summaries)])
    aims = table(
        ["target", "value", "bound", "met"],
        [[t["what"], t["value"],
          f">= {t['at_least']}" if "at_least" in t else f"<= {t['at_most']}",
          "yes" if t["met"] else "NO"] for t in output["targets"]])
    machine = output["machine"]
    return "\n".join([
        f"Completed reservations, medians of {output['rounds']} round(s); ratio is to the faster null"
        " chain; costs are a reservation's, over all processes.",
        "", main, "", cpu, "", aims, "",
        f"Over {output['transport']}; fdatasync p50 {output['fdatasync_p50_ms']:.3f} ms;"
        f" {machine['cpus']} CPUs, {machine['steal_percent']} % stolen, {machine['idle_percent']} %"
        f" idle, load average {machine['load_average']:.1f}; {output['duration_s']:.0f} s in all.",
    ])
