#include "bench/one_thread/chain.h"

#include <utility>

#include "api/methods.h"
#include "api/seat.h"
#include "bench/one_thread/must.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr int kEvents = 4;
constexpr int kWaitS = 10;
// More than the orchestrator needs to take its partitions from the participants.
constexpr int kRoundsToStart = 100;

using payment::GatewayOutcome;
using reservation::v1::RESERVATION_STATE_CANCELLED;
using reservation::v1::RESERVATION_STATE_CONFIRMED;
using reservation::v1::RESERVATION_STATE_HELD;

constexpr char kToken[] = "tok_visa";

template <class Node>
std::unique_ptr<Node> Started(absl::StatusOr<std::unique_ptr<Node>> node) {
  std::unique_ptr<Node> opened = Must(std::move(node));
  Must(opened->Start());
  return opened;
}

}  // namespace

void ApprovingGateway::Charge(payment::ChargeRequest request, Done done) {
  done.Send(GatewayOutcome{GatewayOutcome::Kind::kCaptured, "", "ref-" + request.key});
}
void ApprovingGateway::Refund(payment::RefundRequest, Done done) {
  done.Send(GatewayOutcome{GatewayOutcome::Kind::kRefunded, "", ""});
}
void ApprovingGateway::Lookup(std::string, Done done) {
  done.Send(GatewayOutcome{GatewayOutcome::Kind::kNotFound, "", ""});
}
void ApprovingGateway::Cancel(std::string, Done done) {
  done.Send(GatewayOutcome{GatewayOutcome::Kind::kVoided, "", ""});
}

Chain::Chain(const std::string& folder, Durable durable, Story story)
    : story_(story),
      all_(folder, durable == Durable::kYes),
      sealer_(Must(TokenSealer::FromKey(std::string(32, 'k')))),
      halls_("count", kEvents),
      clients_(all_.process("clients")),
      reservation_svc_(all_.process("reservation_svc")),
      orchestrator_(all_.process("orchestrator")),
      seat_svc_(all_.process("seat_svc")),
      payment_svc_(all_.process("payment_svc")),
      seats_(Started(seat::SeatNode::Open(seat_svc_.world(), {}))),
      payments_(Started(payment::PaymentNode::Open(payment_svc_.world(), gateway_, sealer_, {}))),
      reservations_(Started(reservation::ReservationNode::Open(
          reservation_svc_.world(), {.orchestrator = "orchestrator"}, sealer_))),
      sagas_(Started(OrchestratorNode::Open(orchestrator_.world(),
                                            {.targets = {.seats = "seat_svc",
                                                         .payments = "payment_svc",
                                                         .reservations = "reservation_svc"}}))),
      facade_(clients_.Connect("reservation_svc")) {
  CreateHalls();
  for (int i = 0; i < kRoundsToStart; ++i) Round(0);
}

void Chain::CreateHalls() {
  const std::unique_ptr<Channel> seats = clients_.Connect("seat_svc");
  for (int event = 0; event < halls_.event_count(); ++event) {
    seats->Call(seat::kCreateEvent, Halls::CreationOf(halls_.EventId(event), Halls::kSeatsPerEvent),
                absl::Seconds(10),
                [](absl::StatusOr<seat::v1::CreateEventResponse> made) { Must(made.status()); });
    Round(0);
    Round(0);
  }
}

void Chain::Round(int count) {
  PassTime();
  TurnOfClients(count);
  TurnOfReservationSvc();
  TurnOfOrchestrator();
  TurnOfSeatSvc();
  TurnOfPaymentSvc();
}

void Chain::PassTime() { all_.Advance(absl::Milliseconds(1)); }

void Chain::Drain() {
  while (!Idle()) Round(0);
}

bool Chain::Idle() const {
  return ended_ == begun_ && !clients_.HasWork() && !reservation_svc_.HasWork() &&
         !orchestrator_.HasWork() && !seat_svc_.HasWork() && !payment_svc_.HasWork();
}

[[gnu::noinline]] void Chain::TurnOfClients(int count) {
  clients_.Turn();
  for (int i = 0; i < count; ++i) {
    switch (story_) {
      case Story::kPayNow:
        Call(NextRequest(), RESERVATION_STATE_CONFIRMED, &Chain::End);
        break;
      case Story::kHoldAndPay:
        Call(NextRequest(), RESERVATION_STATE_HELD, &Chain::Pay);
        break;
      case Story::kCancel:
        Call(NextRequest(), RESERVATION_STATE_CONFIRMED, &Chain::Cancel);
        break;
      case Story::kExchange:
        Call(NextRequest(), RESERVATION_STATE_CONFIRMED, &Chain::Exchange);
        break;
    }
  }
}

[[gnu::noinline]] void Chain::TurnOfReservationSvc() { reservation_svc_.Turn(); }

[[gnu::noinline]] void Chain::TurnOfOrchestrator() { orchestrator_.Turn(); }

[[gnu::noinline]] void Chain::TurnOfSeatSvc() { seat_svc_.Turn(); }

[[gnu::noinline]] void Chain::TurnOfPaymentSvc() { payment_svc_.Turn(); }

reservation::v1::CreateReservationRequest Chain::NextRequest() {
  if (!halls_.HasMore()) Die("seats ran out");
  Halls::Place place = halls_.Next();
  if (story_ == Story::kExchange) {
    // Events take turns, so the other seat of its event may have been dealt before.
    while (unpaired_.try_emplace(place.event_id, place.seat_id).second) place = halls_.Next();
    spare_seats_[Cat(place.event_id, " ", place.seat_id)] =
        unpaired_.extract(place.event_id).mapped();
  }
  reservation::v1::CreateReservationRequest request;
  request.set_request_id(request_ids_.Next(all_.wall()).ToString());
  request.set_user_id(Cat("user-", 1000 + begun_ % 9000));
  request.set_event_id(std::move(place.event_id));
  request.add_items()->set_seat(std::move(place.seat_id));
  if (story_ == Story::kHoldAndPay) {
    request.set_mode(reservation::v1::RESERVATION_MODE_HOLD);
  } else {
    request.set_payment_token(kToken);
  }
  request.mutable_wait()->set_seconds(kWaitS);
  ++begun_;
  return request;
}

void Chain::Pay(const Reservation& held) {
  reservation::v1::PayReservationRequest request;
  request.set_reservation_id(held.reservation_id());
  request.set_request_id(request_ids_.Next(all_.wall()).ToString());
  request.set_payment_token(kToken);
  request.mutable_wait()->set_seconds(kWaitS);
  Call(request, RESERVATION_STATE_CONFIRMED, &Chain::End);
}

void Chain::Cancel(const Reservation& confirmed) {
  reservation::v1::CancelReservationRequest request;
  request.set_reservation_id(confirmed.reservation_id());
  request.set_request_id(request_ids_.Next(all_.wall()).ToString());
  request.mutable_wait()->set_seconds(kWaitS);
  Call(request, RESERVATION_STATE_CANCELLED, &Chain::End);
}

void Chain::Exchange(const Reservation& confirmed) {
  reservation::v1::ExchangeSeatsRequest request;
  request.set_reservation_id(confirmed.reservation_id());
  request.set_request_id(request_ids_.Next(all_.wall()).ToString());
  request.add_give_back_seat_ids(confirmed.seat_ids(0));
  const auto spare = spare_seats_.extract(Cat(confirmed.event_id(), " ", confirmed.seat_ids(0)));
  request.add_items()->set_seat(spare.mapped());
  request.mutable_wait()->set_seconds(kWaitS);
  Call(request, RESERVATION_STATE_CONFIRMED, &Chain::End);
}

template <class Request>
void Chain::Call(const Request& request, reservation::v1::ReservationState state,
                 void (Chain::*then)(const Reservation&)) {
  facade_->Call(api::kMethodOf<Request>, request, absl::Seconds(kWaitS),
                [this, state, then](absl::StatusOr<api::ResponseOf<Request>> answer) {
                  const auto response = Must(std::move(answer));
                  const Reservation& reservation = response.reservation();
                  if (reservation.state() != state) {
                    Die("a reservation is in a wrong state: " + reservation.ShortDebugString());
                  }
                  (this->*then)(reservation);
                });
}

}  // namespace seatsaga::bench
