#!/usr/bin/env python3
"""Runs every baseline on PostgreSQL for a moment, and checks that its reservations are whole. Nothing is
timed."""

import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from seatsaga_bench import baselines, facts, killed, postgres
from seatsaga_bench.processes import SuiteError, scratch_parent

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
IN_FLIGHT = 16
KILLED_IN_FLIGHT = 64
INCOMPLETE_SQL = """
    SELECT count(*) FROM reservations
    FULL JOIN (SELECT * FROM seats WHERE status = 'RESERVED') AS sold USING (reservation_id)
    FULL JOIN payments ON payment_id = reservation_id
    FULL JOIN ledger USING (payment_id)
    WHERE num_nulls(request_id, status, provider_reference, kind) > 0
       OR (sold.event_no, sold.seat_no) <> (reservations.event_no, reservations.seat_no)
       OR num_nulls(sold.price_minor, reservations.price_minor, payments.amount_minor,
                    ledger.amount_minor) > 0
       OR sold.price_minor <> reservations.price_minor OR sold.price_minor <> payments.amount_minor
       OR sold.price_minor <> ledger.amount_minor"""


def check_one_transaction(cluster):
    incomplete = cluster.number(postgres.TODAY, INCOMPLETE_SQL)
    assert incomplete == 0, f"{incomplete} reservations are incomplete"


def check_two_phase_commit(cluster):
    database = postgres.TWO_PHASE_DATABASES[2]
    stored = {row[0] for row in cluster.query(database, "SELECT reservation_id FROM reservations")}
    undecided = stored - killed.decisions(cluster)
    assert not undecided, f"{len(undecided)} committed without a decision in the log"


def check_faults_are_found(cluster, report):
    """After hot_event, whose tables are right."""
    count = "UPDATE events SET available_count = available_count"
    for fault, undo in (
            (f"{count} - 1", f"{count} + 1"),
            ("DELETE FROM ledger WHERE payment_id = (SELECT payment_id FROM ledger LIMIT 1)", "SELECT 1"),
            ("; ".join(f"DELETE FROM {table}" for table in ("events", "seats", "payments", "ledger",
                                                             "reservations")), "SELECT 1")):
        cluster.query(postgres.TODAY, fault)
        try:
            facts.check(cluster, "hot_event", report["outcomes"])
        except SuiteError:
            cluster.query(postgres.TODAY, undo)
        else:
            raise AssertionError(f"not found: {fault}")


def check_killed(cluster):
    found = killed.kill_two_phase_commit(cluster, KILLED_IN_FLIGHT)
    later = found.pop("after_restart_of_postgres")
    assert 0 < found["reservations_in_doubt"] <= KILLED_IN_FLIGHT, f"killed: {found}"
    assert found["seats_locked"] == found["in_doubt_transactions"]["seatsaga_seats"], f"killed: {found}"
    assert later == found, f"killed: after a restart of PostgreSQL {later} instead of {found}"


def check_all(cluster):
    for scenario in baselines.SAME_WORK:
        report = baselines.run_postgres(cluster, scenario, IN_FLIGHT, warmup_s=0.1, duration_s=0.5)
        assert report["completed"] > 0, f"{scenario}: nothing was completed"
        assert report["name"] == scenario and report["in_flight"] == IN_FLIGHT, report
        assert 0 < report["p50_ms"] <= report["p99_ms"] <= report["max_ms"], f"{scenario}: latencies"
        cpu = report["cpu_us_per_reservation"]
        assert set(cpu) == {"client", "postgres"} and min(cpu.values()) > 0, f"{scenario}: CPU {cpu}"
        check = check_two_phase_commit if scenario == "two_phase_commit" else check_one_transaction
        check(cluster)
        if scenario == "hot_event":
            check_faults_are_found(cluster, report)
    check_killed(cluster)


def main():
    bin_folder = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"])
    if lacking := postgres.lacking(bin_folder):
        print(f"skipped: {lacking} (./dev bench --baselines installs and builds it)")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="seatsaga-baselines-", dir=scratch_parent(None)) as scratch:
        with postgres.Cluster(pathlib.Path(scratch) / "postgres", bin_folder) as cluster:
            try:
                check_all(cluster)
            except (AssertionError, SuiteError) as wrong:
                return str(wrong)
    print("the tables of every baseline agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
