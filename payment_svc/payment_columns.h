#pragma once

#include <string>
#include <string_view>

#include "common/sqlite/database.h"
#include "payment_svc/payment.h"

// The one mapping between a row of `payments` and a Payment, for the store and the reader.
namespace seatsaga::payment {

// Columns in the order that ReadPayment expects.
inline constexpr std::string_view kSelectPayments =
    "SELECT payment_id, step, state, amount_minor, currency, captured, reason, provider_reference, "
    "created_us, updated_us, sealed_token FROM payments ";

// Which of the columns is the state, for those who need no more of a row.
inline constexpr int kStateColumn = 2;

// From the present row of a query that starts with kSelectPayments.
inline Payment ReadPayment(const sqlite::Statement& row) {
  Payment payment;
  if (const auto id = Id::FromBytes(row.Text(0)); id.ok()) payment.id = *id;
  payment.step = std::string(row.Text(1));
  payment.state = static_cast<PaymentState>(row.Int(kStateColumn));
  payment.amount_minor = row.Int(3);
  payment.currency = std::string(row.Text(4));
  payment.captured = row.Int(5) != 0;
  payment.reason = std::string(row.Text(6));
  payment.provider_reference = std::string(row.Text(7));
  payment.create_time = absl::FromUnixMicros(row.Int(8));
  payment.update_time = absl::FromUnixMicros(row.Int(9));
  payment.sealed_token = std::string(row.Text(10));
  return payment;
}

}  // namespace seatsaga::payment
