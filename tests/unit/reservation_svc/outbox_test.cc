// Telling the orchestrator: every saga is started in the end, and learns what its client did,
// whatever happens to the calls.
#include "reservation_svc/outbox.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

TEST_CASE("reservation outbox: a creation's saga is started with its whole content") {
  Facade world;
  const Id id = world.CreateNew();
  REQUIRE(world.orchestrator.calls.size() == 1);
  const orchestrator::v1::SagaStart& saga = world.orchestrator.calls[0].sagas(0);
  CHECK(saga.saga_id() == id.ToString());
  const orchestrator::v1::ReservationData& data = saga.data().reservation();
  CHECK(data.user_id() == "ann");
  CHECK(data.event_id() == "hamlet");
  REQUIRE(data.seat_ids_size() == 2);
  CHECK(data.seat_ids(0) == "stalls/A/1");
  CHECK(data.seat_ids(1) == "stalls/A/2");
  CHECK(world.sealer.Open(data.sealed_payment_token(), id).value() == "tok_visa");
}

TEST_CASE(
    "reservation outbox: after a restart every PENDING reservation is sent again, others not") {
  Facade world;
  const Id pending = world.CreateNew();
  const Id confirmed = world.CreateNew();
  world.Do(Confirm(confirmed));
  world.orchestrator.calls.clear();
  world.Restart();
  REQUIRE(world.orchestrator.calls.size() == 1);
  CHECK(world.orchestrator.Ids(0) == std::vector{pending});
  const auto& data = world.orchestrator.calls[0].sagas(0).data().reservation();
  CHECK(world.sealer.Open(data.sealed_payment_token(), pending).value() == "tok_visa");
}

TEST_CASE("reservation outbox: what was started is not sent again") {
  Facade world;
  world.CreateNew();
  world.orchestrator.AnswerAll(0);
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.calls.size() == 1);
}

TEST_CASE("reservation outbox: a saga left out of the answer, or a call without one, is repeated") {
  Facade world;
  const Id id = world.CreateNew();
  const bool answered = GENERATE(true, false);
  for (size_t call = 0; call < 20; ++call) {
    REQUIRE(world.orchestrator.calls.size() == call + 1);
    answered ? world.orchestrator.Answer(call, {}) : world.orchestrator.Fail(call);
    world.test.Advance(OutboxLimits().backoff.cap);
  }
  world.orchestrator.Answer(20, {id});
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.calls.size() == 21);
}

TEST_CASE("reservation outbox: a call that hangs is given up, and its sagas are sent again") {
  Facade world;
  const Id id = world.CreateNew();
  world.test.Advance(OutboxRelay::kCallDeadline + OutboxLimits().backoff.cap);
  REQUIRE(world.orchestrator.calls.size() == 2);
  CHECK(world.orchestrator.Ids(1) == std::vector{id});
}

TEST_CASE("reservation outbox: a reservation that became final is not sent any more") {
  Facade world;
  const Id id = world.CreateNew();
  world.orchestrator.Fail(0);  // it was stored all the same
  world.Do(Confirm(id));
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.calls.size() == 1);
}

TEST_CASE("reservation outbox: calls in flight and sagas in a call are bounded, the rest waits") {
  Facade world(AnyEngine(), {.outbox = {.messages_per_call = 2, .calls_in_flight = 2}});
  for (int i = 0; i < 7; ++i) world.SendCreate(world.NewRequest());
  world.test.Run();
  REQUIRE(world.orchestrator.calls.size() == 2);
  std::set<Id> started;
  for (size_t call = 0; call < world.orchestrator.calls.size(); ++call) {
    const std::vector<Id> ids = world.orchestrator.Ids(call);
    CHECK(ids.size() <= 2);
    started.insert(ids.begin(), ids.end());
    world.orchestrator.Answer(call, ids);
  }
  CHECK(world.orchestrator.calls.size() == 4);
  CHECK(started.size() == 7);
}

// --- Signals: what a client did, told until its saga knows, whatever happens to the calls.

// Every way in which a client has something to tell.
Id PaidOrCancelled(Facade& world, bool paid) {
  const Id id = paid ? world.PayNew() : world.HoldNew();
  if (!paid) REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  return id;
}

TEST_CASE("reservation outbox: a signal that its saga has, or never takes, is not sent again") {
  Facade world;
  PaidOrCancelled(world, GENERATE(true, false));
  REQUIRE(world.orchestrator.signal_calls.size() == 1);
  world.orchestrator.AnswerSignals(
      0, GENERATE(saga::v1::OUTCOME_SUCCEEDED, saga::v1::OUTCOME_REFUSED));
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() == 1);
}

TEST_CASE("reservation outbox: any other signal, or one without an answer, is repeated") {
  Facade world;
  const Id id = PaidOrCancelled(world, GENERATE(true, false));
  const int how = GENERATE(0, 1, 2, 3);
  for (size_t call = 0; call < 10; ++call) {
    REQUIRE(world.orchestrator.signal_calls.size() == call + 1);
    CHECK(world.orchestrator.SignalOf(call).SerializeAsString() ==
          world.orchestrator.SignalOf(0).SerializeAsString());
    switch (how) {
      case 0:
        world.orchestrator.AnswerSignals(call, saga::v1::OUTCOME_UNKNOWN);
        break;
      case 1:
        world.orchestrator.AnswerSignals(call, saga::v1::OUTCOME_INVALID);
        break;
      case 2:
        world.orchestrator.FailSignals(call);
        break;
      case 3:
        world.orchestrator.AnswerNoSignal(call);
        break;
    }
    world.test.Advance(OutboxLimits().backoff.cap);
  }
  world.orchestrator.AnswerSignals(10, saga::v1::OUTCOME_SUCCEEDED);
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() == 11);
  CHECK(world.orchestrator.SignalOf(10).saga_id() == id.ToString());
}

TEST_CASE("reservation outbox: after a restart what clients did is told again, and only that") {
  Facade world;
  const Id paid = world.PayNew();
  world.HoldNew();
  world.ConfirmNew();
  const Id cancelled = world.ConfirmNew();
  REQUIRE(world.CancelNow(world.NewCancellation(cancelled)).ok());
  for (size_t call = 0; call < 2; ++call) {
    world.orchestrator.AnswerSignals(call, saga::v1::OUTCOME_SUCCEEDED);
  }
  world.orchestrator.calls.clear();
  world.orchestrator.signal_calls.clear();
  world.Restart();
  CHECK(world.orchestrator.calls.empty());  // all of them have begun
  REQUIRE(world.orchestrator.signal_calls.size() == 1);
  const auto& signals = world.orchestrator.signal_calls[0].signals();
  REQUIRE(signals.size() == 2);
  CHECK(signals[0].saga_id() == paid.ToString());
  const auto& data = signals[0].resume().data().reservation();
  CHECK(world.sealer.Open(data.sealed_payment_token(), paid).value() == "tok_visa");
  CHECK(signals[1].saga_id() == cancelled.ToString());
  CHECK(signals[1].cancel().data().reservation().refund().amount_minor() == 4200);
}

TEST_CASE("reservation outbox: one cancelled before its saga began is started, then cancelled") {
  Facade world;
  const bool hold = GENERATE(true, false);
  const Id id = IdOf(world.Create(hold ? world.NewHold() : world.NewRequest()).value());
  world.orchestrator.Fail(0);  // nobody knows whether it was started
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  if (GENERATE(true, false)) {
    world.Restart();
  } else {
    world.test.Advance(OutboxLimits().backoff.cap);
  }
  REQUIRE(world.orchestrator.calls.size() >= 2);
  CHECK(world.orchestrator.Ids(1) == std::vector{id});
  const auto& data = world.orchestrator.calls[1].sagas(0).data().reservation();
  if (!hold) CHECK(world.sealer.Open(data.sealed_payment_token(), id).value() == "tok_visa");
  REQUIRE_FALSE(world.orchestrator.signal_calls.empty());
  CHECK(world.orchestrator.signal_calls.back().signals(0).has_cancel());
}

TEST_CASE("reservation outbox: a cancellation does not wait for the payment before it") {
  Facade world;
  const Id id = world.PayNew();
  REQUIRE(world.CancelNow(world.NewCancellation(id)).ok());
  REQUIRE(world.orchestrator.signal_calls.size() == 2);
  CHECK(world.orchestrator.SignalOf(1).has_cancel());
  SECTION("the payment's answer is not taken for the cancellation's") {
    world.orchestrator.AnswerSignals(0, saga::v1::OUTCOME_SUCCEEDED);
    world.orchestrator.AnswerSignals(1, saga::v1::OUTCOME_UNKNOWN);
    world.test.Advance(OutboxLimits().backoff.cap);
    REQUIRE(world.orchestrator.signal_calls.size() == 3);
    CHECK(world.orchestrator.SignalOf(2).has_cancel());
  }
  SECTION("nor does it repeat the payment") {
    world.orchestrator.AnswerSignals(1, saga::v1::OUTCOME_SUCCEEDED);
    world.orchestrator.AnswerSignals(0, saga::v1::OUTCOME_UNKNOWN);
    world.test.Advance(absl::Hours(1));
    CHECK(world.orchestrator.signal_calls.size() == 2);
  }
}

TEST_CASE("reservation outbox: a cancellation in the batch of the payment's answer is told, too") {
  Facade world;
  const Id id = world.PayNew();
  const bool cancel_first = GENERATE(true, false);
  if (cancel_first) world.SendCancel(world.NewCancellation(id));
  world.orchestrator.AnswerSignalsAlone(0, saga::v1::OUTCOME_SUCCEEDED);
  if (!cancel_first) world.SendCancel(world.NewCancellation(id));
  world.test.Run();
  REQUIRE(world.orchestrator.signal_calls.size() == 2);
  CHECK(world.orchestrator.SignalOf(1).has_cancel());
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() > 2);  // no answer: told again
}

TEST_CASE("reservation outbox: what has become of a payment ends its signal") {
  Facade world;
  const Id id = world.PayNew();
  world.orchestrator.FailSignals(0);  // it had its effect all the same
  const std::vector commands{Confirm(id), Cancel(id), HoldAgain(id, world.test.wall(), 2)};
  world.Do(commands.at(GENERATE(0u, 1u, 2u)));
  world.test.Advance(absl::Hours(1));
  CHECK(world.orchestrator.signal_calls.size() == 1);
}

// --- The outbox alone

struct MadeCall {
  int64_t number;
  std::vector<Id> ids;
};

// An outbox that a test decides batches of.
class Batches {
 public:
  explicit Batches(OutboxLimits limits = {}) : outbox(limits) {}

  // One batch: `results`, new sagas, and all calls that may be made.
  std::vector<MadeCall> Run(const std::vector<CallResult>& results = {},
                            const std::vector<Id>& added = {}) {
    OutboxBatch batch(outbox, now, ++seed_);
    for (const CallResult& result : results) batch.OnResult(result);
    for (const Id& id : added) batch.Add(id);
    std::vector<MadeCall> calls;
    std::vector<Id> ids;
    while (const auto number = batch.TakeCall([&](const Id& id) {
      ids.push_back(id);
      return true;
    })) {
      calls.push_back({*number, std::exchange(ids, {})});
    }
    outbox.Remember(batch.TakeChange());
    return calls;
  }
  std::vector<Id> NewIds(int count) {
    std::vector<Id> ids;
    for (int i = 0; i < count; ++i) ids.push_back(ids_.Next(absl::FromUnixSeconds(1'800'000'000)));
    return ids;
  }

  Outbox outbox;
  Mono now = Mono::FromNanos(1'000'000);

 private:
  uint64_t seed_ = 0;
  IdGenerator ids_;
};

TEST_CASE("reservation outbox: a saga left out of the answer is tried again, later each time") {
  Batches batches;
  for (const Id& id : batches.NewIds(20)) {  // each with chance of its own
    auto calls = batches.Run({}, {id});
    absl::Duration previous = absl::ZeroDuration();
    for (int i = 0; i < 4; ++i) {
      REQUIRE(calls.size() == 1);
      CHECK(calls[0].ids == std::vector{id});
      CHECK(batches.Run({{.call = calls[0].number, .answered = true}}).empty());
      const absl::Duration delay = batches.outbox.NextWake() - batches.now;
      CHECK(delay > previous);
      CHECK(delay <= OutboxLimits().backoff.cap);
      previous = delay;
      batches.now = batches.outbox.NextWake();
      calls = batches.Run();
    }
    batches.Run({{.call = calls[0].number, .answered = true, .delivered = {id}}});
  }
}

TEST_CASE("reservation outbox: a call without an answer is repeated until one comes") {
  Batches batches;
  const Id id = batches.NewIds(1).front();
  auto calls = batches.Run({}, {id});
  for (int i = 0; i < 20; ++i) {
    REQUIRE(calls.size() == 1);
    batches.Run({{.call = calls[0].number, .answered = false}});
    CHECK(batches.outbox.NextWake() > batches.now);
    CHECK(batches.outbox.NextWake() - batches.now <= OutboxLimits().backoff.cap);
    batches.now = batches.outbox.NextWake();
    calls = batches.Run();
  }
  batches.Run({{.call = calls[0].number, .answered = true, .delivered = {id}}});
  CHECK(batches.outbox.NextWake() == Mono::InfiniteFuture());
  CHECK(batches.outbox.size() == 0);
}

TEST_CASE("reservation outbox: while the orchestrator is away one small call at a time probes it") {
  Batches batches({.messages_per_call = 8, .calls_in_flight = 4});
  const auto calls = batches.Run({}, batches.NewIds(100));
  CHECK(calls.size() == 4);
  std::vector<CallResult> lost;
  for (const auto& call : calls) lost.push_back({.call = call.number, .answered = false});
  CHECK(batches.Run(lost).empty());
  size_t last_size = calls[0].ids.size();
  for (int i = 0; i < 6; ++i) {
    CHECK(batches.Run().empty());  // paused
    batches.now = batches.outbox.NextWake();
    const auto probe = batches.Run();
    REQUIRE(probe.size() == 1);
    CHECK(batches.Run().empty());
    CHECK(probe[0].ids.size() == std::max<size_t>(1, last_size / 2));
    last_size = probe[0].ids.size();
    batches.Run({{.call = probe[0].number, .answered = false}});
  }
  CHECK(batches.outbox.size() == 100);
}

TEST_CASE("reservation outbox: one saga that no call survives does not keep the others") {
  Batches batches({.messages_per_call = 8, .calls_in_flight = 4});
  const std::vector<Id> ids = batches.NewIds(101);
  const Id poison = ids.front();
  std::vector<MadeCall> calls = batches.Run({}, ids);
  for (int round = 0; round < 200 && batches.outbox.size() > 1; ++round) {
    std::vector<CallResult> results;
    for (const auto& call : calls) {
      const bool dies = std::find(call.ids.begin(), call.ids.end(), poison) != call.ids.end();
      results.push_back({.call = call.number, .answered = !dies});
      if (!dies) results.back().delivered = call.ids;
    }
    calls = batches.Run(results);
    if (!calls.empty()) continue;
    batches.now = std::max(batches.now, batches.outbox.NextWake());
    calls = batches.Run();
  }
  CHECK(batches.outbox.size() == 1);
}

TEST_CASE("reservation outbox: results of calls from before a reload are ignored") {
  Batches batches;
  const Id id = batches.NewIds(1).front();
  const auto old_calls = batches.Run({}, {id});
  batches.outbox.Clear();
  batches.outbox.Add(id, batches.now);
  const auto new_calls = batches.Run();
  REQUIRE(new_calls.size() == 1);
  CHECK(new_calls[0].number != old_calls[0].number);
  batches.Run({{.call = old_calls[0].number, .answered = false}});
  CHECK(batches.outbox.NextWake() == Mono::InfiniteFuture());
  batches.Run({{.call = new_calls[0].number, .answered = true, .delivered = {id}}});
  CHECK(batches.outbox.size() == 0);
}

TEST_CASE("reservation outbox: what is added while its call is in flight is told on its own") {
  Batches batches;
  const Id id = batches.NewIds(1).front();
  const auto first = batches.Run({}, {id});
  const auto second = batches.Run({}, {id});
  REQUIRE(second.size() == 1);
  CHECK(second[0].ids == std::vector{id});
  SECTION("the first result is not about it") {
    const bool delivered = GENERATE(true, false);
    batches.Run({{.call = first[0].number, .answered = true}});
    if (delivered) batches.Run({{.call = first[0].number, .answered = true, .delivered = {id}}});
    CHECK(batches.outbox.NextWake() == Mono::InfiniteFuture());
    CHECK(batches.outbox.size() == 1);
  }
  SECTION("the second is") {
    batches.Run({{.call = second[0].number, .answered = true, .delivered = {id}}});
    CHECK(batches.outbox.size() == 0);
    batches.Run({{.call = first[0].number, .answered = true}});
    CHECK(batches.outbox.size() == 0);
  }
}

TEST_CASE("reservation outbox: what is added with the result of its call is told once more") {
  Batches batches;
  const Id id = batches.NewIds(1).front();
  const auto first = batches.Run({}, {id});
  const auto second =
      batches.Run({{.call = first[0].number, .answered = true, .delivered = {id}}}, {id});
  REQUIRE(second.size() == 1);
  CHECK(second[0].ids == std::vector{id});
  CHECK(batches.outbox.size() == 1);
}

TEST_CASE("reservation outbox: what needs no telling any more is forgotten when its time comes") {
  Batches batches;
  const Id id = batches.NewIds(1).front();
  const bool added_now = GENERATE(true, false);
  if (!added_now) batches.outbox.Add(id, batches.now);
  OutboxBatch batch(batches.outbox, batches.now, 1);
  if (added_now) batch.Add(id);
  CHECK_FALSE(batch.TakeCall([](const Id&) { return false; }));
  batches.outbox.Remember(batch.TakeChange());
  CHECK(batches.outbox.size() == 0);
  CHECK(batches.outbox.NextWake() == Mono::InfiniteFuture());
}

TEST_CASE("reservation outbox: a batch decides the same when it is decided again") {
  Batches batches({.messages_per_call = 3, .calls_in_flight = 2});
  const auto calls = batches.Run({}, batches.NewIds(10));
  const std::vector<Id> added = batches.NewIds(2);
  const auto decide = [&] {
    OutboxBatch batch(batches.outbox, batches.now + absl::Seconds(1), 42);
    batch.OnResult({.call = calls[0].number, .answered = true, .delivered = {calls[0].ids[1]}});
    for (const Id& id : added) batch.Add(id);
    std::string trace;
    while (const auto number = batch.TakeCall([&](const Id& id) {
      trace += id.ToString();
      return true;
    })) {
      trace += Cat("=", *number, ";");
    }
    const Outbox::Change change = batch.TakeChange();
    for (const auto& [id, entry] : change.entries) {
      trace += entry ? Cat(id.ToString(), "@", entry->due.nanos(), ";") : Cat("-", id.ToString());
    }
    return trace;
  };
  const std::string first = decide();
  CHECK(decide() == first);
  CHECK(batches.outbox.size() == 10);
}

}  // namespace
}  // namespace seatsaga::reservation::testing
