// The participants' contract: what arrives in which order, and what results.
#include "common/participant/desk.h"

#include "tests/unit/common/participant/replica.h"

namespace seatsaga::participant::testing {
namespace {

using Texts = std::vector<std::string>;

// The contract holds within one batch, across batches, and across a restart.
enum class Apart { kSameBatch, kNextBatch, kAfterRestart };
Apart AnyApart() { return GENERATE(Apart::kSameBatch, Apart::kNextBatch, Apart::kAfterRestart); }

// The only writer of its store, which has taken the partitions of the sagas.
class Participant {
 public:
  Participant() {
    Restart();
    REQUIRE(replica_->TakeNow(TakeOf({'1', '2'}, {}, kToken)).ok());
  }

  void Restart() {
    Texts effects;
    if (replica_ != nullptr) effects = std::move(replica_->effects);
    replica_.reset();  // one process per store
    auto store = stores_.Open();
    REQUIRE(store.ok());
    replica_ = std::make_unique<Replica>(*std::move(store));
    replica_->effects = std::move(effects);
    replica_->refuse_effects = refuse_effects;
    replica_->action_is = action_is;
  }

  // The answers in order.
  std::vector<CommandResult> Execute(Apart apart, const std::vector<CommandBase>& commands) {
    replica_->refuse_effects = refuse_effects;
    replica_->action_is = action_is;
    if (apart == Apart::kSameBatch) return replica_->Batch({commands.begin(), commands.end()});
    std::vector<CommandResult> answers;
    for (const CommandBase& command : commands) {
      answers.push_back(replica_->One(command));
      if (apart == Apart::kAfterRestart) Restart();
    }
    return answers;
  }
  // The same, in short.
  Texts Brief(Apart apart, const std::vector<CommandBase>& commands) {
    Texts brief;
    for (const CommandResult& result : Execute(apart, commands)) {
      brief.push_back(testing::Brief(result));
    }
    return brief;
  }
  const Texts& effects() const { return replica_->effects; }
  Replica& replica() { return *replica_; }

  bool refuse_effects = false;
  ActionIs action_is = ActionIs::kCommand;

 private:
  AnyStores stores_{AnyEngine()};
  std::unique_ptr<Replica> replica_;
};

// --- One round

TEST_CASE("the first command takes effect, and each new step and saga does") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Action('1'), Action('2'), AtStep("charge_payment", Action()),
                                       Compensation('1')}) ==
        Texts{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"});
  CHECK(participant.effects() == Texts{"action 1", "action 1", "action 1", "compensation 1"});
}

TEST_CASE("the same command again gets the recorded answer and has no effect") {
  Participant participant;
  participant.refuse_effects = GENERATE(false, true);
  const auto command = GENERATE(Action(), Action('2', "other"));
  const auto answers = participant.Execute(AnyApart(), {command, command, command});
  CHECK(participant.effects().size() == 1);
  CHECK(Brief(answers[0]) ==
        (participant.refuse_effects ? "REFUSED SEAT_NOT_AVAILABLE" : "SUCCEEDED"));
  for (const CommandResult& answer : answers) {
    CHECK(answer.SerializeAsString() == answers[0].SerializeAsString());
  }
}

TEST_CASE("the same compensation again gets the recorded answer and has no effect") {
  Participant participant;
  const auto answers = participant.Execute(AnyApart(), {Action(), Compensation(), Compensation()});
  CHECK(participant.effects() == Texts{"action 1", "compensation 1"});
  CHECK(answers[2].SerializeAsString() == answers[1].SerializeAsString());
}

TEST_CASE("an action again after its compensation gets the recorded answer and has no effect") {
  Participant participant;
  const auto answers = participant.Execute(AnyApart(), {Action(), Compensation(), Action()});
  CHECK(participant.effects() == Texts{"action 1", "compensation 1"});
  CHECK(answers[2].SerializeAsString() == answers[0].SerializeAsString());
}

TEST_CASE("the same key with another body is invalid and leaves the record alone") {
  Participant participant;
  const auto answers = participant.Execute(
      AnyApart(), {Action('1', "body"), Action('1', "forged"), Action('1', "body")});
  CHECK(participant.effects().size() == 1);
  CHECK(Brief(answers[1]) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(answers[2].SerializeAsString() == answers[0].SerializeAsString());
}

// It would be kept as a tombstone, which matches every body.
TEST_CASE("a command that its service gave no digest is invalid and has no effect") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Action('1', "")}) == Texts{"INVALID NO_DIGEST"});
  CHECK(participant.effects().empty());
}

TEST_CASE("a compensation with another body than on record is invalid") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(),
                          {Action(), Compensation('1', "undo"), Compensation('1', "forged")})[2] ==
        "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(participant.effects() == Texts{"action 1", "compensation 1"});
}

TEST_CASE("a compensation without its action succeeds without effect, also when repeated") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Compensation(), Compensation()}) ==
        Texts{"SUCCEEDED", "SUCCEEDED"});
  CHECK(participant.effects().empty());
}

TEST_CASE("an action after its null compensation is refused, now and when repeated") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Compensation(), Action(), Action()}) ==
        Texts{"SUCCEEDED", "REFUSED LATE_ACTION", "REFUSED LATE_ACTION"});
  CHECK(participant.effects().empty());
}

TEST_CASE("a late action of one step does not touch the others") {
  Participant participant;
  participant.Execute(AnyApart(),
                      {Compensation('1'), AtStep("charge_payment", Action()), Action('2')});
  CHECK(participant.effects() == Texts{"action 1", "action 1"});
}

TEST_CASE(
    "the compensation of a refused action is carried out: the participant knows what is left") {
  Participant participant;
  const Apart apart = AnyApart();
  participant.refuse_effects = true;
  participant.Execute(apart, {Action()});
  participant.refuse_effects = false;
  CHECK(participant.Brief(apart, {Compensation()}) == Texts{"SUCCEEDED"});
  CHECK(participant.effects() == Texts{"action 1", "compensation 1"});
}

TEST_CASE("a command that was rejected while it was parsed has no effect and no key") {
  Participant participant;
  CommandBase rejected = Action();
  rejected.rejected = Invalid("INVALID_REQUEST", "seat_ids: required");
  CHECK(participant.Brief(AnyApart(), {rejected, Action()}) ==
        Texts{"INVALID INVALID_REQUEST", "SUCCEEDED"});
}

// --- Rounds

TEST_CASE("a further round of an action acts again") {
  Participant participant;
  const auto answers =
      participant.Execute(AnyApart(), {ActionOf(1), ActionOf(2), ActionOf(1), ActionOf(2)});
  CHECK(participant.effects() == Texts{"action 1", "action 2"});
  CHECK(answers[2].SerializeAsString() == answers[0].SerializeAsString());
  CHECK(answers[3].SerializeAsString() == answers[1].SerializeAsString());
  CHECK(answers[0].SerializeAsString() != answers[1].SerializeAsString());
}

TEST_CASE("each round has a body of its own") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Action('1', "body", 1), Action('1', "other", 2),
                                       Action('1', "body", 2)}) ==
        Texts{"SUCCEEDED", "SUCCEEDED", "INVALID IDEMPOTENCY_KEY_REUSED"});
}

TEST_CASE("a compensation closes its round and those before it, and no later one") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {ActionOf(2), CompensationOf(2), ActionOf(1), ActionOf(3)}) ==
        Texts{"SUCCEEDED", "SUCCEEDED", "REFUSED LATE_ACTION", "SUCCEEDED"});
  CHECK(participant.effects() == Texts{"action 2", "compensation 2", "action 3"});
}

TEST_CASE("a compensation has its effect for an action of any round that it closes") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {ActionOf(1), CompensationOf(2), ActionOf(2)}) ==
        Texts{"SUCCEEDED", "SUCCEEDED", "REFUSED LATE_ACTION"});
  CHECK(participant.effects() == Texts{"action 1", "compensation 2"});
}

TEST_CASE("a compensation undoes no action of a later round") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {ActionOf(2), CompensationOf(1), ActionOf(1)}) ==
        Texts{"SUCCEEDED", "SUCCEEDED", "REFUSED LATE_ACTION"});
  CHECK(participant.effects() == Texts{"action 2"});  // the compensation was a null one
}

TEST_CASE("a step can be acted and undone round after round") {
  Participant participant;
  std::vector<CommandBase> commands;
  for (const int32_t round : {1, 2, 3}) {
    commands.push_back(ActionOf(round));
    commands.push_back(CompensationOf(round));
  }
  CHECK(participant.Brief(AnyApart(), commands) == Texts(6, "SUCCEEDED"));
  CHECK(participant.effects() == Texts{"action 1", "compensation 1", "action 2", "compensation 2",
                                       "action 3", "compensation 3"});
}

// --- Tombstones

TEST_CASE("a null compensation leaves its own row and a tombstone for every action it closes") {
  Participant participant;
  participant.Execute(AnyApart(), {CompensationOf(3)});
  CHECK(participant.replica().BarrierRows() == Texts{"action 1: REFUSED LATE_ACTION (tombstone)",
                                                     "action 2: REFUSED LATE_ACTION (tombstone)",
                                                     "action 3: REFUSED LATE_ACTION (tombstone)",
                                                     "compensation 3: SUCCEEDED"});
}

TEST_CASE("a compensation leaves tombstones only where no action is") {
  Participant participant;
  participant.Execute(AnyApart(), {ActionOf(2), CompensationOf(3)});
  CHECK(participant.replica().BarrierRows() ==
        Texts{"action 1: REFUSED LATE_ACTION (tombstone)", "action 2: SUCCEEDED",
              "action 3: REFUSED LATE_ACTION (tombstone)", "compensation 3: SUCCEEDED"});
}

TEST_CASE("a tombstone matches every body") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {Compensation(), Action('1', "body"), Action('1', "forged"),
                                       Action('1', "")}) ==
        Texts{"SUCCEEDED", "REFUSED LATE_ACTION", "REFUSED LATE_ACTION", "REFUSED LATE_ACTION"});
}

TEST_CASE("a tombstone is no action: the next compensation is a null one too") {
  Participant participant;
  CHECK(participant.Brief(AnyApart(), {CompensationOf(1), ActionOf(1), CompensationOf(2)}) ==
        Texts{"SUCCEEDED", "REFUSED LATE_ACTION", "SUCCEEDED"});
  CHECK(participant.effects().empty());
}

TEST_CASE("the undo of a participant's own act has its effect although no action came") {
  Participant participant;
  participant.action_is = ActionIs::kOwnAct;
  participant.Execute(AnyApart(), {Compensation(), Compensation()});
  CHECK(participant.effects() == Texts{"compensation 1"});
  CHECK(participant.replica().BarrierRows() == Texts{"compensation 1: SUCCEEDED"});
}

// --- What else is asked of it

TEST_CASE("what is recorded can be looked up") {
  Participant participant;
  participant.Execute(Apart::kSameBatch, {ActionOf(2)});
  Replica& replica = participant.replica();
  const auto look_up = [&](const CommandBase& command) {
    replica.Read({command});
    const Desk desk(replica.fencing(), replica.shared(), replica.rows());
    const std::pair known{desk.HasAction(command), desk.IsClosed(command)};
    replica.lane().Abandon();
    return known;
  };
  CHECK(look_up(ActionOf(2)) == std::pair(true, false));
  CHECK(look_up(CompensationOf(3)) == std::pair(true, false));
  CHECK(look_up(ActionOf(1)) == std::pair(false, false));
  CHECK(look_up(AtStep("charge_payment", ActionOf(2))) == std::pair(false, false));
  CHECK(look_up(Action('2', "body", 2)) == std::pair(false, false));
  participant.Execute(Apart::kSameBatch, {CompensationOf(1)});
  CHECK(look_up(ActionOf(1)) == std::pair(false, true));  // its tombstone is no action
  CHECK(look_up(ActionOf(2)) == std::pair(true, false));
  participant.Execute(Apart::kSameBatch, {CompensationOf(3)});
  CHECK(look_up(ActionOf(2)) == std::pair(true, true));  // a later round closes it too
}

TEST_CASE("a batch that was not committed leaves no record") {
  Participant participant;
  participant.replica().break_commit = true;
  participant.Execute(Apart::kSameBatch, {Action('1'), Compensation('2')});
  CHECK(participant.effects().empty());
  CHECK(participant.replica().BarrierRows().empty());
  participant.replica().break_commit = false;
  CHECK(participant.Brief(Apart::kNextBatch, {Action('1', "other body"), Action('2')}) ==
        Texts{"SUCCEEDED", "SUCCEEDED"});
}

}  // namespace
}  // namespace seatsaga::participant::testing
