#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/sqlite/database.h"

namespace seatsaga::payment {

// What the simulated provider remembers of one charge. Never its payment token.
struct ChargeRecord {
  enum class State { kNothing = 0, kCaptured = 1, kDeclined = 2, kVoided = 3, kRefunded = 4 };
  std::string key;
  State state = State::kNothing;
  int64_t amount_minor = 0;
  std::string currency;
  std::string reason;                             // of a decline
  std::string reference;                          // the provider's id of the charge
  absl::Time effective_time = absl::UnixEpoch();  // a slow charge counts from then on
  int64_t attempts = 0;                           // charges that ended without effect
  int64_t refund_failures = 0;                    // refunds still to fail
  bool refund_refused = false;
};

// The provider's books. One thread: the provider's.
class SimulatedBooks {
 public:
  virtual ~SimulatedBooks() = default;
  virtual std::optional<ChargeRecord> Find(const std::string& key) = 0;
  virtual void Put(const ChargeRecord& record) = 0;
};

// On disk, in the open transaction of `database`.
class StoredBooks final : public SimulatedBooks {
 public:
  explicit StoredBooks(sqlite::Database& database);
  std::optional<ChargeRecord> Find(const std::string& key) override;
  void Put(const ChargeRecord& record) override;

 private:
  sqlite::Statement select_;
  sqlite::Statement upsert_;
};

// In memory, gone with the process: for benchmarks, where the provider stands for another company
// whose disk is not ours to measure.
class MemoryBooks final : public SimulatedBooks, public Transactions {
 public:
  std::optional<ChargeRecord> Find(const std::string& key) override;
  void Put(const ChargeRecord& record) override { records_[record.key] = record; }
  void Begin() override {}
  absl::Status Commit() override { return absl::OkStatus(); }

 private:
  absl::flat_hash_map<std::string, ChargeRecord> records_;
};

}  // namespace seatsaga::payment
