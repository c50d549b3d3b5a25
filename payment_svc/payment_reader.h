#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sqlite/database.h"
#include "payment_svc/payment.h"

namespace seatsaga::payment {

struct PaymentPage {
  std::vector<Payment> payments;  // oldest first
  std::optional<Id> next;         // start the next page after this id; nullopt for the last page
};

// The queries, on a read-only connection. One thread: the read lane's.
class PaymentReader {
 public:
  explicit PaymentReader(sqlite::Database& database);

  // NotFound (PAYMENT_NOT_FOUND) if no charge with this id has arrived.
  absl::StatusOr<Payment> Get(const Id& id);
  // Up to `page_size` payments after `after`, in the order of their ids. `state` UNSPECIFIED: all.
  // Looks at a bounded number of payments, so a page may hold fewer, or none, and still have a
  // next.
  absl::StatusOr<PaymentPage> List(const std::optional<Id>& after, size_t page_size,
                                   PaymentState state);
  // Sums over the whole ledger, by account and currency.
  absl::StatusOr<std::vector<AccountBalance>> Balances();

 private:
  sqlite::Database& database_;
  sqlite::Statement get_;
  sqlite::Statement list_;
  sqlite::Statement balances_;
};

}  // namespace seatsaga::payment
