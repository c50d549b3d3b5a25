"""What stays behind when a coordinator is killed under load: that of two-phase commit, and SeatSaga's
orchestrator."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import time

from . import measure, probes
from .postgres import CONNECTIONS_SQL, TWO_PHASE_DATABASES
from .processes import POLL_S, SuiteError, die_with_parent, wait_until

IN_FLIGHT = 128
KILLED_AFTER = 1000  # reservations
LOAD_S = 4           # of SeatSaga's clients, before, during and after the kill
KILLED_WITHIN_S = 15
RECOVERED_WITHIN_S = 60
EXPECTED_S = 15      # only for the progress line

LOCKED_SEATS_SQL = """SELECT (SELECT count(*) FROM seats) -
    (SELECT count(*) FROM (SELECT 1 FROM seats FOR UPDATE SKIP LOCKED) AS not_locked)"""
ACTIVE_SQL = CONNECTIONS_SQL + " AND state = 'active'"
PENDING_SQL = "SELECT hex(id) FROM reservations WHERE state = 1"  # as reservation_svc stores it


def run(suite, cluster):
    suite.progress.step("killed coordinators", EXPECTED_S)
    return {"in_flight": IN_FLIGHT,
            "two_phase_commit": kill_two_phase_commit(cluster, IN_FLIGHT),
            "seatsaga": kill_orchestrator(suite, IN_FLIGHT)}


@contextlib.contextmanager
def running(command):
    """A load generator in the background; killed at the end if it still runs."""
    load = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
    try:
        yield load
    finally:
        load.kill()
        load.communicate()


# --- Two-phase commit ---------------------------------------------------------------------------

def kill_two_phase_commit(cluster, in_flight):
    """What the databases hold without their coordinator: at once, and after their own restart."""
    cluster.decision_log.unlink(missing_ok=True)
    load = cluster.load_command("two_phase_commit", in_flight, 0, KILLED_WITHIN_S)
    with running(load) as coordinator:
        wait_until(lambda: coordinator.poll() is not None or len(decisions(cluster)) >= KILLED_AFTER,
                   KILLED_WITHIN_S, "too few two-phase commits")
        kill_between_prepare_and_commit(cluster, coordinator)
    wait_until(lambda: cluster.number("postgres", CONNECTIONS_SQL) == 0, RECOVERED_WITHIN_S,
               "the killed coordinator's connections are still open")
    at_once = in_doubt(cluster)
    cluster.restart()
    return at_once | {"after_restart_of_postgres": in_doubt(cluster)}


def kill_between_prepare_and_commit(cluster, coordinator):
    """Its clients move in waves, so it is stopped again and again until something is prepared."""
    while coordinator.poll() is None:
        coordinator.send_signal(signal.SIGSTOP)
        wait_until(lambda: cluster.number("postgres", ACTIVE_SQL) == 0, RECOVERED_WITHIN_S,
                   "statements are still active")
        if cluster.number("postgres", "SELECT count(*) FROM pg_prepared_xacts") > 0:
            coordinator.kill()
            coordinator.wait()
            return
        coordinator.send_signal(signal.SIGCONT)
        time.sleep(POLL_S)
    raise SuiteError(f"two-phase commit: {coordinator.stderr.read().strip()}")


def decisions(cluster):
    """The reservations that the coordinator's log says to commit."""
    log = cluster.decision_log
    return set(log.read_text(encoding="ascii").split()) if log.exists() else set()


def in_doubt(cluster):
    prepared = cluster.query("postgres", "SELECT gid, database FROM pg_prepared_xacts")
    reservations = {gid.split("/")[0] for gid, _ in prepared}
    by_database = [database for _, database in prepared]
    return {
        "in_doubt_transactions": {name: by_database.count(name) for name in TWO_PHASE_DATABASES},
        "reservations_in_doubt": len(reservations),
        "of_which_decided_to_commit": len(reservations & decisions(cluster)),
        "seats_locked": cluster.number(TWO_PHASE_DATABASES[0], LOCKED_SEATS_SQL),
    }


# --- SeatSaga -----------------------------------------------------------------------------------

def kill_orchestrator(suite, in_flight):
    """How long until no reservation is PENDING any more that was PENDING at the kill."""
    suite.start_seatsaga("killed")
    system = suite.systems["killed"]
    with running(measure.load_command(system, "happy", in_flight, 0, LOAD_S)) as load:
        wait_until(lambda: load.poll() is not None or count_reservations(system) >= KILLED_AFTER,
                   KILLED_WITHIN_S, "too few reservations")
        system.kill_server("orchestrator")
        pending = pending_reservations(system)
        begin = time.monotonic()
        system.start([system.orchestrator_command()])
        ready_s = time.monotonic() - begin
        wait_until(lambda: not pending & pending_reservations(system), RECOVERED_WITHIN_S,
                   "reservations are still PENDING")
        recovered_s = time.monotonic() - begin
        report = finished(load)
    audited = probes.audit(system)  # raises if it finds anything
    return {
        "pending_when_killed": len(pending),
        "ready_again_s": round(ready_s, 3),
        "none_of_them_pending_after_s": round(recovered_s, 3),
        "longest_wait_of_a_client_s": round(report["max_ms"] / 1000, 3),
        "pending_at_the_end": len(pending_reservations(system)),
        "reservations": audited["reservations"],
        "confirmed": audited["confirmed"],
    }


def finished(load):
    """The report of a load generator, all of whose reservations must have been confirmed."""
    output, errors = load.communicate(timeout=RECOVERED_WITHIN_S)
    if load.returncode != 0:
        raise SuiteError(f"while the orchestrator was killed: {errors.strip()} {output.strip()}")
    return json.loads(output)


def ask_reservations(system, sql):
    """Rows of reservation_svc's database, read from its file: counting must not load the service."""
    uri = f"file:{system.folder / 'reservation_svc.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(uri, uri=True)) as database:
        return database.execute(sql).fetchall()


def count_reservations(system):
    return ask_reservations(system, "SELECT count(*) FROM reservations")[0][0]


def pending_reservations(system):
    return {row[0] for row in ask_reservations(system, PENDING_SQL)}
