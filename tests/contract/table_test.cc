// The table of docs/participant-contract.md, against every step of every participant that
// StartSubjects gives, each command sent by its own method (where it has one) and in a batch.
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/id.h"
#include "tests/contract/participant.h"
#include "tests/contract/sender.h"

namespace seatsaga::contract {
namespace {

using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_NOT_FOUND;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using saga::v1::OUTCOME_UNKNOWN;

const Answer kSucceeded{OUTCOME_SUCCEEDED, ""};
const Answer kLateAction{OUTCOME_REFUSED, "LATE_ACTION"};
const Answer kStaleToken{OUTCOME_REFUSED, "STALE_FENCING_TOKEN"};
const Answer kTokenNotTaken{OUTCOME_REFUSED, "FENCING_TOKEN_NOT_TAKEN"};
const Answer kKeyReused{OUTCOME_INVALID, "IDEMPOTENCY_KEY_REUSED"};
const Answer kInvalid{OUTCOME_INVALID, "INVALID_REQUEST"};

using MakeBody = std::function<Body(const Run&)>;

// One step, with a run of its own, by one form; all partitions are taken.
class Case {
 public:
  Case(const Step& its_step, Form its_form, Token its_token)
      : step(its_step),
        form(its_form),
        sender(*step.participant),
        token(its_token),
        run(step.prepare()) {}

  const MakeBody& any() const { return step.action ? step.action : step.compensation; }
  bool has_both() const { return step.action && step.compensation; }
  bool has_form() const { return form == Form::kBatch || !any()(run).unary_method.empty(); }
  std::string Seen() const { return step.observe(run); }
  int32_t partition() const { return PartitionOf(run); }
  static int32_t PartitionOf(const Run& run) {
    return static_cast<unsigned char>(Id::Parse(run.saga_id).value_or(Id()).bytes().back());
  }

  Command Make(const MakeBody& body, int32_t round = 1) const {
    return {body(run), run.saga_id, step.step, token, round};
  }
  Answer Send(const MakeBody& body, int32_t round = 1) const {
    return sender.Send(Make(body, round), form);
  }
  Answer Act(int32_t round = 1) const { return Send(step.action, round); }
  Answer Undo(int32_t round = 1) const { return Send(step.compensation, round); }
  // The same step with another run.
  Case Another() const { return Case(step, form, token); }

  const Step& step;
  const Form form;
  const Sender sender;
  Token token;
  Run run;
};

class Table {
 public:
  Table() : subjects_(StartSubjects()), steps_(subjects_->Steps()) {}

  // Calls `body(Case&)` for every step and form.
  template <class F>
  void ForEach(F body) {
    for (const Step& step : steps_) {
      Token& token = tokens_[step.participant];
      if (token.epoch == 0) token = Sender(*step.participant).TakeAll('h');
      REQUIRE(token.epoch > 0);
      for (const Form form : {Form::kUnary, Form::kBatch}) {
        Case one(step, form, token);
        if (!one.has_form()) continue;
        CAPTURE(step.name, NameOf(form));
        REQUIRE(one.Seen() == step.untouched);
        body(one);
        token = one.token;
      }
    }
  }

 private:
  const std::unique_ptr<Subjects> subjects_;
  const std::vector<Step> steps_;
  std::map<const Participant*, Token> tokens_;
};

// --- One round

TEST_CASE("a first action has its effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.action) return;
    CHECK(one.Act() == kSucceeded);
    CHECK(one.Seen() == one.step.acted);
  });
}

TEST_CASE("the same action again gets the recorded outcome and has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.action) return;
    one.Act();
    const auto recorded = one.sender.BatchResults({one.Make(one.step.action)});
    CHECK(one.Act() == kSucceeded);
    const auto again = one.sender.BatchResults({one.Make(one.step.action)});
    REQUIRE(recorded.ok());
    REQUIRE(again.ok());
    CHECK((*again)[0].outcome() == OUTCOME_SUCCEEDED);
    CHECK((*again)[0].SerializeAsString() == (*recorded)[0].SerializeAsString());
    CHECK(one.Seen() == one.step.acted);
  });
}

TEST_CASE("an action sent twice in one batch has one effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.action || one.form == Form::kUnary) return;
    one.sender.Batch({one.Make(one.step.action), one.Make(one.step.action)});
    CHECK(one.Act() == kSucceeded);
    CHECK(one.Seen() == one.step.acted);
  });
}

TEST_CASE("the key of an action with another body is invalid and has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.other_action) return;
    one.Act();
    CHECK(one.Send(one.step.other_action) == kKeyReused);
    CHECK(one.Seen() == one.step.acted);
    CHECK(one.Act() == kSucceeded);
  });
}

TEST_CASE("a refused action stays refused and has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.refused_action) return;
    const Answer first = one.Send(one.step.refused_action);
    CHECK(first.outcome == OUTCOME_REFUSED);
    CHECK(!first.reason.empty());
    CHECK(one.Send(one.step.refused_action) == first);
    if (one.step.compensation) CHECK(one.Undo() == kSucceeded);
    CHECK(one.Seen() != one.step.acted);
  });
}

TEST_CASE("a compensation undoes its action, once, however often it comes") {
  Table().ForEach([](Case& one) {
    if (!one.step.compensation) return;
    if (one.step.action) one.Act();
    CHECK(one.Undo() == kSucceeded);
    CHECK(one.Seen() == one.step.undone);
    CHECK(one.Undo() == kSucceeded);
    CHECK(one.Seen() == one.step.undone);
  });
}

TEST_CASE("an action that comes again after its compensation has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    one.Act();
    one.Undo();
    one.Act();
    CHECK(one.Seen() == one.step.undone);
  });
}

TEST_CASE("the key of a compensation with another body is invalid and has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.other_compensation) return;
    if (one.step.action) one.Act();
    CHECK(one.Undo() == kSucceeded);
    CHECK(one.Send(one.step.other_compensation) == kKeyReused);
    CHECK(one.Seen() == one.step.undone);
  });
}

TEST_CASE("a probe says what became of an action, and has no effect") {
  Table().ForEach([](Case& one) {
    if (!one.step.probe || one.form == Form::kUnary) return;
    CHECK(one.Send(one.step.probe) == Answer{OUTCOME_NOT_FOUND, ""});
    CHECK(one.Act() == kSucceeded);
    CHECK(one.Send(one.step.probe) == kSucceeded);
    CHECK(one.Seen() == one.step.acted);
  });
}

// --- Null compensations and tombstones

TEST_CASE("a compensation without its action succeeds, and its late action is refused") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    CHECK(one.Undo() == kSucceeded);
    CHECK(one.Seen() == one.step.untouched);
    CHECK(one.Act() == kLateAction);
    CHECK(one.Act() == kLateAction);
    CHECK(one.Seen() == one.step.untouched);
  });
}

TEST_CASE("a late action is refused also in the batch of its compensation") {
  Table().ForEach([](Case& one) {
    if (!one.has_both() || one.form == Form::kUnary) return;
    CHECK(one.sender.Batch({one.Make(one.step.compensation), one.Make(one.step.action)}) ==
          std::vector<Answer>{kSucceeded, kLateAction});
    CHECK(one.Seen() == one.step.untouched);
  });
}

TEST_CASE("a late action is refused whatever its body") {
  Table().ForEach([](Case& one) {
    if (!one.has_both() || !one.step.other_action) return;
    CHECK(one.Undo() == kSucceeded);
    CHECK(one.Act() == kLateAction);
    CHECK(one.Send(one.step.other_action) == kLateAction);
    CHECK(one.Seen() == one.step.untouched);
  });
}

TEST_CASE("a late action leaves nothing for a later compensation to undo") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    CHECK(one.Undo(1) == kSucceeded);
    CHECK(one.Act(1) == kLateAction);
    CHECK(one.Undo(2) == kSucceeded);
    CHECK(one.Seen() == one.step.untouched);
  });
}

// --- Rounds

TEST_CASE("a further round of a step acts again, and is undone again") {
  Table().ForEach([](Case& one) {
    if (!one.has_both() || !one.step.again_after_undo) return;
    for (const int32_t round : {1, 2, 3}) {
      CHECK(one.Act(round) == kSucceeded);
      CHECK(one.Seen() == one.step.acted);
      CHECK(one.Undo(round) == kSucceeded);
      CHECK(one.Seen() == one.step.undone);
    }
  });
}

TEST_CASE("a compensation closes its round and those before it") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    CHECK(one.Undo(2) == kSucceeded);
    CHECK(one.Act(1) == kLateAction);
    CHECK(one.Act(2) == kLateAction);
    CHECK(one.Seen() == one.step.untouched);
    CHECK(one.Act(3) == kSucceeded);
    CHECK(one.Seen() == one.step.acted);
  });
}

TEST_CASE("a compensation undoes an action of an earlier round") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    CHECK(one.Act(1) == kSucceeded);
    CHECK(one.Undo(2) == kSucceeded);
    CHECK(one.Seen() == one.step.undone);
    CHECK(one.Act(2) == kLateAction);
    CHECK(one.Seen() == one.step.undone);
  });
}

TEST_CASE("a compensation leaves the action of a later round alone") {
  Table().ForEach([](Case& one) {
    if (!one.has_both()) return;
    CHECK(one.Act(2) == kSucceeded);
    CHECK(one.Undo(1) == kSucceeded);
    CHECK(one.Seen() == one.step.acted);
  });
}

TEST_CASE("a round that is no round is invalid") {
  Table().ForEach([](Case& one) {
    for (const int32_t round : {0, -1, 101}) CHECK(one.Send(one.any(), round) == kInvalid);
    CHECK(one.Seen() == one.step.untouched);
  });
}

// --- Fencing: commands

TEST_CASE("an older fencing token than the one that was taken is refused and has no effect") {
  Table().ForEach([](Case& one) {
    const Token newer = one.sender.TakeAll('n');
    REQUIRE(newer.epoch > one.token.epoch);
    if (one.step.action) CHECK(one.Act() == kStaleToken);
    if (one.step.compensation) CHECK(one.Undo() == kStaleToken);
    if (one.step.probe)
      CHECK(one.sender.Send(one.Make(one.step.probe), Form::kBatch) == kStaleToken);
    CHECK(one.Seen() == one.step.untouched);
    one.token = newer;  // nothing of it was recorded
    CHECK(one.Send(one.any()) == kSucceeded);
  });
}

TEST_CASE("a token that nobody took is refused and changes nothing") {
  Table().ForEach([](Case& one) {
    const Token taken = one.token;
    for (const uint64_t epoch : {taken.epoch + 1, UINT64_MAX}) {
      one.token = {epoch, 'x'};
      CHECK(one.Send(one.any()) == kTokenNotTaken);
    }
    CHECK(one.Seen() == one.step.untouched);
    one.token = taken;
    CHECK(one.Send(one.any()) == kSucceeded);
  });
}

TEST_CASE("the epoch of another process is refused") {
  Table().ForEach([](Case& one) {
    const Token taken = one.token;
    one.token.holder = 'x';
    CHECK(one.Send(one.any()) == kStaleToken);
    CHECK(one.Seen() == one.step.untouched);
    one.token = taken;
    CHECK(one.Send(one.any()) == kSucceeded);
  });
}

TEST_CASE(
    "the token is not part of a command: the process that takes over gets the recorded outcome") {
  Table().ForEach([](Case& one) {
    CHECK(one.Send(one.any()) == kSucceeded);
    const std::string effect = one.Seen();
    one.token = one.sender.TakeAll('n');
    CHECK(one.Send(one.any()) == kSucceeded);
    CHECK(one.Seen() == effect);
  });
}

TEST_CASE("partitions are taken one by one") {
  Table().ForEach([](Case& one) {
    Case other = one.Another();
    for (int i = 0; i < 100 && other.partition() == one.partition(); ++i) {
      other.run = one.step.prepare();
    }
    REQUIRE(other.partition() != one.partition());
    const Token newer{one.token.epoch + 1, 'p'};
    saga::v1::TakePartitionsRequest take = one.sender.TakeOfAll(newer);
    const saga::v1::PartitionRange all = take.held(0);
    REQUIRE(take.held_size() == 1);
    take.mutable_held(0)->set_first(one.partition());
    take.mutable_held(0)->set_last(one.partition());
    REQUIRE(one.sender.Take(take).ok());
    CHECK(one.Send(one.any()) == kStaleToken);
    CHECK(other.Send(other.any()) == kSucceeded);
    one.token = newer;
    CHECK(one.Send(one.any()) == kSucceeded);
    one.token = one.sender.TakeAll('h');
    CHECK(one.token.epoch > newer.epoch);
  });
}

// --- Fencing: TakePartitions

// For each participant once.
template <class F>
void ForEachParticipant(F body) {
  std::map<const Participant*, bool> seen;
  Table().ForEach([&](Case& one) {
    if (!std::exchange(seen[one.step.participant], true)) body(one);
  });
}
Answer ReasonOfTake(const Case& one, const saga::v1::TakePartitionsRequest& take) {
  const absl::Status status = one.sender.Take(take);
  if (status.ok()) return kSucceeded;
  return {absl::IsFailedPrecondition(status) ? OUTCOME_REFUSED : OUTCOME_INVALID,
          ReasonOfError(status)};
}
const Answer kTokenChanged{OUTCOME_REFUSED, "FENCING_TOKEN_CHANGED"};

TEST_CASE("a process that takes partitions names the tokens that hold them") {
  ForEachParticipant([](Case& one) {
    const Token newer{one.token.epoch + 1, 'n'};
    const auto good = one.sender.TakeOfAll(newer);
    const auto wrong = [&](auto change) {
      saga::v1::TakePartitionsRequest take = good;
      change(*take.mutable_held(0));
      return ReasonOfTake(one, take);
    };
    CHECK(wrong([](auto& held) { held.clear_token(); }) == kTokenChanged);
    CHECK(wrong([&](auto& held) { held.mutable_token()->set_epoch(newer.epoch); }) ==
          kTokenChanged);
    CHECK(wrong([](auto& held) { held.mutable_token()->set_holder(std::string(16, 'x')); }) ==
          kTokenChanged);
    CHECK(one.Send(one.any()) == kSucceeded);  // the token that was taken still holds
    CHECK(ReasonOfTake(one, good) == kSucceeded);
    one.token = newer;
  });
}

TEST_CASE("all of the partitions are taken, or none") {
  ForEachParticipant([](Case& one) {
    const Token newer{one.token.epoch + 1, 'n'};
    saga::v1::TakePartitionsRequest take = one.sender.TakeOfAll(newer);
    const auto before = one.sender.GetFencing();
    REQUIRE(before.ok());
    saga::v1::PartitionRange last = take.held(0);
    take.mutable_held(0)->set_last(254);
    last.set_first(255);
    last.mutable_token()->set_holder(std::string(16, 'x'));
    *take.add_held() = last;
    CHECK(ReasonOfTake(one, take) == kTokenChanged);
    CHECK(one.sender.GetFencing()->SerializeAsString() == before->SerializeAsString());
    CHECK(one.Send(one.any()) == kSucceeded);
  });
}

TEST_CASE("a take whose answer was lost succeeds again") {
  ForEachParticipant([](Case& one) {
    const Token newer{one.token.epoch + 1, 'n'};
    const auto take = one.sender.TakeOfAll(newer);
    CHECK(ReasonOfTake(one, take) == kSucceeded);
    CHECK(ReasonOfTake(one, take) == kSucceeded);
    one.token = newer;
    CHECK(one.Send(one.any()) == kSucceeded);
  });
}

TEST_CASE("epochs only rise, and by no more than a million at a time") {
  ForEachParticipant([](Case& one) {
    const uint64_t held = one.token.epoch;
    for (const uint64_t epoch : {held - 1, held, held + 1'000'001}) {
      if (epoch == 0) continue;
      CHECK(ReasonOfTake(one, one.sender.TakeOfAll({epoch, 'n'})) == kTokenChanged);
    }
    CHECK(one.Send(one.any()) == kSucceeded);
    CHECK(ReasonOfTake(one, one.sender.TakeOfAll({held + 1'000'000, 'n'})) == kSucceeded);
    one.token = {held + 1'000'000, 'n'};
  });
}

// --- Crashes

TEST_CASE("outcomes, tombstones and tokens survive a crash of the participant") {
  Table().ForEach([](Case& one) {
    if (one.form == Form::kUnary || one.step.participant->crash == nullptr) return;
    const Token older = std::exchange(one.token, one.sender.TakeAll('n'));
    REQUIRE(one.Send(one.any()) == kSucceeded);
    const std::string effect = one.Seen();
    Case undone = one.Another();  // before its action
    if (one.step.compensation) undone.Undo();

    one.step.participant->crash();

    CHECK(one.Seen() == effect);
    CHECK(one.Send(one.any()) == kSucceeded);
    CHECK(one.Seen() == effect);
    if (one.has_both()) CHECK(undone.Act() == kLateAction);
    Case stale = one.Another();
    stale.token = older;
    CHECK(stale.Send(stale.any()) == kStaleToken);
    CHECK(stale.Seen() == stale.step.untouched);
  });
}

// --- Batches

TEST_CASE("a batch answers each command in its place, also the invalid ones") {
  Table().ForEach([](Case& one) {
    if (one.form == Form::kUnary) return;
    Command nameless = one.Make(one.any());
    nameless.saga_id = "not-an-id";
    Command newer = one.Make(one.any());
    newer.body.field = 1000;
    CHECK(
        one.sender.Batch({nameless, one.Make(one.any()), newer, nameless}) ==
        std::vector<Answer>{kInvalid, kSucceeded, {OUTCOME_UNKNOWN, "UNKNOWN_COMMAND"}, kInvalid});
  });
}

TEST_CASE("a batch without commands, or with too many, is invalid as a whole") {
  ForEachParticipant([](Case& one) {
    const Sender& sender = one.sender;
    CHECK(sender.BatchResults({}).status().code() == absl::StatusCode::kInvalidArgument);
    const std::vector<Command> many(1'001, one.Make(one.any()));
    CHECK(sender.BatchResults(many).status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(one.Seen() == one.step.untouched);
  });
}

}  // namespace
}  // namespace seatsaga::contract
