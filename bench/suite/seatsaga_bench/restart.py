"""The phase that kills all four servers with thousands of sagas in flight, and starts them again."""

import time

from . import probes, processes
from .processes import SuiteError
from .results import median_of

# Long enough for all sagas to reach the provider: it has answered none when the servers are killed.
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
    """One crash, in a cluster of its own. The provider keeps its books on disk, because it must remember the
    charges."""
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
        raise SuiteError(f"{name}: servers did not stop on SIGTERM")
    del suite.systems[name]
    return {"sagas": count, "ready_s": ready_s,
            "moving_s": after["moving_s"], "finished_s": after["finished_s"]}


def check(count, after, audited):
    """No saga may be lost, and none done twice."""
    facts = {key: after[key] for key in ("sagas", "completed", "charged_once", "confirmed_once")}
    facts |= {key: audited[key] for key in ("reservations", "confirmed", "payments", "reserved_seats")}
    if wrong := {key: value for key, value in facts.items() if value != count}:
        raise SuiteError(f"after the restart with {count} sagas in flight these counts are wrong: {wrong}")


def run(suite):
    rounds = []
    for i in range(suite.options.rounds):
        suite.progress.step(f"restart with {suite.options.crash_in_flight:,} sagas in flight",
                            expected_once_s(suite.options))
        rounds.append(once(suite, f"restart-{i}"))
    return {"restart": median_of(rounds) | {"rounds": rounds}}
