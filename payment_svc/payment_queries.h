#pragma once

#include "absl/status/statusor.h"
#include "common/store/lane.h"
#include "payment_svc/payment_requests.h"

// Queries, which run beside the loop. Each reads one state of the store. Pure; thread-safe.
namespace seatsaga::payment {

// NotFound (PAYMENT_NOT_FOUND) if no charge with this id has arrived.
absl::StatusOr<v1::GetPaymentResponse> GetPayment(store::Snapshot& snapshot, const Id& id);
// In the order of their ids. Looks at a bounded number of payments, so a page may hold fewer than
// requested, or none, and still have a next page.
v1::ListPaymentsResponse ListPayments(store::Snapshot& snapshot, const ListQuery& query);
// Sums over the whole ledger, by account and currency.
v1::GetLedgerResponse GetLedger(store::Snapshot& snapshot);

}  // namespace seatsaga::payment
