#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "seatsaga/saga/v1/saga.pb.h"

// What the cancellation of a confirmed reservation pays back. Pure; thread-safe.
namespace seatsaga::reservation {

// Whether it is too late to cancel.
bool HasStarted(const saga::v1::EventTerms& terms, absl::Time now);

// How much of a price is paid back, in percent, before the event has started. The first rule that
// `now` is early enough for decides; if there are rules but none for it, nothing is paid back;
// without rules everything is.
int32_t RefundPercent(const saga::v1::EventTerms& terms, absl::Time now);

}  // namespace seatsaga::reservation
