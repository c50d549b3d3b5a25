// What a saga knows, on all of its ways; and registered sagas other than those of the product.
#include <google/protobuf/util/message_differencer.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>

#include "tests/support/fill_all.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"

namespace seatsaga {
namespace {

using testing::Engine;
using testing::FillAll;
using testing::OrchestratorWorld;
using testing::SagaId;
using namespace orchestrator::v1;
using namespace std::chrono_literals;

const Id kA = SagaId('a');

std::string Differences(const SagaData& a, const SagaData& b) {
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  return differencer.Compare(a, b) ? "" : differences;
}

SagaData StoredData(OrchestratorWorld& world, const Id& id) {
  SagaData data;
  world.Look([&](store::Snapshot& snapshot) {
    REQUIRE(data.ParseFromString(*snapshot.Find(store::kSagas, id)->data));
  });
  return data;
}

SagaData WithoutToken(SagaData data) {
  data.mutable_reservation()->clear_sealed_payment_token();
  return data;
}

// A saga gets some fields at its start, others from its steps and signals: none before its time,
// and none is lost.
TEST_CASE("every field of a reservation's data survives every way, and the token goes at the end") {
  OrchestratorWorld world(GENERATE(Engine::kModel, Engine::kSqlite));
  SagaData full;
  auto& all = *full.mutable_reservation();
  FillAll(all, {{"event_id", "hamlet"},
                {"seat_ids", "stalls/A/1"},
                {"currency", "EUR"},
                {"sealed_payment_token", "sealed-1"}});
  SagaData expected = full;
  const auto require_known = [&] {
    REQUIRE(Differences(world.Get(kA).data(), WithoutToken(expected)) == "");
    REQUIRE(Differences(StoredData(world, kA), expected) == "");
    world.arrived.clear();
    world.Boot();  // and so does a reload
    REQUIRE(Differences(world.Get(kA).data(), WithoutToken(expected)) == "");
  };
  auto& known = *expected.mutable_reservation();
  known.clear_sealed_payment_token();
  world.Boot();
  StartSagasRequest request;
  auto& start = *request.add_sagas();
  start.set_saga_id(kA.ToString());
  *start.mutable_data() = expected;  // price, terms and refund are not taken
  REQUIRE(world.Call(orchestrator::kStartSagas, request).ok());
  known.clear_price();
  known.clear_terms();
  known.clear_refund();
  known.clear_seat_prices_minor();
  require_known();

  CommandResult reserved = Succeeded();
  *reserved.mutable_result()->mutable_amount() = all.price();
  *reserved.mutable_result()->mutable_terms() = all.terms();
  *reserved.mutable_result()->mutable_seat_prices_minor() = all.seat_prices_minor();
  world.Answer(reserved);
  *known.mutable_price() = all.price();
  *known.mutable_terms() = all.terms();
  *known.mutable_seat_prices_minor() = all.seat_prices_minor();
  require_known();

  world.Succeed();
  REQUIRE(world.Submit(world.Payment(kA)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  known.set_sealed_payment_token(all.sealed_payment_token());
  require_known();
  const auto& charge = static_cast<const payment::v1::ChargePaymentRequest&>(*world.last().body);
  REQUIRE(charge.sealed_payment_token() == "sealed-1");
  REQUIRE(charge.amount().SerializeAsString() == all.price().SerializeAsString());

  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  known.clear_sealed_payment_token();
  require_known();

  SagaSignal cancel = world.Cancellation(kA);
  *cancel.mutable_cancel()->mutable_data()->mutable_reservation()->mutable_refund() = all.refund();
  REQUIRE(world.Submit(cancel).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  *known.mutable_refund() = all.refund();
  require_known();
  REQUIRE(Differences(world.Get(kA).data(), WithoutToken(full)) == "");
}

TEST_CASE("the token is never shown: neither in a saga, nor in a list, nor to an operator") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  RetrySagaRequest retry;
  retry.set_saga_id(kA.ToString());
  const auto retried = world.Call(orchestrator::kRetrySaga, retry);
  REQUIRE(retried.ok());
  for (const std::string& shown : {world.Get(kA).DebugString(), retried->DebugString(),
                                   world.Call(orchestrator::kListSagas, {})->DebugString()}) {
    REQUIRE_THAT(shown, Catch::Contains("hamlet"));
    REQUIRE_THAT(shown, !Catch::Contains("sealed"));
  }
}

TEST_CASE("a price that was once said stays: the next answer does not change it") {
  SagaData data;
  data.mutable_reservation();
  const auto& type = sagas::kReservation;
  saga::v1::ActionResult result = Succeeded(4500, "EUR").result();
  REQUIRE(type.learn(data, sagas::Call::kReserveSeats, result)->reservation().price().currency() ==
          "EUR");
  REQUIRE_FALSE(type.learn(data, sagas::Call::kChargePayment, result).has_value());
  REQUIRE_FALSE(type.learn(data, sagas::Call::kReserveSeats, {}).has_value());
  *data.mutable_reservation()->mutable_price() = result.amount();
  REQUIRE_FALSE(type.learn(data, sagas::Call::kReserveSeats, result).has_value());
}

// --- Versions

constexpr std::array kShorter{core::Step{.name = "reserve_seats",
                                         .action = sagas::Call::kReserveSeats,
                                         .compensation = sagas::Call::kReleaseSeats,
                                         .attempt_deadline = 500ms}};
constexpr std::array kVersions{
    sagas::reservation::kVersions.back(),
    core::Definition{.name = "reservation",
                     .version = sagas::reservation::kVersions.back().version + 1,
                     .steps = kShorter}};
constexpr int kOld = kVersions.front().version;
constexpr int kNew = kVersions.back().version;

constexpr sagas::SagaType WithNewerVersion() {
  sagas::SagaType type = sagas::kReservation;
  type.versions = kVersions;
  return type;
}
constexpr sagas::SagaType kTwoVersions = WithNewerVersion();

TEST_CASE("a saga finishes on the version it started with, and new ones start with the newest") {
  OrchestratorWorld world;
  world.Boot();
  world.Start(kA);
  world.Succeed();
  world.Crash();
  world.types = {&kTwoVersions};
  world.Boot();
  REQUIRE(world.Get(kA).definition_version() == kOld);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(kA) == SAGA_STATE_COMPLETED);
  const Id b = SagaId('b');
  world.Start(b);
  REQUIRE(world.Get(b).definition_version() == kNew);
  world.SucceedToTheEnd();
  REQUIRE(world.StateOf(b) == SAGA_STATE_COMPLETED);
  world.RequireReplayGivesStoredState(kA);
  world.RequireReplayGivesStoredState(b);
}

TEST_CASE("the newest version can be held back while participants are updated") {
  OrchestratorWorld world;
  world.types = {&kTwoVersions};
  world.options.newest_versions = {{"reservation", kOld}};
  world.Boot();
  world.Start(kA);
  REQUIRE(world.Get(kA).definition_version() == kOld);
  world.Crash();
  world.options.newest_versions.clear();
  world.Boot();
  REQUIRE(world.Get(kA).definition_version() == kOld);
  world.Start(SagaId('b'));
  REQUIRE(world.Get(SagaId('b')).definition_version() == kNew);
}

TEST_CASE("a version or a saga that is not there cannot be held back to") {
  const auto wrong = [](const sagas::Registry::NewestVersions& newest) {
    const auto made = sagas::Registry::Make(sagas::kSagaTypes, newest);
    return made.ok() ? "" : std::string(made.status().message());
  };
  REQUIRE(wrong({{"reservation", kOld}}) == "");
  REQUIRE_THAT(wrong({{"reservation", 99}}), Catch::Contains("no version 99"));
  REQUIRE_THAT(wrong({{"circus", 1}}), Catch::Contains("no saga named circus"));
}

TEST_CASE("a type is found by the data that it runs on, and a definition by its version") {
  const auto registry = *sagas::Registry::Make(sagas::kSagaTypes);
  SagaData data;
  REQUIRE(registry.Find(data) == nullptr);
  for (const sagas::SagaType* type : sagas::kSagaTypes) {
    REQUIRE(SagaData::descriptor()->FindFieldByName(std::string(type->name))->number() ==
            static_cast<int>(type->arm));
    REQUIRE(registry.ForNew(*type, data) == &type->versions.back());
    for (const core::Definition& definition : type->versions) {
      REQUIRE(sagas::FindVersion(*type, definition.version) == &definition);
    }
    REQUIRE(sagas::FindVersion(*type, 0) == nullptr);
    REQUIRE(sagas::FindVersion(*type, type->versions.back().version + 1) == nullptr);
  }
  data.mutable_reservation();
  REQUIRE(registry.Find(data) == &sagas::kReservation);
}

}  // namespace
}  // namespace seatsaga
