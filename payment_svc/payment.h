#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/id.h"
#include "seatsaga/payment/v1/payment.pb.h"

namespace seatsaga::payment {

using v1::PaymentState;

// One saga's payment; its id is the saga's.
struct Payment {
  Id id;
  std::string step;  // the saga's step that charged
  PaymentState state = v1::PAYMENT_STATE_PENDING;
  int64_t amount_minor = 0;
  std::string currency;
  bool captured = false;           // the provider has confirmed the charge, whatever came after
  std::string reason;              // of DECLINED; REFUND_REFUSED while REFUNDING needs an operator
  std::string provider_reference;  // of the charge, once captured
  std::string sealed_token;        // only while PENDING
  absl::Time create_time;
  absl::Time update_time;
};

// Still to be settled with the provider.
inline bool IsLive(PaymentState state) {
  return state == v1::PAYMENT_STATE_PENDING || state == v1::PAYMENT_STATE_REFUNDING;
}

// Which way money moved; numbers are stored.
enum class TransferKind { kCapture = 1, kRefund = 2 };

// One transfer of the double-entry ledger: `amount_minor` is debited to one account and credited to
// the other, so that all accounts of a currency always sum to zero.
struct Transfer {
  Id payment_id;
  TransferKind kind = TransferKind::kCapture;
  int64_t amount_minor = 0;
  std::string currency;
  absl::Time time;
};

// The ledger's accounts.
inline constexpr std::string_view kProviderAccount = "provider";    // what the provider owes us
inline constexpr std::string_view kCustomersAccount = "customers";  // what we took (negative)

// Balance of one account in one currency: debits minus credits.
struct AccountBalance {
  std::string account;
  std::string currency;
  int64_t balance_minor = 0;
};

}  // namespace seatsaga::payment
