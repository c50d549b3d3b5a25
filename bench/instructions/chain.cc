#include "bench/instructions/chain.h"

#include <utility>

#include "common/text.h"
#include "reservation_svc/reservation_replies.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::bench {
namespace {

constexpr int kEvents = 4;
constexpr int kWaitS = 10;

// What the outbox relay sends; its own code needs a channel.
orchestrator::v1::StartSagasRequest RequestOf(reservation::StartBatch batch) {
  orchestrator::v1::StartSagasRequest request;
  for (reservation::SagaStart& start : batch.sagas) {
    auto& saga = *request.add_sagas();
    saga.set_saga_id(start.id.ToString());
    saga.set_user_id(std::move(start.user_id));
    saga.set_event_id(std::move(start.event_id));
    reservation::AddSeatIds(start.seats, *saga.mutable_seat_ids());
    saga.set_sealed_payment_token(std::move(start.sealed_token));
  }
  return request;
}

reservation::StartResult ResultOf(int64_t call, const std::string& response) {
  reservation::StartResult result{.call = call, .answered = true};
  const auto message = FromWire<orchestrator::v1::StartSagasResponse>(response);
  for (const std::string& saga_id : message.saga_ids()) {
    result.started.push_back(Must(Id::Parse(saga_id)));
  }
  return result;
}

// The turn of a process: the I/O thread's part, then the writer's.
template <class Input>
void Work(Mailbox& arrived, Writer<Input>& writer, absl::Time now) {
  arrived.Deliver();
  if (writer.HasWork(now)) writer.RunBatch(now);
}

}  // namespace

Chain::Chain(const std::string& folder)
    : sealer_(Must(TokenSealer::FromKey(std::string(32, 'k')))),
      halls_("count", kEvents),
      participants_(Methods(),
                    [this](WireParticipants::Results results) {
                      sagas_.writer().Push(engine::CallsEnded{std::move(results)});
                    }),
      reservations_(folder, sealer_, starter_, now_),
      sagas_(folder, participants_, now_),
      seats_(folder, halls_, now_),
      payments_(folder, sealer_, now_) {}

WireSink Chain::ToOrchestrator(WireSink answer) {
  return [this, answer = std::move(answer)](std::string bytes) {
    orchestrator_.Post([answer, bytes = std::move(bytes)]() mutable { answer(std::move(bytes)); });
  };
}

WireMethods Chain::Methods() {
  // Where the request waits until its server's turn.
  const auto through = [this](Mailbox& mailbox, auto execute) {
    return [this, &mailbox, execute](std::string request, WireSink answer) {
      mailbox.Post([this, execute, request = std::move(request), answer = std::move(answer)] {
        execute(request, ToOrchestrator(answer));
      });
    };
  };
  return {.seats = through(seat_svc_,
                           [this](const std::string& request, WireSink answer) {
                             seats_.Execute(request, std::move(answer));
                           }),
          .payments = through(payment_svc_,
                              [this](const std::string& request, WireSink answer) {
                                payments_.Execute(request, std::move(answer));
                              }),
          .reservations =
              through(reservation_svc_, [this](const std::string& request, WireSink answer) {
                reservations_.Execute(request, std::move(answer));
              })};
}

void Chain::Starter::Start(reservation::StartBatch batch) {
  const int64_t call = batch.call;
  std::string request = RequestOf(std::move(batch)).SerializeAsString();
  chain_.orchestrator_.Post([&chain = chain_, call, request = std::move(request)] {
    chain.sagas_.StartSagas(request, [&chain, call](std::string response) {
      chain.reservation_svc_.Post([&chain, call, response = std::move(response)] {
        chain.reservations_.writer().Push(ResultOf(call, response));
      });
    });
  });
}

void Chain::Round(int count) {
  now_ += absl::Milliseconds(1);
  TurnOfClients(count);
  TurnOfReservationSvc();
  TurnOfOrchestrator();
  TurnOfSeatSvc();
  TurnOfPaymentSvc();
}

void Chain::Drain() {
  while (!Idle()) Round(0);
}

bool Chain::Idle() const {
  return clients_.empty() && reservation_svc_.empty() && orchestrator_.empty() &&
         seat_svc_.empty() && payment_svc_.empty() && confirmed_ == asked_;
}

[[gnu::noinline]] void Chain::TurnOfClients(int count) {
  clients_.Deliver();
  for (int i = 0; i < count; ++i) {
    reservation_svc_.Post([this, request = NextRequest()] {
      reservations_.Create(request, now_, [this](std::string response) {
        clients_.Post([this, response = std::move(response)] { OnAnswer(response); });
      });
    });
  }
}

[[gnu::noinline]] void Chain::TurnOfReservationSvc() {
  Work(reservation_svc_, reservations_.writer(), now_);
}

[[gnu::noinline]] void Chain::TurnOfOrchestrator() { Work(orchestrator_, sagas_.writer(), now_); }

[[gnu::noinline]] void Chain::TurnOfSeatSvc() { Work(seat_svc_, seats_.writer(), now_); }

[[gnu::noinline]] void Chain::TurnOfPaymentSvc() { Work(payment_svc_, payments_.writer(), now_); }

std::string Chain::NextRequest() {
  if (!halls_.HasMore()) Die("seats ran out");
  Halls::Place place = halls_.Next();
  reservation::v1::CreateReservationRequest request;
  request.set_request_id(request_ids_.Next(now_).ToString());
  request.set_user_id(Cat("user-", 1000 + asked_ % 9000));
  request.set_event_id(std::move(place.event_id));
  request.add_seat_ids(std::move(place.seat_id));
  request.set_payment_token("tok_visa");
  request.mutable_wait()->set_seconds(kWaitS);
  ++asked_;
  return request.SerializeAsString();
}

void Chain::OnAnswer(const std::string& response) {
  const auto message = FromWire<reservation::v1::CreateReservationResponse>(response);
  if (message.reservation().state() != reservation::v1::RESERVATION_STATE_CONFIRMED) {
    Die("a reservation was not confirmed: " + message.ShortDebugString());
  }
  ++confirmed_;
}

}  // namespace seatsaga::bench
