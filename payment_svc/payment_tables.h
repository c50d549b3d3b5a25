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
#include "seatsaga/payment/v1/payment.pb.h"

// What payment_svc stores (docs/data-model.md). Immutable; thread-safe.
namespace seatsaga::payment {

using v1::PaymentState;

// Still to be settled with the provider.
inline bool IsLive(PaymentState state) {
  return state == v1::PAYMENT_STATE_PENDING || state == v1::PAYMENT_STATE_REFUNDING;
}

// One saga's payment; its id is the saga's.
struct Payment {
  Id id;
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
  int64_t kept_minor = 0;  // once a refund has begun: what it leaves us of the amount
};
inline constexpr auto kPayments = store::MakeTable<Payment>(
    "payments", store::Key<&Payment::id>("payment_id"), store::Field<&Payment::step>("step"),
    store::Field<&Payment::round>("round"), store::Field<&Payment::amount_minor>("amount_minor"),
    store::Field<&Payment::currency>("currency"), store::Field<&Payment::create_time>("created_us"),
    store::Field<&Payment::state>("state"), store::Field<&Payment::captured>("captured"),
    store::Field<&Payment::reason>("reason"),
    store::Field<&Payment::provider_reference>("provider_reference"),
    store::Field<&Payment::sealed_token>("sealed_token", store::kBytes),
    store::Field<&Payment::update_time>("updated_us"),
    store::Field<&Payment::kept_minor>("kept_minor"),
    // Nobody gets more back than was charged.
    store::AtMost<&Payment::kept_minor, &Payment::amount_minor>(),
    // What must be settled with the provider after a restart: a handful of rows.
    store::Index<&Payment::id>(
        "payments_live", "state IN (1, 4)",
        [](const void* row) { return IsLive(static_cast<const Payment*>(row)->state); }),
    store::KeysRise());
inline constexpr int kPaymentsLive = 0;  // of the table's indexes

// What a refund that has begun pays back.
inline int64_t RefundMinor(const Payment& payment) {
  return payment.amount_minor - payment.kept_minor;
}
// What has been paid back so far.
inline int64_t RefundedMinor(const Payment& payment) {
  const bool refunded = payment.state == v1::PAYMENT_STATE_REFUNDED ||
                        payment.state == v1::PAYMENT_STATE_PARTIALLY_REFUNDED;
  return refunded ? RefundMinor(payment) : 0;
}

// Which way money moved. The numbers are stored.
enum class TransferKind { kCapture = 1, kRefund = 2 };

// The ledger's accounts.
inline constexpr std::string_view kProviderAccount = "provider";    // what the provider owes us
inline constexpr std::string_view kCustomersAccount = "customers";  // what we took (negative)

// One transfer of the double-entry ledger: `amount_minor` is debited to one account and credited to
// the other, so that all accounts of a currency always sum to zero. The key makes a second
// capture or refund of one charge impossible.
struct Transfer {
  Id payment_id;
  TransferKind kind = TransferKind::kCapture;
  int32_t round = 1;  // the payment's
  std::string debit_account;
  std::string credit_account;
  int64_t amount_minor = 0;
  std::string currency;
  absl::Time time;
};
inline constexpr auto kLedger = store::MakeTable<Transfer>(
    "ledger", store::Key<&Transfer::payment_id>("payment_id"), store::Key<&Transfer::kind>("kind"),
    store::Key<&Transfer::round>("round"), store::Field<&Transfer::debit_account>("debit_account"),
    store::Field<&Transfer::credit_account>("credit_account"),
    store::Field<&Transfer::amount_minor>("amount_minor"),
    store::Field<&Transfer::currency>("currency"), store::Field<&Transfer::time>("at_us"),
    store::KeysRise());

inline constexpr std::array<const store::TableInfo*, 4> kTables{&participant::kBarrier.info(),
                                                                &participant::kFencing.info(),
                                                                &kPayments.info(), &kLedger.info()};
inline constexpr store::Schema kSchema{"payment_svc", kTables};

}  // namespace seatsaga::payment
