#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/orchestrator.h"
#include "api/payment.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/sagas/saga_types.h"
#include "orchestrator/service/orchestrator_node.h"
#include "orchestrator/store/record_codec.h"
#include "orchestrator/store/saga_reader.h"
#include "tests/unit/orchestrator/world/fake_participant.h"

namespace seatsaga::testing {

inline constexpr const char* kOrchestrator = "orchestrator";

// An orchestrator and its participants, which the test plays. One thread.
class OrchestratorWorld {
 public:
  explicit OrchestratorWorld(Engine engine = Engine::kModel) : test(engine) {
    options.targets = {.seats = "seats", .payments = "payments", .reservations = "reservations"};
    for (FakeParticipant* one : all()) {
      one->on_command = [this, one](const ArrivedCommand& command) {
        arrived.push_back({one, one->commands().size(), command});
      };
    }
  }

  // --- Its life

  // Boots, and lets it come to rest.
  void Boot() {
    REQUIRE(TryBoot().ok());
    test.Run();
  }
  absl::Status TryBoot() {
    auto opened = OrchestratorNode::Open(
        test.world(kOrchestrator), options,
        types.empty() ? sagas::kSagaTypes : std::span<const sagas::SagaType* const>(types));
    if (!opened.ok()) return opened.status();
    node = *std::move(opened);
    return node->Start();
  }
  // What a crash leaves: the store as committed.
  void Crash() {
    test.Crash(kOrchestrator);
    node.reset();
    arrived.clear();
  }
  void Stop() {
    node->Stop(absl::ZeroDuration());
    node.reset();
  }

  // --- Requests, each with everything that comes of it at once

  template <class Method>
  auto Call(const Method& method, const typename Method::Request& request) {
    auto answer = test.CallNow(kOrchestrator, method, request);
    test.Run();
    return answer;
  }
  orchestrator::v1::SagaStart NewSaga(const Id& id) const {
    orchestrator::v1::SagaStart start;
    start.set_saga_id(id.ToString());
    auto& reservation = *start.mutable_data()->mutable_reservation();
    reservation.set_user_id("ada");
    reservation.set_event_id("hamlet");
    reservation.add_seat_ids("stalls/A/1");
    reservation.set_sealed_payment_token("sealed");
    return start;
  }
  // Starts one saga; true if it is said to be stored.
  bool Start(const Id& id) {
    orchestrator::v1::StartSagasRequest request;
    *request.add_sagas() = NewSaga(id);
    const auto response = Call(orchestrator::kStartSagas, request);
    last_start = response.status();
    return response.ok() && response->saga_ids_size() == 1;
  }
  // Starts one that holds its seats for so long; true if it is said to be stored.
  bool StartHold(const Id& id, absl::Duration hold = absl::Minutes(10)) {
    orchestrator::v1::StartSagasRequest request;
    orchestrator::v1::SagaStart& start = *request.add_sagas();
    start = NewSaga(id);
    auto& reservation = *start.mutable_data()->mutable_reservation();
    reservation.clear_sealed_payment_token();
    *reservation.mutable_hold_duration() = ToProto(hold);
    const auto response = Call(orchestrator::kStartSagas, request);
    last_start = response.status();
    return response.ok() && response->saga_ids_size() == 1;
  }

  // --- Signals

  static orchestrator::v1::SagaSignal Payment(const Id& id, int round = 1) {
    orchestrator::v1::SagaSignal signal;
    signal.set_saga_id(id.ToString());
    signal.mutable_resume()->set_step("await_payment");
    signal.mutable_resume()->set_round(round);
    signal.mutable_resume()->mutable_data()->mutable_reservation()->set_sealed_payment_token(
        Cat("sealed-", round));
    return signal;
  }
  static orchestrator::v1::SagaSignal Cancellation(const Id& id) {
    orchestrator::v1::SagaSignal signal;
    signal.set_saga_id(id.ToString());
    signal.mutable_cancel()->mutable_data()->mutable_reservation();
    return signal;
  }
  static orchestrator::v1::SagaSignal Extension(const Id& id, absl::Duration hold) {
    orchestrator::v1::SagaSignal signal;
    signal.set_saga_id(id.ToString());
    *signal.mutable_extend_hold()->mutable_hold_duration() = ToProto(hold);
    return signal;
  }
  CommandResult Submit(const orchestrator::v1::SagaSignal& signal) {
    orchestrator::v1::SubmitSignalsRequest request;
    *request.add_signals() = signal;
    const auto response = Call(orchestrator::kSubmitSignals, request);
    INFO(response.status());
    REQUIRE(response.ok());
    REQUIRE(response->results_size() == 1);
    return response->results(0);
  }

  orchestrator::v1::Saga Get(const Id& id) {
    orchestrator::v1::GetSagaRequest request;
    request.set_saga_id(id.ToString());
    const auto response = Call(orchestrator::kGetSaga, request);
    INFO(response.status());
    REQUIRE(response.ok());
    return response->saga();
  }
  orchestrator::v1::SagaState StateOf(const Id& id) { return Get(id).state(); }

  // --- Calls, over all participants in their order

  size_t calls() const { return arrived.size(); }
  // The newest call's command; "" if there is none.
  std::string LastCall() const { return arrived.empty() ? "" : arrived.back().command.arm; }
  const ArrivedCommand& last() const { return arrived.back().command; }
  // Answers the newest call.
  void Answer(CommandResult result) {
    REQUIRE_FALSE(arrived.empty());
    const Arrival newest = arrived.back();
    newest.at->Answer(newest.index, std::move(result));
    test.Run();
    if (newest.at == &reservations) test.Advance(absl::Milliseconds(10));  // it is not urgent
  }
  void Succeed() {
    const bool prices = LastCall() == "reserve_seats";
    Answer(prices ? Succeeded(4500, "EUR") : Succeeded());
  }
  void Refuse(const std::string& reason) { Answer(Refused(reason, "in words")); }
  void Unknown() { Answer(WithReason(saga::v1::OUTCOME_UNKNOWN, "UNAVAILABLE", "in words")); }
  // Has every call succeed until this one is made.
  void SucceedUntil(const std::string& call) {
    for (size_t seen = 0; LastCall() != call; Succeed()) {
      REQUIRE(calls() > seen);
      seen = calls();
    }
  }
  // Has every call succeed until none comes any more.
  void SucceedToTheEnd() {
    for (size_t seen = 0; seen != calls();) {
      seen = calls();
      Succeed();
    }
  }
  // Goes on to the next call that a timer makes.
  void PassTime() {
    const size_t before = calls();
    for (int i = 0; i < 100'000 && calls() == before; ++i) test.Advance(absl::Milliseconds(5));
    REQUIRE(calls() > before);
  }

  // --- The store, while the orchestrator is down

  template <class F>
  void Look(F look) {
    test.Crash(kOrchestrator);
    node.reset();
    auto store = test.world(kOrchestrator).stores.Open(store::kOrchestratorSchema);
    REQUIRE(store.ok());
    REQUIRE((*store)->Query([&](store::Snapshot& snapshot) { look(snapshot); }).ok());
  }
  // Changes a saga's row behind the orchestrator's back, which is then booted again.
  void Spoil(const Id& id, const std::function<void(store::SagaRow&)>& spoil) {
    test.Crash(kOrchestrator);
    node.reset();
    {
      auto store = *test.world(kOrchestrator).stores.Open(store::kOrchestratorSchema);
      store::Rows rows;
      rows.Want(store::kSagas, id);
      store->lane().Read(rows, [] {});
      spoil(rows.Update(store::kSagas, *rows.Find(store::kSagas, id)));
      store::CommitResult result;
      store->lane().Commit(nullptr, rows,
                           [&](store::CommitResult done) { result = std::move(done); });
      REQUIRE(result.committed == store::Committed::kDurable);
    }
    arrived.clear();
    Boot();
  }
  // The history's events once more through the core: must give the stored state (invariant I10).
  void RequireReplayGivesStoredState(const Id& id) {
    Look([&](store::Snapshot& snapshot) {
      const auto row = snapshot.Find(store::kSagas, id);
      REQUIRE(row.has_value());
      const auto registry = *sagas::Registry::Make(
          types.empty() ? sagas::kSagaTypes : std::span<const sagas::SagaType* const>(types));
      const auto saga = engine::Decode(registry, *row);
      REQUIRE(saga.ok());
      seatsaga::orchestrator::store::StoredHistory history;
      REQUIRE(history.ParseFromString(store::FullHistory(snapshot, *row)));
      core::State state;
      for (const auto& stored : history.events()) {
        const auto decision = core::Advance(*saga->definition, state,
                                            store::FromStored(stored).event, options.limits);
        INFO("entry " << state.sequence + 1 << ": " << decision.detail << "\n"
                      << stored.DebugString());
        REQUIRE(decision.disposition == core::Disposition::kApplied);
        state = decision.next;
      }
      REQUIRE(state.sequence == history.events_size());
      REQUIRE(state == saga->state);
    });
  }

  std::array<FakeParticipant*, 3> all() { return {&seats, &payments, &reservations}; }

  struct Arrival {
    FakeParticipant* at;
    size_t index;
    ArrivedCommand command;
  };

  TestWorld test;
  FakeParticipant seats{test, "seats", seat::kExecuteSeatCommands};
  FakeParticipant payments{test, "payments", payment::kExecutePaymentCommands};
  FakeParticipant reservations{test, "reservations", reservation::kExecuteReservationCommands};
  OrchestratorOptions options;
  std::vector<const sagas::SagaType*> types;  // empty: all there are
  std::unique_ptr<OrchestratorNode> node;
  std::vector<Arrival> arrived;
  absl::Status last_start;
};

// A saga's id as of when test worlds begin, told apart by its last byte.
inline Id SagaId(char last, absl::Time time = absl::FromCivil(absl::CivilSecond(2026, 1, 1),
                                                              absl::UTCTimeZone())) {
  std::string bytes(Id::LowerBound(time).bytes());
  bytes.back() = last;
  return *Id::FromBytes(bytes);
}

}  // namespace seatsaga::testing
