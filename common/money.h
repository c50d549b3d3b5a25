#pragma once

#include <cstdint>

namespace seatsaga {

// A share of an amount in minor units; what is left of a minor unit is dropped. `percent`: 0 to
// 100.
constexpr int64_t PercentOf(int64_t amount_minor, int32_t percent) {
  // amount * percent / 100 without its overflow.
  return amount_minor / 100 * percent + amount_minor % 100 * percent / 100;
}

}  // namespace seatsaga
