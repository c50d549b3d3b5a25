"""The suite's command line."""

import argparse
import pathlib

from . import plan

FULL = {"rounds": 3, "duration_s": 3.0, "warmup_s": 0.5, "stored": 1_000_000,
        "scenarios": list(plan.SCENARIOS)}
QUICK = {"rounds": 1, "duration_s": 0.8, "warmup_s": 0.2, "stored": 20_000,
         "scenarios": [name for name in plan.SCENARIOS if name != plan.OTHER_TRANSPORT]}


def parse(arguments, description):
    parser = argparse.ArgumentParser(
        prog="seatsaga-bench-suite", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=description)
    parser.add_argument("--quick", action="store_true",
                        help="one short round: within a minute, for a first impression")
    parser.add_argument("--rounds", type=positive(int), help="rounds to take medians of [3]")
    parser.add_argument("--duration-s", type=positive(float), help="length of a measurement [3]")
    parser.add_argument("--warmup-s", type=positive(float), help="not measured before each [0.5]")
    parser.add_argument("--in-flight", type=levels, default=[1, 16, 128, 512], metavar="N,N,...",
                        help="levels of concurrency [1,16,128,512]")
    parser.add_argument("--scenarios", type=scenario_names, metavar="NAME,...",
                        help=f"beside the happy one: {', '.join(plan.SCENARIOS)}; or none [all; with --quick"
                        f" all but {plan.OTHER_TRANSPORT}]")
    parser.add_argument("--stored", type=not_negative, metavar="N",
                        help="at the end, also measure with N more finished reservations stored, and"
                        " query them; 0 for not at all [1,000,000; with --quick 20,000]")
    parser.add_argument("--crash-in-flight", type=positive(int), default=10_000, metavar="N",
                        help="sagas in flight when the servers are killed, in `restart` [10,000]")
    parser.add_argument("--baselines", action="store_true",
                        help="also compare with what a team would build instead, on PostgreSQL")
    parser.add_argument("--transport", choices=plan.TRANSPORTS, default="unix",
                        help="of every call, in both systems, but in other_transport [unix]")
    parser.add_argument("--scratch", metavar="FOLDER",
                        help="where databases go; on a disk [$TMPDIR or /var/tmp]")
    parser.add_argument("--keep", action="store_true", help="leave databases and logs for a look")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    parser.add_argument("--report", metavar="RESULTS", type=pathlib.Path,
                        help="measure nothing: put what -o json printed before into the tables and"
                        " charts of docs/performance.md")
    parser.add_argument("--docs", metavar="FOLDER", type=pathlib.Path, default=pathlib.Path("docs"),
                        help="where performance.md is, for --report [docs]")
    parser.add_argument("--version", action="store_true", help="print the version")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def positive(kind):
    def convert(value):
        if (number := kind(value)) <= 0:
            raise argparse.ArgumentTypeError(f"{value} is not above 0")
        return number
    return convert


def not_negative(value):
    if (number := int(value)) < 0:
        raise argparse.ArgumentTypeError(f"{value} is below 0")
    return number


def levels(value):
    return [positive(int)(part) for part in value.split(",")]


def scenario_names(value):
    names = [] if value == "none" else value.split(",")
    if unknown := set(names) - set(plan.SCENARIOS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names
