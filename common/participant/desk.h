#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/node/logic.h"
#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "common/store/rows.h"
#include "common/store/table.h"

// The participants' contract (docs/participant-contract.md), in one place for all services: a row
// per saga, step, direction and round, written in the transaction of the effect, makes every
// command take effect at most once. The idea is the "sub-transaction barrier" of dtm.
namespace seatsaga::participant {

inline constexpr std::string_view kLateAction = "LATE_ACTION";
inline constexpr std::string_view kKeyReused = "IDEMPOTENCY_KEY_REUSED";

// What a participant keeps of a command.
struct BarrierRow {
  Id saga_id;
  std::string step;
  saga::v1::Direction direction = saga::v1::DIRECTION_ACTION;
  int32_t round = 1;
  std::string digest;   // of the command's body; empty: a tombstone, which matches every body
  std::string outcome;  // saga.v1.CommandResult as it was answered
  bool IsTombstone() const { return digest.empty(); }
};
inline constexpr auto kBarrier = store::MakeTable<BarrierRow>(
    "barrier", store::Key<&BarrierRow::saga_id>("saga_id"), store::Key<&BarrierRow::step>("step"),
    store::Key<&BarrierRow::direction>("direction"), store::Key<&BarrierRow::round>("round"),
    store::Field<&BarrierRow::digest>("digest", store::kBytes),
    store::Field<&BarrierRow::outcome>("outcome", store::kBytes), store::KeysRise());

// What was answered. Pure; thread-safe.
CommandResult OutcomeOf(const BarrierRow& row);

// Who carries out the action that a compensation undoes.
enum class ActionIs {
  // A command that passes this desk: a compensation that comes without it has nothing to undo.
  kCommand,
  // The participant itself, before the saga began: no command ever brings the action, so the
  // compensation has its effect although none is recorded.
  kOwnAct,
};

// Where the commands of one batch are admitted and recorded. Lives for one Decide; changes nothing
// but the batch's rows.
class Desk {
 public:
  // What a batch of commands, or a take, must have looked up. `shared`: other lanes write to this
  // store, so that the tokens in memory may have changed.
  static void Want(const CommandBase& command, bool shared, store::Rows& rows);
  static void Want(const Take& take, store::Rows& rows);

  // `fencing` is what was durable before the batch.
  Desk(const Fencing& fencing, bool shared, store::Rows& rows)
      : fencing_(fencing), shared_(shared), rows_(rows) {}

  // nullopt: first time, so have the effect and Record its outcome. Otherwise the answer, and
  // nothing is to be done: its rejection, the recorded outcome, INVALID (other body), REFUSED (late
  // action, token), or SUCCEEDED for a null compensation, which is recorded here.
  std::optional<CommandResult> Admit(const CommandBase& command,
                                     ActionIs action = ActionIs::kCommand);
  // For commands that leave no row, such as probes: their rejection, or the refusal of their token.
  std::optional<CommandResult> AdmitProbe(const CommandBase& command) const;
  void Record(const CommandBase& command, const CommandResult& outcome);

  // Whether the participant has an action of this key, which may have been refused. Tombstones are
  // none.
  bool HasAction(const CommandBase& command) const;
  // Whether a compensation closes the round of this command's step.
  bool IsClosed(const CommandBase& command) const;

  // Compare-and-set: takes all of the partitions, or changes nothing and says which token is held.
  absl::Status Decide(const Take& take);
  // The same, answered as an input of the plan's batch.
  template <class Io>
  void Decide(size_t input, const Take& take, Plan<Io>& plan) {
    absl::Status taken = Decide(take);
    if (taken.ok()) return plan.Reply(input, typename Io::Out(Taken()));
    plan.Reply(input, std::move(taken));
  }
  // What was taken, for Fencing::Remember once it is durable.
  Fencing::Change TakeChange() { return std::move(change_); }

 private:
  Token Held(int32_t partition) const;
  std::optional<CommandResult> CheckToken(const CommandBase& command) const;
  const BarrierRow* Find(const CommandBase& command, saga::v1::Direction direction,
                         int32_t round) const;
  // Writes a tombstone under the key of every action that the compensation closes and that is not
  // there.
  void Bury(const CommandBase& compensation);

  const Fencing& fencing_;
  const bool shared_;
  store::Rows& rows_;
  Fencing::Change change_;
};

}  // namespace seatsaga::participant
