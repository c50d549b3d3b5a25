#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tests/simulation/history.h"

// What customers happened to do in a run, and what became of it: whether runs reach what they are
// to show.
namespace seatsaga::simulation {

enum class Drawn : uint8_t {
  kGiveBacks,        // requests for a partial cancellation, however often each was sent
  kExchanges,        // requests for an exchange
  kSwapValidations,  // that only ask what would be
  kSwapRetries,      // attempts of the above after their first
  kGivenBack,        // partial cancellations that succeeded
  kExchangedDearer,  // exchanges that succeeded
  kExchangedCheaper,
  kExchangedEqual,
  kGiveBackFailed,  // by an operator
  kExchangeFailed,
  kChangedTwice,        // reservations that succeeded in two changes or more
  kCancelledChanged,    // cancellations of the whole after a change
  kRefusedAsChanging,   // CHANGE_UNDER_WAY
  kRefusedUnconfirmed,  // NOT_CONFIRMED
  kRefusedForSeats,     // for the seats that it has, or has not
  kParkedChanges,       // sagas of changes that wait for a person at the end
};
inline constexpr size_t kDrawnCount = 16;
using DrawnCounts = std::array<int64_t, kDrawnCount>;

std::string_view NameOf(Drawn drawn);
DrawnCounts CountDrawn(const History& history);

// What people do to a reservation.
enum class Act : uint8_t { kPay, kExtend, kCancel, kGiveBack, kExchange, kRetry, kCompensate };
inline constexpr size_t kActCount = 7;
// How often an act followed another on the same reservation within a second: [first][then].
using RaceCounts = std::array<std::array<int64_t, kActCount>, kActCount>;

std::string_view NameOf(Act act);
RaceCounts CountRaces(const History& history);

}  // namespace seatsaga::simulation
