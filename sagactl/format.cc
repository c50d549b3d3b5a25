#include "sagactl/format.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "common/printable.h"
#include "common/text.h"

namespace seatsaga::cli {
namespace {

using orchestrator::v1::SagaState;

std::string Lower(std::string text) {
  absl::AsciiStrToLower(&text);
  return text;
}

// "SAGA_STATE_PARKED" without "SAGA_STATE_". A number that this binary does not know stays
// readable.
std::string WithoutPrefix(const std::string& name, std::string_view prefix, int number) {
  if (name.empty()) return Cat("UNKNOWN_", number);
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string TwoUnits(int64_t large, char large_unit, int64_t small, char small_unit) {
  return Cat(large, large_unit, small < 10 ? "0" : "", small, small_unit);
}

// Digits after the point in ISO 4217, where it is not two.
int MinorDigits(std::string_view currency) {
  constexpr std::array<std::string_view, 16> kNone{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                   "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                                   "VUV", "XAF", "XOF", "XPF"};
  constexpr std::array<std::string_view, 7> kThree{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  if (std::ranges::find(kNone, currency) != kNone.end()) return 0;
  if (std::ranges::find(kThree, currency) != kThree.end()) return 3;
  return 2;
}

}  // namespace

std::string HumanDuration(absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) return "0s";
  if (duration < absl::Milliseconds(1)) return Cat(absl::ToInt64Microseconds(duration), "us");
  if (duration < absl::Seconds(1)) return Cat(absl::ToInt64Milliseconds(duration), "ms");
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 10) {
    return Cat(seconds, ".", absl::ToInt64Milliseconds(duration) / 100 % 10, "s");
  }
  if (seconds < 60) return Cat(seconds, "s");
  if (seconds < 3600) return TwoUnits(seconds / 60, 'm', seconds % 60, 's');
  if (seconds < 86'400) return TwoUnits(seconds / 3600, 'h', seconds / 60 % 60, 'm');
  return TwoUnits(seconds / 86'400, 'd', seconds / 3600 % 24, 'h');
}

std::string HumanTime(absl::Time time) {
  return Cat(View(absl::FormatTime("%Y-%m-%d %H:%M:%E3SZ", time, absl::UTCTimeZone())));
}

std::string HumanMoney(int64_t amount_minor, std::string_view currency) {
  if (currency.empty()) return "";
  const int digits = MinorDigits(currency);
  // Unsigned, so that the smallest number has an absolute value too.
  uint64_t units = static_cast<uint64_t>(amount_minor);
  if (amount_minor < 0) units = 0 - units;
  std::string fraction;
  for (int i = 0; i < digits; ++i, units /= 10) {
    fraction.insert(fraction.begin(), static_cast<char>('0' + units % 10));
  }
  return Cat(amount_minor < 0 ? "-" : "", units, digits > 0 ? "." : "", fraction, " ",
             Printable(currency));
}

std::string HumanMoney(const saga::v1::Money& money) {
  return HumanMoney(money.amount_minor(), money.currency());
}

std::string NameOf(SagaState state) {
  return WithoutPrefix(orchestrator::v1::SagaState_Name(state), "SAGA_STATE_", state);
}

std::string NameOf(reservation::v1::ReservationState state) {
  return WithoutPrefix(reservation::v1::ReservationState_Name(state), "RESERVATION_STATE_", state);
}

std::string NameOf(payment::v1::PaymentState state) {
  return WithoutPrefix(payment::v1::PaymentState_Name(state), "PAYMENT_STATE_", state);
}

std::string NameOf(saga::v1::Outcome outcome) {
  return Lower(WithoutPrefix(saga::v1::Outcome_Name(outcome), "OUTCOME_", outcome));
}

std::string NameOf(saga::v1::Direction direction) {
  if (direction == saga::v1::DIRECTION_UNSPECIFIED) return "";
  return Lower(WithoutPrefix(saga::v1::Direction_Name(direction), "DIRECTION_", direction));
}

std::string NameOf(orchestrator::v1::HistoryEventType type) {
  return Lower(
      WithoutPrefix(orchestrator::v1::HistoryEventType_Name(type), "HISTORY_EVENT_TYPE_", type));
}

absl::StatusOr<SagaState> ParseSagaState(std::string_view text) {
  std::string name(text);
  absl::AsciiStrToUpper(&name);
  if (!name.starts_with("SAGA_STATE_")) name = Cat("SAGA_STATE_", name);
  SagaState state = orchestrator::v1::SAGA_STATE_UNSPECIFIED;
  if (orchestrator::v1::SagaState_Parse(name, &state) &&
      state != orchestrator::v1::SAGA_STATE_UNSPECIFIED) {
    return state;
  }
  return absl::InvalidArgumentError(
      "a state is running, waiting, compensating, completed, compensated or parked");
}

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  absl::Duration duration;
  if (absl::ParseDuration(AbslView(text), &duration) && duration >= absl::ZeroDuration() &&
      duration < absl::Hours(24 * 36'500)) {
    return duration;
  }
  return absl::InvalidArgumentError("write a duration with its unit, such as 10s, 5m or 1h30m");
}

size_t DisplayWidth(std::string_view utf8) {
  return static_cast<size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool IsTerminal(SagaState state) {
  return state == orchestrator::v1::SAGA_STATE_COMPLETED ||
         state == orchestrator::v1::SAGA_STATE_COMPENSATED;
}

}  // namespace seatsaga::cli
