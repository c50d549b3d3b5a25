#include "common/store/model_table.h"

#include <algorithm>
#include <random>

#include "common/store/model_key.h"
#include "tests/unit/common/store/lane_conformance.h"

// The parts of the model: keys as bytes, and what is kept of the past; and random histories of
// several lanes, each of whose endings must have its reason.
namespace seatsaga::store::testing {
namespace {

using internal::AppendKey;
using internal::kNewest;
using internal::ModelTable;
using internal::Moment;

std::string KeyOf(Value value) {
  std::string key;
  AppendKey(key, value);
  return key;
}

TEST_CASE("model keys: bytes are in the order of the values") {
  const std::vector<int64_t> numbers = {INT64_MIN, -256, -255, -1, 0, 1, 255, 256, INT64_MAX};
  for (size_t i = 1; i < numbers.size(); ++i) {
    REQUIRE(KeyOf({Type::kInt, numbers[i - 1], {}}) < KeyOf({Type::kInt, numbers[i], {}}));
  }
  using namespace std::string_view_literals;
  const std::vector<std::string_view> texts = {
      ""sv,    "\0"sv,   "\0\0"sv, "\0\x01"sv, "\0\xFF"sv, "\x01"sv,    "a"sv,
      "a\0"sv, "a\0b"sv, "ab"sv,   "b"sv,      "\xFF"sv,   "\xFF\xFF"sv};
  for (size_t i = 1; i < texts.size(); ++i) {
    const std::string before = KeyOf({Type::kText, 0, texts[i - 1]});
    const std::string after = KeyOf({Type::kText, 0, texts[i]});
    REQUIRE(before < after);
    REQUIRE_FALSE(after.starts_with(before));
  }
}

TEST_CASE("model keys: the end of a prefix is behind all that begins with it") {
  using namespace std::string_literals;
  REQUIRE(internal::EndOf("ab") == "ac");
  REQUIRE(internal::EndOf("a\xFF\xFF") == "b");
  REQUIRE(internal::EndOf("\x7F"s) == "\x80"s);
  REQUIRE_FALSE(internal::EndOf("\xFF").has_value());
  REQUIRE_FALSE(internal::EndOf("").has_value());
}

// A table, and one commit per change.
struct Past {
  void Insert(const Person& person) { Done(table.Insert(&person, now + 1, kNewest)); }
  void Erase(const Person& person) { Done(table.Erase(&person, now + 1, kNewest)); }
  void Update(const Person& person) {
    Done(table.Update(&person, kPeople.info().AllFields(), now + 1, kNewest));
  }
  void Done(ModelTable::Written written) {
    REQUIRE(written == ModelTable::Written::kWritten);
    REQUIRE(table.UniqueHolds());
    table.Keep();
    ++now;
  }
  std::string Cities(Moment moment, int index = Wanted::kByKey) const {
    std::string cities;
    table.Visit(Scan{.index = index}, moment, [&](const RowView& row) {
      cities += kPeople.Bytes<&Person::city>(row);
      return true;
    });
    return cities;
  }

  ModelTable table{kPeople.info()};
  Moment now = 0;
};

TEST_CASE("model table: the past is kept as long as somebody may look at it, and no longer") {
  Past past;
  past.Insert(MakePerson(1, "a"));
  past.Insert(MakePerson(2, "b"));
  constexpr size_t kOfOne = 4;  // a version, and an entry in each full index
  past.table.Collect(past.now);
  REQUIRE(past.table.CountKept() == 2 * kOfOne);
  past.Update(MakePerson(1, "z"));  // now 3
  past.Erase(MakePerson(2));
  past.Insert(MakePerson(2, "y"));
  past.Update(MakePerson(1, "a"));  // now 6
  REQUIRE(past.Cities(2) == "ab");
  REQUIRE(past.Cities(2, kByCity) == "ab");
  REQUIRE(past.Cities(3, kByCity) == "bz");
  REQUIRE(past.Cities(4) == "z");
  REQUIRE(past.Cities(5, kByCity) == "yz");
  REQUIRE(past.Cities(6, kByCity) == "ay");
  past.table.Collect(4);
  REQUIRE(past.Cities(4, kByCity) == "z");
  REQUIRE(past.Cities(5, kByCity) == "yz");
  REQUIRE(past.Cities(6, kByCity) == "ay");
  past.table.Collect(6);
  REQUIRE(past.Cities(6, kByCity) == "ay");
  REQUIRE(past.table.CountKept() == 2 * kOfOne);
  past.Erase(MakePerson(1));
  past.Erase(MakePerson(2));
  past.table.Collect(past.now);
  REQUIRE(past.table.CountKept() == 0);
}

TEST_CASE("model table: what is undone leaves nothing, in no index") {
  Past past;
  past.Insert(MakePerson(1, "a", 0, true));
  past.Insert(MakePerson(2, "b"));
  past.table.Collect(past.now);
  const size_t kept = past.table.CountKept();
  const Person changed = MakePerson(1, "c");
  const Person gone = MakePerson(2);
  const Person added = MakePerson(3, "d", 0, true);
  REQUIRE(past.table.Erase(&gone, 3, kNewest) == ModelTable::Written::kWritten);
  REQUIRE(past.table.Update(&changed, kPeople.info().AllFields(), 3, kNewest) ==
          ModelTable::Written::kWritten);
  REQUIRE(past.table.Insert(&added, 3, kNewest) == ModelTable::Written::kWritten);
  REQUIRE(past.Cities(3) == "cd");
  past.table.Undo();
  REQUIRE(past.table.CountKept() == kept);
  REQUIRE(past.Cities(3) == "ab");
  REQUIRE(past.Cities(3, kByWaits) == "a");
}

TEST_CASE("model table: a long history is forgotten without a deep stack") {
  Past past;
  past.Insert(MakePerson(1));
  for (int i = 0; i < 100'000; ++i) past.Update(MakePerson(1, "", i));
  SECTION("when nobody sees it any more") {
    past.table.Collect(past.now);
    REQUIRE(past.table.CountKept() == 4);
  }
  SECTION("with its table") {}
}

// --- Several lanes at random

// A lane with the batch that it is in the middle of.
struct Writer {
  std::unique_ptr<Store> store;
  Rows rows;
  bool open = false;
  std::vector<int64_t> events;   // the ranges that it has read
  std::vector<int64_t> changed;  // those that others changed since
};

TEST_CASE("model: every ending of many lanes' random batches has its reason") {
  ModelStores stores;
  std::mt19937 random(7);
  const auto below = [&](int limit) {
    return static_cast<int>(random() % static_cast<unsigned>(limit));
  };
  std::vector<Writer> writers(4);
  for (Writer& writer : writers) writer.store = *stores.OpenShared(kSchema);
  int durable = 0;
  int conflicts = 0;
  for (int step = 0; step < 20'000; ++step) {
    Writer& writer = writers[static_cast<size_t>(below(4))];
    Lane& lane = writer.store->lane();
    const int64_t event = below(12);
    if (!writer.open || below(2) == 0) {
      if (!writer.open) writer.changed.clear();
      writer.open = true;
      writer.events.push_back(event);
      writer.rows.Want(kSeats, event);
      Read(lane, writer.rows);
      continue;
    }
    // Writes into one of the ranges it has read.
    const int64_t target =
        writer.events[static_cast<size_t>(below(static_cast<int>(writer.events.size())))];
    const int32_t number = below(3);
    if (const Seat* seat = writer.rows.Find(kSeats, target, 0, number); seat == nullptr) {
      writer.rows.Insert(kSeats, {target, 0, number, "x"});
    } else if (below(2) == 0) {
      writer.rows.Erase(kSeats, *seat);
    } else {
      writer.rows.Update(kSeats, *seat).holder += "y";
    }
    const bool clash = std::any_of(writer.events.begin(), writer.events.end(), [&](int64_t read) {
      return std::count(writer.changed.begin(), writer.changed.end(), read) > 0;
    });
    const Committed ended = HowCommitted(lane, writer.rows);
    REQUIRE(ended == (clash ? Committed::kConflict : Committed::kDurable));
    clash ? ++conflicts : ++durable;
    writer.open = false;
    writer.events.clear();
    if (clash) continue;
    for (Writer& other : writers) {
      if (&other != &writer) other.changed.push_back(target);
    }
  }
  REQUIRE(durable > 1000);
  REQUIRE(conflicts > 1000);
}

}  // namespace
}  // namespace seatsaga::store::testing
