#!/usr/bin/env python3
"""Instructions per reservation, service by service, beside their budget, for each story of a client: it pays
now; it holds a seat, then pays; or it pays, then cancels.

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
STORIES = ("pay_now", "hold_and_pay", "cancel", "exchange")
OVER_BUDGET = 3


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="./dev bench --instructions", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__)
    parser.add_argument("--accept", action="store_true",
                        help="make what is counted now the budget; say why in the commit")
    parser.add_argument("--repeat", type=int, default=1, metavar="N",
                        help="count N times, and fail unless all counts are the same")
    parser.add_argument("--story", choices=STORIES,
                        help="count only this one; without: one run per row of the budget")
    parser.add_argument("--batch", type=int, metavar="N",
                        help=f"count only batches of this size, of {STORIES[0]} unless --story is given")
    parser.add_argument("--profile", type=pathlib.Path, metavar="FILE",
                        help="keep what callgrind wrote (of the last run), for callgrind_annotate")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    if options.accept and (options.batch or options.story):
        parser.error("--accept takes all rows of the budget: leave out --story and --batch")
    if options.repeat < 1:
        parser.error("--repeat takes a number from 1")
    return options


def rows(options, budget):
    """What is to be counted."""
    if options.batch:
        return [budgets.Row(options.story or STORIES[0], options.batch)]
    return [row for row in budgets.rows(budget) if options.story in (None, row.story)]


def count(options, row, folder):
    """Instructions per reservation of each service, cut to whole ones; and the program's facts."""
    bin_folder = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"]).resolve()
    profile = (options.profile or pathlib.Path(folder) / "callgrind.out").resolve()
    arguments = ["--story", row.story, "--batch", str(row.batch)]
    totals, facts = callgrind.count(bin_folder, profile, arguments)
    for _ in range(options.repeat - 1):
        again, _ = callgrind.count(bin_folder, profile, arguments)
        if again != totals:
            raise callgrind.CountError(f"the counts do not repeat: {totals}, then {again}")
    return {service: total // facts["reservations"] for service, total in totals.items()}, facts


def render(counts, row, limits):
    lines = [f"Instructions per reservation, {row}:", ""]
    for service, counted in [*counts.items(), ("all four", sum(counts.values()))]:
        limit = limits.get(service) or sum(limits.values())
        beside = (f"   budget {limit:>9,}   {budgets.change_percent(counted, limit):+6.1f} %"
                  if limit else "")
        lines.append(f"  {service:<16} {counted:>9,}{beside}")
    return "\n".join([*lines, ""])


def judge(counted, compiler, budget):
    """What is wrong, or worth knowing, in lines; and the exit status. `counted`: each service's, by row."""
    over, cheaper, first = [], [], None
    for row, counts in counted.items():
        if limits := budgets.allowed(budget, row):
            if found := budgets.overruns(counts, limits):
                over += [f"{line}, {row}" for line in found]
                first = first or row
            cheaper += [f"{service} ({row})" for service in budgets.savings(counts, limits)]
    if over:
        lines = [
            *over,
            f"Where they go:  ./dev bench --instructions --story {first.story} --batch {first.batch}"
            " --profile callgrind.out",
            "                callgrind_annotate --inclusive=yes callgrind.out",
            "If the change is worth it, raise the budget and say why in the commit:",
            "                ./dev bench --instructions --accept"]
        if compiler != budget["compiler"]:
            lines.append(f"The budget was counted with GCC {budget['compiler']}, this with "
                         f"{compiler}: that alone may change counts.")
        return lines, OVER_BUDGET
    return [f"Cheaper than budgeted: {', '.join(cheaper)}. --accept keeps it so."] if cheaper else [], 0


def main(arguments):
    options = parse(arguments)
    budget = budgets.load(BUDGET_FILE)
    counted, facts = {}, {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for row in rows(options, budget):
                counted[row], facts = count(options, row, folder)
                if options.output == "text":
                    print(render(counted[row], row, budgets.allowed(budget, row)), flush=True)
    except callgrind.CountError as error:
        print(f"./dev bench --instructions: {error}", file=sys.stderr)
        return 1
    if options.output == "json":
        print(json.dumps({"instructions_per_reservation": budgets.nested(counted),
                          "compiler": facts["compiler"]}, indent=2))
    if options.accept:
        budgets.save(BUDGET_FILE, counted, facts["compiler"])
        return 0
    lines, status = judge(counted, facts["compiler"], budget)
    if lines:
        print("\n".join(lines), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
