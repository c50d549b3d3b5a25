#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "tests/unit/common/store/lane_conformance.h"

// The contract of stores: what survives, who may open them, and long histories.
namespace seatsaga::store::testing {
namespace {

TEMPLATE_LIST_TEST_CASE("store: what was committed is there when it is opened again", "", Engines) {
  TestType engine;
  {
    const auto store = Open(engine.stores());
    REQUIRE(ScannedPeople(store->lane()).empty());
    InsertAll(store->lane(), kPeople, {MakePerson(1, "a", 1, true), MakePerson(2)});
    const Id id = MakeId(2);
    Rows rows;
    rows.Want(kPeople, id);
    Read(store->lane(), rows);
    rows.Erase(kPeople, *rows.Find(kPeople, id));  // and the store closes: a crash
  }
  const auto store = Open(engine.stores());
  REQUIRE(ScannedPeople(store->lane()) == std::vector<int>{1, 2});
  REQUIRE(ScannedPeople(store->lane(), {.index = kByWaits}) == std::vector<int>{1});
  InsertAll(store->lane(), kPeople, {MakePerson(3)});
  REQUIRE(ScannedPeople(store->lane()) == std::vector<int>{1, 2, 3});
}

TEMPLATE_LIST_TEST_CASE("store: its identity stays, and its counter rises with every opening", "",
                        Engines) {
  TestType engine;
  Id store_id;
  int64_t counter = 0;
  for (int i = 0; i < 3; ++i) {
    const auto store = Open(engine.stores());
    REQUIRE(store->identity().counter > counter);
    REQUIRE_FALSE(store->identity().is_copy);
    REQUIRE(store->identity().store_id != Id());
    if (i > 0) REQUIRE(store->identity().store_id == store_id);
    store_id = store->identity().store_id;
    counter = store->identity().counter;
  }
}

TEMPLATE_LIST_TEST_CASE("store: it has one writer at a time", "", Engines) {
  TestType engine;
  auto store = Open(engine.stores());
  REQUIRE_FALSE(store->lane().shared());
  REQUIRE(engine.stores().Open(kSchema).status().code() == absl::StatusCode::kFailedPrecondition);
  InsertAll(store->lane(), kPeople, {MakePerson(1)});
  store = nullptr;
  REQUIRE(ScannedPeople(Open(engine.stores())->lane()) == std::vector<int>{1});
}

TEMPLATE_LIST_TEST_CASE("store: stores of several services do not mix", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  const Schema other_schema{.service = "another", .tables = kTables};
  const auto other = engine.stores().Open(other_schema);
  REQUIRE(other.ok());
  REQUIRE((*other)->identity().store_id != store->identity().store_id);
  InsertAll(store->lane(), kPeople, {MakePerson(1)});
  REQUIRE(ScannedPeople((*other)->lane()).empty());
}

TEMPLATE_LIST_TEST_CASE("store: queries on another thread run beside the lane", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  InsertAll(store->lane(), kSeats, {{1, 0, 0, "0"}, {2, 0, 0, "0"}});
  bool torn = false;
  bool failed = false;
  std::thread queries([&] {
    for (int i = 0; i < 50; ++i) {
      failed |= !store
                     ->Query([&](Snapshot& snapshot) {
                       torn |= snapshot.Find(kSeats, int64_t{1}, 0, 0)->holder !=
                               snapshot.Find(kSeats, int64_t{2}, 0, 0)->holder;
                     })
                     .ok();
    }
  });
  for (int i = 1; i <= 50; ++i) {
    const Seat first{1, 0, 0, std::to_string(i)};
    const Seat second{2, 0, 0, std::to_string(i)};
    Rows rows;
    rows.UpdateBorrowed(kSeats, first);
    rows.UpdateBorrowed(kSeats, second);
    CommitDurably(store->lane(), rows);
  }
  queries.join();
  REQUIRE_FALSE(torn);
  REQUIRE_FALSE(failed);
}

// Random batches, against a map that cannot be wrong.
template <class Engine>
class History {
 public:
  explicit History(unsigned seed) : random_(seed), store_(Open(engine_.stores())) {}

  void Run(int batches) {
    for (int i = 0; i < batches; ++i) {
      Batch();
      if (Below(20) == 0) Reopen();
    }
    Compare();
  }

 private:
  static constexpr int kKeys = 40;
  int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  void Batch() {
    Rows rows;
    std::vector<Id> ids;  // stay where they are: rows looks at them
    ids.reserve(8);
    for (int i = 1 + Below(8); i > 0; --i) ids.push_back(MakeId(1 + Below(kKeys)));
    for (const Id& id : ids) rows.Want(kPeople, id);
    Read(store_->lane(), rows);
    auto after = people_;
    for (const Id& id : ids) Change(rows, after, id);
    if (Below(8) == 0) return store_->lane().Abandon();
    CommitDurably(store_->lane(), rows);
    people_ = std::move(after);
  }

  void Change(Rows& rows, std::map<int, Person>& people, const Id& id) {
    const int number = static_cast<unsigned char>(id.bytes().front());
    const Person* found = rows.Find(kPeople, id);
    const auto known = people.find(number);
    REQUIRE((found != nullptr) == (known != people.end()));
    if (found == nullptr) {
      people[number] = MakePerson(number, std::string(1, static_cast<char>('a' + Below(3))),
                                  Below(5), Below(2) == 0);
      rows.Insert(kPeople, people[number]);
      return;
    }
    REQUIRE(found->age == known->second.age);
    REQUIRE(found->city == known->second.city);
    REQUIRE(found->waits == known->second.waits);
    if (Below(3) == 0) {
      rows.Erase(kPeople, *found);
      people.erase(known);
      return;
    }
    Person& person = rows.Update(kPeople, *found);
    person.city = known->second.city = std::string(1, static_cast<char>('a' + Below(3)));
    person.age = known->second.age = Below(5);
    person.waits = known->second.waits = Below(2) == 0;
  }

  void Reopen() {
    Compare();
    store_ = nullptr;
    store_ = Open(engine_.stores());
  }

  void Compare() {
    std::vector<int> by_key;
    std::vector<int> waiting;
    std::vector<std::tuple<std::string, int, int>> by_city;
    for (const auto& [number, person] : people_) {
      by_key.push_back(number);
      if (person.waits) waiting.push_back(number);
      by_city.emplace_back(person.city, person.age, number);
    }
    std::sort(by_city.begin(), by_city.end());
    Lane& lane = store_->lane();
    REQUIRE(ScannedPeople(lane) == by_key);
    REQUIRE(ScannedPeople(lane, {.index = kByWaits}) == waiting);
    std::vector<int> numbers;
    for (const auto& [city, age, number] : by_city) numbers.push_back(number);
    REQUIRE(ScannedPeople(lane, {.index = kByCity}) == numbers);
  }

  std::mt19937 random_;
  Engine engine_;
  std::unique_ptr<Store> store_;
  std::map<int, Person> people_;
};

TEMPLATE_LIST_TEST_CASE("lane: many random batches leave what they should", "", Engines) {
  for (const unsigned seed : {1U, 2U, 3U}) History<TestType>(seed).Run(200);
}

TEMPLATE_LIST_TEST_CASE("lane: a large batch is written and found", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  constexpr int kCount = 3000;
  Rows rows;
  for (int i = kCount; i > 0; --i) rows.Insert(kSeats, {i % 10, i, 0, std::string(100, 'x')});
  CommitDurably(store->lane(), rows);
  for (int64_t event = 0; event < 10; ++event) rows.Want(kSeats, event);
  Read(store->lane(), rows);
  int found = 0;
  rows.ForEach(kSeats, [&](const Seat& seat) {
    ++found;
    if (found % 2 == 0) rows.Update(kSeats, seat).holder = "y";
  });
  REQUIRE(found == kCount);
  CommitDurably(store->lane(), rows);
  int changed = 0;
  for (const Seat& seat : Scanned(store->lane(), kSeats)) changed += seat.holder == "y" ? 1 : 0;
  REQUIRE(changed == kCount / 2);
}

}  // namespace
}  // namespace seatsaga::store::testing
