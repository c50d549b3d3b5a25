// How a confirmed reservation changes.
//
//   exchange              reserve the new seats → charge the difference → confirm
//                         → give the old seats back → pay the difference back
//   partial cancellation  confirm → give the seats back → pay back
//   undo                  before the confirmation: refund → release the new seats → the reservation
//                         is as it was
//   cancellation          of the whole reservation, after this change: pay back → release all seats
//                         → cancel
//
// What costs nothing to undo comes before the confirmation, and what cannot be undone after it: a
// failure never loses a seat, and money that was paid back never has to be charged again.
//
// Each change is a saga of its own, in the partition of the reservation's first one. It starts when
// the saga before it is at rest, and once it has completed, a cancellation of the reservation is
// its undoing: so each undo step also stands for what earlier sagas have done.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/core/definition.h"
#include "orchestrator/sagas/calls.h"
#include "orchestrator/sagas/domain_events.h"
#include "orchestrator/sagas/registry.h"

namespace seatsaga::sagas {
namespace change {

using core::Step;
using namespace std::chrono_literals;
using enum core::StepKind;
using enum core::RetryPolicy;
using orchestrator::v1::ChangeData;

// What the rest of the company hears of the steps.
inline constexpr core::DomainEvents kTellsOfUndoing{
    .undone = DomainEvent::kReservationChangeFailed,
    .undone_later = DomainEvent::kReservationCancelled};
inline constexpr core::DomainEvents kTellsOfAllSeats{.undone_later = DomainEvent::kSeatReleased};
inline constexpr core::DomainEvents kTellsOfRefund{.undone = DomainEvent::kPaymentRefunded,
                                                   .undone_says_what = true};
inline constexpr core::DomainEvents kTellsOfChange{.succeeded = DomainEvent::kReservationChanged};
inline constexpr core::DomainEvents kTellsOfGivingBack{.succeeded = DomainEvent::kSeatReleased};
inline constexpr core::DomainEvents kTellsOfPayingBack{.succeeded = DomainEvent::kPaymentRefunded,
                                                       .succeeded_says_what = true};

// clang-format off

// --- The steps of every change

// The facade notes the change before the saga starts: only its undo is left.
inline constexpr Step kBeginChange{
    .name = "begin_change",    .kind = kCompensatable,
    .compensation = Call::kUndoChange,
    .retry = kBounded,         .attempt_deadline = 500ms,
    .events = kTellsOfUndoing};

inline constexpr Step kConfirmChange{
    .name = "confirm_change",  .kind = kPivot,
    .action = Call::kConfirmChange,
    .retry = kUntilDone,       .attempt_deadline = 500ms,
    .events = kTellsOfChange};

inline constexpr Step kGiveBackSeats{
    .name = "give_back_seats", .kind = kRetriable,
    .action = Call::kGiveBackSeats,
    .retry = kUntilDone,       .attempt_deadline = 500ms,
    .events = kTellsOfGivingBack};

inline constexpr Step kPayBack{
    .name = "pay_back",        .kind = kRetriable,
    .action = Call::kPayBackDifference,
    .retry = kUntilDone,       .attempt_deadline = 2s,
    .events = kTellsOfPayingBack};

// --- The definitions

inline constexpr std::array kExchangeV1{
    kBeginChange,

    Step{.name = "reserve_seats",  .kind = kCompensatable,
         .action = Call::kReserveNewSeats, .compensation = Call::kReleaseNewSeats,
         .retry = kBounded,        .attempt_deadline = 500ms,
         .events = kTellsOfSeats},

    Step{.name = "charge_payment", .kind = kCompensatable,
         .action = Call::kChargeDifference, .compensation = Call::kRefundDifference,
         .probe = Call::kProbePayment,
         .retry = kBounded,        .attempt_deadline = 2s,
         .events = kTellsOfPayment},

    kConfirmChange,
    kGiveBackSeats,
    kPayBack,
};
static_assert(core::IsWellFormed(kExchangeV1));

// Reserves and charges nothing, so those steps have only their undo.
inline constexpr std::array kPartialCancellationV1{
    kBeginChange,

    Step{.name = "reserve_seats",  .kind = kCompensatable,
         .compensation = Call::kReleaseNewSeats,
         .retry = kBounded,        .attempt_deadline = 500ms,
         .events = kTellsOfAllSeats},

    Step{.name = "charge_payment", .kind = kCompensatable,
         .compensation = Call::kRefundDifference,
         .retry = kBounded,        .attempt_deadline = 2s,
         .events = kTellsOfRefund},

    kConfirmChange,
    kGiveBackSeats,
    kPayBack,
};
static_assert(core::IsWellFormed(kPartialCancellationV1));
// clang-format on

inline constexpr std::array kExchangeVersions{
    core::Definition{.name = "exchange", .version = 1, .steps = kExchangeV1}};
inline constexpr std::array kPartialCancellationVersions{core::Definition{
    .name = "partial_cancellation", .version = 1, .steps = kPartialCancellationV1}};

// The data of either kind. Undefined for another.
const ChangeData& Of(const SagaData& data);
// Whether the whole reservation is being cancelled after this change.
bool IsCancelled(const ChangeData& change);
// What the change charges, or pays back. At most one is above 0.
saga::v1::Money ToCharge(const ChangeData& change);
std::vector<saga::v1::PaymentPart> ToPayBack(const ChangeData& change);
// What the cancellation of the whole reservation pays back. `saga_id`: of this saga, and so of the
// payment that it has charged.
std::vector<saga::v1::PaymentPart> CancellationRefunds(const ChangeData& change,
                                                       std::string_view saga_id);

void Accept(SagaData& data, const std::string& path, FieldErrors& errors);
Id Follows(const SagaData& data);
int NeedsVersion(const SagaData& data);
std::optional<absl::Duration> HoldsFor(const SagaData& data);
void AcceptSignal(SignalKind kind, const SagaData& data, const std::string& path,
                  FieldErrors& errors);
std::optional<SagaData> Learn(const SagaData& data, core::CallId action,
                              const saga::v1::ActionResult& result);
void EraseToken(SagaData& data);
void ForgetAdded(SagaData& data);
void Tell(const Happened& happened, orchestrator::v1::DomainEventData& told);

// They differ in their steps alone.
constexpr SagaType TypeOf(std::string_view name, SagaData::OfCase arm,
                          std::span<const core::Definition> versions) {
  return {.name = name,
          .arm = arm,
          .versions = versions,
          .accept = &Accept,
          .needs_version = &NeedsVersion,
          .follows = &Follows,
          .holds_for = &HoldsFor,
          .accept_signal = &AcceptSignal,
          .learn = &Learn,
          .forget = &EraseToken,
          .conceal = &EraseToken,
          .forget_added = &ForgetAdded,
          .tell = &Tell};
}

}  // namespace change

inline constexpr SagaType kExchange =
    change::TypeOf("exchange", SagaData::kExchange, change::kExchangeVersions);
inline constexpr SagaType kPartialCancellation = change::TypeOf(
    "partial_cancellation", SagaData::kPartialCancellation, change::kPartialCancellationVersions);

}  // namespace seatsaga::sagas
