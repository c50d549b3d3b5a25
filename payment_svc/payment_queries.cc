#include "payment_svc/payment_queries.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/errors.h"
#include "common/page_token.h"
#include "common/text.h"

namespace seatsaga::payment {
namespace {

// How many payments one page looks at. Bounds the time of a filter that matches nothing.
constexpr int kScanMax = 5000;

// Account, currency, and what the account holds: debits minus credits.
class Balance final : public store::RowView {
 public:
  Balance(std::string_view account, std::string_view currency, int64_t balance_minor)
      : texts_{account, currency}, balance_minor_(balance_minor) {}
  int64_t Int(int /*column*/) const override { return balance_minor_; }
  std::string_view Bytes(int column) const override { return texts_[column]; }

 private:
  std::string_view texts_[2];
  int64_t balance_minor_;
};

void SumLedger(store::Query::Table table, std::span<const store::Value> /*arguments*/,
               store::Query::Visit visit) {
  std::map<std::pair<std::string, std::string>, int64_t> balances;
  table(kLedger.info(), [&](const store::RowView& row) {
    const Transfer transfer = kLedger.Load(row);
    balances[{transfer.debit_account, transfer.currency}] += transfer.amount_minor;
    balances[{transfer.credit_account, transfer.currency}] -= transfer.amount_minor;
    return true;
  });
  for (const auto& [key, balance_minor] : balances) {
    if (!visit(Balance(key.first, key.second, balance_minor))) return;
  }
}

constexpr store::Query kBalances{
    .name = "balances",
    .sqlite =
        "SELECT account, currency, SUM(amount) FROM ("
        " SELECT debit_account AS account, currency, amount_minor AS amount FROM ledger"
        " UNION ALL"
        " SELECT credit_account AS account, currency, -amount_minor AS amount FROM ledger"
        ") AS entries GROUP BY account, currency ORDER BY account, currency",
    .model = SumLedger};

}  // namespace

absl::StatusOr<v1::GetPaymentResponse> GetPayment(store::Snapshot& snapshot, const Id& id) {
  const std::optional<Payment> payment = snapshot.Find(kPayments, id);
  if (!payment) {
    return MakeError(absl::StatusCode::kNotFound, "PAYMENT_NOT_FOUND",
                     Cat("no charge for ", id.ToString(), " has arrived"));
  }
  v1::GetPaymentResponse response;
  *response.mutable_payment() = ToProto(*payment);
  return response;
}

namespace {

v1::ListPaymentsResponse ListOf(store::Snapshot& snapshot, const Id& reservation_id,
                                const ListQuery& query) {
  v1::ListPaymentsResponse response;
  const auto add = [&](const Payment& payment) {
    const bool any = query.state == v1::PAYMENT_STATE_UNSPECIFIED;
    if (any || payment.state == query.state) *response.add_payments() = ToProto(payment);
  };
  if (const auto first = snapshot.Find(kPayments, reservation_id)) add(*first);
  snapshot.Visit({.table = &kPayments.info(),
                  .index = kPaymentsByReservation,
                  .prefix = {store::ValueOf(reservation_id)},
                  .limit = kScanMax},
                 [&](const store::RowView& row) {
                   add(kPayments.Load(row));
                   return true;
                 });
  return response;
}

}  // namespace

v1::ListPaymentsResponse ListPayments(store::Snapshot& snapshot, const ListQuery& query) {
  if (query.reservation_id) return ListOf(snapshot, *query.reservation_id, query);
  v1::ListPaymentsResponse response;
  store::Scan scan{.table = &kPayments.info(), .limit = kScanMax + 1};
  if (query.after) scan.beyond = store::ValueOf(*query.after);
  int seen = 0;
  Id last;
  snapshot.Visit(scan, [&](const store::RowView& row) {
    if (response.payments_size() == static_cast<int>(query.page_size) || seen == kScanMax) {
      response.set_next_page_token(MakePageToken(query.scope, last.bytes()));
      return false;
    }
    ++seen;
    last = kPayments.Column<&Payment::id>(row);
    if (query.state == v1::PAYMENT_STATE_UNSPECIFIED ||
        kPayments.Column<&Payment::state>(row) == query.state) {
      *response.add_payments() = ToProto(kPayments.Load(row));
    }
    return true;
  });
  return response;
}

v1::GetLedgerResponse GetLedger(store::Snapshot& snapshot) {
  v1::GetLedgerResponse response;
  snapshot.Visit(kBalances, {}, [&](const store::RowView& row) {
    v1::AccountBalance& balance = *response.add_balances();
    balance.set_account(std::string(row.Bytes(0)));
    balance.set_currency(std::string(row.Bytes(1)));
    balance.set_balance_minor(row.Int(2));
    return true;
  });
  return response;
}

}  // namespace seatsaga::payment
