#pragma once

#include <array>
#include <string_view>

#include "common/barrier.h"

// The schema of payment_svc's database, oldest migration first; never change one that was released.
namespace seatsaga::payment {

inline constexpr std::string_view kPaymentTables = R"sql(
  CREATE TABLE payments(
    payment_id         BLOB NOT NULL PRIMARY KEY,  -- the saga's id
    step               TEXT NOT NULL,              -- the saga's step that charged
    state              INTEGER NOT NULL,           -- payment.v1.PaymentState
    amount_minor       INTEGER NOT NULL CHECK(amount_minor >= 0),
    currency           TEXT NOT NULL,
    captured           INTEGER NOT NULL,           -- 1 once the provider has confirmed the charge
    reason             TEXT NOT NULL,              -- of a decline or a refused refund; else empty
    provider_reference TEXT NOT NULL,              -- the provider's id of the charge; else empty
    sealed_token       BLOB,                       -- only while PENDING; unreadable without the key
    created_us         INTEGER NOT NULL,           -- microseconds since 1970 UTC
    updated_us         INTEGER NOT NULL
  ) WITHOUT ROWID;

  -- What must be settled with the provider after a restart: a handful of rows.
  CREATE INDEX payments_live ON payments(payment_id) WHERE state IN (1, 4);

  -- Double entry, one row a transfer. The key also rules out a second capture or refund.
  CREATE TABLE ledger(
    payment_id     BLOB NOT NULL,
    kind           INTEGER NOT NULL CHECK(kind IN (1, 2)),  -- 1 capture, 2 refund
    debit_account  TEXT NOT NULL,
    credit_account TEXT NOT NULL,
    amount_minor   INTEGER NOT NULL CHECK(amount_minor > 0),
    currency       TEXT NOT NULL,
    at_us          INTEGER NOT NULL,                        -- microseconds since 1970 UTC
    PRIMARY KEY(payment_id, kind)
  ) WITHOUT ROWID;
)sql";

namespace internal {

// Barrier::kSchema and kPaymentTables as one text, put together by the compiler.
inline constexpr auto kFirstMigration = [] {
  std::array<char, Barrier::kSchema.size() + kPaymentTables.size()> text{};
  size_t size = 0;
  for (const char c : Barrier::kSchema) text[size++] = c;
  for (const char c : kPaymentTables) text[size++] = c;
  return text;
}();

}  // namespace internal

inline constexpr std::array<std::string_view, 1> kMigrations{
    std::string_view(internal::kFirstMigration.data(), internal::kFirstMigration.size()),
};

}  // namespace seatsaga::payment
