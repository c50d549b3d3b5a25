#pragma once

#include <cstdint>
#include <string>

#include "common/errors.h"
#include "common/validation.h"
#include "seatsaga/seat/v1/seat.pb.h"

// What makes an event acceptable, and when two are the same. Pure; thread-safe.
namespace seatsaga::seat {

inline constexpr size_t kDisplayNameMax = 200;  // bytes
inline constexpr size_t kSectionNameMax = 32;   // bytes
inline constexpr int kSectionsMax = 200;
inline constexpr int kRowsMax = 1'000;      // of one section
inline constexpr int kRowSeatsMax = 1'000;  // of one row
inline constexpr int64_t kEventSeatsMax = 100'000;
inline constexpr int64_t kPriceMinorMax = 100'000'000;
inline constexpr int kRefundRulesMax = 10;
static_assert(kPriceMinorMax <= INT64_MAX / kSeatsMax, "a reservation's price cannot overflow");

// Adds what is wrong with `event`, with paths from "event". Adds only the first 20 faults, because
// they travel in a trailer of limited size.
void CheckEvent(const v1::Event& event, FieldErrors& errors);

// Removes what a caller cannot set: output-only and unknown fields.
void KeepInputFields(v1::Event& event);

// Digest of an event that KeepInputFields has seen.
std::string DigestOf(const v1::Event& event);

int32_t SeatCountOf(const v1::Event& event);

}  // namespace seatsaga::seat
