#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "common/participant/desk.h"
#include "common/participant/fencing.h"
#include "common/sqlite/lane.h"
#include "common/store/lane.h"
#include "common/store/model.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"
#include "tests/world/test_world.h"

// A participant whose effects are counted, on a real store: the desk as a service uses it, one call
// of the lane at a time.
namespace seatsaga::participant::testing {

using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;
using seatsaga::testing::Engine;

inline constexpr std::array<const store::TableInfo*, 2> kTables{&kBarrier.info(), &kFencing.info()};
inline constexpr store::Schema kSchema{"participant", kTables};

// Stores of any engine.
class AnyStores {
 public:
  explicit AnyStores(Engine engine)
      : sqlite_([this](std::string_view service) { return dir_.File(std::string(service)); }),
        engine_(engine) {}
  absl::StatusOr<std::unique_ptr<store::Store>> Open() {
    return engine_ == Engine::kSqlite ? sqlite_.Open(kSchema) : model_.Open(kSchema);
  }
  // One of several on the same store.
  absl::StatusOr<std::unique_ptr<store::Store>> OpenShared() { return model_.OpenShared(kSchema); }

 private:
  seatsaga::testing::TempDir dir_;
  sqlite::SqliteStores sqlite_;
  store::ModelStores model_;
  const Engine engine_;
};

inline Engine AnyEngine() { return GENERATE(Engine::kSqlite, Engine::kModel); }

// Of partition `last`.
inline Id SagaId(char last, char first = 's') {
  std::string bytes(16, first);
  bytes.back() = last;
  return *Id::FromBytes(bytes);
}

inline Token TokenOf(uint64_t epoch, char holder = 'h') {
  return {epoch, *Id::FromBytes(std::string(16, holder))};
}
// What Replica takes at first.
inline const Token kToken = TokenOf(5);

inline CommandBase Action(char saga = '1', std::string digest = "body", int32_t round = 1) {
  CommandBase command;
  command.saga_id = SagaId(saga);
  command.step = "reserve_seats";
  command.direction = DIRECTION_ACTION;
  command.round = round;
  command.token = kToken;
  command.digest = std::move(digest);
  return command;
}

inline CommandBase Compensation(char saga = '1', std::string digest = "undo", int32_t round = 1) {
  CommandBase command = Action(saga, std::move(digest), round);
  command.direction = DIRECTION_COMPENSATION;
  return command;
}
inline CommandBase ActionOf(int32_t round) { return Action('1', "body", round); }
inline CommandBase CompensationOf(int32_t round) { return Compensation('1', "undo", round); }

inline CommandBase With(Token token, CommandBase command) {
  command.token = token;
  return command;
}
inline CommandBase AtStep(std::string step, CommandBase command) {
  command.step = std::move(step);
  return command;
}

// Takes partitions, which are held by `held` until now.
inline Take TakeOf(std::vector<int32_t> partitions, Token held, Token token) {
  Take take{.token = token, .store_id = SagaId('o'), .store_counter = 1};
  for (const int32_t partition : partitions) take.held.emplace_back(partition, held);
  return take;
}

// "REFUSED LATE_ACTION".
inline std::string Brief(const CommandResult& result) {
  std::string text =
      saga::v1::Outcome_Name(result.outcome()).substr(std::string("OUTCOME_").size());
  return result.reason().empty() ? text : Cat(text, " ", result.reason());
}
inline std::string Brief(const absl::Status& status) {
  return status.ok() ? "OK" : ReasonOf(status);
}

class Replica {
 public:
  using Input = std::variant<CommandBase, Take>;
  struct Outcomes {
    std::vector<CommandResult> results;  // of the commands
    std::vector<absl::Status> taken;     // of the takes
  };

  explicit Replica(std::unique_ptr<store::Store> store) : store_(std::move(store)) { Load(); }

  // The first half of a batch; nothing is decided yet.
  void Read(std::vector<Input> inputs) {
    inputs_ = std::move(inputs);
    ReadAgain();
  }
  // The second half. kConflict: read again, as the loop does.
  store::Committed Commit() {
    Desk desk(fencing_, shared(), rows_);
    Outcomes outcomes;
    std::vector<std::string> had;
    for (const Input& input : inputs_) {
      if (const auto* take = std::get_if<Take>(&input)) {
        outcomes.taken.push_back(desk.Decide(*take));
      } else {
        outcomes.results.push_back(Execute(desk, std::get<CommandBase>(input), had));
      }
    }
    const Fencing::Change change = desk.TakeChange();
    if (break_commit) {
      lane().Abandon();
      return store::Committed::kNothing;
    }
    store::CommitResult result;
    lane().Commit(nullptr, rows_, [&](store::CommitResult ended) { result = std::move(ended); });
    if (result.committed == store::Committed::kDurable) {
      fencing_.Remember(change);
      for (std::string& effect : had) effects.push_back(std::move(effect));
      last = std::move(outcomes);
    }
    return result.committed;
  }
  void ReadAgain() {
    rows_.Clear();
    for (const Input& input : inputs_) {
      if (const auto* take = std::get_if<Take>(&input)) {
        Desk::Want(*take, rows_);
      } else {
        Desk::Want(std::get<CommandBase>(input), shared(), rows_);
      }
    }
    bool read = false;
    lane().Read(rows_, [&] { read = true; });
    REQUIRE(read);
  }

  // A whole batch: the answers to its commands, in order.
  std::vector<CommandResult> Batch(std::vector<Input> inputs) {
    Read(std::move(inputs));
    while (Commit() == store::Committed::kConflict) ReadAgain();
    return last.results;
  }
  CommandResult One(const CommandBase& command) { return Batch({command}).at(0); }
  absl::Status TakeNow(const Take& take) {
    Batch({take});
    return last.taken.at(0);
  }

  // Everything that is durable of the barrier: "action 1: LATE_ACTION (tombstone)".
  std::vector<std::string> BarrierRows() {
    std::vector<std::string> rows;
    REQUIRE(store_
                ->Query([&](store::Snapshot& snapshot) {
                  snapshot.Visit({.table = &kBarrier.info()}, [&](const store::RowView& view) {
                    rows.push_back(ToText(kBarrier.Load(view)));
                    return true;
                  });
                })
                .ok());
    return rows;
  }
  saga::v1::GetFencingResponse Holders() {
    saga::v1::GetFencingResponse response;
    REQUIRE(
        store_->Query([&](store::Snapshot& snapshot) { response = ReadFencing(snapshot); }).ok());
    return response;
  }
  store::Lane& lane() { return store_->lane(); }
  bool shared() { return lane().shared(); }
  const Fencing& fencing() const { return fencing_; }
  store::Rows& rows() { return rows_; }

  std::vector<std::string> effects;  // "action 1", as they became durable
  Outcomes last;                     // of the last batch that became durable
  bool refuse_effects = false;
  bool break_commit = false;  // nothing of a batch becomes durable
  ActionIs action_is = ActionIs::kCommand;

 private:
  static std::string NameOf(saga::v1::Direction direction, int32_t round) {
    return Cat(direction == DIRECTION_ACTION ? "action " : "compensation ", round);
  }
  static std::string ToText(const BarrierRow& row) {
    CommandResult outcome;
    REQUIRE(outcome.ParseFromString(row.outcome));
    return Cat(NameOf(row.direction, row.round), ": ", Brief(outcome),
               row.IsTombstone() ? " (tombstone)" : "");
  }

  CommandResult Execute(Desk& desk, const CommandBase& command, std::vector<std::string>& had) {
    if (auto answer = desk.Admit(command, action_is)) return *std::move(answer);
    had.push_back(NameOf(command.direction, command.round));
    CommandResult result =
        refuse_effects ? Refused("SEAT_NOT_AVAILABLE", "taken")
                       : Succeeded(static_cast<int64_t>(effects.size() + had.size()), "EUR");
    desk.Record(command, result);
    return result;
  }
  void Load() {
    REQUIRE(lane()
                .Load([&](store::Snapshot& snapshot) {
                  fencing_.Load(snapshot);
                  return snapshot.status();
                })
                .ok());
  }

  std::unique_ptr<store::Store> store_;
  Fencing fencing_;
  store::Rows rows_;
  std::vector<Input> inputs_;
};

}  // namespace seatsaga::participant::testing
