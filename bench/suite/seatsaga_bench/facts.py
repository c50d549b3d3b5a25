"""What the tables of a baseline must agree on once a run is over."""

from .postgres import CONNECTIONS_SQL, TODAY, TWO_PHASE_DATABASES
from .processes import SuiteError, wait_until

ENDED_WITHIN_S = 30
# Closed connections last for another moment; prepared transactions would last for ever.
OPEN_SQL = f"SELECT ({CONNECTIONS_SQL}) + (SELECT count(*) FROM pg_prepared_xacts)"
# Tables with a row per reservation: (index of the database in two-phase commit, column, rows).
WITNESSES = ((2, "reservation_id", "reservations WHERE state = 'CONFIRMED'"),
             (0, "reservation_id", "seats WHERE status = 'RESERVED'"),
             (1, "payment_id", "payments WHERE state = 'CAPTURED'"),
             (1, "payment_id", "ledger WHERE kind = 'CAPTURE'"))
WRONG_COUNTERS_SQL = """SELECT count(*) FROM events WHERE capacity - available_count <>
    (SELECT count(*) FROM seats WHERE seats.event_no = events.event_no AND status = 'RESERVED')"""


def check(cluster, scenario, outcomes):
    """Raises SuiteError unless each reservation has its seat, payment and ledger entry, nothing is half done,
    and a counted event's row says what was sold. What was abandoned at the end may be stored or not."""
    wait_until(lambda: cluster.number("postgres", OPEN_SQL) == 0, ENDED_WITHIN_S,
               f"{scenario}: connections or transactions have not ended")
    found = {}
    for database, reservation, rows in WITNESSES:
        # A sum of hashes tells one set of ids from another: the tables may be in different databases.
        [found[rows]] = cluster.query(
            TWO_PHASE_DATABASES[database] if scenario == "two_phase_commit" else TODAY,
            f"SELECT count(*), sum(uuid_hash_extended({reservation}, 0)::numeric) FROM {rows}")
    reservations, *others = found.values()
    if any(other != reservations for other in others):
        raise SuiteError(f"{scenario}: the tables hold different reservations (count, digest): {found}")
    confirmed, all_begun = outcomes["CONFIRMED"], sum(outcomes.values())
    if not confirmed <= int(reservations[0]) <= all_begun:
        raise SuiteError(f"{scenario}: {confirmed} of {all_begun} reservations were confirmed, but"
                         f" {reservations[0]} are stored")
    if "hot_event" in scenario and cluster.number(TODAY, WRONG_COUNTERS_SQL) > 0:
        raise SuiteError(f"{scenario}: the event's counter does not match its sold seats")
