#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/store/lane.h"
#include "common/store/table.h"

// The simulated provider's books. Immutable; thread-safe.
namespace seatsaga::payment {

// What the provider remembers of one charge. Never its payment token.
struct ChargeRecord {
  enum class State { kNothing = 0, kCaptured = 1, kDeclined = 2, kVoided = 3, kRefunded = 4 };
  std::string key;  // the caller's idempotency key
  State state = State::kNothing;
  int64_t amount_minor = 0;
  std::string currency;
  std::string reason;                             // of a decline
  std::string reference;                          // the provider's id of the charge
  absl::Time effective_time = absl::UnixEpoch();  // a slow charge takes effect then
  int64_t attempts = 0;                           // charges that ended without effect
  int64_t refund_failures = 0;                    // refunds still to fail
  bool refund_refused = false;                    // refuses every refund
  int64_t refunded_minor = 0;                     // so far; all of the amount: kRefunded
};
inline constexpr auto kCharges = store::MakeTable<ChargeRecord>(
    "charges", store::Key<&ChargeRecord::key>("charge_key"),
    store::Field<&ChargeRecord::state>("state"),
    store::Field<&ChargeRecord::amount_minor>("amount_minor"),
    store::Field<&ChargeRecord::currency>("currency"),
    store::Field<&ChargeRecord::reason>("reason"),
    store::Field<&ChargeRecord::reference>("reference"),
    store::Field<&ChargeRecord::effective_time>("effective_us"),
    store::Field<&ChargeRecord::attempts>("attempts"),
    store::Field<&ChargeRecord::refund_failures>("refund_failures"),
    store::Field<&ChargeRecord::refund_refused>("refund_refused"),
    store::Field<&ChargeRecord::refunded_minor>("refunded_minor"),
    store::AtMost<&ChargeRecord::refunded_minor, &ChargeRecord::amount_minor>());

// One refund. A charge may have several.
struct RefundRecord {
  std::string key;  // the caller's idempotency key
  std::string charge_key;
  int64_t amount_minor = 0;
};
inline constexpr auto kRefunds =
    store::MakeTable<RefundRecord>("refunds", store::Key<&RefundRecord::key>("refund_key"),
                                   store::Field<&RefundRecord::charge_key>("charge_key"),
                                   store::Field<&RefundRecord::amount_minor>("amount_minor"));

inline constexpr std::array<const store::TableInfo*, 2> kProviderTables{&kCharges.info(),
                                                                        &kRefunds.info()};
inline constexpr store::Schema kProviderSchema{"simulated_provider", kProviderTables};

}  // namespace seatsaga::payment
