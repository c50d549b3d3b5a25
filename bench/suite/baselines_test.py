#!/usr/bin/env python3
"""Runs every baseline on PostgreSQL for a moment, and asks the database itself whether its
reservations are whole. Nothing is timed."""

import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
from seatsaga_bench import baselines, killed, postgres
from seatsaga_bench.processes import SuiteError, scratch_parent

SKIPPED = 77  # what ctest is told in SKIP_RETURN_CODE
IN_FLIGHT = 16
KILLED_IN_FLIGHT = 64
TODAY = "seatsaga_today"
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


def check_stored(where, cluster, database, report):
    """All that was confirmed is stored, and nothing else but what was abandoned at the very end."""
    confirmed = report["outcomes"]["CONFIRMED"]
    abandoned = sum(report["outcomes"].values()) - confirmed
    stored = cluster.number(database, "SELECT count(*) FROM reservations")
    assert confirmed <= stored <= confirmed + abandoned, \
        f"{where}: {confirmed} confirmed, {abandoned} abandoned, {stored} stored"
    assert 0 < report["completed"] <= confirmed, f"{where}: {report['completed']} completed"


def check_one_transaction(where, cluster, report):
    check_stored(where, cluster, TODAY, report)
    incomplete = cluster.number(TODAY, INCOMPLETE_SQL)
    assert incomplete == 0, f"{where}: {incomplete} reservations are not whole"
    if "hot_event" in where:
        [[capacity, available]] = cluster.query(TODAY, "SELECT capacity, available_count FROM events")
        sold = cluster.number(TODAY, "SELECT count(*) FROM seats WHERE status = 'RESERVED'")
        assert int(capacity) - int(available) == sold, \
            f"{where}: of {capacity} seats {sold} are sold, and the counter says {available}"


def check_two_phase_commit(where, cluster, report):
    seats, payments, reservations = killed.TWO_PHASE_DATABASES
    check_stored(where, cluster, reservations, report)
    ids = [{row[0] for row in cluster.query(database, sql)} for database, sql in (
        (reservations, "SELECT reservation_id FROM reservations"),
        (seats, "SELECT reservation_id FROM seats WHERE status = 'RESERVED'"),
        (payments, "SELECT payment_id FROM payments"),
        (payments, "SELECT payment_id FROM ledger"),
        ("postgres", "SELECT gid FROM pg_prepared_xacts"))]
    assert ids[0] == ids[1] == ids[2] == ids[3], f"{where}: the databases differ"
    assert not ids[4], f"{where}: {len(ids[4])} transactions were left in doubt"
    undecided = ids[0] - killed.decisions(cluster)
    assert not undecided, f"{where}: {len(undecided)} committed without a decision in the log"


def check_killed(cluster):
    found = killed.kill_two_phase_commit(cluster, KILLED_IN_FLIGHT)
    later = found.pop("after_restart_of_postgres")
    assert 0 < found["reservations_in_doubt"] <= KILLED_IN_FLIGHT, f"killed: {found}"
    assert found["seats_locked"] == found["in_doubt_transactions"]["seatsaga_seats"], f"killed: {found}"
    assert later == found, f"killed: after a restart of PostgreSQL {later} instead of {found}"


def check_all(cluster):
    for scenario in baselines.SAME_WORK:
        report = baselines.run_postgres(cluster, scenario, IN_FLIGHT, warmup_s=0.1, duration_s=0.5)
        assert report["name"] == scenario and report["in_flight"] == IN_FLIGHT, report
        assert 0 < report["p50_ms"] <= report["p99_ms"] <= report["max_ms"], f"{scenario}: latencies"
        cpu = report["cpu_us_per_reservation"]
        assert set(cpu) == {"client", "postgres"} and min(cpu.values()) > 0, f"{scenario}: CPU {cpu}"
        check = check_two_phase_commit if scenario == "two_phase_commit" else check_one_transaction
        check(scenario, cluster, report)
    check_killed(cluster)


def main():
    bin_folder = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"])
    if lacking := postgres.lacking(bin_folder):
        print(f"skipped: {lacking} (./dev bench --baselines sees to it)")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="seatsaga-baselines-", dir=scratch_parent(None)) as scratch:
        with postgres.Cluster(pathlib.Path(scratch) / "postgres", bin_folder) as cluster:
            try:
                check_all(cluster)
            except (AssertionError, SuiteError) as wrong:
                return str(wrong)
    print("every baseline keeps its facts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
