#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/node/logic.h"
#include "common/participant/command.h"
#include "common/participant/fencing.h"
#include "common/store/rows.h"
#include "common/store/table.h"

// The participants' contract (docs/participant-contract.md), in one place for all services. One row
// per saga, step, direction and round is written in the transaction of the effect, so that every
// command takes effect at most once. The idea is the "sub-transaction barrier" of dtm.
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

// What carries out the action that a compensation undoes.
enum class ActionIs {
  // A command that passes this desk. A compensation that comes without it has nothing to undo.
  kCommand,
  // The participant itself, before the saga began. No command ever brings the action, so the
  // compensation has its effect although no action is recorded.
  kOwnAct,
};

// Admits and records the commands of one batch. Lives for one Decide; changes only the batch's
// rows.
class Desk {
 public:
  // Wants the rows that a batch of commands, or a take, needs. `shared`: other lanes write to this
  // store too, so the tokens in memory may be outdated.
  static void Want(const CommandBase& command, bool shared, store::Rows& rows);
  static void Want(const Take& take, store::Rows& rows);

  // `fencing` is what was durable before the batch.
  Desk(const Fencing& fencing, bool shared, store::Rows& rows)
      : fencing_(fencing), shared_(shared), rows_(rows) {}

  // nullopt: the command is new, so have the effect and Record its outcome. Otherwise the answer,
  // and do nothing: its rejection, the recorded outcome, INVALID (other body), REFUSED (late
  // action, token), or SUCCEEDED for a null compensation, which is recorded here.
  std::optional<CommandResult> Admit(const CommandBase& command,
                                     ActionIs action = ActionIs::kCommand);
  // For commands that leave no row, such as probes: their rejection, or the refusal of their token.
  std::optional<CommandResult> AdmitProbe(const CommandBase& command) const;
  void Record(const CommandBase& command, const CommandResult& outcome);

  // Whether the participant has an action of this key, which may have been refused. A tombstone is
  // not an action.
  bool HasAction(const CommandBase& command) const;
  // Whether a compensation closes the round of this command's step.
  bool IsClosed(const CommandBase& command) const;

  // Compare-and-set: takes all the partitions, or changes nothing and says which token holds one.
  absl::Status Decide(const Take& take);
  // The same, as an input of the plan's batch, which it answers.
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
  // Writes a tombstone under the key of every action that the compensation closes and that has not
  // arrived.
  void Bury(const CommandBase& compensation);

  const Fencing& fencing_;
  const bool shared_;
  store::Rows& rows_;
  Fencing::Change change_;
};

}  // namespace seatsaga::participant
