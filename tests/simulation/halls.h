#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

// What is sold in a run: two small halls, so that customers want the same seats. Some cost more.
namespace seatsaga::simulation {

inline constexpr int kHalls = 2;
inline constexpr int kSeatsPerHall = 14;
inline constexpr int kBoxes = 4;  // of them, the last ones
inline constexpr int kStalls = kSeatsPerHall - kBoxes;

inline std::string EventName(int hall) { return absl::StrCat("hall-", hall); }
// `number` counts from 0.
inline std::string SeatName(int64_t number) {
  return number < kStalls ? absl::StrCat("stalls/A/", number + 1)
                          : absl::StrCat("boxes/A/", number - kStalls + 1);
}
// Odd, so that shares of it are rounded.
inline int64_t PriceMinor(int hall, int64_t number) {
  return 4501 + 1000 * hall + (number < kStalls ? 0 : 2706);
}
// What a cancelled reservation gets back.
inline int RefundPercent(int hall) { return hall == 0 ? 100 : 35; }

}  // namespace seatsaga::simulation
