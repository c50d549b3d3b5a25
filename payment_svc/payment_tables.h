#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/id.h"
#include "common/participant/desk.h"
#include "common/participant/fencing.h"
#include "common/store/lane.h"
#include "common/store/table.h"
#include "common/token_keys.h"
#include "seatsaga/payment/v1/payment.pb.h"

// What payment_svc stores (docs/data-model.md). Immutable; thread-safe.
namespace seatsaga::payment {

using v1::PaymentState;

// Still to be settled with the provider.
inline bool IsLive(PaymentState state) {
  return state == v1::PAYMENT_STATE_PENDING || state == v1::PAYMENT_STATE_REFUNDING;
}

// What one saga has charged for a reservation; its id is the saga's.
struct Payment {
  Id id;
  Id reservation_id;
  std::string step;   // the saga's step that charged
  int32_t round = 1;  // of that step; a later round starts the payment anew
  int64_t amount_minor = 0;
  std::string currency;
  absl::Time create_time;
  PaymentState state = v1::PAYMENT_STATE_PENDING;
  bool captured = false;           // the provider has confirmed the charge, whatever happened later
  std::string reason;              // of DECLINED; REFUND_REFUSED while REFUNDING needs an operator
  std::string provider_reference;  // of the charge, once captured
  std::string sealed_token;        // only while PENDING; unreadable without the key
  absl::Time update_time;
  Id last_saga_id;             // the one that changed it last: its own, or one that paid back
  int32_t refund_no = 0;       // of the last refund that has begun; 0: none has
  int64_t refunded_minor = 0;  // by refunds that are settled
  int64_t kept_minor = 0;      // once a refund has begun: what it leaves us of the amount
};
inline constexpr auto kPayments = store::MakeTable<Payment>(
    "payments", store::Key<&Payment::id>("payment_id"),
    store::Field<&Payment::reservation_id>("reservation_id"), store::Field<&Payment::step>("step"),
    store::Field<&Payment::round>("round"), store::Field<&Payment::amount_minor>("amount_minor"),
    store::Field<&Payment::currency>("currency"), store::Field<&Payment::create_time>("created_us"),
    store::Field<&Payment::state>("state"), store::Field<&Payment::captured>("captured"),
    store::Field<&Payment::reason>("reason"),
    store::Field<&Payment::provider_reference>("provider_reference"),
    store::Field<&Payment::sealed_token>("sealed_token", store::kBytes),
    store::Field<&Payment::update_time>("updated_us"),
    store::Field<&Payment::last_saga_id>("last_saga_id"),
    store::Field<&Payment::refund_no>("refund_no"),
    store::Field<&Payment::refunded_minor>("refunded_minor"),
    store::Field<&Payment::kept_minor>("kept_minor"),
    // Nobody gets more back than was charged.
    store::AtMost<&Payment::refunded_minor, &Payment::amount_minor>(),
    store::AtMost<&Payment::kept_minor, &Payment::amount_minor>(),
    // What must be settled with the provider after a restart: a handful of rows.
    store::Index<&Payment::id>(
        "payments_live", "state IN (1, 4)",
        [](const void* row) { return IsLive(static_cast<const Payment*>(row)->state); }),
    // Most reservations have one payment, with their own id.
    store::Index<&Payment::reservation_id, &Payment::id>("payments_by_reservation",
                                                         "reservation_id <> payment_id",
                                                         [](const void* row) {
                                                           const auto& payment =
                                                               *static_cast<const Payment*>(row);
                                                           return payment.reservation_id !=
                                                                  payment.id;
                                                         }),
    store::KeysRise());
// The table's indexes.
inline constexpr int kPaymentsLive = 0;
inline constexpr int kPaymentsByReservation = 1;

// What a refund that has begun, and is not settled, pays back.
inline int64_t RefundMinor(const Payment& payment) {
  return payment.amount_minor - payment.kept_minor - payment.refunded_minor;
}

// Which way money moved. The numbers are stored.
enum class TransferKind { kCapture = 1, kRefund = 2 };

// The ledger's accounts.
inline constexpr std::string_view kProviderAccount = "provider";    // what the provider owes us
inline constexpr std::string_view kCustomersAccount = "customers";  // what we took (negative)

// One transfer of the double-entry ledger: `amount_minor` is debited to one account and credited to
// the other, so that all accounts of a currency always sum to zero. The key makes it impossible to
// enter a capture or a refund twice.
struct Transfer {
  Id payment_id;
  TransferKind kind = TransferKind::kCapture;
  int32_t number = 1;  // the round of a capture; the number of a refund
  std::string debit_account;
  std::string credit_account;
  int64_t amount_minor = 0;
  std::string currency;
  absl::Time time;
};
inline constexpr auto kLedger = store::MakeTable<Transfer>(
    "ledger", store::Key<&Transfer::payment_id>("payment_id"), store::Key<&Transfer::kind>("kind"),
    store::Key<&Transfer::number>("number"),
    store::Field<&Transfer::debit_account>("debit_account"),
    store::Field<&Transfer::credit_account>("credit_account"),
    store::Field<&Transfer::amount_minor>("amount_minor"),
    store::Field<&Transfer::currency>("currency"), store::Field<&Transfer::time>("at_us"),
    store::KeysRise());

inline constexpr std::array kTables{&participant::kBarrier.info(), &participant::kFencing.info(),
                                    &kPayments.info(), &kLedger.info(), &kTokenKeys.info()};
inline constexpr store::Schema kSchema{"payment_svc", kTables};

}  // namespace seatsaga::payment
