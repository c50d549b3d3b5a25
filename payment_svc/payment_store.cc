#include "payment_svc/payment_store.h"

#include "common/text.h"
#include "payment_svc/payment_columns.h"

namespace seatsaga::payment {

PaymentStore::PaymentStore(sqlite::Database& database)
    : select_(database.Prepare(Cat(kSelectPayments, "WHERE payment_id=?1"))),
      // The condition is that of the partial index payments_live, word for word.
      select_live_(database.Prepare(Cat(kSelectPayments, "WHERE state IN (1, 4)"))),
      insert_(database.Prepare(sqlite::InsertRows(
          "payments",
          "payment_id, step, amount_minor, currency, created_us, state, captured, reason, "
          "provider_reference, sealed_token, updated_us"))),
      update_(database.Prepare(
          "UPDATE payments SET state=?2, captured=?3, reason=?4, provider_reference=?5,"
          " sealed_token=?6, updated_us=?7 WHERE payment_id=?1")),
      insert_transfers_(database.Prepare(sqlite::InsertRows(
          "ledger",
          "payment_id, kind, debit_account, credit_account, amount_minor, currency, at_us"))),
      payments_(database.Prepare("SELECT max(payment_id) FROM payments")) {}

std::vector<Payment> PaymentStore::Load(std::span<const Id> ids) {
  std::vector<Payment> payments;
  for (const Id& id : ids) {
    if (!payments_.MayHold(id)) continue;
    for (select_.Query(sqlite::Blob{id.bytes()}); select_.Next();) {
      payments.push_back(ReadPayment(select_));
    }
  }
  return payments;
}

std::vector<Payment> PaymentStore::LoadLive() {
  std::vector<Payment> payments;
  for (select_live_.Query(); select_live_.Next();) payments.push_back(ReadPayment(select_live_));
  return payments;
}

void PaymentStore::Write(std::span<const Payment* const> added,
                         std::span<const Payment* const> changed,
                         std::span<const Transfer> transfers) {
  sqlite::Rows rows;
  for (const Payment* payment : added) {
    payments_.Add(payment->id);
    rows.Add(sqlite::Blob{payment->id.bytes()}, payment->step, payment->amount_minor,
             payment->currency, absl::ToUnixMicros(payment->create_time), payment->state,
             payment->captured, payment->reason, payment->provider_reference,
             sqlite::Blob{payment->sealed_token}, absl::ToUnixMicros(payment->update_time));
  }
  insert_.RunAll(rows);
  for (const Payment* payment : changed) {
    update_.Run(sqlite::Blob{payment->id.bytes()}, payment->state, payment->captured,
                payment->reason, payment->provider_reference, sqlite::Blob{payment->sealed_token},
                absl::ToUnixMicros(payment->update_time));
  }
  rows.Clear();
  for (const Transfer& transfer : transfers) {
    const bool capture = transfer.kind == TransferKind::kCapture;
    rows.Add(sqlite::Blob{transfer.payment_id.bytes()}, transfer.kind,
             capture ? kProviderAccount : kCustomersAccount,
             capture ? kCustomersAccount : kProviderAccount, transfer.amount_minor,
             transfer.currency, absl::ToUnixMicros(transfer.time));
  }
  insert_transfers_.RunAll(rows);
}

}  // namespace seatsaga::payment
