// How a reservation is made. START HERE: the table below is the business in one screen.
//
//   pay now          reserve seats → charge → confirm
//   hold, pay later  reserve seats → wait for the payment, or expire → charge → confirm
//   undo             refund → release seats → cancel: each step's compensation, in reverse
//
// To add a step, see "Adding a step" in CONTRIBUTING.md. A released version never changes.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "orchestrator/core/definition.h"
#include "orchestrator/sagas/calls.h"
#include "orchestrator/sagas/registry.h"

namespace seatsaga::sagas {
namespace reservation {

using core::Step;
using namespace std::chrono_literals;
using enum core::StepKind;
using enum core::RetryPolicy;

// clang-format off
inline constexpr std::array kStepsV1{
    // The facade stores the reservation as PENDING before the saga starts: only its undo is left.
    Step{.name = "create_reservation",  .kind = kCompensatable,
         .compensation = Call::kCancelReservation,
         .retry = kBounded,             .attempt_deadline = 500ms},

    Step{.name = "reserve_seats",       .kind = kCompensatable,
         .action = Call::kReserveSeats, .compensation = Call::kReleaseSeats,
         .retry = kBounded,             .attempt_deadline = 500ms},

    Step{.name = "await_payment",       .kind = kWait,  // hold mode only
         .signal = Signal::kPaymentSubmitted,
         .expires = {"HOLD_EXPIRED", "the seats were held but not paid for in time"}},

    Step{.name = "charge_payment",      .kind = kCompensatable,
         .action = Call::kChargePayment, .compensation = Call::kRefundPayment,
         .probe = Call::kProbePayment,
         .retry = kBounded,             .attempt_deadline = 2s},

    // The point of no return: once it is done, only the client's cancellation undoes it.
    Step{.name = "confirm_reservation", .kind = kPivot,
         .action = Call::kConfirmReservation,
         .retry = kUntilDone,           .attempt_deadline = 500ms},
};
// clang-format on
static_assert(core::IsWellFormed(kStepsV1));

inline constexpr std::array kVersions{
    core::Definition{.name = "reservation", .version = 1, .steps = kStepsV1},
};

void Accept(SagaData& data, const std::string& path, FieldErrors& errors);
std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result);
void EraseToken(SagaData& data);

}  // namespace reservation

inline constexpr SagaType kReservation{
    .name = "reservation",
    .arm = SagaData::kReservation,
    .versions = reservation::kVersions,
    .accept = &reservation::Accept,
    .learn = &reservation::Learn,
    .forget = &reservation::EraseToken,
    .conceal = &reservation::EraseToken,
};

// Every kind of saga that there is.
inline constexpr std::array kSagaTypes{&kReservation};

}  // namespace seatsaga::sagas
