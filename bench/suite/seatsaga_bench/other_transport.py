"""The phase that measures the same over the transport that the rest of the run does not use. Messages cost
something else there, so batches save something else."""

from . import measure, plan, processes, rounds
from .results import Results


def of(options):
    """The one that the rest of the run does not use."""
    return next(name for name in plan.TRANSPORTS if name != options.transport)


def wanted(options):
    return plan.OTHER_TRANSPORT in options.scenarios


def all_of(options):
    """The transports that this run uses."""
    return {options.transport, of(options)} if wanted(options) else {options.transport}


def all_runs(options):
    return rounds.all_runs(options, scenarios=())


def expected_s(options):
    return sum(measure.expected_s(options, run) for run in all_runs(options))


def run(suite):
    transport = of(suite.options)
    scratch, bin_folder, _ = suite.where
    folder = scratch / transport
    folder.mkdir()
    systems = processes.start_sides(folder, bin_folder, transport)
    suite.systems |= {f"{name}, {transport}": system for name, system in systems.items()}
    results = Results()
    for each in all_runs(suite.options):
        suite.measure(each, systems, results)
    return {"other_transport": {"transport": transport, **results.of_sides()}}
