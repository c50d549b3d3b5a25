"""The report for people, and the line that shows progress."""

import sys

BAR_WIDTH = 30
PROCESSES = ("client", "reservation_svc", "orchestrator", "seat_svc", "payment_svc")


class Progress:
    """One line on a terminal's stderr: what is done now, and how far it all is; silent otherwise."""

    def __init__(self):
        self.expected_s = 0
        self.done_s = 0
        self.shown = sys.stderr.isatty()

    def expect(self, seconds):
        """Announces a step. To be called for each before the first one begins."""
        self.expected_s += seconds

    def step(self, label, seconds):
        """Begins a step that was announced as so long."""
        if self.shown:
            share = min(self.done_s / max(self.expected_s, 0.1), 1)
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


def process_rows(system, summaries, key):
    for s in summaries:
        yield [system, s["name"], s["in_flight"], *(number(s[key].get(p)) for p in PROCESSES)]


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
        ["CPU us a reservation", "scenario", "in flight", *PROCESSES],
        [row for name, summaries in systems
         for row in process_rows(name, summaries, "cpu_us_per_reservation")])
    written = table(
        ["bytes written a reservation", "scenario", "in flight", *PROCESSES],
        process_rows("seatsaga", output["scenarios"], "written_bytes_per_reservation_by_process"))
    aims = table(
        ["target", "value", "bound", "met"],
        [[t["what"], t["value"],
          f">= {t['at_least']}" if "at_least" in t else f"<= {t['at_most']}",
          "yes" if t["met"] else "NO"] for t in output["targets"]])
    machine = output["machine"]
    return "\n".join([
        f"Completed reservations, medians of {output['rounds']} round(s); ratio is to the faster null"
        " chain; costs are a reservation's, over all processes.",
        "", main, "", cpu, "", written, "", aims, "",
        f"Over {output['transport']}; fdatasync p50 {output['fdatasync_p50_ms']:.3f} ms;"
        f" {machine['cpus']} CPUs, {machine['steal_percent']} % stolen, {machine['idle_percent']} %"
        f" idle, load average {machine['load_average']:.1f}; {output['duration_s']:.0f} s in all.",
    ])
