#include "orchestrator/core/names.h"

#include <array>
#include <cstddef>

namespace seatsaga::core {
namespace {

// The name at the enumerator's place; a value that is none of the enumerators came from outside.
template <typename Enum, size_t kCount>
std::string_view At(const std::array<std::string_view, kCount>& names, Enum value) {
  const auto index = static_cast<size_t>(value);
  return index < kCount ? names[index] : "?";
}

}  // namespace

std::string_view Name(StepKind kind) {
  static constexpr std::array<std::string_view, 4> kNames{"compensatable", "pivot", "retriable",
                                                          "wait"};
  return At(kNames, kind);
}

std::string_view Name(Phase phase) {
  static constexpr std::array<std::string_view, 5> kNames{"running", "waiting", "compensating",
                                                          "completed", "compensated"};
  return At(kNames, phase);
}

std::string_view Name(CallKind kind) {
  static constexpr std::array<std::string_view, 4> kNames{"none", "action", "probe",
                                                          "compensation"};
  return At(kNames, kind);
}

std::string_view Name(ParkedKind kind) {
  static constexpr std::array<std::string_view, 3> kNames{"not", "flagged", "parked"};
  return At(kNames, kind);
}

std::string_view Name(EventType type) {
  static constexpr std::array<std::string_view, 9> kNames{
      "started",          "call_ended",       "probe_ended",          "timer_fired",  "signalled",
      "cancel_requested", "operator_retried", "operator_compensated", "hold_extended"};
  return At(kNames, type);
}

std::string_view Name(Direction direction) {
  static constexpr std::array<std::string_view, 2> kNames{"action", "compensation"};
  return At(kNames, direction);
}

std::string_view Name(Outcome outcome) {
  static constexpr std::array<std::string_view, 5> kNames{"unknown", "succeeded", "refused",
                                                          "not_found", "invalid"};
  return At(kNames, outcome);
}

}  // namespace seatsaga::core
