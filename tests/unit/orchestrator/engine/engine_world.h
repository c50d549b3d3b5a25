#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/sqlite/database.h"
#include "orchestrator/engine/engine.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "orchestrator/store/saga_store.h"
#include "orchestrator/store/schema.h"
#include "tests/support/temp_dir.h"

namespace seatsaga::testing {

// Keeps the calls that the engine makes; the test answers them.
class RecordingParticipants final : public participants::Participants {
 public:
  void Send(std::vector<participants::CallRequest> requests) override {
    for (auto& request : requests) sent.push_back(std::move(request));
  }
  std::vector<participants::CallRequest> sent;
};

// The engine on a real database, driven by hand: no thread, no clock, no network.
class EngineWorld {
 public:
  EngineWorld() { Boot(); }

  // What a crash leaves: the database as committed, and a new process on it.
  void Crash() {
    engine.reset();
    store.reset();
    database.reset();
    participants.sent.clear();
    Boot();
  }

  // One batch. Returns the commit's status.
  absl::Status Step(std::vector<engine::Input> batch) {
    now += absl::Milliseconds(1);
    database->Begin();
    engine->Apply(batch, now, after);
    if (break_next_commit) database->Execute("no such statement");
    break_next_commit = false;
    const absl::Status committed = database->Commit();
    if (committed.ok()) {
      after.Run();
    } else {
      after.Drop();
    }
    return committed;
  }
  template <class Input>
  absl::Status Step(Input input) {
    std::vector<engine::Input> batch;
    batch.push_back(std::move(input));
    return Step(std::move(batch));
  }

  // Goes on to when the engine next wants to be woken, if it does.
  void PassTime() {
    if (engine->NextWake() == absl::InfiniteFuture()) return;
    now = std::max(now, engine->NextWake());
    (void)Step(std::vector<engine::Input>{});
  }

  // Starts one saga; true if the engine said that it is stored.
  bool Start(const Id& id) {
    bool stored = false;
    sagas::SagaFacts facts{.user_id = "ada",
                           .event_id = "hamlet",
                           .seat_ids = {"stalls/A/1"},
                           .sealed_payment_token = "sealed"};
    std::vector<engine::NewSaga> sagas;
    sagas.push_back({id, std::move(facts)});
    last_commit = Step(engine::StartSagas{
        std::move(sagas), Reply<orchestrator::v1::StartSagasResponse>([&](auto answer) {
          stored = answer.ok() && answer->saga_ids_size() == 1;
        })});
    return stored;
  }

  // Answers the newest call.
  absl::Status Answer(core::Outcome outcome, std::string reason = "") {
    const auto call = participants.sent.back();
    participants::CallResult result;
    result.saga_id = call.saga_id;
    result.kind = call.command.kind;
    result.step = call.command.step;
    result.direction = call.command.direction;
    result.attempt = call.command.attempt;
    result.outcome = outcome;
    result.reason = std::move(reason);
    if (call.command.call == sagas::Call::kReserveSeats && outcome == core::Outcome::kSucceeded) {
      result.amount_minor = 4500;
      result.currency = "EUR";
    }
    return Step(engine::CallsEnded{{result}});
  }

  // The name of the newest call's step, "" if nothing was sent.
  std::string LastCall() const {
    if (participants.sent.empty()) return "";
    const auto& call = participants.sent.back();
    const bool undo = call.command.direction == core::Direction::kCompensation;
    return (undo ? "undo " : "") + std::string(call.step_name);
  }

  std::optional<store::SagaRow> Row(const Id& id) {
    auto reader_database = *sqlite::Database::OpenReader(path());
    return store::SagaReader(*reader_database).Find(id);
  }
  std::string path() const { return dir.File("orchestrator.db"); }

  TempDir dir;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  RecordingParticipants participants;
  std::unique_ptr<sqlite::Database> database;
  std::unique_ptr<store::SagaStore> store;
  std::unique_ptr<engine::Engine> engine;
  AfterCommit after;
  engine::EngineOptions options{.limits = {},
                                .live_max = 100'000,
                                .fencing_token = 7,
                                .jitter_seed = 1,
                                .start_time = absl::UnixEpoch(),
                                .on_fenced_off = [this] { ++fenced_off; }};
  int fenced_off = 0;
  bool break_next_commit = false;
  absl::Status last_commit;

 private:
  void Boot() {
    database = *sqlite::Database::OpenWriter(path(), store::kMigrations);
    store = std::make_unique<store::SagaStore>(*database);
    engine = std::make_unique<engine::Engine>(*store, participants, options);
    Reload();
  }

 public:
  void Reload() {
    database->Begin();
    last_commit = engine->Load(now, after);
    (void)database->Commit();
    after.Run();
  }
};

inline Id SagaId(char last) {
  Id id = Id::LowerBound(absl::FromUnixSeconds(1'800'000'000));
  std::string bytes(id.bytes());
  bytes.back() = last;
  return *Id::FromBytes(bytes);
}

}  // namespace seatsaga::testing
