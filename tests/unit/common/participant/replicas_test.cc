// Two replicas of one participant on one store: whatever the order of their reads and commits, the
// contract holds as if there were one.
#include "common/random.h"
#include "tests/unit/common/participant/replica.h"

namespace seatsaga::participant::testing {
namespace {

using Texts = std::vector<std::string>;

class Replicas {
 public:
  Replicas() { REQUIRE(a().TakeNow(TakeOf({'1', '2'}, {}, kToken)).ok()); }
  Replica& a() { return replicas_[0]; }
  Replica& b() { return replicas_[1]; }
  Replica& operator[](size_t i) { return replicas_[i]; }

 private:
  AnyStores stores_{Engine::kModel};
  std::array<Replica, 2> replicas_{Replica(*stores_.OpenShared()), Replica(*stores_.OpenShared())};
};

// Ends a batch whose reads are made; decides again as often as the other replica was faster.
Texts Finish(Replica& replica) {
  while (replica.Commit() == store::Committed::kConflict) replica.ReadAgain();
  Texts brief;
  for (const CommandResult& result : replica.last.results) brief.push_back(Brief(result));
  return brief;
}

TEST_CASE("action and compensation at the same instant are never both effective") {
  Replicas replicas;
  Replica& acting = replicas.a();
  Replica& undoing = replicas.b();
  acting.Read({Action()});
  undoing.Read({Compensation()});
  SECTION("when the action commits first") {
    CHECK(Finish(acting) == Texts{"SUCCEEDED"});
    CHECK(undoing.Commit() == store::Committed::kConflict);
    undoing.ReadAgain();
    CHECK(Finish(undoing) == Texts{"SUCCEEDED"});
    CHECK(undoing.effects == Texts{"compensation 1"});  // not a null one
  }
  SECTION("when the compensation commits first") {
    CHECK(Finish(undoing) == Texts{"SUCCEEDED"});
    CHECK(acting.Commit() == store::Committed::kConflict);
    acting.ReadAgain();
    CHECK(Finish(acting) == Texts{"REFUSED LATE_ACTION"});
    CHECK(acting.effects.empty());
    CHECK(undoing.effects.empty());  // a null one
  }
}

TEST_CASE("an action of a closed round meets the compensation of a later one") {
  Replicas replicas;
  replicas.a().Read({ActionOf(1)});
  replicas.b().Read({CompensationOf(3)});
  CHECK(Finish(replicas.b()) == Texts{"SUCCEEDED"});
  CHECK(Finish(replicas.a()) == Texts{"REFUSED LATE_ACTION"});
}

TEST_CASE("one command sent to both replicas has one effect") {
  Replicas replicas;
  replicas.a().Read({Action()});
  replicas.b().Read({Action()});
  CHECK(Finish(replicas.a()) == Texts{"SUCCEEDED"});
  CHECK(Finish(replicas.b()) == Texts{"SUCCEEDED"});
  CHECK(replicas.a().effects.size() + replicas.b().effects.size() == 1);
  CHECK(replicas.a().last.results[0].SerializeAsString() ==
        replicas.b().last.results[0].SerializeAsString());
}

TEST_CASE("a partition that one replica takes is taken at the other") {
  Replicas replicas;
  replicas.b().Read({Action()});  // with the token that is about to be stale
  CHECK(replicas.a().TakeNow(TakeOf({'1'}, kToken, TokenOf(6, 'i'))).ok());
  CHECK(Finish(replicas.b()) == Texts{"REFUSED STALE_FENCING_TOKEN"});
  CHECK(Brief(replicas.b().One(With(TokenOf(6, 'i'), Action()))) == "SUCCEEDED");
}

TEST_CASE("of two that take a partition at the same instant one succeeds") {
  Replicas replicas;
  replicas.a().Read({TakeOf({'1'}, kToken, TokenOf(6, 'i'))});
  replicas.b().Read({TakeOf({'1'}, kToken, TokenOf(6, 'j'))});
  Finish(replicas.b());
  Finish(replicas.a());
  CHECK(Brief(replicas.b().last.taken[0]) == "OK");
  CHECK(Brief(replicas.a().last.taken[0]) == "FENCING_TOKEN_CHANGED");
}

// Commands of one step in random order, some of them twice and to both replicas, whose reads and
// commits happen in random order.
class RandomRun {
 public:
  explicit RandomRun(uint64_t seed) : random_(seed) {
    for (size_t i = 0; i < 2; ++i) {
      for (int32_t round = 1; round <= kRounds; ++round) {
        if (Chance() || i == 0) queues_[i].push_back(ActionOf(round));
        if (Chance() || i == 1) queues_[i].push_back(CompensationOf(round));
      }
      for (size_t at = queues_[i].size(); at > 1; --at) {
        std::swap(queues_[i][at - 1], queues_[i][random_.Next() % at]);
      }
    }
  }

  void Go() {
    while (Step(random_.Next() % 2) || Step(0) || Step(1)) {
    }
  }

  // What both replicas did, in the order in which it became durable.
  Texts effects;

  static constexpr int32_t kRounds = 3;

 private:
  bool Chance() { return random_.Next() % 2 == 0; }
  // One half of a batch at one replica; false if it has nothing left to do.
  bool Step(size_t i) {
    Replica& replica = replicas_[i];
    if (!std::exchange(reading_[i], !reading_[i])) {
      reading_[i] = again_[i] || !queues_[i].empty();
      if (!reading_[i]) return false;
      if (again_[i]) {
        replica.ReadAgain();
      } else {
        replica.Read({queues_[i].back()});
        queues_[i].pop_back();
      }
      return true;
    }
    again_[i] = replica.Commit() == store::Committed::kConflict;
    for (std::string& effect : replica.effects) effects.push_back(std::move(effect));
    replica.effects.clear();
    return true;
  }

  Random random_;
  Replicas replicas_;
  std::array<std::vector<CommandBase>, 2> queues_;
  std::array<bool, 2> reading_{};
  std::array<bool, 2> again_{};
};

TEST_CASE("in random interleavings every action acts once and is undone, or is refused") {
  int undone_in_all = 0;
  int late_in_all = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    RandomRun run(seed);
    run.Go();
    const auto position = [&](const std::string& effect) {
      const auto first = std::find(run.effects.begin(), run.effects.end(), effect);
      CHECK(std::count(run.effects.begin(), run.effects.end(), effect) <= 1);
      return first - run.effects.begin();
    };
    const auto none = static_cast<ptrdiff_t>(run.effects.size());
    for (int32_t round = 1; round <= RandomRun::kRounds; ++round) {
      const ptrdiff_t acted = position(Cat("action ", round));
      // Every compensation was sent, also that of this round. Had it been a null one, or one that
      // came before the action, then the action would stand.
      bool undone = false;
      for (int32_t by = round; by <= RandomRun::kRounds; ++by) {
        const ptrdiff_t at = position(Cat("compensation ", by));
        undone |= at != none && at > acted;
      }
      CHECK((acted == none || undone));
      ++(acted == none ? late_in_all : undone_in_all);
    }
  }
  CHECK(undone_in_all > 50);
  CHECK(late_in_all > 50);
}

}  // namespace
}  // namespace seatsaga::participant::testing
