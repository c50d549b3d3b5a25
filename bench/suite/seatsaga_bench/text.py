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
               f"{number(s['rate_per_s_min'])}-{number(s['rate_per_s_max'])}",
               number(s["p50_ms"], 2), number(s["p99_ms"], 2), number(ratio, 2),
               number(sum(s["cpu_us_per_reservation"].values())),
               number(s["fsyncs_per_reservation"], 2),
               number(s["written_bytes_per_reservation"]), number(s["steal_percent"], 1)]


def process_rows(system, summaries, key):
    for s in summaries:
        yield [system, s["name"], s["in_flight"], *(number(s[key].get(p)) for p in PROCESSES)]


def load_tables(output):
    """What was measured under load."""
    ratios = output["ratio_to_null_chain"]
    systems = [("seatsaga", output["scenarios"]), ("null_chain", output["null_chain"])]
    yield table(
        ["system", "scenario", "in flight", "per s", "rounds", "p50 ms", "p99 ms", "ratio", "CPU us",
         "fsyncs", "bytes written", "steal %"],
        [row for name, summaries in systems for row in scenario_rows(name, summaries, ratios)])
    if other := output.get("other_transport"):
        each_round = other["ratio_to_null_chain_of_each_round"]
        yield table(
            [f"over {other['transport']}, in flight", "per s", "p50 ms", "p99 ms", "ratio", "rounds"],
            [[s["in_flight"], number(s["rate_per_s"]), number(s["p50_ms"], 2), number(s["p99_ms"], 2),
              number(other["ratio_to_null_chain"][str(s["in_flight"])], 2),
              " ".join(number(ratio, 2) for ratio in each_round[str(s["in_flight"])])]
             for s in other["scenarios"]])
    yield table(
        ["CPU us a reservation", "scenario", "in flight", *PROCESSES],
        [row for name, summaries in systems
         for row in process_rows(name, summaries, "cpu_us_per_reservation")])
    yield table(
        ["bytes written a reservation", "scenario", "in flight", *PROCESSES],
        process_rows("seatsaga", output["scenarios"], "written_bytes_per_reservation_by_process"))


def other_tables(output):
    """What was measured without load, as far as it was."""
    if queries := output.get("queries"):
        yield table(["query", "page", "p50 ms", "p99 ms", "max ms"],
                    [[q["what"], q["page_size"] or "-",
                      *(number(q[key], 2) for key in ("p50_ms", "p99_ms", "max_ms"))]
                     for q in queries])
    if halls := output.get("halls"):
        yield table(["seats", "create ms", "read all ms"],
                    [[number(hall["seats"]), number(hall["create_ms"], 1),
                      number(hall["read_ms"], 1)] for hall in halls])
    if restart := output.get("restart"):
        yield table(["sagas in flight at a crash", "servers ready s", "all moving s", "all finished s"],
                    [[number(restart["sagas"]), *(number(restart[key], 2) for key in
                                                  ("ready_s", "moving_s", "finished_s"))]])


def baseline_tables(output):
    """Beside PostgreSQL, if that was asked for."""
    if not (found := output.get("baselines")):
        return
    rows = [[system, r["name"], r["in_flight"], number(r["rate_per_s"]), number(r["p50_ms"], 2),
             number(r["p99_ms"], 2),
             number(found["ratios"].get(r["name"], {}).get(str(r["in_flight"])), 2),
             number(sum(r["cpu_us_per_reservation"].values())),
             number(r["fsyncs_per_reservation"], 2)]
            for system in ("seatsaga", "postgres") for r in found[system]]
    yield table(["beside PostgreSQL", "scenario", "in flight", "per s", "p50 ms", "p99 ms",
                 "SeatSaga is x", "CPU us", "fsyncs"], rows)
    killed = found["coordinator_killed"]
    theirs, ours = killed["two_phase_commit"], killed["seatsaga"]
    later = theirs["after_restart_of_postgres"]
    yield table(
        [f"coordinator killed, {killed['in_flight']} in flight", "reservations open", "seats locked",
         "open after a restart", "seats locked", "after s"],
        [["two-phase commit", theirs["reservations_in_doubt"], theirs["seats_locked"],
          later["reservations_in_doubt"], later["seats_locked"], "-"],
         ["seatsaga", ours["pending_when_killed"], "-", ours["pending_at_the_end"], "-",
          number(ours["none_of_them_pending_after_s"], 2)]])


def render(output):
    """The whole report, from the object that -o json prints."""
    aims = table(
        ["target", "value", "bound", "met"],
        [[t["what"], t["value"],
          f">= {t['at_least']}" if "at_least" in t else f"<= {t['at_most']}",
          "yes" if t["met"] else "NO"] for t in output["targets"]])
    machine = output["machine"]
    return "\n\n".join([
        f"Completed reservations, medians of {output['rounds']} round(s); ratio is to the null chain;"
        " costs are a reservation's, over all processes.",
        *load_tables(output), *baseline_tables(output), *other_tables(output), aims,
        f"Over {output['transport']}; fdatasync p50 {output['fdatasync_p50_ms']:.3f} ms;"
        f" {machine['cpus']} CPUs, {machine['steal_percent']} % stolen, {machine['idle_percent']} %"
        f" idle, load average {machine['load_average']:.1f}; {output['duration_s']:.0f} s in all.",
    ])
