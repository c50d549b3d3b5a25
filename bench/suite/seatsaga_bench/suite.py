"""One run of the suite: the systems, the phases, the results."""

import time

from . import baselines, halls, measure, other_transport, plan, processes, restart, rounds, stored, text
from .processes import SuiteError
from .results import Results
from .targets import targets

# In this order. A phase is a module with three functions: wanted(options) says whether it runs at all,
# expected_s(options) about how long it takes, and run(suite) runs it, announces each step to suite.progress,
# and returns what it adds to the output.
PHASES = (rounds, other_transport, baselines, halls, restart, stored)


class Suite:
    """What all phases share: running systems, results under load, and the progress line."""

    def __init__(self, options, scratch, bin_folder):
        self.options = options
        self.scratch = scratch
        self.where = (scratch, bin_folder, options.transport)
        self.results = Results()
        self.systems = {}
        self.progress = text.Progress()

    def start_seatsaga(self, name, payment_arguments=()):
        self.systems[name] = processes.start_seatsaga(name, *self.where, payment_arguments)

    def start(self):
        self.systems |= processes.start_sides(*self.where)

    def stop(self):
        """Stops all servers, and returns those that failed to stop."""
        bad = [f"{system.name}'s {name}" for system in self.systems.values() for name in system.stop()]
        self.progress.end()
        return bad

    def measure(self, run, systems=None, results=None):
        """One run of the load generator (a plan.Run) with one of `systems`, filed in `results`. The
        suite's own are the default."""
        systems = self.systems if systems is None else systems
        results = self.results if results is None else results
        self.progress.step(f"{run.system}, {run.filed_as}, {run.in_flight} in flight",
                           measure.expected_s(self.options, run))
        rate = run.of_peak * results.peak_rate() if run.of_peak else None
        report = measure.run_load(systems[run.system], run.scenario, run.in_flight,
                                  self.options.warmup_s, run.duration_s or self.options.duration_s, rate,
                                  ("--holds", round(self.options.holds * plan.EXPIRING_SHARE)))
        results.add(run.filed_under, run.filed_as, run.in_flight, report)

    def run(self):
        """The object that -o json prints."""
        begin = time.monotonic()
        machine = measure.Machine(self.scratch)
        sync_p50_ms = measure.fdatasync_p50_ms(self.scratch)
        phases = [phase for phase in PHASES if phase.wanted(self.options)]
        self.progress.expect(sum(phase.expected_s(self.options) for phase in phases))
        found = {}
        try:
            self.start()
            empty_bytes = self.systems["seatsaga"].database_bytes()
            for phase in phases:
                found |= phase.run(self)
        finally:
            bad = self.stop()
        if bad:
            raise SuiteError("servers did not stop on SIGTERM: " + ", ".join(bad))
        facts = {
            "database_growth_bytes_per_reservation": self.database_growth(
                empty_bytes, found.get("stored_count", 0)),
            "fdatasync_p50_ms": round(sync_p50_ms, 4),
            **found,
        }
        return {
            **self.results.of_sides(),
            **facts,
            "targets": targets(self.results, facts),
            "machine": machine.report(),
            "transport": self.options.transport,
            "rounds": self.options.rounds,
            "duration_s": round(time.monotonic() - begin, 1),
        }

    def database_growth(self, empty_bytes, stored_count):
        """Bytes per finished reservation, in the cluster where all were confirmed."""
        growth = self.systems["seatsaga"].database_bytes() - empty_bytes
        count = stored_count + self.results.reservation_count(
            "seatsaga", "happy", "open_loop_half_peak", "many_stored")
        return round(growth / max(count, 1), 1)
