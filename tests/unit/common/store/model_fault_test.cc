#include "tests/unit/common/store/lane_conformance.h"

// Accidents on demand: commits that end otherwise, owners, connections, answers that come late.
namespace seatsaga::store::testing {
namespace {

Committed InsertPerson(Lane& lane, int number, const Fence* fence = nullptr) {
  Rows rows;
  rows.Insert(kPeople, MakePerson(number));
  return HowCommitted(lane, rows, fence);
}

TEST_CASE("model: the next commits end as the test says, in order") {
  ModelStores stores;
  const auto store = Open(stores);
  Lane& lane = store->lane();
  stores.faults().EndNextCommits(Ending::kNothing);
  stores.faults().EndNextCommits(Ending::kInDoubtApplied, 2);
  stores.faults().EndNextCommits(Ending::kInDoubtLost);
  stores.faults().EndNextCommits(Ending::kConflict);
  stores.faults().EndNextCommits(Ending::kFenced);
  REQUIRE(InsertPerson(lane, 1) == Committed::kNothing);
  REQUIRE(InsertPerson(lane, 2) == Committed::kInDoubt);
  REQUIRE(InsertPerson(lane, 3) == Committed::kInDoubt);
  REQUIRE(InsertPerson(lane, 4) == Committed::kInDoubt);
  REQUIRE(InsertPerson(lane, 5) == Committed::kConflict);
  REQUIRE(InsertPerson(lane, 6) == Committed::kFenced);
  REQUIRE(InsertPerson(lane, 7) == Committed::kDurable);
  REQUIRE(ScannedPeople(lane) == std::vector<int>{2, 3, 7});
}

TEST_CASE("model: the accidents of one process are not those of another") {
  ModelStores stores;
  ModelProcess one(stores, ModelProcess::Writers::kSeveral);
  ModelProcess two(stores, ModelProcess::Writers::kSeveral);
  const auto first = Open(one);
  const auto second = Open(two);
  one.faults().EndNextCommits(Ending::kNothing);
  REQUIRE(InsertPerson(second->lane(), 1) == Committed::kDurable);
  REQUIRE(InsertPerson(first->lane(), 2) == Committed::kNothing);
  one.faults().SetConnected(false);
  REQUIRE(InsertPerson(first->lane(), 3) == Committed::kNothing);
  REQUIRE(InsertPerson(second->lane(), 4) == Committed::kDurable);
  REQUIRE(ScannedPeople(second->lane()) == std::vector<int>{1, 4});
}

TEST_CASE("model: only the holder of a partition in its epoch may write") {
  ModelStores stores;
  ModelProcess process(stores, ModelProcess::Writers::kSeveral);
  const auto store = Open(process);
  Lane& lane = store->lane();
  Fence mine{.holder = MakeId(1)};
  mine.epochs[3] = 5;
  mine.epochs[200] = 1;
  REQUIRE(InsertPerson(lane, 1, &mine) == Committed::kDurable);  // nobody has claimed it
  stores.SetOwner(kSchema.service, 3, mine.holder, 5);
  stores.SetOwner(kSchema.service, 4, MakeId(2), 9);  // not one of mine
  REQUIRE(InsertPerson(lane, 2, &mine) == Committed::kDurable);
  SECTION("another holder") { stores.SetOwner(kSchema.service, 3, MakeId(2), 5); }
  SECTION("another epoch") { stores.SetOwner(kSchema.service, 3, mine.holder, 6); }
  SECTION("of one of several partitions") { stores.SetOwner(kSchema.service, 200, MakeId(2), 2); }
  REQUIRE(InsertPerson(lane, 3, &mine) == Committed::kFenced);
  REQUIRE(InsertPerson(lane, 4) == Committed::kDurable);  // a replica's commits have no fence
  mine.epochs[3] = 0;
  mine.epochs[200] = 0;
  REQUIRE(InsertPerson(lane, 5, &mine) == Committed::kDurable);
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1, 2, 4, 5});
}

TEST_CASE("model: owners outlive the process that claimed") {
  ModelStores stores;
  stores.SetOwner(kSchema.service, 0, MakeId(1), 2);
  Fence old{.holder = MakeId(1)};
  old.epochs[0] = 1;
  REQUIRE(InsertPerson(Open(stores)->lane(), 1, &old) == Committed::kFenced);
}

TEST_CASE("model: without a connection nothing is found, written, loaded or queried") {
  ModelStores stores;
  const auto store = Open(stores);
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1)});
  stores.faults().SetConnected(false);
  const Id id = MakeId(1);
  Rows rows;
  rows.Want(kPeople, id);
  Read(lane, rows);
  REQUIRE(rows.Find(kPeople, id) == nullptr);
  REQUIRE(HowCommitted(lane, rows) == Committed::kNothing);
  REQUIRE(InsertPerson(lane, 2) == Committed::kNothing);
  const auto look = [](Snapshot& snapshot) {
    REQUIRE_FALSE(snapshot.Find(kPeople, MakeId(1)).has_value());
    return absl::OkStatus();
  };
  REQUIRE_FALSE(lane.Load(look).ok());
  REQUIRE(store->Query([&](Snapshot& snapshot) { (void)look(snapshot); }).code() ==
          absl::StatusCode::kUnavailable);
  stores.faults().SetConnected(true);
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1});
  REQUIRE(InsertPerson(lane, 3) == Committed::kDurable);
}

TEST_CASE("model: a connection that broke takes its batch and its snapshots with it") {
  ModelStores stores;
  const auto store = Open(stores);
  Lane& lane = store->lane();
  const Id id = MakeId(1);
  Rows rows;
  rows.Want(kPeople, id);
  Read(lane, rows);
  const absl::Status queried = store->Query([&](Snapshot& snapshot) {
    stores.faults().SetConnected(false);
    stores.faults().SetConnected(true);
    (void)snapshot.Find(kPeople, id);
  });
  REQUIRE(queried.code() == absl::StatusCode::kUnavailable);
  rows.Insert(kPeople, MakePerson(1));
  REQUIRE(HowCommitted(lane, rows) == Committed::kNothing);
  REQUIRE(InsertPerson(lane, 2) == Committed::kDurable);
}

// --- Answers that are held

struct Held {
  Held() { process.faults().HoldAnswers(true); }
  // The answer is noted when it comes.
  void Insert(Lane& lane, int number) {
    batches.push_back(std::make_unique<Rows>());
    batches.back()->Insert(kPeople, MakePerson(number));
    lane.Commit(nullptr, *batches.back(), [this, number](CommitResult result) {
      answers.push_back(std::to_string(number) + " " + std::string(Name(result.committed)));
    });
  }

  ModelStores stores;
  ModelProcess process{stores, ModelProcess::Writers::kSeveral};
  std::vector<std::unique_ptr<Rows>> batches;
  std::vector<std::string> answers;
};
using Answers = std::vector<std::string>;

TEST_CASE("model: answers come when the test says so, in order") {
  Held held;
  const auto first = Open(held.process);
  const auto second = Open(held.process);
  held.Insert(first->lane(), 1);
  held.Insert(second->lane(), 2);
  held.Insert(first->lane(), 1);
  REQUIRE(held.answers.empty());
  REQUIRE(held.process.faults().waiting() == 3);
  REQUIRE(ScannedPeople(first->lane()) == std::vector<int>{1, 2});  // durable nevertheless
  REQUIRE(held.process.faults().DeliverOne());
  REQUIRE(held.answers == Answers{"1 durable"});
  held.process.faults().DeliverAll();
  REQUIRE(held.answers == Answers{"1 durable", "2 durable", "1 conflict"});
  REQUIRE_FALSE(held.process.faults().DeliverOne());
}

TEST_CASE("model: finishing gives a lane its answers, and only its own") {
  Held held;
  const auto first = Open(held.process);
  const auto second = Open(held.process);
  held.Insert(first->lane(), 1);
  held.Insert(second->lane(), 2);
  second->lane().Finish();
  REQUIRE(held.answers == Answers{"2 durable"});
  first->lane().Finish();
  REQUIRE(held.answers == Answers{"2 durable", "1 durable"});
}

TEST_CASE("model: a store that is closed gives no answers any more") {
  Held held;
  auto store = Open(held.process);
  held.Insert(store->lane(), 1);
  store = nullptr;
  REQUIRE(held.process.faults().waiting() == 0);
  REQUIRE(ScannedPeople(Open(held.process)->lane()) == std::vector<int>{1});
}

TEST_CASE("model: a connection that breaks leaves in doubt what was not answered") {
  Held held;
  const auto store = Open(held.process);
  held.Insert(store->lane(), 1);
  held.process.faults().SetConnected(false);
  held.process.faults().SetConnected(true);
  held.process.faults().DeliverAll();
  REQUIRE(held.answers == Answers{"1 in_doubt"});
  REQUIRE(ScannedPeople(store->lane()) == std::vector<int>{1});
}

}  // namespace
}  // namespace seatsaga::store::testing
