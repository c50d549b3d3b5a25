#include "bench/baselines/tables.h"

#include "bench/baselines/pg_connection.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

// Half of each page stays free: a seat is sold once, and its new version has room beside the old
// one, so no index changes. No foreign keys: their checks would lock the event's row.
constexpr std::string_view kSeatsTables = R"sql(
  DROP TABLE IF EXISTS events, seats;
  CREATE TABLE events(
    event_no        integer PRIMARY KEY,
    capacity        integer NOT NULL,
    available_count integer NOT NULL CHECK (available_count >= 0)
  ) WITH (fillfactor = 10);
  CREATE TABLE seats(
    event_no       integer NOT NULL,
    seat_no        integer NOT NULL,
    status         text NOT NULL,
    price_minor    bigint NOT NULL,
    reservation_id uuid,
    PRIMARY KEY (event_no, seat_no)
  ) WITH (fillfactor = 50);
)sql";

constexpr std::string_view kPaymentsTables = R"sql(
  DROP TABLE IF EXISTS payments, ledger;
  CREATE TABLE payments(
    payment_id         uuid PRIMARY KEY,
    state              text NOT NULL,
    amount_minor       bigint NOT NULL,
    currency           text NOT NULL,
    provider_reference text NOT NULL,
    created_at         timestamptz NOT NULL
  );
  CREATE TABLE ledger(
    payment_id     uuid NOT NULL,
    kind           text NOT NULL,
    debit_account  text NOT NULL,
    credit_account text NOT NULL,
    amount_minor   bigint NOT NULL,
    currency       text NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (payment_id, kind)
  );
)sql";

// With the indexes that SeatSaga's facade has.
constexpr std::string_view kReservationsTables = R"sql(
  DROP TABLE IF EXISTS reservations;
  CREATE TABLE reservations(
    reservation_id uuid PRIMARY KEY,
    request_id     uuid NOT NULL UNIQUE,
    user_id        text NOT NULL,
    event_no       integer NOT NULL,
    seat_no        integer NOT NULL,
    state          text NOT NULL,
    price_minor    bigint NOT NULL,
    currency       text NOT NULL,
    created_at     timestamptz NOT NULL
  );
  CREATE INDEX reservations_of_user ON reservations(user_id, reservation_id);
)sql";

std::string OfferSql(const Offer& offer) {
  return Cat("INSERT INTO events SELECT event_no, ", offer.seats_per_event, ", ",
             offer.seats_per_event, " FROM generate_series(0, ", offer.event_count - 1,
             ") AS event_no; INSERT INTO seats SELECT event_no, seat_no, 'AVAILABLE', 4250, NULL",
             " FROM generate_series(0, ", offer.event_count - 1,
             ") AS event_no, generate_series(0, ", offer.seats_per_event - 1, ") AS seat_no");
}

}  // namespace

std::string Tables::ConnInfoOf(std::string_view database) const {
  return Cat(server_, " dbname=", database, " application_name=seatsaga-bench-postgres");
}

std::string Tables::ConnInfo(size_t database) const {
  return ConnInfoOf(transaction_.databases[database]);
}

absl::Status Tables::MakeDatabases() const {
  auto connection = PgConnection::Open(ConnInfoOf("postgres"));
  if (!connection.ok()) return connection.status();
  for (const std::string_view name : transaction_.databases) {
    const auto found =
        (*connection)->Run(Cat("SELECT 1 FROM pg_database WHERE datname = '", name, "'"));
    if (!found.ok()) return found.status();
    if (!found->empty()) continue;
    if (auto made = (*connection)->Run(Cat("CREATE DATABASE ", name)); !made.ok()) {
      return made.status();
    }
  }
  return absl::OkStatus();
}

absl::Status Tables::Prepare(const Offer& offer) const {
  if (auto made = MakeDatabases(); !made.ok()) return made;
  std::vector<std::string> texts(transaction_.databases.size());
  texts[transaction_.DatabaseOf(Part::kSeats)] += Cat(kSeatsTables, OfferSql(offer), ";");
  texts[transaction_.DatabaseOf(Part::kPayments)] += kPaymentsTables;
  texts[transaction_.DatabaseOf(Part::kReservations)] += kReservationsTables;
  for (size_t i = 0; i < texts.size(); ++i) {
    auto connection = PgConnection::Open(ConnInfo(i));
    if (!connection.ok()) return connection.status();
    for (const std::string& sql : {texts[i], std::string("VACUUM ANALYZE")}) {
      if (auto done = (*connection)->Run(sql); !done.ok()) return done.status();
    }
    if (i + 1 < texts.size()) continue;
    if (auto done = (*connection)->Run("CHECKPOINT"); !done.ok()) return done.status();
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::bench
