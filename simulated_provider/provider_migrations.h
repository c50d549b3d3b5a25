#pragma once

#include <array>
#include <string_view>

// The schema of the simulated provider's books, oldest migration first.
namespace seatsaga::payment {

inline constexpr std::array<std::string_view, 1> kProviderMigrations{R"sql(
  CREATE TABLE charges(
    charge_key      TEXT NOT NULL PRIMARY KEY,  -- the caller's idempotency key
    state           INTEGER NOT NULL,           -- ChargeRecord::State
    amount_minor    INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    reason          TEXT NOT NULL,              -- of a decline
    reference       TEXT NOT NULL,              -- the provider's id of the charge
    effective_us    INTEGER NOT NULL,           -- a slow charge counts from then on; us since 1970
    attempts        INTEGER NOT NULL,           -- charges that ended without effect
    refund_failures INTEGER NOT NULL,           -- refunds still to fail
    refund_refused  INTEGER NOT NULL            -- 1: never gives back
  ) WITHOUT ROWID;
)sql"};

}  // namespace seatsaga::payment
