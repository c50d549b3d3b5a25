// The table of DESIGN §6, against every action and compensation of every service, over gRPC, each
// sent by its own method (where it has one) and in a batch.
#include <catch2/catch.hpp>

#include "tests/contract/step_table.h"

namespace seatsaga::contract {
namespace {

using saga::v1::OUTCOME_INVALID;
using saga::v1::OUTCOME_NOT_FOUND;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;

const Answer kSucceeded{OUTCOME_SUCCEEDED, ""};
const Answer kLateAction{OUTCOME_REFUSED, "LATE_ACTION"};
const Answer kStaleToken{OUTCOME_REFUSED, "STALE_FENCING_TOKEN"};
const Answer kKeyReused{OUTCOME_INVALID, "IDEMPOTENCY_KEY_REUSED"};

// The participants, without an orchestrator that would send commands of its own.
class Participants {
 public:
  Participants() : world_{*cluster_, TokenSealer::FromKeyFile(cluster_->TokenKeyFile()).value()} {
    cluster_->Kill(Service::kOrchestrator);
    REQUIRE(cluster::CreateEvent(world_.clients(), kEvent, 26, 100).ok());
  }

  // Calls `body` for every row and every form that its commands can be sent in.
  template <class Body>
  void ForEach(Body body) {
    for (const StepRow& row : Steps()) {
      for (const Form form : {Form::kUnary, Form::kBatch}) {
        const Run run = row.prepare(world_);
        const auto& any = row.action ? row.action : row.compensation;
        if (form == Form::kUnary && !HasUnary(any(world_, run))) continue;
        CAPTURE(row.name, NameOf(form));
        REQUIRE(row.observe(world_, run) == row.untouched);
        body(world_, row, run, form);
      }
    }
  }

 private:
  cluster::TestCluster cluster_;
  World world_;
};

TEST_CASE("a first action has its effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action) return;
    CHECK(Send(world.clients(), row.action(world, run), form) == kSucceeded);
    CHECK(row.observe(world, run) == row.acted);
  });
}

TEST_CASE("the same action again gets the recorded outcome and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action) return;
    const Command action = row.action(world, run);
    Send(world.clients(), action, form);
    CHECK(Send(world.clients(), action, form) == kSucceeded);
    CHECK(Send(world.clients(), action, Form::kBatch) == kSucceeded);
    CHECK(row.observe(world, run) == row.acted);
  });
}

TEST_CASE("an action sent twice in one batch has one effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action || form == Form::kUnary) return;
    const Command action = row.action(world, run);
    SendBatch(world.clients(), {action, action});
    CHECK(Send(world.clients(), action, form) == kSucceeded);
    CHECK(row.observe(world, run) == row.acted);
  });
}

TEST_CASE("the key of an action with another body is invalid and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.other_action) return;
    Send(world.clients(), row.action(world, run), form);
    CHECK(Send(world.clients(), row.other_action(world, run), form) == kKeyReused);
    CHECK(row.observe(world, run) == row.acted);
    CHECK(Send(world.clients(), row.action(world, run), form) == kSucceeded);
  });
}

TEST_CASE("a refused action stays refused and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.refused_action) return;
    const Command action = row.refused_action(world, run);
    const Answer first = Send(world.clients(), action, form);
    CHECK(first.outcome == OUTCOME_REFUSED);
    CHECK(!first.reason.empty());
    CHECK(Send(world.clients(), action, form) == first);
    if (row.compensation) {
      CHECK(Send(world.clients(), row.compensation(world, run), form) == kSucceeded);
    }
    CHECK(row.observe(world, run) != row.acted);
  });
}

TEST_CASE("a compensation undoes its action, once, however often it comes") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.compensation) return;
    if (row.action) Send(world.clients(), row.action(world, run), form);
    const Command undo = row.compensation(world, run);
    CHECK(Send(world.clients(), undo, form) == kSucceeded);
    CHECK(row.observe(world, run) == row.undone);
    CHECK(Send(world.clients(), undo, form) == kSucceeded);
    CHECK(row.observe(world, run) == row.undone);
  });
}

TEST_CASE("an action that comes again after its compensation has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action || !row.compensation) return;
    const Command action = row.action(world, run);
    Send(world.clients(), action, form);
    Send(world.clients(), row.compensation(world, run), form);
    Send(world.clients(), action, form);
    CHECK(row.observe(world, run) == row.undone);
  });
}

TEST_CASE("the key of a compensation with another body is invalid and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.other_compensation) return;
    CHECK(Send(world.clients(), row.compensation(world, run), form) == kSucceeded);
    CHECK(Send(world.clients(), row.other_compensation(world, run), form) == kKeyReused);
    CHECK(row.observe(world, run) == row.undone);
  });
}

TEST_CASE("a compensation without its action succeeds, and its late action is refused") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action || !row.compensation) return;
    CHECK(Send(world.clients(), row.compensation(world, run), form) == kSucceeded);
    CHECK(row.observe(world, run) == row.untouched);
    CHECK(Send(world.clients(), row.action(world, run), form) == kLateAction);
    CHECK(Send(world.clients(), row.action(world, run), form) == kLateAction);
    CHECK(row.observe(world, run) == row.untouched);
  });
}

TEST_CASE("a late action is refused also in the batch of its compensation") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (!row.action || !row.compensation || form == Form::kUnary) return;
    const auto answers =
        SendBatch(world.clients(), {row.compensation(world, run), row.action(world, run)});
    CHECK(answers == std::vector<Answer>{kSucceeded, kLateAction});
    CHECK(row.observe(world, run) == row.untouched);
  });
}

TEST_CASE("an older fencing token than one seen is refused and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    Run newer = row.prepare(world);
    newer.fencing_token = 1000;
    const auto& any = row.action ? row.action : row.compensation;
    REQUIRE(Send(world.clients(), any(world, newer), form) == kSucceeded);

    Run older = run;
    older.fencing_token = 999;
    if (row.action) CHECK(Send(world.clients(), row.action(world, older), form) == kStaleToken);
    if (row.compensation) {
      CHECK(Send(world.clients(), row.compensation(world, older), form) == kStaleToken);
    }
    CHECK(row.observe(world, older) == row.untouched);

    Run same = run;  // nothing of it was recorded: the owner of the newest token may go on
    same.fencing_token = 1000;
    CHECK(Send(world.clients(), any(world, same), form) == kSucceeded);
  });
}

TEST_CASE("outcomes, tombstones and the fencing token survive a crash of the participant") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (form == Form::kUnary) return;
    const auto with_token = [](Run any_run, uint64_t token) {
      any_run.fencing_token = token;
      return any_run;
    };
    const Run acted = with_token(run, 7);
    const Run undone = with_token(row.prepare(world), 7);  // before its action
    const Run older = with_token(row.prepare(world), 6);
    const auto& any = row.action ? row.action : row.compensation;
    REQUIRE(Send(world.clients(), any(world, acted), form) == kSucceeded);
    const std::string effect = row.observe(world, acted);
    if (row.compensation) Send(world.clients(), row.compensation(world, undone), form);

    world.cluster.Kill(row.service);
    REQUIRE(world.cluster.Start(row.service).ok());

    // First, for a newer token would teach it again.
    CHECK(Send(world.clients(), any(world, older), form) == kStaleToken);
    CHECK(row.observe(world, acted) == effect);
    CHECK(Send(world.clients(), any(world, acted), form) == kSucceeded);
    CHECK(row.observe(world, acted) == effect);
    if (row.action && row.compensation) {
      CHECK(Send(world.clients(), row.action(world, undone), form) == kLateAction);
    }
  });
}

TEST_CASE("a probe says what became of a charge, and has no effect") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (row.service != Service::kPayment || form == Form::kUnary) return;
    const Command probe = WithKey<payment::v1::ProbePayment>(run, "charge_payment");
    CHECK(Send(world.clients(), probe, form) == Answer{OUTCOME_NOT_FOUND, ""});
    CHECK(Send(world.clients(), row.action(world, run), form) == kSucceeded);
    CHECK(Send(world.clients(), probe, form) == kSucceeded);
    CHECK(row.observe(world, run) == row.acted);
  });
}

TEST_CASE("a batch answers each command in its place, also the invalid ones") {
  Participants().ForEach([](World& world, const StepRow& row, const Run& run, Form form) {
    if (form == Form::kUnary) return;
    const auto& any = row.action ? row.action : row.compensation;
    Run nameless = run;
    nameless.saga_id = "not-an-id";
    const auto answers =
        SendBatch(world.clients(), {any(world, nameless), any(world, run), any(world, nameless)});
    REQUIRE(answers.size() == 3);
    CHECK(answers[0] == Answer{OUTCOME_INVALID, "INVALID_REQUEST"});
    CHECK(answers[1] == kSucceeded);
    CHECK(answers[2] == Answer{OUTCOME_INVALID, "INVALID_REQUEST"});
  });
}

}  // namespace
}  // namespace seatsaga::contract
