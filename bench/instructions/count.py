#!/usr/bin/env python3
"""Instructions per reservation, service by service, beside their budget.

Counts with callgrind what the four services' logic executes in one thread: parsing and checking of
messages, the batch, SQLite, the answers; not gRPC, the kernel and the disk. The same binaries give
the same counts, so that a regression shows without a clock.

Exit status: 0 within the budget, 3 over it, 1 when nothing could be counted, 2 for wrong arguments.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True

import budget as budgets  # noqa: E402
import callgrind  # noqa: E402

BUDGET_FILE = HERE / "budget.json"
OVER_BUDGET = 3


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="./dev bench --instructions", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    parser.add_argument("--accept", action="store_true",
                        help="make what is counted now the budget; say why in the commit")
    parser.add_argument("--repeat", type=int, default=1, metavar="N",
                        help="count N times, and fail unless all counts are the same")
    parser.add_argument("--batch", type=int, metavar="N",
                        help="reservations in a batch; anything but the budget's is only shown")
    parser.add_argument("--profile", type=pathlib.Path, metavar="FILE",
                        help="keep what callgrind wrote, for callgrind_annotate")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    if options.accept and options.batch:
        parser.error("--accept takes the budget's own batch: leave out --batch")
    if options.repeat < 1:
        parser.error("--repeat takes a number from 1")
    return options


def count(options, folder):
    """Instructions per reservation of each service, cut to whole ones; and the program's facts."""
    bin_folder = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"]).resolve()
    profile = (options.profile or pathlib.Path(folder) / "callgrind.out").resolve()
    arguments = ["--batch", str(options.batch)] if options.batch else []
    totals, facts = callgrind.count(bin_folder, profile, arguments)
    for _ in range(options.repeat - 1):
        again, _ = callgrind.count(bin_folder, profile, arguments)
        if again != totals:
            raise callgrind.CountError(f"the counts do not repeat: {totals}, then {again}")
    return {service: total // facts["reservations"] for service, total in totals.items()}, facts


def render(counts, facts, budget):
    rows = [f"Instructions per reservation, {facts['batch']} in a batch:", ""]
    allowed = budget["instructions_per_reservation"] if budget else {}
    for service, counted in [*counts.items(), ("all four", sum(counts.values()))]:
        limit = allowed.get(service) or sum(allowed.values())
        beside = (f"   budget {limit:>9,}   {budgets.change_percent(counted, limit):+6.1f} %"
                  if limit else "")
        rows.append(f"  {service:<16} {counted:>9,}{beside}")
    return "\n".join(rows)


def judge(counts, facts, budget):
    """What is wrong, or worth knowing, in lines; and the exit status."""
    over = budgets.overruns(counts, budget)
    lines = ["", *over] if over else []
    if over:
        lines += [
            "Where they go:  ./dev bench --instructions --profile callgrind.out",
            "                callgrind_annotate --inclusive=yes callgrind.out",
            "If the change is worth it, raise the budget and say why in the commit:",
            "                ./dev bench --instructions --accept"]
        if facts["compiler"] != budget["compiler"]:
            lines.append(f"The budget was counted with GCC {budget['compiler']}, this with "
                         f"{facts['compiler']}: that alone may change counts.")
    elif cheaper := budgets.savings(counts, budget):
        lines += ["", f"Cheaper than budgeted: {', '.join(cheaper)}. --accept keeps it so."]
    return lines, OVER_BUDGET if over else 0


def main(arguments):
    options = parse(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            counts, facts = count(options, folder)
    except callgrind.CountError as error:
        print(f"./dev bench --instructions: {error}", file=sys.stderr)
        return 1
    if options.accept:
        budgets.save(BUDGET_FILE, counts, facts)
    budget = budgets.load(BUDGET_FILE)
    if facts["batch"] != budget["batch"]:
        budget = None
    if options.output == "json":
        print(json.dumps({"instructions_per_reservation": counts, **facts}, indent=2))
    else:
        print(render(counts, facts, budget))
    if budget is None:
        return 0
    lines, status = judge(counts, facts, budget)
    if lines:
        print("\n".join(lines), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
