// How a reservation is made:
//
//   pay now          reserve seats → charge → confirm
//   hold, pay later  reserve seats → wait for the payment, or expire → charge → confirm
//   undo             refund → release seats → cancel: each step's compensation, in reverse
//
// To add a step: one row here, its request builders, one contract test. A released version never
// changes: add another one, and sagas in flight finish on the version they started with.
#include "orchestrator/sagas/reservation_saga.h"

#include <array>
#include <chrono>

namespace seatsaga::sagas {
namespace {

using core::Step;
using namespace std::chrono_literals;
using enum core::StepKind;
using enum core::RetryPolicy;

// clang-format off
constexpr std::array kStepsV1{
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

constexpr core::Definition kVersion1{.name = "reservation", .version = 1, .steps = kStepsV1};

}  // namespace

const core::Definition& ReservationSaga() { return kVersion1; }

const core::Definition* FindReservationSaga(int version) {
  return version == kVersion1.version ? &kVersion1 : nullptr;
}

}  // namespace seatsaga::sagas
