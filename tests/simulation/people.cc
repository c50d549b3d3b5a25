#include "tests/simulation/people.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/orchestrator.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/errors.h"
#include "tests/simulation/halls.h"
#include "tests/simulation/observed.h"

namespace seatsaga::simulation {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(3);

}  // namespace

void People::Plan(int customers, absl::Duration trouble) {
  const auto any_time = [&] { return dice_.Between(absl::ZeroDuration(), trouble); };
  for (int i = 0; i < customers; ++i) {
    customers_.push_back(std::make_unique<Customer>());
    Customer& customer = *customers_.back();
    customer.wish = NewWish(i);
    customer.hold_s = dice_.Between(1, 30);
    customer.tries_max = static_cast<int>(dice_.Between(1, 6));
    stage_.In(dice_.Between(absl::ZeroDuration(), absl::Seconds(8)),
              [this, &customer] { Ask(customer); });
  }
  for (int i = 0; i < 12; ++i) {
    stage_.In(any_time(), [this] { LookAtOne(); });
    stage_.In(any_time(), [this] { LookAtSeats(); });
  }
  for (int i = 0; i < 4; ++i) stage_.In(any_time(), [this] { InterveneInAny(); });
  for (int i = 0; i < 8; ++i) stage_.In(any_time(), [this] { InterveneWhereNeeded(); });
}

Creation People::NewWish(int number) {
  Creation wish{.request_id = stage_.NewId(),
                .user = absl::StrCat("user-", number % 7),
                .event = EventName(static_cast<int>(dice_.Between(0, kHalls - 1)))};
  std::set<int64_t> seats;
  for (int64_t i = dice_.Between(1, 3); i > 0; --i) {
    seats.insert(dice_.Between(0, kSeatsPerHall - 1));
  }
  for (const int64_t seat : seats) wish.seats.push_back(SeatName(seat));
  wish.hold = dice_.Chance(0.4);
  if (wish.hold) return wish;
  const auto luck = static_cast<double>(dice_.Between(0, 99));
  wish.card = luck < 75 ? "tok_approves" : luck < 93 ? "tok_declines" : "tok_no_refund";
  return wish;
}

// --- Customers

void People::Ask(Customer& customer) {
  ++customer.tries;
  Creation attempt = customer.wish;
  if (customer.tries > 1 && dice_.Chance(0.05)) {
    attempt.other_body = true;
    attempt.user += "-other";
  }
  reservation::v1::CreateReservationRequest request;
  request.set_request_id(attempt.request_id);
  request.set_user_id(attempt.user);
  request.set_event_id(attempt.event);
  for (const std::string& seat : attempt.seats) request.add_items()->set_seat(seat);
  if (attempt.hold) {
    request.set_mode(reservation::v1::RESERVATION_MODE_HOLD);
    request.mutable_hold_duration()->set_seconds(customer.hold_s);
  } else {
    request.set_payment_token(attempt.card);
  }
  request.mutable_wait()->set_seconds(dice_.Between(0, 5));
  attempt.sent = stage_.NextMoment();
  const size_t at = history_.creations.size();
  history_.creations.push_back(std::move(attempt));
  stage_.Ask(
      kReservations, reservation::kCreateReservation, request,
      {.deadline = dice_.Between(absl::Milliseconds(100), absl::Seconds(8)), .from = "customers"},
      [this, &customer, at](const auto& answer) { Hear(customer, at, answer); });
}

void People::Hear(Customer& customer, size_t attempt,
                  const absl::StatusOr<reservation::v1::CreateReservationResponse>& answer) {
  Creation& creation = history_.creations[attempt];
  creation.ended = stage_.NextMoment();
  creation.heard = HeardOf(answer.status());
  if (answer.ok()) {
    creation.shown = ShownOf(answer->reservation());
    const bool is_new = known_.insert(creation.shown->reservation_id).second;
    if (is_new && dice_.Chance(0.4)) {
      spectators_.Watch(creation.shown->reservation_id, /*until_cancelled=*/dice_.Chance(0.5));
    }
    wishes_.Plan(*creation.shown);
  } else if (creation.heard == Heard::kNo) {
    creation.error = ReasonOf(answer.status());
    // The same request may arrive once more, when there is room.
    const bool again = dice_.rates().Of(Fault::kDuplicate) > 0;
    if (creation.error == "USER_EVENT_LIMIT" && again) creation.heard = Heard::kNothing;
  }
  stage_.Trace(
      absl::StrCat(creation.request_id, " heard ",
                   answer.ok() ? answer->reservation().ShortDebugString() : Said(answer.status())));
  const bool done = creation.shown.has_value() && creation.shown->status != Status::kPending;
  if (customer.tries >= customer.tries_max || (done && dice_.Chance(0.8))) return;
  stage_.In(dice_.Between(absl::Milliseconds(1), absl::Seconds(3)),
            [this, &customer] { Ask(customer); });
}

const std::string& People::AnyKnown() {
  return *std::next(known_.begin(), dice_.Between(0, static_cast<int64_t>(known_.size()) - 1));
}

void People::LookAtOne() {
  if (known_.empty()) return;
  const std::string& id = AnyKnown();
  const size_t at = history_.looks.size();
  history_.looks.push_back({.reservation_id = id, .sent = stage_.NextMoment()});
  reservation::v1::GetReservationRequest request;
  request.set_reservation_id(id);
  stage_.Ask(kReservations, reservation::kGetReservation, request,
             {.deadline = kPatience, .from = "customers"}, [this, at](const auto& answer) {
               Look& look = history_.looks[at];
               look.ended = stage_.NextMoment();
               look.heard = HeardOf(answer.status());
               look.not_found = absl::IsNotFound(answer.status());
               if (answer.ok()) look.shown = ShownOf(answer->reservation());
             });
}

void People::LookAtSeats() {
  const std::string event = EventName(static_cast<int>(dice_.Between(0, kHalls - 1)));
  seat::v1::ListSeatsRequest request;
  request.set_event_id(event);
  const Moment sent = stage_.NextMoment();
  stage_.Ask(kSeats, seat::kListSeats, request, {.deadline = kPatience, .from = "customers"},
             [this, event, sent](const auto& answer) {
               if (!answer.ok()) return;
               const Moment ended = stage_.NextMoment();
               for (const auto& seat : answer->seats()) {
                 history_.seat_looks.push_back({.event = event,
                                                .seat = seat.seat_id(),
                                                .holder = seat.reservation_id(),
                                                .sent = sent,
                                                .ended = ended});
               }
             });
}

// --- Operators

void People::InterveneInAny() {
  if (!known_.empty()) Intervene(AnyKnown());
}

// In one of those that are not yet done, or of those that need it.
void People::InterveneWhereNeeded() {
  orchestrator::v1::ListSagasRequest request;
  request.set_state(dice_.OneOf(
      std::vector{orchestrator::v1::SAGA_STATE_RUNNING, orchestrator::v1::SAGA_STATE_COMPENSATING,
                  orchestrator::v1::SAGA_STATE_PARKED, orchestrator::v1::SAGA_STATE_UNSPECIFIED}));
  request.set_needs_attention(request.state() == orchestrator::v1::SAGA_STATE_UNSPECIFIED);
  stage_.Ask(stage_.system.orchestrator(), orchestrator::kListSagas, request,
             {.deadline = kPatience, .from = "operators"}, [this](const auto& answer) {
               if (!answer.ok() || answer->sagas().empty()) return;
               const auto any = static_cast<int>(dice_.Between(0, answer->sagas_size() - 1));
               Intervene(answer->sagas(any).saga_id());
             });
}

void People::Intervene(const std::string& id) {
  if (dice_.Chance(0.5)) {
    Intervene(Intervention::Kind::kRetry, orchestrator::kRetrySaga, id);
  } else {
    Intervene(Intervention::Kind::kCompensate, orchestrator::kCompensateSaga, id);
  }
}

template <class Method>
void People::Intervene(Intervention::Kind kind, const Method& method, const std::string& id) {
  const size_t at = history_.interventions.size();
  const std::string asked = stage_.system.orchestrator();
  history_.interventions.push_back({.kind = kind,
                                    .saga_id = id,
                                    .sent = stage_.NextMoment(),
                                    .sent_ms = absl::ToInt64Milliseconds(stage_.since_begin())});
  typename Method::Request request;
  request.set_saga_id(id);
  stage_.Ask(asked, method, request, {.deadline = absl::Seconds(5), .from = "operators"},
             [this, at, asked](const auto& answer) {
               Intervention& intervention = history_.interventions[at];
               intervention.ended = stage_.NextMoment();
               intervention.heard = HeardOf(answer.status());
               // The same request may arrive once more, and be obeyed then.
               const bool again = !answer.ok() && dice_.rates().Of(Fault::kDuplicate) > 0;
               // It may not know yet that it commands nobody any more.
               if (again || stage_.system.IsSuperseded(asked)) {
                 intervention.heard = Heard::kNothing;
               }
               stage_.Trace(absl::StrCat("an operator heard ", Said(answer.status())));
             });
}

}  // namespace seatsaga::simulation
