"""One measurement: a run of the load generator, the speed of the disk, what the machine did meanwhile."""

import json
import os
import pathlib
import statistics
import subprocess
import time

from .processes import SuiteError, run_command

RUN_ENDS_WITHIN_S = 60  # in addition to its length: halls are created, calls drain
RUN_OVERHEAD_S = 0.5  # in addition to its length; only for the progress line
OVERHEAD_S = {"hot_hall": 2.5, "expiring_holds": 4}  # the hall is filled first; the seats are held first
SYNC_PROBES = 200
SYNC_PROBE_BYTES = 4096
KIB_PER_GIB = 1 << 20


def expected_s(options, run):
    """About how long a run of the load generator takes."""
    overhead_s = OVERHEAD_S.get(run.scenario, RUN_OVERHEAD_S)
    return options.warmup_s + (run.duration_s or options.duration_s) + overhead_s


def run_load(system, scenario, in_flight, warmup_s, duration_s, rate=None, extra=()):
    """The load generator's report, a dict. Raises SuiteError if a reservation ended in a wrong state."""
    command = load_command(system, scenario, in_flight, warmup_s, duration_s, rate, extra)
    title = f"{system.name}: {scenario} at {in_flight} in flight"
    return report_of(title, command, warmup_s + duration_s, system.check_alive)


def load_command(system, scenario, in_flight, warmup_s, duration_s, rate=None, extra=()):
    command = [system.bin_folder / "seatsaga-bench", "--target", system.target,
               "--scenario", scenario, "--in-flight", in_flight,
               "--warmup-s", warmup_s, "--duration-s", duration_s, *extra]
    if system.seats:
        command += ["--seats", system.seats]
    if rate:
        command += ["--rate", rate]
    for server in system.servers:
        command += ["--watch", server.watch_argument()]
    return command


def report_of(title, command, length_s, check_alive):
    """What a load generator prints, a dict. If a server has ended, that is the error to report."""
    machine = Machine()
    run = run_command(title, command, length_s + RUN_ENDS_WITHIN_S)
    check_alive()
    if run.returncode != 0:
        raise SuiteError(f"{title}: {explain(run)}")
    return json.loads(run.stdout) | {"steal_percent": machine.steal_percent()}


def explain(run):
    """Why a run of the load generator failed."""
    text = run.stderr.strip()
    try:
        report = json.loads(run.stdout)
    except ValueError:
        return text or f"status {run.returncode}"
    wrong = [f"{count} x {outcome}" for outcome, count in report["unexpected"].items()]
    return "; ".join([text, *wrong, *report["complaints"]])


def fdatasync_p50_ms(folder):
    """Median time of a 4 KiB append and its fdatasync, on the disk of `folder`."""
    path = pathlib.Path(folder) / "sync-probe"
    block = os.urandom(SYNC_PROBE_BYTES)
    taken = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        for _ in range(SYNC_PROBES):
            os.write(file, block)
            begin = time.perf_counter()
            os.fdatasync(file)
            taken.append(time.perf_counter() - begin)
    finally:
        os.close(file)
        path.unlink()
    return statistics.median(taken) * 1000


class Machine:
    """What the machine is, and what else it did since this object was made: on a noisy machine numbers mean
    little."""

    def __init__(self, folder="/"):
        self.folder = folder
        self.begin = self.ticks()

    @staticmethod
    def ticks():
        names = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
        values = pathlib.Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        return dict(zip(names, map(int, values)))

    def shares(self):
        end = self.ticks()
        spent = {name: end[name] - self.begin[name] for name in end}
        total = max(sum(spent.values()), 1)
        return {name: round(100 * ticks / total, 2) for name, ticks in spent.items()}

    def steal_percent(self):
        """CPU time that the hypervisor gave to others."""
        return self.shares()["steal"]

    def report(self):
        shares = self.shares()
        return {
            "cpus": os.cpu_count(),
            "cpu_model": fact("/proc/cpuinfo", "model name"),
            "memory_gib": round(int(fact("/proc/meminfo", "MemTotal").split()[0]) / KIB_PER_GIB, 1),
            "kernel": f"{os.uname().sysname} {os.uname().release}",
            "file_system": subprocess.check_output(
                ["df", "--output=fstype", self.folder], text=True).split()[-1],
            "steal_percent": shares["steal"],
            "idle_percent": round(shares["idle"] + shares["iowait"], 2),
            "load_average": os.getloadavg()[0],
        }


def fact(file, key):
    """The first value of `key` in a file of lines "key : value"."""
    for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"
