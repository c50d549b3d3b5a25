#pragma once

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace seatsaga::bench {

// A measurement that went wrong has nothing to report: says why on stderr, and ends the process
// with status 1. Thread-safe.
[[noreturn]] void Die(std::string_view why);

inline void Must(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

template <class T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

}  // namespace seatsaga::bench
