"""All four servers killed with thousands of sagas in flight, and started again."""

import time

from . import probes, processes
from .processes import SuiteError
from .results import median_of

# Longer than it takes to get all of them to the provider: none has been answered when the servers die.
PROVIDER_LATENCY_MS = 60_000
EXPECTED_S_PER_SAGA = 0.0005  # only for the progress line
EXPECTED_S = 2


def wanted(options):
    return "restart" in options.scenarios


def expected_s(options):
    return options.rounds * expected_once_s(options)


def expected_once_s(options):
    return EXPECTED_S + EXPECTED_S_PER_SAGA * options.crash_in_flight


def once(suite, name):
    """One crash, in a cluster of its own; the provider keeps its books on disk, for it must remember what
    it was asked to charge."""
    count = suite.options.crash_in_flight
    system = processes.SeatSaga(name, *suite.where)
    suite.systems[name] = system
    system.start_servers(["--provider-latency-ms", PROVIDER_LATENCY_MS])
    probes.run(system, "in-flight", "--event-prefix", name, "--count", count)
    system.kill()
    restart_us = time.time_ns() // 1000
    system.start_servers([])
    ready_s = time.time_ns() / 1e9 - restart_us / 1e6
    after = probes.run(system, "finished", "--restart-unix-us", restart_us)
    check(count, after, probes.audit(system))
    if system.stop():
        raise SuiteError(f"{name}: did not stop as asked")
    del suite.systems[name]
    return {"sagas": count, "ready_s": ready_s,
            "moving_s": after["moving_s"], "finished_s": after["finished_s"]}


def check(count, after, audited):
    """None was lost, and none was done twice."""
    facts = {key: after[key] for key in ("sagas", "completed", "charged_once", "confirmed_once")}
    facts |= {key: audited[key] for key in ("reservations", "confirmed", "payments", "reserved_seats")}
    if wrong := {key: value for key, value in facts.items() if value != count}:
        raise SuiteError(f"after the restart with {count} sagas in flight: {wrong}")


def run(suite):
    rounds = []
    for i in range(suite.options.rounds):
        suite.progress.step(f"restart with {suite.options.crash_in_flight:,} sagas in flight",
                            expected_once_s(suite.options))
        rounds.append(once(suite, f"restart-{i}"))
    return {"restart": median_of(rounds) | {"rounds": rounds}}
