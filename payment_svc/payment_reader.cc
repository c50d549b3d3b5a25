#include "payment_svc/payment_reader.h"

#include <string>

#include "common/errors.h"
#include "common/text.h"
#include "payment_svc/payment_columns.h"

namespace seatsaga::payment {
namespace {

// Payments that one page looks at: bounds how long a filter that matches nothing can take.
constexpr size_t kScanMax = 5000;

}  // namespace

PaymentReader::PaymentReader(sqlite::Database& database)
    : database_(database),
      get_(database.Prepare(Cat(kSelectPayments, "WHERE payment_id=?1"))),
      list_(database.Prepare(
          Cat(kSelectPayments, "WHERE payment_id>?1 ORDER BY payment_id LIMIT ?2"))),
      balances_(database.Prepare(
          "SELECT account, currency, SUM(amount) FROM ("
          " SELECT debit_account AS account, currency, amount_minor AS amount FROM ledger"
          " UNION ALL"
          " SELECT credit_account AS account, currency, -amount_minor AS amount FROM ledger"
          ") AS entries GROUP BY account, currency ORDER BY account, currency")) {}

absl::StatusOr<Payment> PaymentReader::Get(const Id& id) {
  std::optional<Payment> found;
  for (get_.Query(sqlite::Blob{id.bytes()}); get_.Next();) found = ReadPayment(get_);
  if (!database_.status().ok()) return database_.status();
  if (found) return *std::move(found);
  return MakeError(absl::StatusCode::kNotFound, "PAYMENT_NOT_FOUND",
                   Cat("no charge for ", id.ToString(), " has arrived"));
}

absl::StatusOr<PaymentPage> PaymentReader::List(const std::optional<Id>& after, size_t page_size,
                                                PaymentState state) {
  PaymentPage page;
  size_t seen = 0;
  const std::string_view start = after ? after->bytes() : std::string_view{};
  for (list_.Query(sqlite::Blob{start}, kScanMax + 1); list_.Next();) {
    if (page.payments.size() == page_size || seen == kScanMax) {
      list_.Reset();
      return page;  // `next` is the last payment that was looked at
    }
    ++seen;
    if (const auto id = Id::FromBytes(list_.Text(0)); id.ok()) page.next = *id;
    if (state == v1::PAYMENT_STATE_UNSPECIFIED || list_.Int(kStateColumn) == state) {
      page.payments.push_back(ReadPayment(list_));
    }
  }
  if (!database_.status().ok()) return database_.status();
  page.next.reset();
  return page;
}

absl::StatusOr<std::vector<AccountBalance>> PaymentReader::Balances() {
  std::vector<AccountBalance> balances;
  for (balances_.Query(); balances_.Next();) {
    balances.push_back(
        {std::string(balances_.Text(0)), std::string(balances_.Text(1)), balances_.Int(2)});
  }
  if (!database_.status().ok()) return database_.status();
  return balances;
}

}  // namespace seatsaga::payment
