// The orchestrator's calls, in batches, to participants that are played by the test.
#include <catch2/catch.hpp>
#include <set>

#include "common/errors.h"
#include "tests/unit/orchestrator/participants/participants_world.h"

namespace seatsaga::participants {
namespace {

using testing::ArrivedCommand;
using testing::Leg;
using testing::ParticipantsWorld;

std::optional<CommandResult> NameItsSaga(const ArrivedCommand& command) {
  return Refused("R", command.key.saga_id());
}

TEST_CASE("each call gets the result of its own command, in one RPC, with the token") {
  ParticipantsWorld world;
  world.payments.script = NameItsSaga;
  world.Start();
  world.Charge(1, 5);
  REQUIRE(world.result_count == 5);
  for (const auto& [attempt, result] : world.results) {
    REQUIRE(result.outcome == core::Outcome::kRefused);
    REQUIRE(result.message == result.saga_id.ToString());
  }
  REQUIRE(world.payments.batch_sizes() == std::vector<int>{5});
  for (const ArrivedCommand& command : world.payments.commands()) {
    REQUIRE(command.key.fencing_epoch() == world.token().epoch);
    REQUIRE(command.key.fencing_holder() == world.token().holder.bytes());
  }
}

TEST_CASE("calls made while enough RPCs are out gather into the next one") {
  ParticipantsWorld world;
  world.Start();
  std::vector<CallRequest> calls;
  const auto reserve = [&](int first, int last) {
    std::vector<CallRequest> some;
    for (int i = first; i <= last; ++i) {
      some.push_back(ParticipantsWorld::Call(sagas::Call::kReserveSeats, i));
    }
    world.client->Send(std::move(some));
    world.test.Run();
  };
  reserve(1, 1);
  reserve(2, 2);
  reserve(3, 5);
  reserve(6, 7);
  REQUIRE(world.seats.batch_sizes() == std::vector<int>{1, 1});
  world.seats.script = NameItsSaga;
  world.seats.Answer(0, Succeeded());
  world.test.Run();
  REQUIRE(world.seats.batch_sizes() == std::vector<int>{1, 1, 5});
  REQUIRE(world.result_count == 6);
  world.seats.Answer(1, Succeeded());
  world.test.Run();
  REQUIRE(world.result_count == 7);
}

TEST_CASE("a participant that is busy is sent the same command until it knows") {
  ParticipantsWorld world;
  int asked = 0;
  world.payments.script = [&](const ArrivedCommand& command) {
    return ++asked < 5 && command.batch < 4 && command.key.saga_id().back() == '1'
               ? InProgress()
               : *NameItsSaga(command);
  };
  world.Start();
  world.Charge(1, 2);
  REQUIRE(world.result_count == 2);
  for (const auto& [attempt, result] : world.results) {
    REQUIRE(result.message == result.saga_id.ToString());
  }
  REQUIRE(world.payments.batch_sizes().size() > 2);
  REQUIRE(world.payments.batch_sizes().front() == 2);
  REQUIRE(world.payments.batch_sizes().back() == 1);
  std::set<std::string> keys;
  for (const ArrivedCommand& command : world.payments.commands()) {
    keys.insert(command.key.SerializeAsString());
  }
  REQUIRE(keys.size() == 2);
}

TEST_CASE("a participant that stays busy until the attempt's deadline leaves it unknown") {
  ParticipantsWorld world;
  world.Start();
  world.Charge(1, 1, absl::Milliseconds(60));
  for (size_t i = 0; i < 3; ++i) {
    REQUIRE(world.payments.commands().size() == i + 1);
    world.test.Advance(absl::Milliseconds(19));
    REQUIRE(world.result_count == 0);
    world.payments.Answer(i, InProgress());
    world.test.Run();
  }
  REQUIRE(world.result_count == 1);
  REQUIRE(world.results[1].outcome == core::Outcome::kUnknown);
  REQUIRE(world.results[1].reason == "DEADLINE_EXCEEDED");
}

TEST_CASE("an RPC's error leaves every call of the batch unknown") {
  ParticipantsWorld world;
  world.Start();
  world.Charge(1, 3);
  world.payments.AnswerBatch(OverloadedError());
  world.test.Run();
  REQUIRE(world.result_count == 3);
  for (const auto& [attempt, result] : world.results) {
    REQUIRE(result.outcome == core::Outcome::kUnknown);
    REQUIRE(result.reason == "RESOURCE_EXHAUSTED");
  }
}

TEST_CASE("a participant that does not answer leaves the calls unknown at their deadline") {
  ParticipantsWorld world;
  world.Start();
  world.Charge(1, 2, absl::Milliseconds(30));
  world.test.Advance(absl::Milliseconds(29));
  REQUIRE(world.result_count == 0);
  world.test.Advance(absl::Milliseconds(1));
  REQUIRE(world.result_count == 2);
  REQUIRE(world.results[1].outcome == core::Outcome::kUnknown);
  REQUIRE(world.results[2].reason == "DEADLINE_EXCEEDED");
}

TEST_CASE("another number of results than commands leaves every call unknown") {
  ParticipantsWorld world;
  world.Start();
  world.Charge(1, 3);
  world.payments.AnswerBatch(
      participant::Results(static_cast<size_t>(GENERATE(2, 4)), Succeeded()));
  world.test.Run();
  REQUIRE(world.result_count == 3);
  for (const auto& [attempt, result] : world.results) {
    REQUIRE(result.outcome == core::Outcome::kUnknown);
  }
}

TEST_CASE("after an error the next calls go out again") {
  ParticipantsWorld world;
  world.Start();
  world.test.Drop("orchestrator", "payments", Leg::kRequest, 1);
  world.Charge(1, 1);
  REQUIRE(world.results[1].reason == "UNAVAILABLE");
  world.payments.script = NameItsSaga;
  world.Charge(2, 2);
  REQUIRE(world.results[2].outcome == core::Outcome::kRefused);
}

TEST_CASE("each call goes to the participant that it is for, and comes back in time") {
  ParticipantsWorld world;
  for (auto* participant : world.all()) {
    participant->script = [participant](const ArrivedCommand&) {
      return Refused(participant->name(), "");
    };
  }
  world.Start();
  std::vector<CallRequest> calls;
  int attempt = 0;
  for (const CallRow& row : CallTable()) {
    calls.push_back(ParticipantsWorld::Call(row.call, ++attempt));
  }
  world.client->Send(std::move(calls));
  world.test.Run();
  const std::map<Participant, std::string> names{{Participant::kSeats, "seats"},
                                                 {Participant::kPayments, "payments"},
                                                 {Participant::kReservations, "reservations"}};
  attempt = 0;
  int urgent = 0;
  for (const CallRow& row : CallTable()) {
    REQUIRE(world.results[++attempt].reason == names.at(row.participant));
    urgent += row.participant == Participant::kReservations ? 0 : 1;
  }
  // For the last steps' results nobody waits.
  REQUIRE(world.urgent_results == urgent);
}

}  // namespace
}  // namespace seatsaga::participants
