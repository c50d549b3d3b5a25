#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

// What is sold in a run: two small halls, so that customers want the same seats.
namespace seatsaga::simulation {

inline constexpr int kHalls = 2;
inline constexpr int kSeatsPerHall = 14;

inline std::string EventName(int hall) { return absl::StrCat("hall-", hall); }
// `number` counts from 0.
inline std::string SeatName(int64_t number) { return absl::StrCat("stalls/A/", number + 1); }
inline int64_t PriceMinor(int hall) { return 4500 + 1000 * hall; }
// What a cancelled reservation gets back.
inline int RefundPercent(int hall) { return hall == 0 ? 100 : 35; }

}  // namespace seatsaga::simulation
