// The service and its relay over gRPC on Unix sockets: what is sent is what arrives.
#include <catch2/catch.hpp>

#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/read_lane.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "reservation_svc/outbox_relay.h"
#include "reservation_svc/reservation_reader.h"
#include "reservation_svc/reservation_service.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

using orchestrator::v1::StartSagasRequest;
using orchestrator::v1::StartSagasResponse;

constexpr absl::Duration kDeadline = absl::Seconds(20);

// A whole reservation_svc, and an orchestrator that confirms what it is told to start.
class ServiceWorld {
 public:
  ServiceWorld() {
    orchestrator_.Handle<StartSagasRequest, StartSagasResponse>(
        "seatsaga.orchestrator.v1.OrchestratorService/StartSagas",
        [this](StartSagasRequest& request, Reply<StartSagasResponse> reply, absl::Time) {
          StartSagas(request, std::move(reply));
        });
    service_.Register(server_);
    if (!orchestrator_.Start().ok() || !server_.Start().ok() || !loop_.Start().ok()) std::abort();
    lane_.Start();
  }
  ~ServiceWorld() {
    loop_.Stop();
    book_.AnswerWaiters();
    lane_.Stop();
    server_.Shutdown(absl::Now() + kDeadline);
    orchestrator_.Shutdown(absl::Now() + kDeadline);
  }

  template <class Response>
  absl::StatusOr<Response> Call(const std::string& method,
                                const google::protobuf::Message& request) {
    return client_.CallAndWait<Response>("seatsaga.reservation.v1.ReservationService/" + method,
                                         request, kDeadline);
  }

  StartSagasRequest started;  // read it after an answer that depends on it

 private:
  void StartSagas(const StartSagasRequest& request, Reply<StartSagasResponse> reply) {
    if (++calls_ == 1) {
      reply.Send(UnavailableError("try again"));
      return;
    }
    started = request;
    StartSagasResponse response;
    v1::ExecuteReservationCommandsRequest commands;
    for (const auto& saga : request.sagas()) {
      response.add_saga_ids(saga.saga_id());
      *commands.add_commands() = ReservationWorld::Confirm(Id::Parse(saga.saga_id()).value());
    }
    reply.Send(std::move(response));
    confirmer_.Call<v1::ExecuteReservationCommandsResponse>(
        "seatsaga.reservation.v1.ReservationService/ExecuteReservationCommands", commands,
        kDeadline, [](const auto&) {});
  }

  testing::TempDir dir_;
  const std::string address_ = "unix:" + dir_.File("r.sock");
  const std::string orchestrator_address_ = "unix:" + dir_.File("o.sock");
  std::unique_ptr<sqlite::Database> database_ =
      sqlite::Database::OpenWriter(dir_.File("r.db"), ReservationMigrations()).value();
  std::unique_ptr<sqlite::Database> read_database_ =
      sqlite::Database::OpenReader(dir_.File("r.db")).value();
  const TokenSealer sealer_ = TokenSealer::FromKey(std::string(32, 'k')).value();
  RpcServer orchestrator_{{.listen = orchestrator_address_}};
  RpcServer server_{{.listen = address_}};
  RpcChannel channel_{server_.io(), orchestrator_address_};
  RpcChannel confirmer_{orchestrator_.io(), address_};
  RpcChannel client_{orchestrator_.io(), address_};
  OutboxRelay relay_{channel_, orchestrator_address_,
                     [this](StartResult result) { loop_.Push(Input(std::move(result))); }};
  ReservationStore store_{*database_};
  Barrier barrier_{*database_};
  ReservationBook book_{store_, barrier_, relay_};
  BatchLoop<Input> loop_{*database_, book_};
  ReservationReader reader_{*read_database_};
  ReadLane lane_{read_database_.get()};
  ReservationService service_{loop_, lane_, reader_, sealer_};
  int calls_ = 0;  // orchestrator's I/O thread only
};

v1::CreateReservationRequest Request() {
  v1::CreateReservationRequest request;
  request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8057");
  request.set_user_id("ann");
  request.set_event_id("hamlet");
  request.add_seat_ids("stalls/A/1");
  request.add_seat_ids("stalls/A/2");
  request.set_payment_token("tok_visa");
  request.mutable_wait()->set_seconds(15);
  return request;
}

TEST_CASE("reservation service: a reservation is started, confirmed, answered and found again") {
  ServiceWorld world;
  const auto created = world.Call<v1::CreateReservationResponse>("CreateReservation", Request());
  REQUIRE(created.ok());
  const v1::Reservation& made = created->reservation();
  CHECK(made.state() == v1::RESERVATION_STATE_CONFIRMED);
  CHECK(made.seat_ids_size() == 2);
  CHECK(made.price().amount_minor() == 4200);

  REQUIRE(world.started.sagas_size() == 1);
  const auto& saga = world.started.sagas(0);
  CHECK(saga.saga_id() == made.reservation_id());
  CHECK(saga.user_id() == "ann");
  CHECK(saga.event_id() == "hamlet");
  CHECK(saga.seat_ids(1) == "stalls/A/2");
  CHECK(saga.sealed_payment_token().size() > 0);

  v1::GetReservationRequest get;
  get.set_reservation_id(made.reservation_id());
  const auto got = world.Call<v1::GetReservationResponse>("GetReservation", get);
  REQUIRE(got.ok());
  CHECK(got->reservation().SerializeAsString() == made.SerializeAsString());

  const auto list =
      world.Call<v1::ListReservationsResponse>("ListReservations", v1::ListReservationsRequest());
  REQUIRE(list.ok());
  CHECK(list->reservations_size() == 1);
}

TEST_CASE("reservation service: errors carry their reason and fields over the wire") {
  ServiceWorld world;
  auto request = Request();
  request.clear_seat_ids();
  const auto created = world.Call<v1::CreateReservationResponse>("CreateReservation", request);
  CHECK(created.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(FieldViolationsOf(created.status()).at(0).first == "seat_ids");

  v1::GetReservationRequest get;
  get.set_reservation_id(Request().request_id());
  const auto got = world.Call<v1::GetReservationResponse>("GetReservation", get);
  CHECK(got.status().code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(got.status()) == "RESERVATION_NOT_FOUND");
}

}  // namespace
}  // namespace seatsaga::reservation
