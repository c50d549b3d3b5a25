// Two processes on one store, as on a database that several may write to.
#include <catch2/catch.hpp>

#include "common/store/model.h"
#include "reservation_svc/reservation_errors.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

class TwoFacades {
 public:
  explicit TwoFacades(const UserEventLimits& user_event = {}) {
    for (const char* name : {"first", "second"}) {
      nodes.push_back(
          ReservationNode::Open(OnStores(test.world(name), shared_),
                                {.orchestrator = "orchestrator",
                                 .limits = {.rows_per_range = 2, .user_event = user_event}},
                                sealer)
              .value());
      REQUIRE(nodes.back()->Start().ok());
    }
    REQUIRE(test.CallNow("first", saga::kTakePartitions, TakeAll()).ok());
  }

  static v1::CreateReservationRequest Request() {
    v1::CreateReservationRequest request;
    request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8057");
    request.set_user_id("ann");
    request.set_event_id("hamlet");
    request.add_items()->set_seat("stalls/A/1");
    request.set_payment_token("tok_visa");
    return request;
  }
  static v1::PayReservationRequest PaymentOf(const Id& id) {
    v1::PayReservationRequest request;
    request.set_reservation_id(id.ToString());
    request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8058");
    request.set_payment_token("tok_visa");
    return request;
  }
  static v1::CancelReservationRequest CancellationOf(const Id& id) {
    v1::CancelReservationRequest request;
    request.set_reservation_id(id.ToString());
    request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8059");
    return request;
  }
  // Each with a request of its own.
  absl::StatusOr<v1::PayReservationResponse> PayAt(const std::string& process, const Id& id) {
    v1::PayReservationRequest request = PaymentOf(id);
    request.set_request_id(Cat("01890a5d-ac96-774b-bcce-b302099a806", payments_++));
    return test.CallNow(process, kPayReservation, request);
  }
  Id HoldAtFirst() {
    v1::CreateReservationRequest request = Request();
    request.clear_payment_token();
    request.set_mode(v1::RESERVATION_MODE_HOLD);
    const Id id = IdOf(test.CallNow("first", kCreateReservation, request)->reservation());
    REQUIRE(Do("second", Hold(id, test.wall() + absl::Minutes(10))).outcome() ==
            saga::v1::OUTCOME_SUCCEEDED);
    return id;
  }
  CommandResult Do(const std::string& process, v1::ReservationCommand command) {
    v1::ExecuteReservationCommandsRequest request;
    *request.add_commands() = std::move(command);
    return test.CallNow(process, kExecuteReservationCommands, request)->results(0);
  }
  std::vector<Id> ListOf(const std::string& user_id) {
    v1::ListReservationsRequest request;
    request.set_user_id(user_id);
    std::vector<Id> ids;
    const auto page = test.CallNow("second", kListReservations, request);
    for (const v1::Reservation& one : page->reservations()) ids.push_back(IdOf(one));
    return ids;
  }

  TestWorld test{Engine::kModel};
  FakeOrchestrator orchestrator{test};
  const TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();

 private:
  int payments_ = 0;
  store::ModelStores stores_;
  store::ModelProcess shared_{stores_, store::ModelProcess::Writers::kSeveral};

 public:
  std::vector<std::unique_ptr<ReservationNode>> nodes;
};

TEST_CASE(
    "reservation on a shared store: one request makes one reservation, whichever replica gets it") {
  TwoFacades world;
  const auto first = world.test.Call("first", kCreateReservation, TwoFacades::Request());
  const auto second = world.test.Call("second", kCreateReservation, TwoFacades::Request());
  world.test.Run();
  REQUIRE((*first).ok());
  REQUIRE((*second).ok());
  CHECK((*first)->reservation().reservation_id() == (*second)->reservation().reservation_id());
  CHECK(world.ListOf("ann").size() == 1);
}

TEST_CASE("reservation on a shared store: a command is decided on what the others have written") {
  TwoFacades world;
  const auto made = world.test.CallNow("first", kCreateReservation, TwoFacades::Request());
  const Id id = IdOf(made->reservation());
  CHECK(world.Do("second", Cancel(id)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  // The first still has it in memory, as PENDING.
  CHECK(world.Do("first", Confirm(id)).reason() == kReservationCancelled);
  CHECK(world.Do("first", Confirm(id, 4200, kEpoch + 1)).reason() ==
        participant::kFencingTokenNotTaken);
}

TEST_CASE(
    "reservation on a shared store: clients' changes are decided on what others have written") {
  TwoFacades world;
  const Id id = world.HoldAtFirst();
  REQUIRE(world.PayAt("second", id).ok());
  // The first has seen neither the payment nor what follows.
  CHECK(ReasonOf(world.PayAt("first", id).status()) == "PAYMENT_UNDER_WAY");
  CHECK(world.Do("first", HoldAgain(id, world.test.wall(), 2)).outcome() ==
        saga::v1::OUTCOME_SUCCEEDED);
  CHECK(world.PayAt("second", id).ok());
  CHECK(world.Do("first", Confirm(id)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  CHECK(ReasonOf(world.PayAt("second", id).status()) == "ALREADY_PAID");
}

TEST_CASE(
    "reservation on a shared store: a client who waits is not told less than was read for it") {
  TwoFacades world;
  const auto made = world.test.CallNow("first", kCreateReservation, TwoFacades::Request());
  const Id id = IdOf(made->reservation());
  auto cancellation = TwoFacades::CancellationOf(id);
  REQUIRE(world.test.CallNow("second", kCancelReservation, cancellation).ok());
  // The first still has it in memory, as PENDING.
  cancellation.mutable_wait()->set_seconds(1);
  const auto answer = world.test.CallNow("first", kCancelReservation, cancellation);
  REQUIRE(answer.ok());
  CHECK(answer->reservation().state() == v1::RESERVATION_STATE_CANCELLING);
}

TEST_CASE("reservation on a shared store: one payment is one, whichever replica gets it") {
  TwoFacades world;
  const Id id = world.HoldAtFirst();
  const auto request = TwoFacades::PaymentOf(id);
  const auto first = world.test.Call("first", kPayReservation, request);
  const auto second = world.test.Call("second", kPayReservation, request);
  world.test.Run();
  CHECK((*first).ok());
  CHECK((*second).ok());
  auto other = request;
  other.set_payment_token("tok_other");
  CHECK(ReasonOf(world.test.CallNow("second", kPayReservation, other).status()) ==
        "REQUEST_ID_REUSED");
}

TEST_CASE("reservation on a shared store: a cancellation is told until its saga knows") {
  TwoFacades world;
  const auto made = world.test.CallNow("first", kCreateReservation, TwoFacades::Request());
  const Id id = IdOf(made->reservation());
  v1::CancelReservationRequest request;
  request.set_reservation_id(id.ToString());
  request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8059");
  REQUIRE(world.test.CallNow("first", kCancelReservation, request).ok());
  world.orchestrator.AnswerAll(0);  // its start; the signal is still under way
  world.orchestrator.AnswerSignals(0, saga::v1::OUTCOME_UNKNOWN);
  world.test.Advance(OutboxLimits().backoff.cap);
  REQUIRE(world.orchestrator.signal_calls.size() == 2);
  CHECK(world.orchestrator.SignalOf(1).has_cancel());
  world.orchestrator.AnswerSignals(1, saga::v1::OUTCOME_SUCCEEDED);
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() == 2);
}

TEST_CASE("reservation on a shared store: two replicas do not let a user past the limit") {
  TwoFacades world({.holds_max = 1, .seats_max = 2});
  const auto request = [&](int number) {
    auto hold = TwoFacades::Request();
    hold.set_request_id(Cat("01890a5d-ac96-774b-bcce-b302099a807", number));
    hold.clear_payment_token();
    hold.set_mode(v1::RESERVATION_MODE_HOLD);
    return hold;
  };
  const auto first = world.test.Call("first", kCreateReservation, request(1));
  const auto second = world.test.Call("second", kCreateReservation, request(2));
  world.test.Run();
  REQUIRE((*first).ok() != (*second).ok());
  const auto& [won, lost] = (*first).ok() ? std::tie(first, second) : std::tie(second, first);
  CHECK(ReasonOf((*lost).status()) == "USER_EVENT_LIMIT");
  CHECK(world.ListOf("ann").size() == 1);

  // Each counts what the other has changed.
  const Id id = IdOf((*won)->reservation());
  world.Do("second", Hold(id, world.test.wall() + absl::Minutes(10)));
  REQUIRE(world.PayAt("first", id).ok());
  world.Do("second", Confirm(id));
  CHECK(world.test.CallNow("first", kCreateReservation, request(3)).ok());
  CHECK(ReasonOf(world.test.CallNow("second", kCreateReservation, request(4)).status()) ==
        "USER_EVENT_LIMIT");
  REQUIRE(world.test.CallNow("first", kCancelReservation, TwoFacades::CancellationOf(id)).ok());
  world.Do("first", Cancel(id));
  world.Do("first", Cancel(id));
  CHECK(world.ListOf("ann").size() == 2);
  CHECK(ReasonOf(world.test.CallNow("second", kCreateReservation, request(5)).status()) ==
        "USER_EVENT_LIMIT");  // the hold of the third
}

TEST_CASE("reservation on a shared store: a user's list is whole and in order") {
  TwoFacades world;
  std::vector<Id> newest_first;
  for (int i = 0; i < 6; ++i) {
    auto request = TwoFacades::Request();
    request.set_request_id(Cat("01890a5d-ac96-774b-bcce-b302099a805", i));
    const auto made =
        world.test.CallNow(i % 2 == 0 ? "first" : "second", kCreateReservation, request);
    newest_first.insert(newest_first.begin(), IdOf(made->reservation()));
    world.test.Advance(absl::Milliseconds(1));
  }
  CHECK(world.ListOf("ann") == newest_first);
}

}  // namespace
}  // namespace seatsaga::reservation::testing
