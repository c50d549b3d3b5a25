"""The phase that measures the same over the transport that the rest of the run does not use: what a message
costs differs there, and so does what batches save."""

from . import measure, plan, processes
from .results import Results

TRANSPORTS = ("unix", "tcp")


def of(options):
    """The one that the rest of the run does not use."""
    return next(name for name in TRANSPORTS if name != options.transport)


def wanted(options):
    return plan.OTHER_TRANSPORT in options.scenarios


def all_of(options):
    """The transports that this run uses."""
    return {options.transport, of(options)} if wanted(options) else {options.transport}


def rounds(options):
    return [plan.round_of(options.in_flight, (), shift) for shift in range(options.rounds)]


def expected_s(options):
    return sum(measure.expected_s(options, run) for runs in rounds(options) for run in runs)


def start(suite, transport):
    """All sides once more, by their names."""
    folder, bin_folder, _ = suite.where
    where = (folder / transport, bin_folder, transport)
    where[0].mkdir()
    systems = {"seatsaga": processes.start_seatsaga("seatsaga", *where)}
    systems |= {name: processes.start_null_chain(api, *where) for name, api in plan.NULL_CHAINS.items()}
    suite.systems |= {f"{name}, {transport}": system for name, system in systems.items()}
    return systems


def run(suite):
    transport = of(suite.options)
    systems = start(suite, transport)
    results = Results()
    for runs in rounds(suite.options):
        for each in runs:
            suite.measure(each, systems, results)
    return {"other_transport": {"transport": transport, **results.of_sides()}}
