#include "common/barrier.h"

#include <utility>

#include "common/text.h"

namespace seatsaga {

using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;

Barrier::Barrier(sqlite::Database& database)
    : select_(database.Prepare(
          "SELECT direction, fingerprint, outcome FROM barrier WHERE saga_id=?1 AND step=?2")),
      insert_(database.Prepare(
          sqlite::InsertRows("barrier", "saga_id, step, direction, fingerprint, outcome"))),
      select_token_(database.Prepare("SELECT token FROM fencing")),
      update_token_(database.Prepare("UPDATE fencing SET token=?1")),
      sagas_(database.Prepare("SELECT max(saga_id) FROM barrier")) {}

void Barrier::Reload() {
  rows_.clear();
  unwritten_.clear();
  token_unwritten_ = false;
  newest_token_ = 0;
  for (select_token_.Query(); select_token_.Next();) {
    newest_token_ = static_cast<uint64_t>(select_token_.Int(0));
  }
}

void Barrier::Load(std::span<const BarrierCommand> commands) {
  rows_.clear();
  for (const BarrierCommand& command : commands) {
    if (!sagas_.MayHold(command.saga_id)) continue;
    select_.Query(sqlite::Blob{command.saga_id.bytes()}, command.step);
    while (select_.Next()) {
      const auto direction = static_cast<saga::v1::Direction>(select_.Int(0));
      Row& row = rows_[Key{command.saga_id, command.step, direction}];
      row.fingerprint = std::string(select_.Text(1));
      const std::string_view outcome = select_.Text(2);
      row.outcome.ParseFromArray(outcome.data(), static_cast<int>(outcome.size()));
    }
  }
}

const Barrier::Row* Barrier::Find(const Id& saga_id, std::string_view step,
                                  saga::v1::Direction direction) const {
  const auto it = rows_.find(Key{saga_id, std::string(step), direction});
  return it == rows_.end() ? nullptr : &it->second;
}

bool Barrier::Recorded(const Id& saga_id, std::string_view step,
                       saga::v1::Direction direction) const {
  return Find(saga_id, step, direction) != nullptr;
}

std::optional<CommandResult> Barrier::CheckToken(uint64_t fencing_token) const {
  if (fencing_token >= newest_token_) return std::nullopt;
  return Refused(kStaleFencingToken, Cat("fencing token ", fencing_token, " is older than ",
                                         newest_token_, ": another orchestrator has taken over"));
}

std::optional<CommandResult> Barrier::Admit(const BarrierCommand& command, ActionIs action) {
  if (auto stale = CheckToken(command.fencing_token)) return stale;
  if (command.fencing_token > newest_token_) {
    newest_token_ = command.fencing_token;
    token_unwritten_ = true;
  }
  if (const Row* row = Find(command.saga_id, command.step, command.direction)) {
    if (row->fingerprint == command.fingerprint) return row->outcome;
    return Invalid(kKeyReused, Cat("saga ", command.saga_id.ToString(), " step ", command.step,
                                   " was sent before with another body; use a new key"));
  }
  if (command.direction == DIRECTION_ACTION) {
    if (!Recorded(command.saga_id, command.step, DIRECTION_COMPENSATION)) return std::nullopt;
    const CommandResult late = Refused(
        kLateAction, "the step was compensated before its action arrived; it has no effect");
    Record(command, late);
    return late;
  }
  if (action == ActionIs::kOwnAct) return std::nullopt;
  if (Recorded(command.saga_id, command.step, DIRECTION_ACTION)) return std::nullopt;
  const CommandResult done = Succeeded();
  Record(command, done);
  return done;
}

void Barrier::Record(const BarrierCommand& command, const CommandResult& outcome) {
  Key key{command.saga_id, command.step, command.direction};
  rows_[key] = Row{command.fingerprint, outcome};
  unwritten_.push_back(std::move(key));
}

void Barrier::Flush() {
  std::vector<std::string> outcomes;
  outcomes.reserve(unwritten_.size());
  sqlite::Rows rows;
  for (const Key& key : unwritten_) {
    const Row& row = rows_.at(key);
    const std::string& outcome = outcomes.emplace_back(row.outcome.SerializeAsString());
    rows.Add(sqlite::Blob{key.saga_id.bytes()}, key.step, key.direction,
             sqlite::Blob{row.fingerprint}, sqlite::Blob{outcome});
    sagas_.Add(key.saga_id);
  }
  insert_.RunAll(rows);
  unwritten_.clear();
  if (std::exchange(token_unwritten_, false))
    update_token_.Run(static_cast<int64_t>(newest_token_));
}

}  // namespace seatsaga
