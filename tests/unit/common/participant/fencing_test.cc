// Who may command a participant: partitions, tokens, and how they are taken.
#include "common/participant/fencing.h"

#include "tests/unit/common/participant/replica.h"

namespace seatsaga::participant::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr int32_t kP1 = '1';  // the partition of SagaId('1')
constexpr int32_t kP2 = '2';

// The only writer of its store; nothing is taken yet.
class Participant {
 public:
  Participant() { Restart(); }
  void Restart() {
    replica_.reset();
    auto store = stores_.Open();
    REQUIRE(store.ok());
    replica_ = std::make_unique<Replica>(*std::move(store));
  }
  Replica* operator->() { return replica_.get(); }

  std::string Take(std::vector<int32_t> partitions, Token held, Token token) {
    return Brief(replica_->TakeNow(TakeOf(std::move(partitions), held, token)));
  }
  std::string One(const CommandBase& command) { return Brief(replica_->One(command)); }
  // "49-50: epoch 5 of process ..."; partitions that nobody holds are left out.
  Texts Holders() {
    Texts holders;
    const auto response = replica_->Holders();
    for (const auto& range : response.ranges()) {
      if (!range.has_token()) continue;
      holders.push_back(Cat(range.first(), "-", range.last(), ": ", range.token().epoch(),
                            range.token().holder().substr(0, 1)));
    }
    return holders;
  }

 private:
  AnyStores stores_{AnyEngine()};
  std::unique_ptr<Replica> replica_;
};

TEST_CASE("a token that was never taken is refused, and poisons nothing") {
  Participant participant;
  CHECK(participant.One(With(TokenOf(9), Action())) == "REFUSED FENCING_TOKEN_NOT_TAKEN");
  REQUIRE(participant.Take({kP1}, {}, TokenOf(5)) == "OK");
  CHECK(participant.One(With(TokenOf(9), Action())) == "REFUSED FENCING_TOKEN_NOT_TAKEN");
  CHECK(participant.One(With(TokenOf(UINT64_MAX), Action())) == "REFUSED FENCING_TOKEN_NOT_TAKEN");
  CHECK(participant.One(With(TokenOf(5), Action())) == "SUCCEEDED");
  CHECK(participant->effects == Texts{"action 1"});
}

TEST_CASE("a command without a token is served until somebody takes its partition") {
  Participant participant;
  CHECK(participant.One(With({}, Action())) == "SUCCEEDED");
  REQUIRE(participant.Take({kP1}, {}, TokenOf(1)) == "OK");
  CHECK(participant.One(With({}, Action())) == "REFUSED STALE_FENCING_TOKEN");
}

TEST_CASE("an older token than the one that was taken is refused and leaves no record") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(7));
  CHECK(participant.One(With(TokenOf(6), Action())) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(participant->BarrierRows().empty());
  CHECK(participant.One(With(TokenOf(7), Action())) == "SUCCEEDED");
  CHECK(participant->effects == Texts{"action 1"});
}

TEST_CASE("a stale token is refused even for a command that is on record") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(5));
  const auto before = participant->One(With(TokenOf(5), Action()));
  participant.Take({kP1}, TokenOf(5), TokenOf(7, 'i'));
  CHECK(participant.One(With(TokenOf(5), Action())) == "REFUSED STALE_FENCING_TOKEN");
  const auto after = participant->One(With(TokenOf(7, 'i'), Action()));
  CHECK(after.SerializeAsString() == before.SerializeAsString());
}

TEST_CASE("the same epoch of another holder is refused") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(5, 'h'));
  CHECK(participant.One(With(TokenOf(5, 'i'), Action())) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(participant.Take({kP1}, TokenOf(5, 'h'), TokenOf(5, 'i')) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.One(With(TokenOf(5, 'h'), Action())) == "SUCCEEDED");
}

TEST_CASE("probes are fenced too") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(7));
  const auto probe = [&](const CommandBase& command) -> std::string {
    participant->Read({command});
    const auto answer = Desk(participant->fencing(), participant->shared(), participant->rows())
                            .AdmitProbe(command);
    participant->lane().Abandon();
    return answer ? Brief(*answer) : "admitted";
  };
  CHECK(probe(With(TokenOf(6), Action())) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(probe(With(TokenOf(7), Action())) == "admitted");
  CHECK(probe(With(TokenOf(8), Action())) == "REFUSED FENCING_TOKEN_NOT_TAKEN");
  CommandBase rejected = Action();
  rejected.rejected = Invalid("INVALID_REQUEST", "key.saga_id: required");
  CHECK(probe(rejected) == "INVALID INVALID_REQUEST");
}

// --- Taking

TEST_CASE("a process that takes a partition names the token that holds it") {
  Participant participant;
  CHECK(participant.Take({kP1}, TokenOf(1), TokenOf(2)) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Take({kP1}, {}, TokenOf(2)) == "OK");
  CHECK(participant.Take({kP1}, {}, TokenOf(3, 'i')) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Take({kP1}, TokenOf(2, 'i'), TokenOf(3, 'i')) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Take({kP1}, TokenOf(1), TokenOf(3, 'i')) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Holders() == Texts{"49-49: 2h"});
  CHECK(participant.Take({kP1}, TokenOf(2), TokenOf(3, 'i')) == "OK");
  CHECK(participant.Holders() == Texts{"49-49: 3i"});
}

TEST_CASE("a refused take says who holds the partition and what to do") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(2));
  const auto status = participant->TakeNow(TakeOf({kP1}, {}, TokenOf(3, 'i')));
  CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(View(status.message()) == Cat("is held by ", ToString(TokenOf(2)),
                                      ", not by none; call GetFencing again before you decide to "
                                      "take it"));
}

TEST_CASE("a new epoch is higher, by a million at most") {
  Participant participant;
  const uint64_t first = GENERATE(1U, 1'000'000U);
  CHECK(participant.Take({kP1}, {}, TokenOf(1'000'001)) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Take({kP1}, {}, TokenOf(UINT64_MAX)) == "FENCING_TOKEN_CHANGED");
  REQUIRE(participant.Take({kP1}, {}, TokenOf(first)) == "OK");
  for (const uint64_t wrong : {first - 1, first, first + 1'000'001}) {
    CHECK(participant.Take({kP1}, TokenOf(first), TokenOf(wrong, 'i')) == "FENCING_TOKEN_CHANGED");
  }
  CHECK(participant.Take({kP1}, TokenOf(first), TokenOf(first + 1'000'000, 'i')) == "OK");
}

TEST_CASE("a take that is repeated because its answer was lost succeeds") {
  Participant participant;
  REQUIRE(participant.Take({kP1, kP2}, {}, TokenOf(3)) == "OK");
  CHECK(participant.Take({kP1, kP2}, {}, TokenOf(3)) == "OK");
  participant.Restart();
  CHECK(participant.Take({kP1, kP2}, {}, TokenOf(3)) == "OK");
  CHECK(participant.Holders() == Texts{"49-50: 3h"});
}

TEST_CASE("a take is all or nothing") {
  Participant participant;
  participant.Take({kP2}, {}, TokenOf(2));
  CHECK(participant.Take({0, kP1, kP2, 255}, {}, TokenOf(9, 'i')) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Holders() == Texts{"50-50: 2h"});
  CHECK(participant.One(With({}, Action('1'))) == "SUCCEEDED");

  Take all = TakeOf({0, kP1, 255}, {}, TokenOf(9, 'i'));
  all.held.emplace_back(kP2, TokenOf(2));
  CHECK(Brief(participant->TakeNow(all)) == "OK");
  CHECK(participant.Holders() == Texts{"0-0: 9i", "49-50: 9i", "255-255: 9i"});
}

TEST_CASE("partitions are independent of each other") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(7, 'h'));
  participant.Take({kP2}, {}, TokenOf(3, 'i'));
  CHECK(participant.One(With(TokenOf(7, 'h'), Action('1'))) == "SUCCEEDED");
  CHECK(participant.One(With(TokenOf(3, 'i'), Action('2'))) == "SUCCEEDED");
  CHECK(participant.One(With(TokenOf(7, 'h'), Action('2'))) == "REFUSED FENCING_TOKEN_NOT_TAKEN");
  CHECK(participant.One(With(TokenOf(3, 'i'), Action('1'))) == "REFUSED STALE_FENCING_TOKEN");
}

TEST_CASE("what was taken survives a crash") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(7));
  participant.Restart();
  CHECK(participant.One(With(TokenOf(6), Action())) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(participant.One(With(TokenOf(7), Action())) == "SUCCEEDED");
  CHECK(participant.Take({kP1}, {}, TokenOf(9, 'i')) == "FENCING_TOKEN_CHANGED");
}

TEST_CASE("a take that was not committed changes nothing") {
  Participant participant;
  participant.Take({kP1}, {}, TokenOf(1));
  participant->break_commit = true;
  participant->Batch({TakeOf({kP1}, TokenOf(1), TokenOf(2, 'i'))});
  participant->break_commit = false;
  CHECK(participant.One(With(TokenOf(1), Action())) == "SUCCEEDED");
  CHECK(participant.Holders() == Texts{"49-49: 1h"});
}

TEST_CASE("takes and commands of one batch are decided in their order") {
  Participant participant;
  participant->Batch({TakeOf({kP1}, {}, TokenOf(1)), With(TokenOf(1), ActionOf(1)),
                      TakeOf({kP1}, TokenOf(1), TokenOf(2, 'i')), With(TokenOf(1), ActionOf(2)),
                      With(TokenOf(2, 'i'), ActionOf(2)), TakeOf({kP1}, TokenOf(1), TokenOf(3))});
  const auto& last = participant->last;
  CHECK(Brief(last.results[0]) == "SUCCEEDED");
  CHECK(Brief(last.results[1]) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(Brief(last.results[2]) == "SUCCEEDED");
  CHECK(Brief(last.taken[1]) == "OK");
  CHECK(Brief(last.taken[2]) == "FENCING_TOKEN_CHANGED");
  CHECK(participant.Holders() == Texts{"49-49: 2i"});
  CHECK(participant.One(With(TokenOf(2, 'i'), ActionOf(3))) == "SUCCEEDED");
}

// --- What is sent

saga::v1::TakePartitionsRequest GoodTake() {
  saga::v1::TakePartitionsRequest request;
  auto& range = *request.add_held();
  range.set_first(0);
  range.set_last(255);
  request.mutable_token()->set_epoch(1);
  request.mutable_token()->set_holder(std::string(16, 'h'));
  request.set_store_id(SagaId('o').ToString());
  request.set_store_counter(1);
  return request;
}

Texts WrongFields(const saga::v1::TakePartitionsRequest& request) {
  Texts fields;
  for (const auto& violation : FieldViolationsOf(ParseTake(request).status())) {
    fields.push_back(violation.first);
  }
  return fields;
}

TEST_CASE("an empty TakePartitions names every required field") {
  CHECK(WrongFields({}) == Texts{"held", "token.epoch", "store_id", "store_counter"});
  CHECK(WrongFields(GoodTake()).empty());
}

TEST_CASE("wrong fields of TakePartitions are named") {
  const auto wrong = [](auto change) {
    saga::v1::TakePartitionsRequest request = GoodTake();
    change(request, *request.mutable_held(0));
    return WrongFields(request);
  };
  CHECK(wrong([](auto&, auto& held) { held.set_last(256); }) == Texts{"held[0]"});
  CHECK(wrong([](auto&, auto& held) { held.set_first(-1); }) == Texts{"held[0]"});
  CHECK(wrong([](auto&, auto& held) { held.set_first(9), held.set_last(8); }) == Texts{"held[0]"});
  CHECK(wrong([](auto& r, auto&) { *r.add_held() = r.held(0); }) == Texts{"held[1]"});
  CHECK(wrong([](auto& r, auto&) {
          for (int i = 0; i < 256; ++i) r.add_held();
        }) == Texts{"held"});
  CHECK(wrong([](auto&, auto& held) { held.mutable_token()->set_epoch(4); }) ==
        Texts{"held[0].token.holder"});
  CHECK(wrong([](auto&, auto& held) { held.mutable_token()->set_holder(std::string(16, 'x')); }) ==
        Texts{"held[0].token.epoch"});
  CHECK(wrong([](auto& r, auto&) { r.mutable_token()->set_holder("short"); }) ==
        Texts{"token.holder"});
  CHECK(wrong([](auto& r, auto&) { r.set_store_id("42"); }) == Texts{"store_id"});
}

TEST_CASE("GetFencing names all partitions, neighbours that are held alike in one range") {
  Participant participant;
  const auto ranges = [&] {
    Texts texts;
    const auto response = participant->Holders();
    for (const auto& range : response.ranges()) texts.push_back(range.ShortDebugString());
    return texts;
  };
  CHECK(ranges() == Texts{"last: 255"});
  REQUIRE(participant.Take({8, 9}, {}, TokenOf(4)) == "OK");
  const auto all = ranges();
  REQUIRE(all.size() == 3);
  CHECK(all[0] == "last: 7");
  CHECK(all[1] ==
        Cat("first: 8 last: 9 token { epoch: 4 holder: \"hhhhhhhhhhhhhhhh\" } store_id: \"",
            SagaId('o').ToString(), "\" store_counter: 1"));
  CHECK(all[2] == "first: 10 last: 255");
  REQUIRE(participant.Take({10}, {}, TokenOf(4, 'i')) == "OK");  // the epoch alone is not alike
  CHECK(participant.Holders() == Texts{"8-9: 4h", "10-10: 4i"});
}

TEST_CASE("what GetFencing answers can be sent to TakePartitions") {
  Participant participant;
  participant.Take({8, 9}, {}, TokenOf(4));
  participant.Take({200}, {}, TokenOf(2, 'i'));
  saga::v1::TakePartitionsRequest request = GoodTake();
  request.mutable_token()->set_epoch(5);
  *request.mutable_held() = participant->Holders().ranges();
  const auto take = ParseTake(request);
  REQUIRE(take.ok());
  CHECK(participant->TakeNow(*take).ok());
  CHECK(participant.Holders() == Texts{"0-255: 5h"});
}

}  // namespace
}  // namespace seatsaga::participant::testing
