#include "simulated_provider/simulated_books.h"

namespace seatsaga::payment {

StoredBooks::StoredBooks(sqlite::Database& database)
    : select_(database.Prepare(
          "SELECT state, amount_minor, currency, reason, reference, effective_us, attempts,"
          " refund_failures, refund_refused FROM charges WHERE charge_key=?1")),
      upsert_(database.Prepare(
          "INSERT INTO charges(charge_key, state, amount_minor, currency, reason, reference,"
          " effective_us, attempts, refund_failures, refund_refused)"
          " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"
          " ON CONFLICT(charge_key) DO UPDATE SET state=excluded.state, reason=excluded.reason,"
          " amount_minor=excluded.amount_minor, currency=excluded.currency,"
          " reference=excluded.reference, effective_us=excluded.effective_us,"
          " attempts=excluded.attempts, refund_failures=excluded.refund_failures,"
          " refund_refused=excluded.refund_refused")) {}

std::optional<ChargeRecord> StoredBooks::Find(const std::string& key) {
  std::optional<ChargeRecord> found;
  for (select_.Query(key); select_.Next();) {
    ChargeRecord& record = found.emplace();
    record.key = key;
    record.state = static_cast<ChargeRecord::State>(select_.Int(0));
    record.amount_minor = select_.Int(1);
    record.currency = std::string(select_.Text(2));
    record.reason = std::string(select_.Text(3));
    record.reference = std::string(select_.Text(4));
    record.effective_time = absl::FromUnixMicros(select_.Int(5));
    record.attempts = select_.Int(6);
    record.refund_failures = select_.Int(7);
    record.refund_refused = select_.Int(8) != 0;
  }
  return found;
}

void StoredBooks::Put(const ChargeRecord& record) {
  upsert_.Run(record.key, record.state, record.amount_minor, record.currency, record.reason,
              record.reference, absl::ToUnixMicros(record.effective_time), record.attempts,
              record.refund_failures, record.refund_refused);
}

std::optional<ChargeRecord> MemoryBooks::Find(const std::string& key) {
  const auto it = records_.find(key);
  if (it == records_.end()) return std::nullopt;
  return it->second;
}

}  // namespace seatsaga::payment
