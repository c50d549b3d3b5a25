#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/saga/v1/saga.pb.h"

// Values as people read and write them. Pure; thread-safe.
namespace seatsaga::cli {

// At most two units, shortest first: "412us", "850ms", "9.4s", "42s", "3m12s", "2h05m", "3d04h".
// Cut, not rounded. A negative duration (clocks differ) reads as "0s".
std::string HumanDuration(absl::Duration duration);

// UTC to the millisecond, "2026-12-24 18:00:03.123Z".
std::string HumanTime(absl::Time time);

// "120.00 EUR", "5000 JPY"; empty for no currency.
std::string HumanMoney(int64_t amount_minor, std::string_view currency);
std::string HumanMoney(const saga::v1::Money& money);

// Names without their enum's prefix: "PARKED", "CONFIRMED", "succeeded", "compensation".
std::string NameOf(orchestrator::v1::SagaState state);
std::string NameOf(reservation::v1::ReservationState state);
std::string NameOf(payment::v1::PaymentState state);
std::string NameOf(saga::v1::Outcome outcome);
std::string NameOf(saga::v1::Direction direction);
std::string NameOf(orchestrator::v1::HistoryEventType type);

// From a name in either case, with or without "SAGA_STATE_". InvalidArgument that names the states.
absl::StatusOr<orchestrator::v1::SagaState> ParseSagaState(std::string_view text);

// "10s", "5m", "1h30m", "250ms"; not negative. InvalidArgument that shows how to write one.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// Columns that UTF-8 text takes on a terminal, one per character.
size_t DisplayWidth(std::string_view utf8);

// Whether no engine will change the saga again by itself or an operator: COMPLETED or COMPENSATED.
bool IsTerminal(orchestrator::v1::SagaState state);

}  // namespace seatsaga::cli
