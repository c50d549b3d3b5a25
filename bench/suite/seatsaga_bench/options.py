"""The suite's command line."""

import argparse
import pathlib

from . import plan

FULL = {"rounds": 3, "duration_s": 3.0, "warmup_s": 0.5, "stored": 1_000_000,
        "holds": 100_000, "scenarios": list(plan.SCENARIOS)}
QUICK = {"rounds": 1, "duration_s": 0.8, "warmup_s": 0.2, "stored": 20_000, "holds": 10_000,
         "scenarios": [name for name in plan.SCENARIOS if name != plan.OTHER_TRANSPORT]}


def parse(arguments, description):
    parser = argparse.ArgumentParser(
        prog="seatsaga-bench-suite", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=description)
    parser.add_argument("--quick", action="store_true",
                        help="one short round, which takes less than a minute")
    parser.add_argument("--rounds", type=positive(int), help="rounds, of which medians are taken [3]")
    parser.add_argument("--duration-s", type=positive(float), help="seconds per measurement [3]")
    parser.add_argument("--warmup-s", type=positive(float), help="seconds of load before each [0.5]")
    parser.add_argument("--in-flight", type=levels, default=[1, 16, 128, 512], metavar="N,N,...",
                        help="levels of concurrency [1,16,128,512]")
    parser.add_argument("--scenarios", type=scenario_names, metavar="NAME,...",
                        help=f"in addition to happy: {', '.join(plan.SCENARIOS)}; or none [all; with --quick"
                        f" all but {plan.OTHER_TRANSPORT}]")
    parser.add_argument("--stored", type=not_negative, metavar="N",
                        help="at the end, store N more reservations, measure again, and query them; 0 for"
                        " none [1,000,000; with --quick 20,000]")
    parser.add_argument("--holds", type=positive(int), metavar="N",
                        help="holds that stay live in `live_holds`; a tenth as many expire at once in"
                        " `expiring_holds` [100,000; with --quick 10,000]")
    parser.add_argument("--crash-in-flight", type=positive(int), default=10_000, metavar="N",
                        help="sagas in flight when `restart` kills the servers [10,000]")
    parser.add_argument("--baselines", action="store_true",
                        help="also compare with what a team would build instead, on PostgreSQL")
    parser.add_argument("--transport", choices=plan.TRANSPORTS, default="unix",
                        help="of all calls in both systems, except in other_transport [unix]")
    parser.add_argument("--scratch", metavar="FOLDER",
                        help="where the databases go; must be on a disk [$TMPDIR or /var/tmp]")
    parser.add_argument("--keep", action="store_true", help="keep databases and logs")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    parser.add_argument("--report", metavar="RESULTS", type=pathlib.Path,
                        help="measure nothing; write what -o json printed into the tables and charts of"
                        " docs/performance.md")
    parser.add_argument("--version", action="store_true", help="print the version")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


def positive(kind):
    def convert(value):
        if (number := kind(value)) <= 0:
            raise argparse.ArgumentTypeError(f"{value} is not greater than 0")
        return number
    return convert


def not_negative(value):
    if (number := int(value)) < 0:
        raise argparse.ArgumentTypeError(f"{value} is less than 0")
    return number


def levels(value):
    return [positive(int)(part) for part in value.split(",")]


def scenario_names(value):
    names = [] if value == "none" else value.split(",")
    if unknown := set(names) - set(plan.SCENARIOS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names
