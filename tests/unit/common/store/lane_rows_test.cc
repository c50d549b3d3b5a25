#include <limits>

#include "tests/unit/common/store/lane_conformance.h"

// The contract of lanes: what is written, and what is found again.
namespace seatsaga::store::testing {
namespace {

const std::string kNasty("a\0b\xFF\0", 5);

Sample FullSample() {
  return {.number = -5,
          .word = "key",
          .small = std::numeric_limits<int32_t>::min(),
          .colour = Colour::kBlue,
          .flag = true,
          .time = absl::FromUnixMicros(-1'234'567),
          .text = "Zürich",
          .bytes = kNasty,
          .id = MakeId(255, 1),
          .shared = std::make_shared<const std::string>(kNasty)};
}

void RequireSame(const Sample& a, const Sample& b) {
  REQUIRE(a.number == b.number);
  REQUIRE(a.word == b.word);
  REQUIRE(a.small == b.small);
  REQUIRE(a.colour == b.colour);
  REQUIRE(a.flag == b.flag);
  REQUIRE(a.time == b.time);
  REQUIRE(a.text == b.text);
  REQUIRE(a.bytes == b.bytes);
  REQUIRE(a.id == b.id);
  REQUIRE(*a.shared == *b.shared);
}

TEMPLATE_LIST_TEST_CASE("lane: every type of column comes back as it was written", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  Sample empty{.word = "", .time = absl::UnixEpoch()};
  Sample extreme{.number = std::numeric_limits<int64_t>::max(), .time = absl::UnixEpoch()};
  extreme.small = std::numeric_limits<int32_t>::max();
  InsertAll(lane, kSamples, {FullSample(), empty, extreme});

  Rows rows;
  rows.Want(kSamples, int64_t{-5}, std::string_view("key"));
  rows.Want(kSamples, int64_t{0}, std::string_view(""));
  rows.Want(kSamples, std::numeric_limits<int64_t>::max(), std::string_view(""));
  Read(lane, rows);
  const Sample* full = rows.Find(kSamples, int64_t{-5}, "key");
  REQUIRE(full != nullptr);
  RequireSame(*full, FullSample());
  const Sample* found_empty = rows.Find(kSamples, int64_t{0}, "");
  REQUIRE(found_empty != nullptr);
  empty.shared = std::make_shared<const std::string>();
  RequireSame(*found_empty, empty);
  REQUIRE(rows.Find(kSamples, std::numeric_limits<int64_t>::max(), "")->small == extreme.small);
  lane.Abandon();
}

TEMPLATE_LIST_TEST_CASE("lane: a key that is not there is not found, and can be looked up again",
                        "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  for (const int number : {5, 3, 9}) InsertAll(lane, kPeople, {MakePerson(number)});
  const std::array<Id, 5> ids = {MakeId(1), MakeId(3), MakeId(4), MakeId(9), MakeId(10)};
  Rows rows;
  for (const Id& id : ids) rows.Want(kPeople, id);
  rows.Want(kPeople, ids[1]);
  Read(lane, rows);
  REQUIRE(rows.Find(kPeople, ids[0]) == nullptr);
  REQUIRE(rows.Find(kPeople, ids[1])->email == "p3");
  REQUIRE(rows.Find(kPeople, ids[2]) == nullptr);
  REQUIRE(rows.Find(kPeople, ids[3])->email == "p9");
  REQUIRE(rows.Find(kPeople, ids[4]) == nullptr);
  CommitDurably(lane, rows);
}

TEMPLATE_LIST_TEST_CASE("lane: a part of a key finds every row that begins with it, and no other",
                        "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kSeats,
            {{1, 1, 1, "a"}, {1, 2, 1, "b"}, {1, 2, -2, "c"}, {2, 1, 1, "d"}, {-1, 2, 1, "e"}});
  Rows rows;
  rows.Want(kSeats, int64_t{1}, int32_t{2});
  rows.Want(kSeats, int64_t{-1});
  rows.Want(kSeats, int64_t{7});
  Read(lane, rows);
  std::string holders;
  rows.ForEach(
      kSeats, [&](const Seat& seat) { holders += seat.holder; }, int64_t{1});
  REQUIRE(holders == "cb");
  REQUIRE(rows.Find(kSeats, int64_t{-1}, 2, 1)->holder == "e");
  REQUIRE(rows.Find(kSeats, int64_t{1}, 1, 1) == nullptr);
  rows.Want(kSeats, int64_t{1});
  Read(lane, rows);
  holders.clear();
  rows.ForEach(
      kSeats, [&](const Seat& seat) { holders += seat.holder; }, int64_t{1});
  REQUIRE(holders == "acb");
  lane.Abandon();
}

TEMPLATE_LIST_TEST_CASE("lane: a unique value finds its row", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  Person odd = MakePerson(2);
  odd.email = kNasty.substr(0, 1) + "b";
  InsertAll(lane, kPeople, {MakePerson(1), odd, MakePerson(3)});
  const Id badge = MakeId(0, 3);
  const Id no_badge = MakeId(0, 7);
  Rows rows;
  rows.template WantBy<&Person::email>(kPeople, std::string_view("ab"));
  rows.template WantBy<&Person::email>(kPeople, std::string_view("a"));
  rows.template WantBy<&Person::badge>(kPeople, badge);
  rows.template WantBy<&Person::badge>(kPeople, no_badge);
  Read(lane, rows);
  REQUIRE(rows.template FindBy<&Person::email>(kPeople, std::string_view("ab"))->id == odd.id);
  REQUIRE(rows.template FindBy<&Person::email>(kPeople, std::string_view("a")) == nullptr);
  REQUIRE(rows.template FindBy<&Person::badge>(kPeople, badge)->email == "p3");
  REQUIRE(rows.template FindBy<&Person::badge>(kPeople, no_badge) == nullptr);
  REQUIRE(rows.Find(kPeople, MakeId(1)) == nullptr);  // nobody wanted it
  lane.Abandon();
}

TEMPLATE_LIST_TEST_CASE("lane: later rounds of reads add to what a batch has found and changed", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1, "2"), MakePerson(2, "3"), MakePerson(3, "")});
  Rows rows;
  const std::array<Id, 3> ids = {MakeId(1), MakeId(2), MakeId(3)};
  rows.Want(kPeople, ids[0]);
  Read(lane, rows);
  const Person* first = rows.Find(kPeople, ids[0]);
  rows.Update(kPeople, *first).age = 7;
  rows.Want(kPeople, ids[1]);
  rows.Want(kPeople, ids[0]);
  Read(lane, rows);
  rows.Want(kPeople, ids[2]);
  Read(lane, rows);
  REQUIRE(rows.Find(kPeople, ids[0]) == first);
  REQUIRE(first->age == 7);
  REQUIRE(rows.Find(kPeople, ids[1])->city == "3");
  REQUIRE(rows.Find(kPeople, ids[2]) != nullptr);
  CommitDurably(lane, rows);
  REQUIRE(Scanned(lane, kPeople)[0].age == 7);
}

TEMPLATE_LIST_TEST_CASE("lane: an update writes its columns, and only these", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kSamples, {FullSample()});
  Rows rows;
  rows.Want(kSamples, int64_t{-5}, std::string_view("key"));
  Read(lane, rows);
  Sample& sample = rows.Update(kSamples, *rows.Find(kSamples, int64_t{-5}, "key"),
                               kSamples.Mask<&Sample::text, &Sample::shared>());
  sample.text = "";
  sample.shared = nullptr;
  sample.small = 1;  // not among them
  rows.Update(kSamples, sample, kSamples.Mask<&Sample::flag>()).flag = false;
  CommitDurably(lane, rows);

  Sample expected = FullSample();
  expected.text = "";
  expected.shared = std::make_shared<const std::string>();
  expected.flag = false;
  const auto found = Scanned(lane, kSamples);
  REQUIRE(found.size() == 1);
  RequireSame(found[0], expected);
}

TEMPLATE_LIST_TEST_CASE("lane: what is erased is gone, and its key and unique values are free", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1), MakePerson(2), MakePerson(3)});
  const std::array<Id, 2> ids = {MakeId(1), MakeId(2)};
  Rows rows;
  for (const Id& id : ids) rows.Want(kPeople, id);
  Read(lane, rows);
  for (const Id& id : ids) rows.Erase(kPeople, *rows.Find(kPeople, id));
  Person heir = MakePerson(9);
  heir.email = "p1";
  heir.badge = MakeId(0, 1);
  rows.Insert(kPeople, heir);
  CommitDurably(lane, rows);
  REQUIRE(ScannedPeople(lane) == std::vector<int>{3, 9});
  InsertAll(lane, kPeople, {MakePerson(2)});
  REQUIRE(ScannedPeople(lane) == std::vector<int>{2, 3, 9});

  rows.template WantBy<&Person::email>(kPeople, std::string_view("p1"));
  rows.Want(kPeople, ids[0]);
  Read(lane, rows);
  REQUIRE(rows.template FindBy<&Person::email>(kPeople, std::string_view("p1"))->id == heir.id);
  REQUIRE(rows.Find(kPeople, ids[0]) == nullptr);
  lane.Abandon();
}

TEMPLATE_LIST_TEST_CASE("lane: only the net effect of a batch is written", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1, "old", 40), MakePerson(2)});
  const std::array<Id, 4> ids = {MakeId(1), MakeId(2), MakeId(3), MakeId(4)};
  Rows rows;
  for (const Id& id : ids) rows.Want(kPeople, id);
  Read(lane, rows);
  rows.Erase(kPeople, *rows.Find(kPeople, ids[0]));  // replaced: every column is the new row's
  rows.Insert(kPeople, MakePerson(1, "new"));
  rows.Erase(kPeople, *rows.Find(kPeople, ids[1]));  // replaced, and gone after all
  rows.Erase(kPeople, rows.Insert(kPeople, MakePerson(2)));
  rows.Erase(kPeople, rows.Insert(kPeople, MakePerson(3)));           // never was
  rows.Update(kPeople, rows.Insert(kPeople, MakePerson(4))).age = 4;  // an insertion
  CommitDurably(lane, rows);
  const auto people = Scanned(lane, kPeople);
  REQUIRE(Numbers(people) == std::vector<int>{1, 4});
  REQUIRE(people[0].city == "new");
  REQUIRE(people[0].age == 0);
  REQUIRE(people[1].age == 4);
}

TEMPLATE_LIST_TEST_CASE("lane: borrowed rows are written like others", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1, "a", 10), MakePerson(2, "b", 20)});
  const Person inserted = MakePerson(3, "c", 30);
  const Person also_inserted = MakePerson(0, "z", 0);
  const Person whole = MakePerson(1, "A", 11);
  const Person in_part = MakePerson(2, "B", 21);
  Rows rows;
  rows.InsertBorrowed(kPeople, inserted);
  rows.InsertBorrowed(kPeople, also_inserted);
  rows.UpdateBorrowed(kPeople, whole);
  rows.UpdateBorrowed(kPeople, in_part, kPeople.Mask<&Person::age>());
  CommitDurably(lane, rows);
  std::string seen;
  for (const Person& person : Scanned(lane, kPeople)) {
    seen += person.city + std::to_string(person.age) + " ";
  }
  REQUIRE(seen == "z0 A11 b21 c30 ");
}

TEMPLATE_LIST_TEST_CASE("lane: a batch without writes is durable, also without reads", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Rows rows;
  CommitDurably(store->lane(), rows);
  const Id id = MakeId(1);
  rows.Want(kPeople, id);
  Read(store->lane(), rows);
  CommitDurably(store->lane(), rows);
}

TEMPLATE_LIST_TEST_CASE("lane: nothing remains of a batch that was abandoned", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1, "before")});
  const Id id = MakeId(1);
  Rows rows;
  rows.Want(kPeople, id);
  Read(lane, rows);
  rows.Update(kPeople, *rows.Find(kPeople, id)).city = "after";
  rows.Insert(kPeople, MakePerson(2));
  lane.Abandon();
  rows.Clear();
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1});
  rows.Want(kPeople, id);
  Read(lane, rows);
  REQUIRE(rows.Find(kPeople, id)->city == "before");
  rows.Insert(kPeople, MakePerson(3));
  CommitDurably(lane, rows);
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1, 3});
  lane.Abandon();  // nothing is being read
}

// A lane may write one row in another way than many.
TEMPLATE_LIST_TEST_CASE("lane: an update of a row that is not there fails the commit", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  std::vector<Person> people;
  for (int i = 1; i <= 5; ++i) people.push_back(MakePerson(i, "before"));
  InsertAll(lane, kPeople, people);
  const int others = GENERATE(0, 1, 2, 5);
  const Person missing = MakePerson(GENERATE(0, 9));
  Rows rows;
  for (Person& person : people) person.city = "after";
  for (int i = 0; i < others; ++i) {
    rows.UpdateBorrowed(kPeople, people[static_cast<size_t>(i)]);
  }
  rows.UpdateBorrowed(kPeople, missing);
  const CommitResult result = Commit(lane, rows);
  REQUIRE(result.committed == Committed::kNothing);
  REQUIRE(result.why.code() == absl::StatusCode::kInternal);
  REQUIRE(std::string(result.why.message()) ==
          "a row of people that was to be updated does not exist");

  REQUIRE(ScannedPeople(lane) == std::vector<int>{1, 2, 3, 4, 5});
  Rows again;
  const Id id = MakeId(1);
  again.Want(kPeople, id);
  Read(lane, again);
  REQUIRE(again.Find(kPeople, id)->city == "before");
  lane.Abandon();
}

// A lane may write one row in another way than many.
TEMPLATE_LIST_TEST_CASE("lane: a number beyond its bound fails the commit, up to it does not", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  std::vector<Glass> glasses;
  for (int i = 1; i <= 5; ++i) glasses.push_back({i, "white", 10, 4});
  InsertAll(lane, kGlasses, glasses);
  const auto others = static_cast<size_t>(GENERATE(0, 1, 4));
  const auto [filled, fits] = GENERATE(table<int64_t, bool>(
      {{0, true}, {10, true}, {11, false}, {-1, false}, {INT64_MAX, false}, {INT64_MIN, false}}));
  Rows rows;
  SECTION("written by an update") {
    for (size_t i = 0; i <= others; ++i) glasses[i].filled = i == others ? filled : 5;
    for (size_t i = 0; i <= others; ++i) {
      rows.UpdateBorrowed(kGlasses, glasses[i], kGlasses.Mask<&Glass::filled>());
    }
  }
  SECTION("inserted") {
    for (size_t i = 0; i <= others; ++i) {
      rows.Insert(kGlasses, {static_cast<int64_t>(10 + i), "red", 10, i == others ? filled : 5});
    }
  }
  const CommitResult result = Commit(lane, rows);
  INFO(result.why);
  CHECK(result.committed == (fits ? Committed::kDurable : Committed::kNothing));
  if (!fits) CHECK(result.why.code() == absl::StatusCode::kInternal);
  const std::vector<Glass> found = Scanned(lane, kGlasses);
  CHECK(found.front().filled == (fits && found.size() == 5 ? glasses[0].filled : 4));
}

TEMPLATE_LIST_TEST_CASE("lane: a bound that falls below its number fails the commit", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  std::vector<Glass> glasses;
  for (int i = 1; i <= 5; ++i) glasses.push_back({i, "white", 10, 4});
  InsertAll(lane, kGlasses, glasses);
  const auto count = static_cast<size_t>(GENERATE(1, 5));
  const int64_t size = GENERATE(4, 3);
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    glasses[i].size = size;
    rows.UpdateBorrowed(kGlasses, glasses[i], kGlasses.Mask<&Glass::size>());
  }
  CHECK(HowCommitted(lane, rows) == (size == 4 ? Committed::kDurable : Committed::kNothing));
}

TEMPLATE_LIST_TEST_CASE("lane: other columns of a row with a bound are written as ever", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  std::vector<Glass> glasses;
  for (int i = 1; i <= 5; ++i) glasses.push_back({i, "white", 10, 4});
  InsertAll(lane, kGlasses, glasses);
  Rows rows;
  for (Glass& glass : glasses) {
    glass.wine = "red";
    rows.UpdateBorrowed(kGlasses, glass, kGlasses.Mask<&Glass::wine>());
  }
  CommitDurably(lane, rows);
  for (const Glass& glass : Scanned(lane, kGlasses)) {
    CHECK(glass.wine == "red");
    CHECK(glass.filled == 4);
  }
}

TEMPLATE_LIST_TEST_CASE("lane: nothing remains of a commit that failed, and the next one works", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1), MakePerson(2, "here"), MakePerson(5)});
  Rows rows;
  const Id id = MakeId(2);
  const Id gone = MakeId(5);
  rows.Want(kPeople, id);
  rows.Want(kPeople, gone);
  Read(lane, rows);
  rows.Update(kPeople, *rows.Find(kPeople, id)).city = "there";
  rows.Erase(kPeople, *rows.Find(kPeople, gone));
  rows.Insert(kPeople, MakePerson(0));
  rows.Insert(kSeats, {1, 1, 1, "me"});
  SECTION("because a key is there already") { rows.Insert(kPeople, MakePerson(1)); }
  SECTION("because a unique text is there already") {
    Person twin = MakePerson(9);
    twin.email = "p1";
    rows.Insert(kPeople, twin);
  }
  SECTION("because a unique id is there already") {
    Person twin = MakePerson(9);
    twin.badge = MakeId(0, 1);
    rows.Insert(kPeople, twin);
  }
  SECTION("because an update takes a unique value") {
    const Person borrowed = [] {
      Person twin = MakePerson(2);
      twin.email = "p1";
      return twin;
    }();
    rows.Clear();
    rows.Insert(kPeople, MakePerson(0));
    rows.UpdateBorrowed(kPeople, borrowed);
    REQUIRE(HowCommitted(lane, rows) != Committed::kDurable);
  }
  if (!rows.tables().empty()) {
    const CommitResult result = Commit(lane, rows);
    REQUIRE(result.committed != Committed::kDurable);
    REQUIRE_FALSE(result.why.ok());
  }
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1, 2, 5});
  REQUIRE(Scanned(lane, kPeople)[1].city == "here");
  REQUIRE(Scanned(lane, kSeats).empty());
  InsertAll(lane, kPeople, {MakePerson(3)});
  REQUIRE(ScannedPeople(lane) == std::vector<int>{1, 2, 3, 5});
}

}  // namespace
}  // namespace seatsaga::store::testing
