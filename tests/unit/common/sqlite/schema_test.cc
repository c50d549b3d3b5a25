#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "common/sqlite/lane.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/common/sqlite/open.h"

// Whose file it is, and how its tables follow their descriptions: common/sqlite/schema.h.
namespace seatsaga::sqlite {
namespace {

using testing::TempDir;

struct Seat {
  int64_t number = 0;
  std::string owner;
  int64_t price = 0;
};
constexpr auto kSeats = store::MakeTable<Seat>("seats", store::Key<&Seat::number>("number"),
                                               store::Field<&Seat::owner>("owner"));
// The next release.
constexpr auto kPricedSeats = store::MakeTable<Seat>(
    "seats", store::Key<&Seat::number>("number"), store::Field<&Seat::owner>("owner"),
    store::Field<&Seat::price>("price"), store::Index<&Seat::owner>("seats_by_owner"));
struct Hall {
  std::string name;
  int64_t floor = 0;
};
constexpr auto kHalls = store::MakeTable<Hall>("halls", store::Key<&Hall::name>("name"),
                                               store::Field<&Hall::floor>("floor"));

// A table before and after a release that bounds a column which it adds.
struct SoldSeat {
  int64_t number = 0;
  int64_t price = 0;
  int64_t paid = 0;
};
constexpr auto kUnpaidSeats = store::MakeTable<SoldSeat>(
    "seats", store::Key<&SoldSeat::number>("number"), store::Field<&SoldSeat::price>("price"));
constexpr auto kPaidSeats = store::MakeTable<SoldSeat>(
    "seats", store::Key<&SoldSeat::number>("number"), store::Field<&SoldSeat::price>("price"),
    store::Field<&SoldSeat::paid>("paid"), store::AtMost<&SoldSeat::paid, &SoldSeat::price>());

constexpr const store::TableInfo* kTables1[] = {&kSeats.info()};
constexpr const store::TableInfo* kTables2[] = {&kPricedSeats.info(), &kHalls.info()};
constexpr store::Schema kRelease1{.service = "seat_svc", .tables = kTables1};
constexpr store::Schema kRelease2{.service = "seat_svc", .tables = kTables2};
constexpr const store::TableInfo* kUnpaidTables[] = {&kUnpaidSeats.info()};
constexpr const store::TableInfo* kPaidTables[] = {&kPaidSeats.info()};
constexpr store::Schema kUnpaid{.service = "seat_svc", .tables = kUnpaidTables};
constexpr store::Schema kPaid{.service = "seat_svc", .tables = kPaidTables};
constexpr store::Schema kOther{.service = "orchestrator", .tables = kTables1};

bool Contains(const absl::Status& status, std::string_view text) {
  INFO(status);
  return View(status.message()).find(text) != std::string_view::npos;
}

template <class Table>
void Insert(store::Store& store, const Table& table, typename Table::Row row) {
  store::Rows rows;
  rows.Insert(table, std::move(row));
  store.lane().Commit(nullptr, rows, [](const store::CommitResult& result) {
    INFO(result.why);
    REQUIRE(result.committed == store::Committed::kDurable);
  });
}

std::string AllBytes(const std::string& path) {
  std::string bytes(std::filesystem::file_size(path), ' ');
  FILE* file = fopen(path.c_str(), "rb");
  REQUIRE(fread(bytes.data(), 1, bytes.size(), file) == bytes.size());
  fclose(file);
  return bytes;
}

TEST_CASE("schema: a newer release adds tables, columns and indexes, and keeps the rows") {
  const TempDir dir;
  Insert(**SqliteStore::Open(dir.File("a.db"), kRelease1), kSeats, {7, "ada"});
  const auto store = SqliteStore::Open(dir.File("a.db"), kRelease2);
  REQUIRE(store.ok());
  Insert(**store, kHalls, {"stalls", 1});
  REQUIRE((*store)
              ->Query([](store::Snapshot& snapshot) {
                const store::Value ada{store::Type::kText, 0, "ada"};
                const auto seat = snapshot.First(
                    kPricedSeats, {.table = &kPricedSeats.info(), .index = 0, .prefix = {ada}});
                REQUIRE(seat.has_value());
                CHECK(seat->number == 7);
                CHECK(seat->price == 0);
                CHECK(snapshot.Find(kHalls, "stalls")->floor == 1);
              })
              .ok());
}

TEST_CASE("schema: a bound that comes with a column holds in an older file as in a new one") {
  const TempDir dir;
  const bool older = GENERATE(true, false);
  if (older) Insert(**SqliteStore::Open(dir.File("a.db"), kUnpaid), kUnpaidSeats, {7, 100});
  const auto store = SqliteStore::Open(dir.File("a.db"), kPaid);
  REQUIRE(store.ok());
  if (!older) Insert(**store, kPaidSeats, {7, 100, 0});
  const auto pay = [&](int64_t paid) {
    const SoldSeat seat{7, 100, paid};
    store::Rows rows;
    rows.UpdateBorrowed(kPaidSeats, seat, kPaidSeats.Mask<&SoldSeat::paid>());
    store::Committed committed = store::Committed::kInDoubt;
    (*store)->lane().Commit(nullptr, rows, [&](const store::CommitResult& result) {
      UNSCOPED_INFO(result.why);
      committed = result.committed;
    });
    return committed;
  };
  CHECK(pay(100) == store::Committed::kDurable);
  CHECK(pay(101) == store::Committed::kNothing);
  CHECK(pay(-1) == store::Committed::kNothing);
}

TEST_CASE("schema: a file of a newer release is refused and left alone") {
  const TempDir dir;
  REQUIRE(SqliteStore::Open(dir.File("a.db"), kRelease2).ok());
  const auto older = SqliteStore::Open(dir.File("a.db"), kRelease1);
  REQUIRE(older.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Contains(older.status(), "newer release"));
  CHECK(SqliteStore::Open(dir.File("a.db"), kRelease2).ok());
}

TEST_CASE("schema: another service's file is refused before anything is written") {
  const TempDir dir;
  REQUIRE(SqliteStore::Open(dir.File("a.db"), kOther).ok());
  const std::string before = AllBytes(dir.File("a.db"));
  const auto wrong = SqliteStore::Open(dir.File("a.db"), kRelease1);
  CHECK(Contains(wrong.status(), "belongs to orchestrator"));
  CHECK(AllBytes(dir.File("a.db")) == before);
}

TEST_CASE("schema: a file of the first release is refused, and says so") {
  const TempDir dir;
  {
    auto old =
        *OpenWithTable(dir.File("a.db"), "CREATE TABLE events(event_no INTEGER PRIMARY KEY)");
    old->Execute("PRAGMA user_version=3");
  }
  const std::string before = AllBytes(dir.File("a.db"));
  const auto refused = SqliteStore::Open(dir.File("a.db"), kRelease1);
  REQUIRE(refused.status().code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Contains(refused.status(), "SeatSaga 0.1"));
  CHECK(Contains(refused.status(), "move it away"));
  CHECK(AllBytes(dir.File("a.db")) == before);
}

TEST_CASE("schema: a store knows itself, how often it was opened, and whether it is a copy") {
  const TempDir dir;
  const store::Identity first = (*SqliteStore::Open(dir.File("a.db"), kRelease1))->identity();
  const store::Identity second = (*SqliteStore::Open(dir.File("a.db"), kRelease1))->identity();
  CHECK(first.counter == 1);
  CHECK(second.counter == 2);
  CHECK(second.store_id == first.store_id);
  CHECK_FALSE(second.is_copy);

  std::filesystem::copy_file(dir.File("a.db"), dir.File("b.db"));
  const auto copy = SqliteStore::Open(dir.File("b.db"), kRelease1);
  CHECK((*copy)->identity().store_id == first.store_id);
  CHECK((*copy)->identity().is_copy);
  CHECK((*SqliteStore::Open(dir.File("a.db"), kRelease1))->identity().is_copy == false);
}

TEST_CASE("schema: a copy stays one until it is adopted, and a moved file is none") {
  const TempDir dir;
  REQUIRE(SqliteStore::Open(dir.File("a.db"), kRelease1).ok());
  std::filesystem::copy_file(dir.File("a.db"), dir.File("b.db"));
  CHECK((*SqliteStore::Open(dir.File("b.db"), kRelease1))->identity().is_copy);
  {
    const auto again = SqliteStore::Open(dir.File("b.db"), kRelease1);
    CHECK((*again)->identity().is_copy);
    CHECK((*again)->Adopt().ok());
    CHECK_FALSE((*again)->identity().is_copy);
  }
  CHECK_FALSE((*SqliteStore::Open(dir.File("b.db"), kRelease1))->identity().is_copy);
  std::filesystem::rename(dir.File("a.db"), dir.File("c.db"));
  CHECK_FALSE((*SqliteStore::Open(dir.File("c.db"), kRelease1))->identity().is_copy);
}

}  // namespace
}  // namespace seatsaga::sqlite
