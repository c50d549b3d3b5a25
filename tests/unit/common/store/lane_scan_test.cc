#include <algorithm>
#include <limits>

#include "tests/unit/common/store/lane_conformance.h"

// The contract of lanes: scans, queries and states.
namespace seatsaga::store::testing {
namespace {

Value Int(int64_t number) { return {Type::kInt, number, {}}; }
Value Text(std::string_view text) { return {Type::kText, 0, text}; }
Value Bytes(std::string_view bytes) { return {Type::kBytes, 0, bytes}; }

using Ints = std::vector<int>;

TEMPLATE_LIST_TEST_CASE("lane: a scan by key goes both ways, from any point", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(7), MakePerson(200), MakePerson(3), MakePerson(5)});
  const Id five = MakeId(5);
  const Id six = MakeId(6);
  REQUIRE(ScannedPeople(lane) == Ints{3, 5, 7, 200});
  REQUIRE(ScannedPeople(lane, {.descending = true}) == Ints{200, 7, 5, 3});
  REQUIRE(ScannedPeople(lane, {.beyond = Bytes(five.bytes())}) == Ints{7, 200});
  REQUIRE(ScannedPeople(lane, {.beyond = Bytes(five.bytes()), .inclusive = true}) ==
          Ints{5, 7, 200});
  REQUIRE(ScannedPeople(lane, {.beyond = Bytes(six.bytes()), .inclusive = true}) == Ints{7, 200});
  REQUIRE(ScannedPeople(lane, {.beyond = Bytes(five.bytes()), .descending = true}) == Ints{3});
  REQUIRE(
      ScannedPeople(lane, {.beyond = Bytes(five.bytes()), .inclusive = true, .descending = true}) ==
      Ints{5, 3});
  REQUIRE(ScannedPeople(lane, {.limit = 2}) == Ints{3, 5});
  REQUIRE(ScannedPeople(lane, {.descending = true, .limit = 1}) == Ints{200});
  REQUIRE(ScannedPeople(lane, {.prefix = {Bytes(five.bytes())}}) == Ints{5});
  REQUIRE(ScannedPeople(lane, {.prefix = {Bytes(six.bytes())}}).empty());
}

TEMPLATE_LIST_TEST_CASE("lane: a scan of a part of a key stays in it", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
  InsertAll(lane, kSeats,
            {{-1, 1, 1, "z"},
             {1, -3, 4, "b"},
             {1, 0, 9, "c"},
             {1, 2, -8, "d"},
             {1, 2, 0, "e"},
             {2, kMin, 1, "y"}});
  const auto holders = [&](Scan scan) {
    std::string all;
    for (const Seat& seat : Scanned(lane, kSeats, std::move(scan))) all += seat.holder;
    return all;
  };
  REQUIRE(holders({}) == "zbcdey");
  REQUIRE(holders({.prefix = {Int(1)}}) == "bcde");
  REQUIRE(holders({.prefix = {Int(1)}, .descending = true}) == "edcb");
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(-3)}) == "cde");
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(2)}).empty());
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(2), .inclusive = true}) == "de");
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(2), .descending = true}) == "cb");
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(2), .inclusive = true, .descending = true}) ==
          "edcb");
  REQUIRE(holders({.prefix = {Int(1), Int(2)}, .beyond = Int(-8)}) == "e");
  REQUIRE(holders({.prefix = {Int(1)}, .beyond = Int(0), .limit = 1}) == "d");
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  REQUIRE(holders({.beyond = Int(kMax), .inclusive = true}).empty());
  REQUIRE(holders({.beyond = Int(kMax)}).empty());
  REQUIRE(holders({.beyond = Int(kMax), .descending = true}) == "yedcbz");
}

TEMPLATE_LIST_TEST_CASE("lane: texts are ordered by their bytes", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  // Text keys with NULs are not portable to every engine; bytes are, and so is UTF-8.
  const std::vector<std::string> words = {"", "B", "a", "aa", "b", "z", "ü", "\xF4\x8F\xBF\xBF"};
  std::vector<Sample> samples;
  for (auto it = words.rbegin(); it != words.rend(); ++it) {
    samples.push_back({.word = *it, .time = absl::UnixEpoch()});
  }
  InsertAll(lane, kSamples, samples);
  std::vector<std::string> found;
  for (const Sample& sample : Scanned(lane, kSamples, {.prefix = {Int(0)}})) {
    found.push_back(sample.word);
  }
  REQUIRE(found == words);
  REQUIRE(Scanned(lane, kSamples, {.prefix = {Int(0)}, .beyond = Text("aa")}).front().word == "b");
}

TEMPLATE_LIST_TEST_CASE("lane: a scan by an index is in its order, and in that of the keys", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople,
            {MakePerson(1, "Bern", 30), MakePerson(2, "Bern", -1), MakePerson(3, "Basel", 9),
             MakePerson(4, "Bern", 30), MakePerson(5, "Chur", 1), MakePerson(6, "", 0)});
  const auto by_city = [&](Scan scan) {
    scan.index = kByCity;
    return ScannedPeople(lane, scan);
  };
  REQUIRE(by_city({}) == Ints{6, 3, 2, 1, 4, 5});
  REQUIRE(by_city({.descending = true}) == Ints{5, 4, 1, 2, 3, 6});
  REQUIRE(by_city({.prefix = {Text("Bern")}}) == Ints{2, 1, 4});
  REQUIRE(by_city({.prefix = {Text("Ber")}}).empty());
  REQUIRE(by_city({.prefix = {Text("Bern")}, .beyond = Int(-1)}) == Ints{1, 4});
  REQUIRE(by_city({.prefix = {Text("Bern")}, .beyond = Int(30), .descending = true}) == Ints{2});
  REQUIRE(by_city({.prefix = {Text("Bern")},
                   .beyond = Int(30),
                   .inclusive = true,
                   .descending = true,
                   .limit = 2}) == Ints{4, 1});
  REQUIRE(by_city({.beyond = Text("Bern")}) == Ints{5});
  const Id one = MakeId(1);
  REQUIRE(by_city({.prefix = {Text("Bern"), Int(30)}, .beyond = Bytes(one.bytes())}) == Ints{4});
  REQUIRE(by_city({.prefix = {Text("Bern"), Int(30)}, .descending = true}) == Ints{4, 1});
}

TEMPLATE_LIST_TEST_CASE("lane: an index follows its rows", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(
      lane, kPeople,
      {MakePerson(1, "a", 1, true), MakePerson(2, "b", 2, false), MakePerson(3, "c", 3, true)});
  const Scan waiting{.index = kByWaits};
  REQUIRE(ScannedPeople(lane, waiting) == Ints{1, 3});
  const std::array<Id, 3> ids = {MakeId(1), MakeId(2), MakeId(3)};
  Rows rows;
  for (const Id& id : ids) rows.Want(kPeople, id);
  Read(lane, rows);
  rows.Update(kPeople, *rows.Find(kPeople, ids[0])).waits = false;
  Person& second = rows.Update(kPeople, *rows.Find(kPeople, ids[1]));
  second.waits = true;
  second.city = "d";
  rows.Erase(kPeople, *rows.Find(kPeople, ids[2]));
  rows.Insert(kPeople, MakePerson(4, "a", 0, true));
  CommitDurably(lane, rows);
  REQUIRE(ScannedPeople(lane, waiting) == Ints{2, 4});
  REQUIRE(ScannedPeople(lane, {.index = kByWaits, .descending = true, .limit = 1}) == Ints{4});
  REQUIRE(ScannedPeople(lane, {.index = kByWaits, .beyond = Bytes(ids[1].bytes())}) == Ints{4});
  REQUIRE(ScannedPeople(lane, {.index = kByCity}) == Ints{4, 1, 2});
}

TEMPLATE_LIST_TEST_CASE("lane: a visitor ends the scan, and a snapshot finds single rows", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  InsertAll(store->lane(), kPeople, {MakePerson(1, "x"), MakePerson(2, "y"), MakePerson(3)});
  const absl::Status queried = store->Query([&](Snapshot& snapshot) {
    int visits = 0;
    snapshot.Visit(Scan{.table = &kPeople.info()}, [&](const RowView& row) {
      REQUIRE(kPeople.Column<&Person::age>(row) == 0);
      REQUIRE(kPeople.Bytes<&Person::email>(row) == "p" + std::to_string(visits + 1));
      return ++visits < 2;
    });
    REQUIRE(visits == 2);
    REQUIRE(snapshot.Find(kPeople, MakeId(2))->city == "y");
    REQUIRE_FALSE(snapshot.Find(kPeople, MakeId(4)).has_value());
    REQUIRE_FALSE(snapshot.Find(kSeats, int64_t{1}, 1, 1).has_value());
    REQUIRE(snapshot.First(kPeople, {.table = &kPeople.info(), .descending = true})->id ==
            MakeId(3));
    // Scans within a scan.
    int pairs = 0;
    snapshot.Visit(Scan{.table = &kPeople.info()}, [&](const RowView&) {
      snapshot.Visit(Scan{.table = &kPeople.info(), .index = kByCity}, [&](const RowView&) {
        ++pairs;
        return true;
      });
      return true;
    });
    REQUIRE(pairs == 9);
  });
  REQUIRE(queried.ok());
}

// "How many people are older than ?1, by city."
void OlderModel(Query::Table table, std::span<const Value> arguments, Query::Visit visit) {
  struct Result final : RowView {
    int64_t Int(int) const override { return count; }
    std::string_view Bytes(int) const override { return city; }
    std::string city;
    int64_t count = 0;
  };
  std::vector<Result> results;
  table(kPeople.info(), [&](const RowView& row) {
    if (kPeople.Column<&Person::age>(row) <= arguments[0].number) return true;
    const auto city = kPeople.Bytes<&Person::city>(row);
    size_t i = 0;
    while (i < results.size() && results[i].city != city) ++i;
    if (i == results.size()) results.emplace_back().city = city;
    ++results[i].count;
    return true;
  });
  std::sort(results.begin(), results.end(),
            [](const Result& a, const Result& b) { return a.city < b.city; });
  for (const Result& result : results) {
    if (!visit(result)) return;
  }
}
constexpr Query kOlder{
    .name = "older",
    .sqlite = "SELECT city, count(*) FROM people WHERE age > ?1 GROUP BY city ORDER BY city",
    .model = OlderModel};

TEMPLATE_LIST_TEST_CASE("lane: a query gives its rows", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  InsertAll(
      store->lane(), kPeople,
      {MakePerson(1, "b", 5), MakePerson(2, "a", 5), MakePerson(3, "b", 6), MakePerson(4, "c", 4)});
  const auto run = [&](int64_t age, size_t stop_after) {
    std::vector<std::string> rows;
    const std::array<Value, 1> arguments = {Int(age)};
    REQUIRE(store
                ->Query([&](Snapshot& snapshot) {
                  snapshot.Visit(kOlder, arguments, [&](const RowView& row) {
                    rows.push_back(std::string(row.Bytes(0)) + std::to_string(row.Int(1)));
                    return rows.size() < stop_after;
                  });
                })
                .ok());
    return rows;
  };
  REQUIRE(run(4, 9) == std::vector<std::string>{"a1", "b2"});
  REQUIRE(run(4, 1) == std::vector<std::string>{"a1"});
  REQUIRE(run(9, 9).empty());
}

TEMPLATE_LIST_TEST_CASE("lane: a query is one state, with everything acknowledged before it", "",
                        Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  Lane& lane = store->lane();
  InsertAll(lane, kPeople, {MakePerson(1, "a"), MakePerson(2, "b")});
  const auto count = [](Snapshot& snapshot, int index) {
    int rows = 0;
    snapshot.Visit(Scan{.table = &kPeople.info(), .index = index}, [&](const RowView&) {
      ++rows;
      return true;
    });
    return rows;
  };
  REQUIRE(store
              ->Query([&](Snapshot& snapshot) {
                REQUIRE(count(snapshot, Wanted::kByKey) == 2);
                const std::array<Id, 2> ids = {MakeId(1), MakeId(2)};
                Rows rows;
                for (const Id& id : ids) rows.Want(kPeople, id);
                Read(lane, rows);
                rows.Erase(kPeople, *rows.Find(kPeople, ids[0]));
                rows.Update(kPeople, *rows.Find(kPeople, ids[1])).city = "z";
                rows.Insert(kPeople, MakePerson(3, "c"));
                rows.Insert(kPeople, MakePerson(4, "d"));
                CommitDurably(lane, rows);
                REQUIRE(count(snapshot, Wanted::kByKey) == 2);
                REQUIRE(count(snapshot, kByCity) == 2);
                REQUIRE(snapshot.Find(kPeople, MakeId(1)).has_value());
                REQUIRE(snapshot.Find(kPeople, MakeId(2))->city == "b");
                REQUIRE(snapshot
                            .First(kPeople,
                                   {.table = &kPeople.info(), .index = kByCity, .descending = true})
                            ->city == "b");
              })
              .ok());
  REQUIRE(store
              ->Query([&](Snapshot& snapshot) {
                REQUIRE(count(snapshot, Wanted::kByKey) == 3);
                REQUIRE(count(snapshot, kByCity) == 3);
                REQUIRE_FALSE(snapshot.Find(kPeople, MakeId(1)).has_value());
              })
              .ok());
}

TEMPLATE_LIST_TEST_CASE("lane: an error of the loader is what loading returns", "", Engines) {
  TestType engine;
  const auto store = Open(engine.stores());
  const absl::Status loaded =
      store->lane().Load([](Snapshot&) { return absl::DataLossError("not what it should be"); });
  REQUIRE(loaded == absl::DataLossError("not what it should be"));
  InsertAll(store->lane(), kPeople, {MakePerson(1)});
}

}  // namespace
}  // namespace seatsaga::store::testing
