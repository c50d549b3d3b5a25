#include "common/participant/desk.h"

#include <algorithm>
#include <utility>

#include "common/text.h"

namespace seatsaga::participant {
namespace {

using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;

CommandResult LateAction() {
  return Refused(kLateAction,
                 "the step was compensated before its action arrived; the action has no effect");
}

}  // namespace

CommandResult OutcomeOf(const BarrierRow& row) {
  CommandResult result;
  result.ParseFromString(row.outcome);
  return result;
}

void Desk::Want(const CommandBase& command, bool shared, store::Rows& rows) {
  if (command.rejected) return;
  rows.Want(kBarrier, command.saga_id, command.step);  // both directions, all rounds
  if (shared) rows.Want(kFencing, store::PartitionOf(command.saga_id));
}

void Desk::Want(const Take& take, store::Rows& rows) {
  for (const auto& [partition, token] : take.held) rows.Want(kFencing, partition);
}

Token Desk::Held(int32_t partition) const {
  // The last one, because a batch may take a partition twice.
  for (auto it = change_.rbegin(); it != change_.rend(); ++it) {
    if (it->first == partition) return it->second;
  }
  if (!shared_) return fencing_.Of(partition);
  const FencingRow* row = rows_.Find(kFencing, partition);
  return row == nullptr ? Token() : Token{row->epoch, row->holder};
}

std::optional<CommandResult> Desk::CheckToken(const CommandBase& command) const {
  const int32_t partition = store::PartitionOf(command.saga_id);
  const Token held = Held(partition);
  if (held == command.token) return std::nullopt;
  const bool stale = command.token.epoch <= held.epoch;
  return Refused(
      stale ? kStaleFencingToken : kFencingTokenNotTaken,
      Cat("partition ", partition, " is held by ", ToString(held), ", not by ",
          ToString(command.token),
          stale ? "; another orchestrator has taken over" : "; take it with TakePartitions first"));
}

const BarrierRow* Desk::Find(const CommandBase& command, saga::v1::Direction direction,
                             int32_t round) const {
  return rows_.Find(kBarrier, command.saga_id, command.step, direction, round);
}

bool Desk::HasAction(const CommandBase& command) const {
  bool found = false;
  rows_.ForEach(
      kBarrier,
      [&](const BarrierRow& row) { found |= row.round <= command.round && !row.IsTombstone(); },
      command.saga_id, command.step, DIRECTION_ACTION);
  return found;
}

bool Desk::IsClosed(const CommandBase& command) const {
  bool closed = false;
  rows_.ForEach(
      kBarrier, [&](const BarrierRow& row) { closed |= row.round >= command.round; },
      command.saga_id, command.step, DIRECTION_COMPENSATION);
  return closed;
}

std::optional<CommandResult> Desk::AdmitProbe(const CommandBase& command) const {
  if (command.rejected) return command.rejected;
  return CheckToken(command);
}

std::optional<CommandResult> Desk::Admit(const CommandBase& command, ActionIs action) {
  if (auto no = AdmitProbe(command)) return no;
  if (const BarrierRow* row = Find(command, command.direction, command.round)) {
    if (row->IsTombstone() || row->digest == command.digest) return OutcomeOf(*row);
    return Invalid(kKeyReused, Cat("saga ", command.saga_id.ToString(), " step ", command.step,
                                   " was sent before with another body; use a new key"));
  }
  // A bug in the service's parsing: it would be kept as a tombstone.
  if (command.digest.empty()) {
    return Invalid("NO_DIGEST", Cat("step ", command.step, " has no digest; report it as a bug"));
  }
  if (command.direction == DIRECTION_ACTION) {
    if (!IsClosed(command)) return std::nullopt;
    const CommandResult late = LateAction();
    Record(command, late);
    return late;
  }
  if (action == ActionIs::kOwnAct) return std::nullopt;
  const bool has_action = HasAction(command);
  Bury(command);
  if (has_action) return std::nullopt;
  const CommandResult done = Succeeded();
  Record(command, done);
  return done;
}

void Desk::Bury(const CommandBase& compensation) {
  static const std::string late = LateAction().SerializeAsString();
  for (int32_t round = 1; round <= compensation.round; ++round) {
    if (Find(compensation, DIRECTION_ACTION, round) != nullptr) continue;
    rows_.Insert(kBarrier, {.saga_id = compensation.saga_id,
                            .step = compensation.step,
                            .direction = DIRECTION_ACTION,
                            .round = round,
                            .outcome = late});
  }
}

void Desk::Record(const CommandBase& command, const CommandResult& outcome) {
  rows_.Insert(kBarrier, {.saga_id = command.saga_id,
                          .step = command.step,
                          .direction = command.direction,
                          .round = command.round,
                          .digest = command.digest,
                          .outcome = outcome.SerializeAsString()});
}

absl::Status Desk::Decide(const Take& take) {
  for (const auto& [partition, token] : take.held) {
    const Token held = Held(partition);
    if (held == take.token) continue;  // it has been taken already: an answer was lost
    if (held != token) {
      return PreconditionError(kFencingTokenChanged, Cat("partition ", partition),
                               Cat("is held by ", ToString(held), ", not by ", ToString(token),
                                   "; call GetFencing again before you decide to take it"));
    }
    if (take.token.epoch <= held.epoch || take.token.epoch - held.epoch > kEpochJumpMax) {
      return PreconditionError(kFencingTokenChanged, Cat("partition ", partition),
                               Cat("a new epoch must be above ", held.epoch, " by at most ",
                                   kEpochJumpMax, ", not ", take.token.epoch));
    }
  }
  for (const auto& [partition, token] : take.held) {
    FencingRow row{partition, take.token.epoch, take.token.holder, take.store_id,
                   take.store_counter};
    if (const FencingRow* found = rows_.Find(kFencing, partition)) {
      rows_.Update(kFencing, *found) = row;
    } else {
      rows_.Insert(kFencing, row);
    }
    change_.emplace_back(partition, take.token);
  }
  return absl::OkStatus();
}

}  // namespace seatsaga::participant
