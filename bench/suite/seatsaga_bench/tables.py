"""The tables of docs/performance.md, from the object that -o json prints."""

PROCESSES = ("client", "reservation_svc", "orchestrator", "seat_svc", "payment_svc")
SCENARIO_NAMES = {
    "declines": "10 % of the cards declined", "slow_provider": "provider takes 50 ms",
    "hot_hall": "hot hall, last 50 seats", "hold_and_pay": "held, then paid for",
    "live_holds": "beside live holds", "expiring_holds": "while holds expire",
    "open_loop_half_peak": "open loop at half the peak rate", "many_stored": "many stored",
    "few_stored": "empty databases beside it", "hot_hall_floor": "as many clients as the hot hall has",
}
SYSTEM_NAMES = {"seatsaga": "SeatSaga", "null_chain": "null chain"}
TRANSPORT_NAMES = {"unix": "Unix sockets", "tcp": "TCP, loopback"}
NOT_MEASURED = "*Not measured in this run.*"


def tables(output):
    """By the name of their section."""
    return {
        "run": run_facts(output),
        "targets": targets(output),
        "rates": rates(output),
        "other-transport": other_transport(output),
        "scenarios": scenarios(output),
        "holds": holds(output),
        "cpu": cpu(output),
        "writes": writes(output),
        "restart": restart(output),
        "queries": queries(output),
        "halls": halls(output),
    }


def number(value, places=0):
    return "-" if value is None else f"{value:,.{places}f}"


def markdown(header, rows):
    """The first column is aligned to the left, all others to the right."""
    rows = [list(map(str, row)) for row in rows]
    if not rows:
        return NOT_MEASURED
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def run_facts(output):
    machine = output["machine"]
    return "\n".join([
        f"- {machine['cpus']} CPUs ({machine['cpu_model']}), {machine['memory_gib']} GiB of memory;"
        f" {machine['kernel']}; databases on {machine['file_system']}",
        f"- fdatasync of a 4 KiB append: p50 {output['fdatasync_p50_ms']:.2f} ms",
        f"- calls over {TRANSPORT_NAMES[output['transport']]};"
        f" {output['rounds']} round(s); {output['duration_s']:.0f} s in all",
        f"- the hypervisor took {machine['steal_percent']} % of the CPU time for others",
    ])


def targets(output):
    def bound(target):
        return f"≥ {target['at_least']:g}" if "at_least" in target else f"≤ {target['at_most']:g}"
    return markdown(["target", "result", "bound", "met"],
                    [[t["what"], f"{t['value']:g}", bound(t), "yes" if t["met"] else "**no**"]
                     for t in output["targets"]])


def systems(output):
    return ("seatsaga", output["scenarios"]), ("null_chain", output["null_chain"])


def of_name(summaries, *names):
    found = [s for s in summaries if s["name"] in names]
    return sorted(found, key=lambda s: s["in_flight"])


def rates(output):
    """Each level of concurrency, with the ratio and its range over the rounds."""
    rows = []
    ratios, each_round = output["ratio_to_null_chain"], output["ratio_to_null_chain_of_each_round"]
    for system, summaries in systems(output):
        for s in of_name(summaries, "happy"):
            level = str(s["in_flight"])
            ratio = spread = ""
            if system == "seatsaga" and level in ratios:
                ratio = f"**{ratios[level]:.2f}**"
                spread = f"{min(each_round[level]):.2f} – {max(each_round[level]):.2f}"
            rows.append([SYSTEM_NAMES[system], level, number(s["rate_per_s"]),
                         f"{number(s['rate_per_s_min'])} – {number(s['rate_per_s_max'])}",
                         number(s["p50_ms"], 2), number(s["p99_ms"], 2), ratio, spread])
    return markdown(["", "in flight", "per s", "rounds' range", "p50 ms", "p99 ms",
                     "÷ null chain", "rounds' range"], rows)


def other_transport(output):
    """The rates over the other transport."""
    if not (found := output.get("other_transport")):
        return NOT_MEASURED
    return f"The same over {TRANSPORT_NAMES[found['transport']]}:\n\n{rates(found)}"


def scenarios(output):
    rows = []
    for system, summaries in systems(output):
        for s in summaries:
            if s["name"] != "happy":
                what = SCENARIO_NAMES[s["name"]]
                what = what if system == "seatsaga" else f"{SYSTEM_NAMES[system]}, {what}"
                rows.append([what, s["in_flight"], number(s["rate_per_s"]),
                             f"{number(s['rate_per_s_min'])} – {number(s['rate_per_s_max'])}",
                             number(s["p50_ms"], 2), number(s["p99_ms"], 2),
                             number(sum(s["cpu_us_per_reservation"].values())),
                             number(s["steal_percent"], 1)])
    return markdown(["scenario", "in flight", "per s", "rounds' range", "p50 ms", "p99 ms", "CPU µs",
                     "steal %"], rows)


def holds(output):
    """What holds cost that nobody pays for."""
    facts = []
    if live := output.get("live_holds"):
        memory = ", ".join(f"{name} {number(size)}" for name, size in live["bytes_per_hold"].items())
        facts.append(f"{live['holds']:,} holds were live. Memory of the servers per hold, bytes: {memory}.")
    for s in of_name(output["scenarios"], "expiring_holds"):
        facts.append(f"{number(s['holds'])} holds expired at once. All were undone after"
                     f" {s['holds_undone_s']:.2f} s.")
    return " ".join(facts) or NOT_MEASURED


def cpu(output):
    """By process, and how many CPUs that keeps busy at the measured rate."""
    key = "cpu_us_per_reservation"
    rows = []
    for system, summaries in systems(output):
        for s in of_name(summaries, "happy"):
            total = sum(s[key].values())
            rows.append([SYSTEM_NAMES[system], s["in_flight"], number(total),
                         *(number(s[key].get(process)) for process in PROCESSES),
                         number(total * s["rate_per_s"] / 1e6, 2)])
    return markdown(["µs per reservation", "in flight", "all", *PROCESSES, "CPUs busy"], rows)


def writes(output):
    servers = PROCESSES[1:]
    rows = []
    for s in of_name(output["scenarios"], "happy"):
        size = s["written_bytes_per_reservation_by_process"]
        rows.append([s["in_flight"], number(s["fsyncs_per_reservation"], 2),
                     number(s["written_bytes_per_reservation"] / 1024, 1),
                     *(number(size[server] / 1024, 1) for server in servers)])
    growth = output["database_growth_bytes_per_reservation"] / 1024
    return markdown(["in flight", "fsyncs", "KiB written", *servers], rows) + (
        f"\n\nThe four databases grow by {growth:.2f} KiB per finished reservation.")


def restart(output):
    if not (found := output.get("restart")):
        return NOT_MEASURED
    return markdown(
        ["sagas in flight", "servers ready after s", "all sagas moving after s", "all finished after s"],
        [[number(found["sagas"]), *(number(found[key], 2)
                                    for key in ("ready_s", "moving_s", "finished_s"))]])


def queries(output):
    if not (found := output.get("queries")):
        return NOT_MEASURED
    memory = ", ".join(f"{name} {mib:.0f}" for name, mib in
                       output["resident_mib_after_queries"].items())
    return markdown(
        ["query", "page size", "rows returned", "p50 ms", "p99 ms", "max ms"],
        [[q["what"], q["page_size"] or "", number(q["rows_each"], 1 if q["rows_each"] < 10 else 0),
          *(number(q[key], 2) for key in ("p50_ms", "p99_ms", "max_ms"))] for q in found],
    ) + (f"\n\n{output['stored_count']:,} reservations stored; {found[0]['samples']} samples of each query."
         f" Memory of the servers afterwards, MiB: {memory}. Starting all four takes"
         f" {output['start_s_many_stored']:.2f} s.")


def halls(output):
    return markdown(["seats", "create, ms", "read the whole seat list, ms"],
                    [[number(hall["seats"]), number(hall["create_ms"], 1), number(hall["read_ms"], 1)]
                     for hall in output.get("halls", [])])
