// Starting sagas: every PENDING reservation's is started in the end, whatever happens to the calls.
#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

TEST_CASE("reservation outbox: a creation's saga is started with its whole content") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  REQUIRE(world.orchestrator.calls.size() == 1);
  const SagaStart& saga = world.orchestrator.calls[0].sagas.at(0);
  CHECK(saga.id == id);
  CHECK(saga.user_id == "ann");
  CHECK(saga.event_id == "hamlet");
  CHECK(saga.seats == "stalls/A/1\nstalls/A/2");
  CHECK(world.sealer.Open(saga.sealed_token, id).value() == "tok_visa");
}

TEST_CASE(
    "reservation outbox: after a restart every PENDING reservation is sent again, others not") {
  ReservationWorld world;
  const Id pending = world.CreateNew();
  const Id confirmed = world.CreateNew();
  world.Do(ReservationWorld::Confirm(confirmed));
  world.Reopen();
  REQUIRE(world.orchestrator.calls.size() == 1);
  CHECK(IdsOf(world.orchestrator.calls[0]) == std::vector{pending});
  CHECK(world.sealer.Open(world.orchestrator.calls[0].sagas[0].sealed_token, pending).value() ==
        "tok_visa");
}

TEST_CASE("reservation outbox: what was started is not sent again") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  world.SendResult({.call = 1, .answered = true, .started = {id}});
  REQUIRE(world.Run().ok());
  CHECK(world.book->NextWake() == absl::InfiniteFuture());
}

TEST_CASE("reservation outbox: a saga left out of the answer is tried again, later each time") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  absl::Duration previous = absl::ZeroDuration();
  for (int64_t call = 1; call <= 4; ++call) {
    world.SendResult({.call = call, .answered = true});
    REQUIRE(world.Run().ok());
    const absl::Duration delay = world.book->NextWake() - world.now;
    CHECK(delay > previous);
    CHECK(delay <= OutboxLimits().backoff_cap);
    previous = delay;
    REQUIRE(world.orchestrator.calls.size() == static_cast<size_t>(call));
    world.RunAtNextWake();
    REQUIRE(world.orchestrator.calls.size() == static_cast<size_t>(call + 1));
    CHECK(IdsOf(world.orchestrator.calls.back()) == std::vector{id});
  }
}

TEST_CASE("reservation outbox: a call without an answer is repeated until one comes") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  for (int64_t call = 1; call <= 20; ++call) {
    world.SendResult({.call = call, .answered = false});
    REQUIRE(world.Run().ok());
    CHECK(world.book->NextWake() > world.now);
    CHECK(world.book->NextWake() - world.now <= OutboxLimits().backoff_cap);
    world.RunAtNextWake();
    REQUIRE(world.orchestrator.calls.size() == static_cast<size_t>(call + 1));
  }
  world.SendResult({.call = 21, .answered = true, .started = {id}});
  REQUIRE(world.Run().ok());
  CHECK(world.book->NextWake() == absl::InfiniteFuture());
}

TEST_CASE("reservation outbox: a reservation that became final is not sent any more") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  world.SendResult({.call = 1, .answered = false});  // it was stored all the same
  world.SendCommands({ReservationWorld::Confirm(id)});
  REQUIRE(world.Run().ok());
  world.now += absl::Hours(1);
  REQUIRE(world.Run().ok());
  CHECK(world.orchestrator.calls.size() == 1);
  CHECK(world.book->NextWake() == absl::InfiniteFuture());
}

TEST_CASE("reservation outbox: calls in flight and sagas in a call are bounded, the rest waits") {
  ReservationWorld world({}, {.sagas_per_call = 2, .calls_in_flight = 2});
  for (int i = 0; i < 7; ++i) world.SendCreate(world.NewRequest());
  REQUIRE(world.Run().ok());
  REQUIRE(world.orchestrator.calls.size() == 2);
  CHECK(world.book->NextWake() == absl::InfiniteFuture());
  std::set<Id> started;
  for (size_t call = 0; call < world.orchestrator.calls.size(); ++call) {
    const std::vector<Id> ids = IdsOf(world.orchestrator.calls[call]);
    CHECK(ids.size() <= 2);
    started.insert(ids.begin(), ids.end());
    world.SendResult({.call = static_cast<int64_t>(call + 1), .answered = true, .started = ids});
    REQUIRE(world.Run().ok());
  }
  CHECK(world.orchestrator.calls.size() == 4);
  CHECK(started.size() == 7);
}

TEST_CASE("reservation outbox: while the orchestrator is away one small call at a time probes it") {
  Outbox outbox({.sagas_per_call = 8, .calls_in_flight = 4});
  IdGenerator ids;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int i = 0; i < 100; ++i) outbox.Add(ids.Next(now));
  std::vector<Outbox::Call> calls;
  while (auto call = outbox.TakeCall(now)) calls.push_back(*call);
  CHECK(calls.size() == 4);
  for (const auto& call : calls) outbox.OnResult({.call = call.number, .answered = false}, now);
  size_t last_size = calls[0].ids.size();
  for (int i = 0; i < 6; ++i) {
    CHECK_FALSE(outbox.TakeCall(now).has_value());  // paused
    now = outbox.NextWake();
    const auto probe = outbox.TakeCall(now);
    REQUIRE(probe.has_value());
    CHECK_FALSE(outbox.TakeCall(now).has_value());
    CHECK(probe->ids.size() == std::max<size_t>(1, last_size / 2));
    last_size = probe->ids.size();
    outbox.OnResult({.call = probe->number, .answered = false}, now);
  }
  CHECK(outbox.size() == 100);
}

TEST_CASE("reservation outbox: one saga that no call survives does not keep the others") {
  Outbox outbox({.sagas_per_call = 8, .calls_in_flight = 4});
  IdGenerator ids;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const Id poison = ids.Next(now);
  outbox.Add(poison);
  for (int i = 0; i < 100; ++i) outbox.Add(ids.Next(now));
  for (int round = 0; round < 200 && outbox.size() > 1; ++round) {
    now = std::max(now, outbox.NextWake());
    std::vector<Outbox::Call> calls;
    while (auto call = outbox.TakeCall(now)) calls.push_back(*call);
    for (const auto& call : calls) {
      const bool dies = std::find(call.ids.begin(), call.ids.end(), poison) != call.ids.end();
      StartResult result{.call = call.number, .answered = !dies};
      if (!dies) result.started = call.ids;
      outbox.OnResult(result, now);
    }
  }
  CHECK(outbox.size() == 1);
}

TEST_CASE("reservation outbox: results of calls from before a reload are ignored") {
  Outbox outbox;
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  const Id id = IdGenerator().Next(now);
  outbox.Add(id);
  const auto old_call = outbox.TakeCall(now);
  outbox.Reset({id});
  const auto new_call = outbox.TakeCall(now);
  REQUIRE(new_call.has_value());
  CHECK(new_call->number != old_call->number);
  outbox.OnResult({.call = old_call->number, .answered = false}, now);
  CHECK(outbox.NextWake() == absl::InfiniteFuture());
  outbox.OnResult({.call = new_call->number, .answered = true, .started = {id}}, now);
  CHECK(outbox.size() == 0);
}

}  // namespace
}  // namespace seatsaga::reservation
