#!/usr/bin/env python3
"""Runs the benchmark suite with short measurements, and checks its report. Nothing is timed."""

import json
import os
import pathlib
import subprocess
import sys

STORED = 1000
CRASH_IN_FLIGHT = 500
HOLDS = 1000
COMMAND = ["--quick", "--in-flight", "16",
           "--scenarios",
           "declines,hot_hall,hold_and_pay,live_holds,expiring_holds,other_transport,halls,restart",
           "--stored", str(STORED), "--crash-in-flight", str(CRASH_IN_FLIGHT), "--holds", str(HOLDS),
           "-o", "json"]
SERVERS = {"reservation_svc", "orchestrator", "seat_svc", "payment_svc"}


def check_scenario(scenario, durable):
    where = f"{scenario['name']} at {scenario['in_flight']} in flight"
    assert scenario["completed"] > 0, f"{where}: nothing was completed"
    assert scenario["rate_per_s"] > 0, f"{where}: no rate"
    assert 0 < scenario["p50_ms"] <= scenario["p99_ms"] <= scenario["max_ms"], f"{where}: latencies"
    cpu = scenario["cpu_us_per_reservation"]
    assert set(cpu) == SERVERS | {"client"}, f"{where}: CPU of {sorted(cpu)}"
    assert all(us > 0 for us in cpu.values()), f"{where}: a process used no CPU: {cpu}"
    written = scenario["written_bytes_per_reservation_by_process"]
    assert abs(sum(written.values()) - scenario["written_bytes_per_reservation"]) < 1, \
        f"{where}: bytes written by process do not add up: {written}"
    if durable:
        # In the hot hall nobody pays.
        writers = SERVERS - {"payment_svc"} if scenario["name"] == "hot_hall" else SERVERS
        assert all(written[server] > 0 for server in writers), f"{where}: written by {written}"
        assert scenario["fsyncs_per_reservation"] > 0, f"{where}: durable without a sync"
        assert scenario["written_bytes_per_reservation"] > 0, f"{where}: durable, nothing written"
    else:
        assert scenario["fsyncs_per_reservation"] == 0, f"{where}: the null chain stores nothing"


def check_queries(queries):
    rows_each = {(query["what"], query["page_size"]): query["rows_each"] for query in queries}
    for single in ("GetReservation", "GetSaga", "GetPayment", "GetEvent"):
        assert rows_each[single, 0] == 1, f"{single}: {rows_each[single, 0]} rows"
    for pages in ("ListReservations", "ListReservations CONFIRMED", "ListSagas", "ListSagas COMPLETED",
                  "ListPayments", "ListPayments CAPTURED"):
        assert rows_each[pages, 50] > 40, f"{pages}: pages of {rows_each[pages, 50]} rows"
    for none in ("ListReservations PENDING", "ListSagas PARKED", "ListPayments DECLINED"):
        assert rows_each[none, 50] == 0, f"{none}: {rows_each[none, 50]} rows"
    assert 0 < rows_each["ListReservations of a user", 50] < 10, "the lists of users"
    assert rows_each["ListSeats", 10000] > 1000, "no large page of seats"
    for query in queries:
        assert 0 < query["p50_ms"] <= query["p99_ms"] <= query["max_ms"], f"latencies of {query}"


def check(report):
    assert set(report["ratio_to_null_chain"]) == {"16"}, "ratio_to_null_chain"
    assert report["ratio_to_null_chain"]["16"] > 0, "no ratio"
    names = [scenario["name"] for scenario in report["scenarios"]]
    assert names == ["happy", "declines", "hot_hall", "hold_and_pay", "live_holds", "expiring_holds",
                     "many_stored", "few_stored"], names
    for scenario in report["scenarios"]:
        check_scenario(scenario, durable=True)
    assert report["live_holds"]["holds"] == HOLDS, "live holds"
    expiring = report["scenarios"][names.index("expiring_holds")]
    assert expiring["holds"] == HOLDS / 10 and expiring["holds_undone_s"] > 0, "holds that expired"
    levels = [(scenario["name"], scenario["in_flight"]) for scenario in report["null_chain"]]
    assert levels == [("happy", 16), ("hot_hall_floor", 200)], levels
    for scenario in report["null_chain"]:
        check_scenario(scenario, durable=False)
    other = report["other_transport"]
    assert other["transport"] == "tcp" and other["ratio_to_null_chain"]["16"] > 0, "other transport"
    check_scenario(other["scenarios"][0], durable=True)
    assert [scenario["in_flight"] for scenario in other["null_chain"]] == [16], "its floor"
    assert report["fill"][-1]["stored"] == report["stored_count"] == STORED, "not all were stored"
    check_queries(report["queries"])
    assert [hall["seats"] for hall in report["halls"]] == [1000, 10000, 50000, 100000], "halls"
    restart = report["restart"]
    assert restart["sagas"] == CRASH_IN_FLIGHT, "sagas in flight"
    assert 0 < restart["moving_s"] <= restart["finished_s"], "time did not pass after the restart"
    assert report["fdatasync_p50_ms"] > 0, "the disk was not measured"
    assert report["database_growth_bytes_per_reservation"] > 0, "the databases did not grow"


def main():
    suite = pathlib.Path(os.environ["SEATSAGA_BIN_DIR"]) / "seatsaga-bench-suite"
    run = subprocess.run([suite, *COMMAND], stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        return f"the suite ended with status {run.returncode}"
    try:
        check(json.loads(run.stdout))
    except (AssertionError, KeyError, ValueError) as wrong:
        return f"{wrong!r}\n{run.stdout}"
    print("the suite measures, and its report is plausible")
    return 0


if __name__ == "__main__":
    sys.exit(main())
