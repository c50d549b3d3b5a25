#!/usr/bin/env python3
"""Whether the simulation's oracles notice broken variants of the product (docs/mutants.md).

Each mutant must serve the demo, and the product's unit and contract tests are run on it. Then the simulation
runs on it: with all faults, and without one class of faults after the other. A run of all mutants writes
docs/mutants.md.

Exit status: 0, also if mutants are not caught; 3 if a mutant of --sample is not caught, or if something is
found without any; 2 for wrong arguments.
"""

import argparse
import concurrent.futures
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "bench/suite")]

import mutate  # noqa: E402
import report  # noqa: E402
import runs  # noqa: E402
from seatsaga_bench.sections import fill  # noqa: E402

PAGE = runs.ROOT / "docs/mutants.md"
NOT_CAUGHT = 3
# Enough for the mutants of the sample, each of which is caught within a handful.
SAMPLE_SEEDS = 200
TRACED_SEEDS = (3, 8, 21)
# A mutant that is not caught is tried on so many times as many seeds.
PATIENCE = 4


def parse(arguments):
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=2000, metavar="N", help="runs per mutant (2000)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these alone; the page stays as it is")
    parser.add_argument("--sample", action="store_true",
                        help="a few that are caught at once, and none: as CI does, within a minute")
    parser.add_argument("--continue", dest="go_on", action="store_true",
                        help="take over what an interrupted run has found")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="processes at a time")
    return parser.parse_args(arguments)


def say(text, end="\n"):
    print(text, end=end, flush=True)


# --- The sample ---------------------------------------------------------------------------------


def trace(program, seed):
    return subprocess.run([program, "--seed", str(seed), "--trace"], check=False, capture_output=True).stdout


def check_no_mutant(simulation, folders):
    """What is wrong with the mutated programs when no mutant is in force."""
    wrong = [f"seed {seed}: its trace is not that of the original" for seed in TRACED_SEEDS
             if trace(folders["bin"] / "seatsaga-sim", seed) != trace(folders["mutants"] / "seatsaga-sim", seed)]
    found = simulation.run("", 1, SAMPLE_SEEDS).caught()
    return wrong + ([f"no mutant, and yet seeds {found} were caught"] if found else [])


def run_sample(simulation, folders, mutants):
    wrong = check_no_mutant(simulation, folders)
    say("no mutant: " + ("; ".join(wrong) or f"nothing is found in {SAMPLE_SEEDS} runs, and traces are the same"))
    for mutant in mutants:
        caught = simulation.run(mutant["name"], 1, SAMPLE_SEEDS, until_caught=True).caught()
        say(f"{mutant['name']}: " + (f"caught at seed {caught[0]}" if caught else "NOT CAUGHT"))
        if not caught:
            wrong.append(mutant["name"])
    return NOT_CAUGHT if wrong else 0


# --- All of them --------------------------------------------------------------------------------


def admit(folders, name):
    """Whether one mutant serves the demo, and passes the product's own tests."""
    return {"demo": runs.serves_demo(name, folders["mutants"], folders["bin"] / "seatsaga-demo"),
            "tests": runs.passes_tests(name, folders["mutants"])}


def judge(simulation, name, seeds):
    """What the simulation says of one mutant."""
    found = simulation.run(name, 1, seeds)
    if not found.caught():
        seeds *= PATIENCE
        found = simulation.run(name, 1, seeds)
    result = {"runs": len(found.complaints),
              "complaints": {seed: sorted(found.complaints[seed]) for seed in found.caught()}}
    say(f"{len(found.caught())} of {result['runs']} seeds: {', '.join(found.oracles()) or 'NOT CAUGHT'}", end="")
    result["caught_without"] = {}
    for fault_class in runs.CLASSES if found.caught() else ():
        rest = simulation.run(name, 1, seeds, without=fault_class, until_caught=True)
        result["caught_without"][fault_class] = bool(rest.caught())
    missed = [fault_class for fault_class, caught in result["caught_without"].items() if not caught]
    say(f"; not without {', '.join(missed)}" if missed else "", end="")
    return result


def commit():
    return subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=runs.ROOT, check=True,
                          capture_output=True, text=True).stdout.strip()


def digest(mutant):
    return hashlib.sha256(json.dumps(mutant, sort_keys=True).encode()).hexdigest()


class Kept:
    """What has been found so far, in a file: an interrupted run can go on. A mutant that has changed since
    begins anew."""

    def __init__(self, path, go_on):
        self.path = path
        self.entries = json.loads(path.read_text(encoding="utf-8")) if go_on and path.exists() else {}

    def of(self, mutant):
        entry = self.entries.get(mutant["name"], {})
        return entry if entry.get("digest") == digest(mutant) else {}

    def add(self, mutant, **found):
        self.entries[mutant["name"]] = {**self.of(mutant), "digest": digest(mutant), **found}
        self.path.write_text(json.dumps(self.entries), encoding="utf-8")


def judge_all(options, simulation, folders, mutants, kept):
    # Admission mostly waits, and the simulation never does: so they run beside each other.
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as beside:
        admissions = {mutant["name"]: beside.submit(admit, folders, mutant["name"]) for mutant in mutants
                      if "tests" not in kept.of(mutant)}
        for number, mutant in enumerate(mutants, start=1):
            if kept.of(mutant).get("seeds") == options.seeds:
                continue
            say(f"[{number}/{len(mutants)}] {mutant['name']}: ", end="")
            judged = judge(simulation, mutant["name"], options.seeds)
            if mutant["name"] in admissions:
                kept.add(mutant, **admissions[mutant["name"]].result())
            kept.add(mutant, seeds=options.seeds, **judged)
            found = kept.of(mutant)
            say(f"; demo {'ok' if found['demo'] else 'FAILS'}, tests {'pass' if found['tests'] else 'fail'}")


def run_all(options, simulation, folders, mutants):
    kept = Kept(folders["mutants"] / "results.json", options.go_on)
    began = time.monotonic()
    judge_all(options, simulation, folders, mutants, kept)
    minutes = (time.monotonic() - began) / 60
    run_line = (f"{datetime.date.today()}, commit {commit()}: {len(mutants)} mutants, {options.seeds} seeds each "
                f"with all faults (fewer once it was caught {runs.CATCHES_MAX} times, up to {PATIENCE} times as many "
                f"while it was not), and as many without each class of faults" + (f", in {minutes:.0f} minutes." if not options.go_on else "."))
    sections = report.sections(mutants, kept.entries, run_line)
    if options.only:
        say("\n" + sections["mutants"] + "\n\n" + sections["rejected"])
    else:
        PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), sections, "./dev mutants"), encoding="utf-8")
        say(f"\n{sections['totals']}\n\nwritten: {PAGE.relative_to(runs.ROOT)}")
    return 0


def main(arguments):
    options = parse(arguments)
    mutants = mutate.load()["mutant"]
    if unknown := set(options.only or ()) - {mutant["name"] for mutant in mutants}:
        print(f"./dev mutants: there is no mutant {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if options.only:
        mutants = [mutant for mutant in mutants if mutant["name"] in options.only]
    if options.sample:
        mutants = [mutant for mutant in mutants if mutant.get("sample")]
    programs = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"]).resolve()
    folders = {"bin": programs, "mutants": programs.parent / "mutants"}
    simulation = runs.Simulation(folders["mutants"], options.jobs)
    if options.sample:
        return run_sample(simulation, folders, mutants)
    return run_all(options, simulation, folders, mutants)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
