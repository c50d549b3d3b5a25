#!/usr/bin/env python3
"""seatsaga-bench-suite: SeatSaga's speed beside that of the null chain, in one run.

Starts SeatSaga's four servers on a disk, and the null chain twice (callback API, completion queue),
and has one load generator make reservations with each in turn. Exit status: 0 when every reservation
ended as it had to (whatever the speed), 1 when not, 2 for wrong arguments.
"""

import argparse
import contextlib
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))

from seatsaga_bench import measure, processes, text  # noqa: E402
from seatsaga_bench.processes import SuiteError  # noqa: E402
from seatsaga_bench.results import Results, targets  # noqa: E402

SCENARIOS = ("declines", "slow_provider", "hot_hall", "open_loop_half_peak")
DECLINES_IN_FLIGHT = 128
SLOW_PROVIDER_IN_FLIGHT = 512
SLOW_PROVIDER_MS = 50
HOT_HALL_CLIENTS = 200
OPEN_LOOP_IN_FLIGHT_MAX = 4096
STORED_IN_FLIGHT = 128
FILL_IN_FLIGHT = 512
FILL_PER_S_MIN = 200  # slower than this, filling is given up
UNIX_PATH_MAX = 100  # the longest path of a Unix socket, with some room


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="seatsaga-bench-suite", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=__doc__.split("\n", 2)[2])
    parser.add_argument("--quick", action="store_true",
                        help="one short round: within a minute, for a first impression")
    parser.add_argument("--rounds", type=positive(int), help="rounds to take medians of [3]")
    parser.add_argument("--duration-s", type=positive(float), help="length of a measurement [3]")
    parser.add_argument("--warmup-s", type=positive(float), help="not measured before each [0.5]")
    parser.add_argument("--in-flight", type=levels, default=[1, 16, 128, 512], metavar="N,N,...",
                        help="levels of concurrency [1,16,128,512]")
    parser.add_argument("--scenarios", type=scenario_names, default=list(SCENARIOS), metavar="NAME,...",
                        help=f"beside the happy one: {', '.join(SCENARIOS)}; or none [all]")
    parser.add_argument("--stored", type=positive(int), metavar="N",
                        help="at the end, also measure with N more finished reservations stored")
    parser.add_argument("--transport", choices=("unix", "tcp"), default="unix",
                        help="of every call, in both systems [unix]")
    parser.add_argument("--scratch", metavar="FOLDER",
                        help="where databases go; on a disk [$TMPDIR or /var/tmp]")
    parser.add_argument("--keep", action="store_true", help="leave databases and logs for a look")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.duration_s = options.duration_s or (1 if options.quick else 3)
    options.warmup_s = options.warmup_s or (0.3 if options.quick else 0.5)
    return options


def positive(kind):
    def convert(value):
        if (number := kind(value)) <= 0:
            raise argparse.ArgumentTypeError(f"{value} is not above 0")
        return number
    return convert


def levels(value):
    return [positive(int)(part) for part in value.split(",")]


def scenario_names(value):
    names = [] if value == "none" else value.split(",")
    if unknown := set(names) - set(SCENARIOS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


class Suite:
    """One run: the systems, the schedule, the results."""

    def __init__(self, options, scratch):
        self.options = options
        self.scratch = scratch
        self.results = Results()
        self.systems = {}
        self.filled = 0
        runs = options.rounds * (3 * len(options.in_flight) + len(options.scenarios)
                                 + bool(options.stored))
        self.progress = text.Progress(runs * self.run_s())

    def run_s(self):
        return self.options.warmup_s + self.options.duration_s

    def start(self):
        where = (self.scratch, HERE, self.options.transport)
        self.systems["seatsaga"] = processes.start_seatsaga("seatsaga", *where)
        for api in ("callback", "cq"):
            self.systems[f"null_chain_{api}"] = processes.start_null_chain(api, *where)
        if "slow_provider" in self.options.scenarios:
            self.systems["slow"] = processes.start_seatsaga(
                "slow", *where, ["--provider-latency-ms", SLOW_PROVIDER_MS])

    def stop(self):
        """The servers that did not end well."""
        bad = [f"{system.name}'s {name}" for system in self.systems.values() for name in system.stop()]
        self.progress.end()
        return bad

    def measure(self, system, scenario, in_flight, filed_as=None, **arguments):
        name = filed_as or scenario
        self.progress.step(f"{system}, {name}, {in_flight} in flight", self.run_s())
        report = measure.run_load(self.systems[system], scenario, in_flight, self.options.warmup_s,
                                  self.options.duration_s, **arguments)
        filed_under = "seatsaga" if system == "slow" else system
        self.results.add(filed_under, name, in_flight, report)

    def measure_levels(self):
        """Each level with each system in turn; another goes first in each round."""
        names = ["seatsaga", "null_chain_callback", "null_chain_cq"]
        for shift in range(self.options.rounds):
            for in_flight in self.options.in_flight:
                for i in range(len(names)):
                    self.measure(names[(shift + i) % len(names)], "happy", in_flight)

    def measure_scenarios(self):
        for _ in range(self.options.rounds):
            for name in self.options.scenarios:
                if name == "declines":
                    self.measure("seatsaga", name, DECLINES_IN_FLIGHT)
                elif name == "hot_hall":
                    self.measure("seatsaga", name, HOT_HALL_CLIENTS)
                elif name == "slow_provider":
                    self.measure("slow", "happy", SLOW_PROVIDER_IN_FLIGHT, filed_as=name)
                else:
                    self.measure("seatsaga", "happy", OPEN_LOOP_IN_FLIGHT_MAX, filed_as=name,
                                 rate=self.results.peak_rate() / 2)

    def measure_stored(self):
        if not self.options.stored:
            return
        self.progress.step(f"seatsaga, storing {self.options.stored:,} reservations", 0)
        fill = measure.run_load(
            self.systems["seatsaga"], "happy", FILL_IN_FLIGHT, 0,
            max(self.options.stored / FILL_PER_S_MIN, 1), extra=["--count", self.options.stored])
        self.filled += sum(fill["outcomes"].values())
        for _ in range(self.options.rounds):
            self.measure("seatsaga", "happy", STORED_IN_FLIGHT, filed_as="many_stored")

    def run(self):
        """The object that -o json prints."""
        begin = time.monotonic()
        machine = measure.Machine()
        sync_p50_ms = measure.fdatasync_p50_ms(self.scratch)
        try:
            self.start()
            empty_bytes = self.systems["seatsaga"].database_bytes()
            self.measure_levels()
            self.measure_scenarios()
            self.measure_stored()
        finally:
            bad = self.stop()
        if bad:
            raise SuiteError("did not stop as asked: " + ", ".join(bad))
        growth = self.systems["seatsaga"].database_bytes() - empty_bytes
        # Those of the slow provider stand in databases of their own.
        slow = self.results.find("seatsaga", "slow_provider")
        stored = self.filled + self.results.reservation_count("seatsaga")
        stored -= slow["outcome_count"] if slow else 0
        growth_each = growth / max(stored, 1)
        return {
            "ratio_to_null_chain": self.results.ratio_to_null_chain(),
            "scenarios": self.results.of_system("seatsaga"),
            "null_chain": {name: self.results.of_system(name)
                           for name in ("null_chain_callback", "null_chain_cq")},
            "targets": targets(self.results, sync_p50_ms, growth_each),
            "database_growth_bytes_per_reservation": round(growth_each, 1),
            "fdatasync_p50_ms": round(sync_p50_ms, 4),
            "machine": machine.report(),
            "transport": self.options.transport,
            "rounds": self.options.rounds,
            "duration_s": round(time.monotonic() - begin, 1),
        }


def interrupt(*_):
    raise KeyboardInterrupt


@contextlib.contextmanager
def scratch_folder(options):
    folder = pathlib.Path(tempfile.mkdtemp(
        prefix="seatsaga-bench-", dir=processes.scratch_parent(options.scratch)))
    try:
        longest = folder / "null_chain_callback" / "seat.sock"
        if options.transport == "unix" and len(str(longest)) > UNIX_PATH_MAX:
            raise SuiteError(f"{folder} is too long for Unix sockets; choose another --scratch")
        yield folder
    finally:
        if options.keep:
            print(f"seatsaga-bench-suite: databases and logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def main(arguments):
    options = parse(arguments)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with scratch_folder(options) as folder:
            output = Suite(options, folder).run()
    except SuiteError as error:
        print(f"seatsaga-bench-suite: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("seatsaga-bench-suite: interrupted; all servers are stopped", file=sys.stderr)
        return 1
    print(json.dumps(output, indent=2) if options.output == "json" else text.render(output))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
