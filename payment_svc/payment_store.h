#pragma once

#include <span>
#include <vector>

#include "common/newest_id.h"
#include "common/sqlite/database.h"
#include "payment_svc/payment.h"

namespace seatsaga::payment {

// Payments and ledger on the writing connection. Writer thread only; errors are the database's
// (sticky, see sqlite::Database).
class PaymentStore {
 public:
  explicit PaymentStore(sqlite::Database& database);

  // Those of `ids` that exist, in no order.
  std::vector<Payment> Load(std::span<const Id> ids);
  // Every payment that is not settled yet.
  std::vector<Payment> LoadLive();
  // `added` must be new; of `changed` only what can change is written; `transfers` must be new.
  void Write(std::span<const Payment* const> added, std::span<const Payment* const> changed,
             std::span<const Transfer> transfers);

 private:
  sqlite::Statement select_;
  sqlite::Statement select_live_;
  sqlite::Statement insert_;
  sqlite::Statement update_;
  sqlite::Statement insert_transfers_;
  NewestId payments_;
};

}  // namespace seatsaga::payment
