// How a reservation is made. START HERE: the table below is the business in one screen.
//
//   pay now          reserve seats → charge → confirm
//   hold, pay later  reserve seats → hold → wait for the payment, or expire → charge → confirm
//                                      ↑ the charge is refused: hold for another try ┘
//   undo             refund → release seats → cancel: each step's compensation, in reverse
//
// The hold is this saga's own timer. The seats stay reserved until everything is settled, so a
// charge never ends on seats that are gone.
//
// To add a step, see "Adding a step" in CONTRIBUTING.md. A released version never changes.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "orchestrator/core/definition.h"
#include "orchestrator/sagas/calls.h"
#include "orchestrator/sagas/domain_events.h"
#include "orchestrator/sagas/registry.h"

namespace seatsaga::sagas {
namespace reservation {

using core::Step;
using namespace std::chrono_literals;
using enum core::StepKind;
using enum core::RetryPolicy;

inline constexpr core::Expiry kHoldExpired{"HOLD_EXPIRED",
                                           "the seats were held but not paid for in time"};

// What the rest of the company hears of the steps.
inline constexpr core::DomainEvents kTellsOfCancelling{.undone =
                                                           DomainEvent::kReservationCancelled};
inline constexpr core::DomainEvents kTellsOfHold{.succeeded = DomainEvent::kReservationHeld};
inline constexpr core::DomainEvents kTellsOfExpiry{.expired = DomainEvent::kHoldExpired};
inline constexpr core::DomainEvents kTellsOfConfirming{.succeeded =
                                                           DomainEvent::kReservationConfirmed};

// clang-format off
inline constexpr std::array kStepsV1{
    // The facade stores the reservation as PENDING before the saga starts: only its undo is left.
    Step{.name = "create_reservation",  .kind = kCompensatable,
         .compensation = Call::kCancelReservation,
         .retry = kBounded,             .attempt_deadline = 500ms,
         .events = kTellsOfCancelling},

    Step{.name = "reserve_seats",       .kind = kCompensatable,
         .action = Call::kReserveSeats, .compensation = Call::kReleaseSeats,
         .retry = kBounded,             .attempt_deadline = 500ms,
         .events = kTellsOfSeats},

    Step{.name = "await_payment",       .kind = kWait,  // hold mode only; never used
         .expires = kHoldExpired,
         .events = kTellsOfExpiry},

    Step{.name = "charge_payment",      .kind = kCompensatable,
         .action = Call::kChargePayment, .compensation = Call::kRefundPayment,
         .probe = Call::kProbePayment,
         .retry = kBounded,             .attempt_deadline = 2s,
         .events = kTellsOfPayment},

    // The point of no return: once it is done, only the client's cancellation undoes it.
    Step{.name = "confirm_reservation", .kind = kPivot,
         .action = Call::kConfirmReservation,
         .retry = kUntilDone,           .attempt_deadline = 500ms,
         .events = kTellsOfConfirming},
};
static_assert(core::IsWellFormed(kStepsV1));

// Holds. A client may cancel until the confirmation, which the reservation itself then refuses.
inline constexpr std::array kStepsV2{
    Step{.name = "create_reservation",  .kind = kCompensatable,
         .compensation = Call::kCancelReservation,
         .retry = kBounded,             .attempt_deadline = 500ms,
         .events = kTellsOfCancelling},

    Step{.name = "reserve_seats",       .kind = kCompensatable,
         .action = Call::kReserveSeats, .compensation = Call::kReleaseSeats,
         .retry = kBounded,             .attempt_deadline = 500ms,
         .events = kTellsOfSeats},

    Step{.name = "hold_reservation",    .kind = kCompensatable,
         .action = Call::kHoldReservation,
         .undone_with = "create_reservation",
         .retry = kBounded,             .attempt_deadline = 500ms,
         .only_holds = true,
         .events = kTellsOfHold},

    Step{.name = "await_payment",       .kind = kWait,
         .expires = kHoldExpired,
         .then_lasts = 60s,             // longer than all attempts of a charge
         .events = kTellsOfExpiry},

    Step{.name = "charge_payment",      .kind = kCompensatable,
         .action = Call::kChargePayment, .compensation = Call::kRefundPayment,
         .probe = Call::kProbePayment,
         .retry = kBounded,             .attempt_deadline = 2s,
         .goes_back_to = "hold_reservation", .visits_max = 5,
         .events = kTellsOfPayment},

    // The point of no return: once it is done, only the client's cancellation undoes it.
    Step{.name = "confirm_reservation", .kind = kPivot,
         .action = Call::kConfirmReservation,
         .retry = kUntilDone,           .attempt_deadline = 500ms,
         .may_be_refused = true,
         .events = kTellsOfConfirming},
};
// clang-format on
static_assert(core::IsWellFormed(kStepsV2));

inline constexpr std::array kVersions{
    core::Definition{.name = "reservation", .version = 1, .steps = kStepsV1},
    core::Definition{.name = "reservation", .version = 2, .steps = kStepsV2},
};

void Accept(SagaData& data, const std::string& path, FieldErrors& errors);
int NeedsVersion(const SagaData& data);
std::optional<absl::Duration> HoldsFor(const SagaData& data);
void AcceptSignal(SignalKind kind, const SagaData& data, const std::string& path,
                  FieldErrors& errors);
std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result);
void EraseToken(SagaData& data);
void ForgetAdded(SagaData& data);
void Tell(const Happened& happened, orchestrator::v1::DomainEventData& told);

}  // namespace reservation

inline constexpr SagaType kReservation{
    .name = "reservation",
    .arm = SagaData::kReservation,
    .versions = reservation::kVersions,
    .accept = &reservation::Accept,
    .needs_version = &reservation::NeedsVersion,
    .holds_for = &reservation::HoldsFor,
    .accept_signal = &reservation::AcceptSignal,
    .learn = &reservation::Learn,
    .forget = &reservation::EraseToken,
    .conceal = &reservation::EraseToken,
    .forget_added = &reservation::ForgetAdded,
    .tell = &reservation::Tell,
};

}  // namespace seatsaga::sagas
