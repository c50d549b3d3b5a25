#include "bench/baselines/facts.h"

#include <array>
#include <memory>
#include <string_view>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "bench/baselines/pg_connection.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(10);
constexpr absl::Duration kEndsWithin = absl::Seconds(30);

// A table that knows of every reservation, and where it says so.
struct Witness {
  Part part;
  std::string_view table;
  std::string_view id;
  std::string_view where;
};
constexpr std::array kWitnesses{
    Witness{Part::kReservations, "reservations", "reservation_id", "state = 'CONFIRMED'"},
    Witness{Part::kSeats, "seats", "reservation_id", "status = 'RESERVED'"},
    Witness{Part::kPayments, "payments", "payment_id", "state = 'CAPTURED'"},
    Witness{Part::kPayments, "ledger", "payment_id", "kind = 'CAPTURE'"},
};

// How many there are, and a sum over their ids that tells one set from another: the same query for
// tables that stand in different databases.
std::string TestimonySql(const Witness& witness) {
  return Cat("SELECT count(*) || ' with digest ' || coalesce(sum(uuid_hash_extended(", witness.id,
             ", 0)::numeric), 0) FROM ", witness.table, " WHERE ", witness.where);
}

constexpr char kCountSql[] = "SELECT count(*) FROM reservations";

// Events whose counter is not what their seats say.
constexpr char kWrongCountersSql[] = R"sql(
  SELECT count(*) FROM events
  WHERE capacity - available_count <>
        (SELECT count(*) FROM seats
         WHERE seats.event_no = events.event_no AND status = 'RESERVED'))sql";

// Connections of the run, which go on for a moment after they were closed, and prepared
// transactions, which stay for ever.
std::string RemainsSql() {
  return Cat("SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = '",
             kApplicationName, "' AND datname = current_database() AND pid <> pg_backend_pid())",
             " + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())");
}

class Inspection {
 public:
  explicit Inspection(const Tables& tables) : tables_(tables) {}

  std::vector<std::string> Run(int64_t confirmed, int64_t abandoned) {
    for (size_t i = 0; i < tables_.transaction().databases.size() && faults_.empty(); ++i) {
      auto connection = PgConnection::Open(tables_.ConnInfo(i));
      if (!connection.ok()) return {std::string(View(connection.status().message()))};
      connections_.push_back(*std::move(connection));
      WaitForTheEnd(*connections_.back());
    }
    if (faults_.empty()) CompareWitnesses();
    if (faults_.empty()) CheckCount(confirmed, abandoned);
    if (tables_.transaction().one_event && Ask(Part::kSeats, kWrongCountersSql) != "0") {
      faults_.emplace_back("the event's counter is not what its seats say");
    }
    return std::move(faults_);
  }

 private:
  void WaitForTheEnd(PgConnection& connection) {
    const absl::Time give_up = absl::Now() + kEndsWithin;
    std::string remains;
    while ((remains = Ask(connection, RemainsSql())) != "0") {
      if (absl::Now() > give_up || !faults_.empty()) {
        faults_.push_back(Cat(remains, " connections or transactions did not end"));
        return;
      }
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(kPoll));
    }
  }

  void CompareWitnesses() {
    const std::string reservations = Ask(kWitnesses[0].part, TestimonySql(kWitnesses[0]));
    for (const Witness& witness : kWitnesses) {
      const std::string found = Ask(witness.part, TestimonySql(witness));
      if (found == reservations) continue;
      faults_.push_back(Cat("reservations: ", reservations, ", but ", witness.table, ": ", found));
    }
  }

  void CheckCount(int64_t confirmed, int64_t abandoned) {
    const std::string text = Ask(Part::kReservations, kCountSql);
    int64_t count = 0;
    if (absl::SimpleAtoi(AbslView(text), &count) && count >= confirmed &&
        count <= confirmed + abandoned) {
      return;
    }
    faults_.push_back(Cat(confirmed, " reservations were confirmed, but ", text, " are stored"));
  }

  std::string Ask(Part part, const std::string& sql) {
    return Ask(*connections_[tables_.transaction().DatabaseOf(part)], sql);
  }

  // Empty, and a fault, if it is not answered.
  std::string Ask(PgConnection& connection, const std::string& sql) {
    auto answer = connection.Run(sql);
    if (answer.ok()) return *std::move(answer);
    faults_.emplace_back(View(answer.status().message()));
    return "";
  }

  const Tables& tables_;
  std::vector<std::unique_ptr<PgConnection>> connections_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> FindFaults(const Tables& tables, int64_t confirmed, int64_t abandoned) {
  return Inspection(tables).Run(confirmed, abandoned);
}

}  // namespace seatsaga::bench
