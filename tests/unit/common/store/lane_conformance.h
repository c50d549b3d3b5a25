#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "common/sqlite/lane.h"
#include "common/store/lane.h"
#include "common/store/model.h"
#include "common/store/rows.h"
#include "common/store/table.h"
#include "tests/support/temp_dir.h"

// The contract of common/store/lane.h, for every engine: lane_*_test.cc. A new engine is a class
// like ModelEngine, listed in Engines.
namespace seatsaga::store::testing {

// --- The engines: a class whose stores() persist as long as it lives.

class ModelEngine {
 public:
  Stores& stores() { return stores_; }

 private:
  ModelStores stores_;
};

class SqliteEngine {
 public:
  Stores& stores() { return stores_; }

 private:
  seatsaga::testing::TempDir dir_;
  sqlite::SqliteStores stores_{
      [this](std::string_view service) { return dir_.File(std::string(service) + ".db"); }};
};

using Engines = std::tuple<ModelEngine, SqliteEngine>;

// --- What they store

enum class Colour : uint8_t { kRed, kGreen, kBlue = 255 };

// Every type of column.
struct Sample {
  int64_t number = 0;
  std::string word;
  int32_t small = 0;
  Colour colour = Colour::kRed;
  bool flag = false;
  absl::Time time;
  std::string text;
  std::string bytes;
  Id id;
  SharedBytes shared;
};
inline constexpr auto kSamples =
    MakeTable<Sample>("samples", Key<&Sample::number>("number"), Key<&Sample::word>("word"),
                      Field<&Sample::small>("small"), Field<&Sample::colour>("colour"),
                      Field<&Sample::flag>("flag"), Field<&Sample::time>("time"),
                      Field<&Sample::text>("text"), Field<&Sample::bytes>("bytes", kBytes),
                      Field<&Sample::id>("id"), Field<&Sample::shared>("shared"));

// Every kind of index.
struct Person {
  Id id;
  std::string email;
  Id badge;
  std::string city;
  int32_t age = 0;
  bool waits = false;
};
inline constexpr auto kPeople = MakeTable<Person>(
    "people", Key<&Person::id>("id"), Field<&Person::email>("email"),
    Field<&Person::badge>("badge"), Field<&Person::city>("city"), Field<&Person::age>("age"),
    Field<&Person::waits>("waits"), Unique<&Person::email>("people_email"),
    Unique<&Person::badge>("people_badge"),
    Index<&Person::city, &Person::age, &Person::id>("people_city"),
    Index<&Person::id>("people_waits", "waits = 1",
                       [](const void* row) { return static_cast<const Person*>(row)->waits; }),
    KeysRise());
inline constexpr int kByCity = 2;
inline constexpr int kByWaits = 3;

// A key of several columns.
struct Seat {
  int64_t event = 0;
  int32_t row = 0;
  int32_t number = 0;
  std::string holder;
};
inline constexpr auto kSeats =
    MakeTable<Seat>("seats", Key<&Seat::event>("event"), Key<&Seat::row>("row_no"),
                    Key<&Seat::number>("number"), Field<&Seat::holder>("holder"));

// A number with a bound.
struct Glass {
  int64_t number = 0;
  std::string wine;
  int64_t size = 0;
  int64_t filled = 0;
};
inline constexpr auto kGlasses =
    MakeTable<Glass>("glasses", Key<&Glass::number>("number"), Field<&Glass::wine>("wine"),
                     Field<&Glass::size>("size"), Field<&Glass::filled>("filled"),
                     AtMost<&Glass::filled, &Glass::size>());

inline constexpr std::array<const TableInfo*, 4> kTables = {&kSamples.info(), &kPeople.info(),
                                                            &kSeats.info(), &kGlasses.info()};
inline constexpr Schema kSchema{.service = "conformance", .tables = kTables};

// The id whose first byte is `first` and whose last is `last`.
inline Id MakeId(int first, int last = 0) {
  std::string bytes(Id::kSize, '\0');
  bytes.front() = static_cast<char>(first);
  bytes.back() = static_cast<char>(last);
  return *Id::FromBytes(bytes);
}
inline Person MakePerson(int number, std::string city = "", int age = 0, bool waits = false) {
  return {.id = MakeId(number),
          .email = "p" + std::to_string(number),
          .badge = MakeId(0, number),
          .city = std::move(city),
          .age = age,
          .waits = waits};
}

// --- How they are used

inline std::unique_ptr<Store> Open(Stores& stores) {
  auto store = stores.Open(kSchema);
  INFO(store.status());
  REQUIRE(store.ok());
  return *std::move(store);
}

inline void Read(Lane& lane, Rows& rows) {
  bool done = false;
  lane.Read(rows, [&] { done = true; });
  if (!done) lane.Finish();
  REQUIRE(done);
  REQUIRE_FALSE(rows.HasWanted());
}

// Commits, and begins anew with `rows`.
inline CommitResult Commit(Lane& lane, Rows& rows, const Fence* fence = nullptr) {
  CommitResult ended{.committed = Committed::kInDoubt};
  bool done = false;
  lane.Commit(fence, rows, [&](CommitResult result) {
    ended = std::move(result);
    done = true;
  });
  if (!done) lane.Finish();
  REQUIRE(done);
  rows.Clear();
  return ended;
}
inline Committed HowCommitted(Lane& lane, Rows& rows, const Fence* fence = nullptr) {
  return Commit(lane, rows, fence).committed;
}
inline void CommitDurably(Lane& lane, Rows& rows) {
  const CommitResult result = Commit(lane, rows);
  INFO(result.why);
  REQUIRE(result.committed == Committed::kDurable);
}

// Inserts rows of one table in a batch of their own.
template <class TableT>
void InsertAll(Lane& lane, const TableT& table, std::vector<typename TableT::Row> list) {
  Rows rows;
  for (auto& row : list) rows.Insert(table, std::move(row));
  CommitDurably(lane, rows);
}

// The rows of a scan, as Load shows them.
template <class TableT>
std::vector<typename TableT::Row> Scanned(Lane& lane, const TableT& table, Scan scan = {}) {
  scan.table = &table.info();
  std::vector<typename TableT::Row> found;
  const absl::Status loaded = lane.Load([&](Snapshot& snapshot) {
    snapshot.Visit(scan, [&](const RowView& row) {
      found.push_back(TableT::Load(row));
      return true;
    });
    return snapshot.status();
  });
  INFO(loaded);
  REQUIRE(loaded.ok());
  return found;
}

// The first bytes of the people's ids.
inline std::vector<int> Numbers(const std::vector<Person>& people) {
  std::vector<int> numbers;
  for (const Person& person : people) {
    numbers.push_back(static_cast<unsigned char>(person.id.bytes().front()));
  }
  return numbers;
}
inline std::vector<int> ScannedPeople(Lane& lane, const Scan& scan = {}) {
  return Numbers(Scanned(lane, kPeople, scan));
}

}  // namespace seatsaga::store::testing
