"""Runs of the mutated programs: the simulation over many seeds, the demo, the product's own tests."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What can complain of a seed, in the order of the tables.
ORACLES = ("history", "audit", "liveness", "saga", "events", "system", "crash", "hang")
CLASSES = ("wire", "process", "disk", "commit", "clock", "company")

# A mutant that dies at every seed is caught, and dying takes long.
DEATHS_MAX = 3
# Whoever was caught so often is known well enough.
CATCHES_MAX = 50
# Whole runs of the simulation are what is judged here, and no part of the admission.
NOT_OWN_TESTS = "~simulation*"
DEMO_SECONDS = 120
TESTS_SECONDS = 300


def environment(mutant, **more):
    return {**os.environ, "SEATSAGA_MUTANT": mutant, **more}


@dataclasses.dataclass
class Seeds:
    """What became of a range of seeds: for each the oracles that complained."""
    complaints: dict = dataclasses.field(default_factory=dict)

    def caught(self, without=()):
        """The seeds of which an oracle complained, leaving out some oracles."""
        return sorted(seed for seed, oracles in self.complaints.items() if oracles - set(without))

    def oracles(self):
        seen = set().union(*self.complaints.values())
        return [oracle for oracle in ORACLES if oracle in seen]


class Simulation:
    """The simulation of one mutant; "" is none of them."""

    def __init__(self, bin_folder, jobs):
        self.program = bin_folder / "seatsaga-mutants"
        self.jobs = jobs

    def run(self, mutant, start, seeds, without="", until_caught=False):
        """Each job takes every jobs-th seed. With until_caught all stop soon after the first catch."""
        result = Seeds()
        stop = threading.Event()
        threads = [threading.Thread(target=self._job, args=(
            result, stop, mutant, start + job, start + seeds, without, until_caught))
            for job in range(self.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return result

    def _job(self, result, stop, mutant, seed, end, without, until_caught):
        deaths = 0
        while seed < end and deaths < DEATHS_MAX and not stop.is_set():
            count = (end - seed + self.jobs - 1) // self.jobs
            command = [self.program, "--start", str(seed), "--seeds", str(count), "--step", str(self.jobs),
                       *(["--without", without] if without else [])]
            with subprocess.Popen(command, env=environment(mutant), stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True) as process:
                seed = self._read(process, result, stop, seed, until_caught)
            if stop.is_set() or seed >= end:
                return
            # It died at this seed, which is a finding; the others may still say something.
            result.complaints[seed] = {"hang" if process.returncode == -signal.SIGPROF else "crash"}
            deaths += 1
            seed += self.jobs
            if until_caught:
                stop.set()

    def _read(self, process, result, stop, seed, until_caught):
        """Takes its lines; returns the seed of which it has said nothing."""
        for line in process.stdout:
            if not line.endswith("\n"):
                break
            number, *oracles = line.split()
            result.complaints[int(number)] = set(oracles)
            seed = int(number) + self.jobs
            if oracles and (until_caught or len(result.caught()) >= CATCHES_MAX):
                stop.set()
            if stop.is_set():
                process.kill()
                break
        process.wait()
        return seed


def succeeds(command, seconds, env):
    """Whether a program ends with 0 in time. What it has started is ended with it."""
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as process:
        try:
            return process.wait(timeout=seconds) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False


def serves_demo(mutant, bin_folder, demo):
    """Whether the story of the demo goes well with mutated services."""
    return succeeds([demo], DEMO_SECONDS, environment(mutant, SEATSAGA_BIN_DIR=str(bin_folder)))


def passes_tests(mutant, bin_folder):
    """Whether the product's unit tests and its contract's pass."""
    return all(succeeds([bin_folder / tests, *arguments], TESTS_SECONDS, environment(mutant))
               for tests, arguments in [("contract_unit_tests", ["--abort"]),
                                        ("unit_tests", ["--abort", NOT_OWN_TESTS])])
