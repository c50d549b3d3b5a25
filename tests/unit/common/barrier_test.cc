#include "common/barrier.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

using saga::v1::DIRECTION_ACTION;
using saga::v1::DIRECTION_COMPENSATION;
using testing::TempDir;

constexpr std::array<std::string_view, 1> kMigrations = {Barrier::kSchema};
constexpr uint64_t kToken = 5;

Id SagaId(char last) {
  std::string bytes(16, 's');
  bytes.back() = last;
  return *Id::FromBytes(bytes);
}

BarrierCommand Action(char saga = '1', std::string body = "body", uint64_t token = kToken) {
  return {.saga_id = SagaId(saga),
          .step = "reserve_seats",
          .direction = DIRECTION_ACTION,
          .fingerprint = std::move(body),
          .fencing_token = token};
}

BarrierCommand Compensation(char saga = '1', std::string body = "undo", uint64_t token = kToken) {
  BarrierCommand command = Action(saga, std::move(body), token);
  command.direction = DIRECTION_COMPENSATION;
  return command;
}

// A participant whose effects are counted, on a real database.
class Participant {
 public:
  Participant() { Reopen(); }

  void Reopen() {
    barrier_.reset();
    database_.reset();
    database_ = *sqlite::Database::OpenWriter(dir_.File("p.db"), kMigrations);
    barrier_ = std::make_unique<Barrier>(*database_);
    barrier_->Reload();
  }

  // One batch in one transaction: the answers, in order.
  std::vector<CommandResult> Batch(const std::vector<BarrierCommand>& commands) {
    std::vector<CommandResult> answers;
    database_->Begin();
    barrier_->Load(commands);
    for (const BarrierCommand& command : commands) {
      std::optional<CommandResult> answer = barrier_->Admit(command, action_is);
      if (!answer.has_value()) {
        ++effects;
        answer = Succeeded(effects, "EUR");
        if (refuse_effects) answer = Refused("SEAT_NOT_AVAILABLE", "taken");
        barrier_->Record(command, *answer);
      }
      answers.push_back(*answer);
    }
    barrier_->Flush();
    if (break_commit) database_->Execute("no such statement");
    const absl::Status committed = database_->Commit();
    if (!committed.ok()) barrier_->Reload();
    REQUIRE(committed.ok() != break_commit);
    return answers;
  }
  CommandResult One(const BarrierCommand& command) { return Batch({command})[0]; }
  Barrier& barrier() { return *barrier_; }

  int effects = 0;
  bool refuse_effects = false;
  bool break_commit = false;
  ActionIs action_is = ActionIs::kCommand;

 private:
  TempDir dir_;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<Barrier> barrier_;
};

// The table of DESIGN §6 holds within one batch, across batches, and across a restart.
enum class Apart { kSameBatch, kNextBatch, kAfterRestart };

std::vector<CommandResult> Execute(Participant& participant, Apart apart,
                                   const std::vector<BarrierCommand>& commands) {
  if (apart == Apart::kSameBatch) return participant.Batch(commands);
  std::vector<CommandResult> answers;
  for (const BarrierCommand& command : commands) {
    answers.push_back(participant.One(command));
    if (apart == Apart::kAfterRestart) participant.Reopen();
  }
  return answers;
}

Apart AnyApart() { return GENERATE(Apart::kSameBatch, Apart::kNextBatch, Apart::kAfterRestart); }

TEST_CASE("the first command takes effect, and each new step and saga does") {
  Participant participant;
  BarrierCommand other_step = Action();
  other_step.step = "charge_payment";
  const auto answers =
      Execute(participant, AnyApart(), {Action('1'), Action('2'), other_step, Compensation('1')});
  REQUIRE(participant.effects == 4);
  for (const auto& answer : answers) REQUIRE(answer.outcome() == saga::v1::OUTCOME_SUCCEEDED);
}

TEST_CASE("the same command again gives the recorded answer and no effect") {
  Participant participant;
  participant.refuse_effects = GENERATE(false, true);
  const auto command = GENERATE(Action(), Action('2', "other"));
  const auto answers = Execute(participant, AnyApart(), {command, command, command});
  REQUIRE(participant.effects == 1);
  REQUIRE(answers[0].outcome() ==
          (participant.refuse_effects ? saga::v1::OUTCOME_REFUSED : saga::v1::OUTCOME_SUCCEEDED));
  for (const auto& answer : answers) {
    REQUIRE(answer.SerializeAsString() == answers[0].SerializeAsString());
  }
}

TEST_CASE("the same compensation again gives the recorded answer and no effect") {
  Participant participant;
  const auto answers = Execute(participant, AnyApart(), {Action(), Compensation(), Compensation()});
  REQUIRE(participant.effects == 2);
  REQUIRE(answers[2].SerializeAsString() == answers[1].SerializeAsString());
}

TEST_CASE("the same key with another body is invalid and leaves the record alone") {
  Participant participant;
  const auto answers =
      Execute(participant, AnyApart(), {Action('1', "body"), Action('1', "forged"), Action()});
  REQUIRE(participant.effects == 1);
  REQUIRE(answers[1].outcome() == saga::v1::OUTCOME_INVALID);
  REQUIRE(answers[1].reason() == kKeyReused);
  REQUIRE(answers[2].SerializeAsString() == answers[0].SerializeAsString());
}

TEST_CASE("a compensation without its action succeeds without effect, also when repeated") {
  Participant participant;
  const auto answers = Execute(participant, AnyApart(), {Compensation(), Compensation()});
  REQUIRE(participant.effects == 0);
  for (const auto& answer : answers) REQUIRE(answer.outcome() == saga::v1::OUTCOME_SUCCEEDED);
}

TEST_CASE("an action after its null compensation is refused, now and when repeated") {
  Participant participant;
  const auto answers = Execute(participant, AnyApart(), {Compensation(), Action(), Action()});
  REQUIRE(participant.effects == 0);
  for (const int late : {1, 2}) {
    REQUIRE(answers[static_cast<size_t>(late)].outcome() == saga::v1::OUTCOME_REFUSED);
    REQUIRE(answers[static_cast<size_t>(late)].reason() == kLateAction);
  }
}

TEST_CASE("a late action of one step does not touch the others") {
  Participant participant;
  BarrierCommand other_step = Action();
  other_step.step = "charge_payment";
  Execute(participant, AnyApart(), {Compensation('1'), other_step, Action('2')});
  REQUIRE(participant.effects == 2);
}

TEST_CASE("the undo of a participant's own act has its effect although no action came") {
  Participant participant;
  participant.action_is = ActionIs::kOwnAct;
  Execute(participant, AnyApart(), {Compensation(), Compensation()});
  REQUIRE(participant.effects == 1);
}

TEST_CASE("an older fencing token than the newest seen is refused and leaves no record") {
  Participant participant;
  const auto answers =
      Execute(participant, AnyApart(),
              {Action('1', "body", 7), Action('2', "body", 6), Action('2', "body", 7)});
  REQUIRE(answers[1].outcome() == saga::v1::OUTCOME_REFUSED);
  REQUIRE(answers[1].reason() == kStaleFencingToken);
  REQUIRE(answers[2].outcome() == saga::v1::OUTCOME_SUCCEEDED);
  REQUIRE(participant.effects == 2);
}

TEST_CASE("a stale token is refused even for a command that is on record") {
  Participant participant;
  const auto answers = Execute(participant, AnyApart(),
                               {Action('1', "body", 5), Action('2', "body", 7),
                                Action('1', "body", 5), Action('1', "body", 7)});
  REQUIRE(answers[2].reason() == kStaleFencingToken);
  REQUIRE(answers[3].SerializeAsString() == answers[0].SerializeAsString());
}

TEST_CASE("probes are fenced too") {
  Participant participant;
  REQUIRE_FALSE(participant.barrier().CheckToken(0).has_value());
  participant.One(Action('1', "body", 7));
  REQUIRE(participant.barrier().CheckToken(6)->reason() == kStaleFencingToken);
  REQUIRE_FALSE(participant.barrier().CheckToken(7).has_value());
  REQUIRE_FALSE(participant.barrier().CheckToken(8).has_value());
}

TEST_CASE("what is recorded can be asked for") {
  Participant participant;
  participant.One(Action('1'));
  const std::vector<BarrierCommand> commands = {Action('1'), Action('2')};
  participant.barrier().Load(commands);
  REQUIRE(participant.barrier().Recorded(SagaId('1'), "reserve_seats", DIRECTION_ACTION));
  REQUIRE_FALSE(
      participant.barrier().Recorded(SagaId('1'), "reserve_seats", DIRECTION_COMPENSATION));
  REQUIRE_FALSE(participant.barrier().Recorded(SagaId('1'), "charge_payment", DIRECTION_ACTION));
  REQUIRE_FALSE(participant.barrier().Recorded(SagaId('2'), "reserve_seats", DIRECTION_ACTION));
}

TEST_CASE("a batch that was not committed leaves neither records nor a newer token") {
  Participant participant;
  participant.break_commit = true;
  participant.One(Action('1', "body", 9));
  participant.break_commit = false;
  REQUIRE(participant.One(Action('1', "other body", 5)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  REQUIRE(participant.effects == 2);
}

}  // namespace
}  // namespace seatsaga
