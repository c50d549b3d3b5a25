// Two processes on one store, as on a database that several may write to.
#include <catch2/catch.hpp>

#include "common/store/model.h"
#include "reservation_svc/reservation_errors.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

class TwoFacades {
 public:
  TwoFacades() {
    for (const char* name : {"first", "second"}) {
      nodes.push_back(ReservationNode::Open(
                          OnStores(test.world(name), shared_),
                          {.orchestrator = "orchestrator", .limits = {.rows_per_range = 2}}, sealer)
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
    request.add_seat_ids("stalls/A/1");
    request.set_payment_token("tok_visa");
    return request;
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
