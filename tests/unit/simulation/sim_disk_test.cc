#include "tests/simulation/sim_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/sqlite/lane.h"
#include "common/text.h"

// Whether the product's stores keep what they acknowledged on a disk that crashes and fails, and
// whether the disk is bad enough to tell.
namespace seatsaga::simulation {
namespace {

using store::CommitResult;
using store::Committed;

// --- What is written: batches of rows, counted by a row that each of them changes

struct Total {
  int64_t number = 0;
  int64_t batches = 0;
};
constexpr auto kTotals = store::MakeTable<Total>("totals", store::Key<&Total::number>("number"),
                                                 store::Field<&Total::batches>("batches"));
struct Row {
  int64_t batch = 0;
  int64_t number = 0;
  std::string text;
};
constexpr auto kRows =
    store::MakeTable<Row>("rows_of", store::Key<&Row::batch>("batch"),
                          store::Key<&Row::number>("number"), store::Field<&Row::text>("text"));
constexpr const store::TableInfo* kTables[] = {&kTotals.info(), &kRows.info()};
constexpr store::Schema kSchema{.service = "seat_svc", .tables = kTables};
const std::string kPath = "machine/seat_svc.db";

constexpr int64_t kRowsPerBatch = 5;
std::string TextOf(int64_t batch, int64_t number, int64_t size) {
  return std::string(static_cast<size_t>(size), static_cast<char>('a' + (batch + number) % 26));
}

// A disk with a source of chance.
struct Machine {
  explicit Machine(uint64_t seed) : chance(seed) { SimDisk::SeedSqlite(seed); }

  absl::StatusOr<std::unique_ptr<store::Store>> Open() {
    return sqlite::SqliteStore::Open(kPath, kSchema, disk);
  }

  Random chance;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  SimDisk disk{[this] { return chance.Next(); }, [this] { return now; }};
};

CommitResult WriteBatch(store::Store& store, int64_t batch, int64_t text_size = 900) {
  store::Rows rows;
  const int64_t one = 1;
  rows.Want(kTotals, one);
  store.lane().Read(rows, [] {});
  if (const Total* total = rows.Find(kTotals, one)) {
    rows.Update(kTotals, *total).batches = batch;
  } else {
    rows.Insert(kTotals, {one, batch});
  }
  for (int64_t i = 0; i < kRowsPerBatch; ++i) {
    rows.Insert(kRows, {batch, i, TextOf(batch, i, text_size)});
  }
  CommitResult ended{.committed = Committed::kInDoubt};
  store.lane().Commit(nullptr, rows, [&](CommitResult result) { ended = std::move(result); });
  return ended;
}

struct Contents {
  int64_t batches = 0;
  std::string wrong;  // "" if nothing is
};

// What is in the store: batches, each of them as a whole or not at all, none left out.
Contents ContentsOf(store::Store& store, int64_t text_size = 900) {
  Contents contents;
  int64_t rows = 0;
  const absl::Status loaded = store.lane().Load([&](store::Snapshot& snapshot) {
    if (const auto total = snapshot.Find(kTotals, int64_t{1})) contents.batches = total->batches;
    snapshot.Visit({.table = &kRows.info()}, [&](const store::RowView& view) {
      const Row row = kRows.Load(view);
      const bool as_written = row.batch == rows / kRowsPerBatch + 1 &&
                              row.number == rows % kRowsPerBatch &&
                              row.text == TextOf(row.batch, row.number, text_size);
      if (!as_written) contents.wrong = Cat("row ", rows, " is ", row.batch, "/", row.number);
      ++rows;
      return true;
    });
    return snapshot.status();
  });
  if (!loaded.ok()) contents.wrong = loaded.ToString();
  if (rows != contents.batches * kRowsPerBatch) {
    contents.wrong = Cat(rows, " rows in ", contents.batches, " batches");
  }
  return contents;
}

// Opens the store as the product does after a crash. "" if it has the batches that it must have,
// at most `attempted`, goes on, and has them again after its next opening.
std::string Recover(Machine& machine, int64_t acknowledged, int64_t attempted,
                    int64_t text_size = 900) {
  int64_t batches = 0;
  {
    const auto store = machine.Open();
    if (!store.ok()) return Cat("does not open: ", View(store.status().message()));
    const Contents contents = ContentsOf(**store, text_size);
    if (!contents.wrong.empty()) return contents.wrong;
    batches = contents.batches;
    if (batches < acknowledged || batches > attempted) {
      return Cat(batches, " batches, of ", acknowledged, " acknowledged and ", attempted,
                 " attempted");
    }
    const auto reader = sqlite::Database::OpenReader(kPath, machine.disk);
    if (!reader.ok()) return reader.status().ToString();
    const std::string verdict = (*reader)->ReadText("PRAGMA integrity_check");
    if (verdict != "ok") return verdict;
    ++batches;
    const CommitResult result = WriteBatch(**store, batches, text_size);
    if (result.committed != Committed::kDurable) return result.why.ToString();
  }
  const auto store = machine.Open();
  if (!store.ok()) return Cat("does not open again: ", View(store.status().message()));
  const Contents contents = ContentsOf(**store, text_size);
  if (contents.batches != batches) return Cat(contents.batches, " instead of ", batches);
  return contents.wrong;
}

SimDisk::Image NewStoreImage() {
  Machine machine(1);
  REQUIRE(machine.Open().ok());
  return machine.disk.Save();
}
const SimDisk::Image& MigratedImage() {
  static const SimDisk::Image image = NewStoreImage();
  return image;
}

// --- A run that ends in a crash

struct Plan {
  uint64_t seed = 0;
  int64_t power_off_at = 0;
  CrashMode mode = CrashMode::kTorn;
  int64_t batches = 6;
  int64_t text_size = 900;
  bool migrated = true;  // else the store is made in this run
  bool syncs_lie = false;
  // The store's connections are destroyed while the power is off; else only after the crash, when
  // another life of the process has the file open.
  bool closes_early = false;
};
struct Outcome {
  bool crashed = false;  // else the run was over before
  std::string wrong;
  SimDisk::Counts counts;
  SimDisk::Image after;  // the crash
};

Outcome RunAndCrash(const Plan& plan) {
  Machine machine(plan.seed);
  machine.disk.set_syncs_lie(plan.syncs_lie);
  if (plan.migrated) machine.disk.Load(MigratedImage());
  machine.disk.PowerOffAt(plan.power_off_at);
  int64_t acknowledged = 0;
  int64_t attempted = 0;
  std::unique_ptr<store::Store> old;
  {
    auto store = machine.Open();
    if (store.ok()) old = *std::move(store);
    while (old != nullptr && attempted < plan.batches) {
      ++attempted;
      if (WriteBatch(*old, attempted, plan.text_size).committed != Committed::kDurable) break;
      acknowledged = attempted;
    }
    if (!machine.disk.off() || plan.closes_early) old = nullptr;  // a clean end has I/O, too
  }
  Outcome outcome{.crashed = machine.disk.off()};
  Random chance(plan.seed);
  machine.disk.Crash(plan.mode, chance);
  outcome.after = machine.disk.Save();
  if (old != nullptr && WriteBatch(*old, 99).committed != Committed::kNothing) {
    outcome.wrong = "a dead process has committed";
  } else {
    outcome.wrong = Recover(machine, acknowledged, attempted, plan.text_size);
  }
  const SimDisk::Image before_close = machine.disk.Save();
  old = nullptr;
  if (!(machine.disk.Save() == before_close)) outcome.wrong = "a dead process has written";
  outcome.counts = machine.disk.counts();
  return outcome;
}

struct Totals {
  int64_t runs = 0;
  int64_t wrong = 0;
  int64_t torn = 0;
  int64_t lost = 0;
  std::string first_wrong;

  void Add(const Plan& plan, const Outcome& outcome) {
    ++runs;
    torn += outcome.counts.torn;
    lost += outcome.counts.lost;
    if (outcome.wrong.empty()) return;
    if (++wrong == 1) {
      first_wrong = Cat("seed ", plan.seed, ", power off at I/O ", plan.power_off_at, ", mode ",
                        static_cast<int>(plan.mode), ": ", outcome.wrong);
    }
  }
};

// The plan at each of its I/Os, in every mode, with this many seeds.
Totals CrashEverywhere(Plan plan, uint64_t seeds) {
  Totals totals;
  bool over = false;
  for (plan.power_off_at = 1; !over; ++plan.power_off_at) {
    for (const CrashMode mode : kCrashModes) {
      plan.mode = mode;
      for (uint64_t i = 0; i < seeds; ++i) {
        ++plan.seed;
        plan.closes_early = plan.seed % 3 == 0;
        const Outcome outcome = RunAndCrash(plan);
        totals.Add(plan, outcome);
        over |= !outcome.crashed;
      }
    }
  }
  return totals;
}

// --- Stores on it

TEST_CASE("sim disk: what was acknowledged survives a crash at every I/O") {
  const Totals totals = CrashEverywhere({}, 6);
  CAPTURE(totals.runs, totals.first_wrong);
  CHECK(totals.wrong == 0);
  CHECK(totals.runs > 500);
  CHECK(totals.torn > 100);
  CHECK(totals.lost > 100);
}

TEST_CASE("sim disk: a store that is made when the power fails can be made or opened after it") {
  const Totals totals = CrashEverywhere({.batches = 1, .migrated = false}, 6);
  CAPTURE(totals.runs, totals.first_wrong);
  CHECK(totals.wrong == 0);
  CHECK(totals.torn > 100);
}

TEST_CASE("sim disk: what was acknowledged survives a crash in a checkpoint") {
  Totals totals;
  // Batches of some 80 pages: a checkpoint comes after 13.
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Random chance(seed);
    const Plan plan{.seed = seed,
                    .power_off_at = 90 + static_cast<int64_t>(chance.Next() % 1100),
                    .mode = kCrashModes[chance.Next() % 4],
                    .batches = 16,
                    .text_size = 64'000};
    totals.Add(plan, RunAndCrash(plan));
  }
  CAPTURE(totals.first_wrong);
  CHECK(totals.wrong == 0);
  CHECK(totals.torn > 0);
}

TEST_CASE("sim disk: a disk whose syncs do nothing is found out") {
  const Totals totals = CrashEverywhere({.syncs_lie = true}, 2);
  CHECK(totals.wrong > 20);
}

TEST_CASE("sim disk: the same seed gives the same bytes") {
  const Plan plan{.seed = 7, .power_off_at = 20, .mode = CrashMode::kTorn, .migrated = false};
  const Outcome first = RunAndCrash(plan);
  REQUIRE(first.crashed);
  CHECK(RunAndCrash(plan).after == first.after);
  Plan other = plan;
  other.seed = 8;
  CHECK_FALSE(RunAndCrash(other).after == first.after);
}

TEST_CASE("sim disk: an I/O that fails, once or from then on, is a clean error and loses nothing") {
  int64_t fired = 0;
  int64_t runs = 0;
  std::string first_wrong;
  for (const bool persistent : {false, true}) {
    for (const DiskFault::Kind kind : {DiskFault::Kind::kError, DiskFault::Kind::kShortWrite}) {
      for (const bool reads : {false, true}) {
        bool over = false;
        for (int64_t n = 1; !over && n < 400; ++n) {
          Machine machine(static_cast<uint64_t>(n));
          machine.disk.Load(MigratedImage());
          machine.disk.Fail({.after = n, .persistent = persistent, .kind = kind, .reads = reads});
          std::string wrong;
          int64_t acknowledged = 0;
          auto store = machine.Open();
          // As a node that tries again: the batch that failed, until it does not.
          for (int tries = 0; store.ok() && tries < 5; ++tries) {
            const CommitResult result = WriteBatch(**store, acknowledged + 1);
            if (result.committed == Committed::kDurable) ++acknowledged;
            if (result.committed == Committed::kDurable) continue;
            if (result.why.ok()) wrong = "an error without a reason";
          }
          over = machine.disk.counts().faults == 0;
          fired += machine.disk.counts().faults;
          ++runs;
          Random chance(static_cast<uint64_t>(n));
          machine.disk.Heal();
          machine.disk.Crash(kCrashModes[n % 4], chance);
          // A batch whose sync failed is not acknowledged, and may be there.
          if (wrong.empty()) wrong = Recover(machine, acknowledged, acknowledged + 1);
          if (!wrong.empty() && first_wrong.empty()) {
            first_wrong = Cat("I/O ", n, ", persistent ", int{persistent}, ", reads ", int{reads},
                              ": ", wrong);
          }
        }
      }
    }
  }
  CAPTURE(runs, first_wrong);
  CHECK(first_wrong.empty());
  CHECK(fired > 200);
}

// --- Commits in doubt

// Of the commit of a small batch: its pages are one write.
constexpr int64_t kSyncOfSmallCommit = 2;

// A store with one batch, and a second whose commit is in doubt because its sync failed. With
// `persistent` the disk goes on failing.
std::unique_ptr<store::Store> OpenWithSecondInDoubt(Machine& machine, bool persistent = false) {
  machine.disk.Load(MigratedImage());
  auto store = *machine.Open();
  REQUIRE(WriteBatch(*store, 1).committed == Committed::kDurable);
  machine.disk.Fail({.after = kSyncOfSmallCommit, .persistent = persistent});
  REQUIRE(WriteBatch(*store, 2).committed == Committed::kInDoubt);
  return store;
}

TEST_CASE("sim disk: a commit whose sync failed is in doubt, as a crash may bring it back") {
  int64_t runs = 0;
  int64_t came_back = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Machine machine(seed);
    const auto old = OpenWithSecondInDoubt(machine);
    machine.disk.Crash(kCrashModes[seed % 4], machine.chance);
    ++runs;
    if (ContentsOf(**machine.Open()).batches == 2) ++came_back;
    CHECK(Recover(machine, 1, 2).empty());
  }
  CHECK(came_back > 0);
  CHECK(came_back < runs);
}

TEST_CASE("sim disk: what a load has settled no crash brings back") {
  struct Case {
    int64_t batches;  // before the one that fails
    int64_t text_size;
  };
  // In the middle of the log, and at its start, to which it returns after a checkpoint.
  for (const Case& how : {Case{1, 900}, Case{13, 64'000}}) {
    int64_t in_doubt = 0;
    bool over = false;
    for (int64_t failing_io = 1; !over; ++failing_io) {
      for (uint64_t seed = 1; seed <= 8; ++seed) {
        CAPTURE(how.batches, failing_io, seed);
        Machine machine(seed);
        machine.disk.Load(MigratedImage());
        machine.disk.set_failed_syncs_lose(seed % 2 == 0);
        const auto old = *machine.Open();
        for (int64_t batch = 1; batch <= how.batches; ++batch) {
          REQUIRE(WriteBatch(*old, batch, how.text_size).committed == Committed::kDurable);
        }
        machine.disk.Fail({.after = failing_io});
        over = WriteBatch(*old, how.batches + 1, how.text_size).committed == Committed::kDurable;
        if (over) break;
        ++in_doubt;
        CHECK(ContentsOf(*old, how.text_size).batches == how.batches);
        machine.disk.Crash(kCrashModes[seed / 2 % 4], machine.chance);
        CHECK(Recover(machine, how.batches, how.batches, how.text_size).empty());
      }
    }
    CHECK(in_doubt >= 16);  // a write and a sync
  }
}

TEST_CASE(
    "sim disk: what a process finds of a failed sync when it starts is durable before it adds to "
    "it") {
  int64_t came_back = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Machine machine(seed);
    {
      const auto old = OpenWithSecondInDoubt(machine);
      machine.disk.Crash(CrashMode::kProcess, machine.chance);
    }
    const auto next = *machine.Open();
    const int64_t found = ContentsOf(*next).batches;
    if (found == 2) ++came_back;
    REQUIRE(WriteBatch(*next, found + 1).committed == Committed::kDurable);
    machine.disk.Crash(kCrashModes[1 + seed % 3], machine.chance);
    CHECK(Recover(machine, found + 1, found + 1).empty());
  }
  CHECK(came_back > 0);
}

TEST_CASE("sim disk: a store does not load before it could settle a commit in doubt") {
  Machine machine(12);
  const auto store = OpenWithSecondInDoubt(machine, /*persistent=*/true);
  const auto load = [&] { return store->lane().Load([](auto&) { return absl::OkStatus(); }); };
  CHECK_FALSE(load().ok());
  CHECK_FALSE(load().ok());
  machine.disk.Heal();
  CHECK(load().ok());
  CHECK(ContentsOf(*store).batches == 1);
  CHECK(WriteBatch(*store, 2).committed == Committed::kDurable);
}

TEST_CASE("sim disk: on a full disk commits fail with that reason, and go on once there is room") {
  Machine machine(3);
  machine.disk.Load(MigratedImage());
  constexpr int64_t kTextSize = 64'000;
  auto store = *machine.Open();
  machine.disk.Fail({.after = 1, .persistent = true, .kind = DiskFault::Kind::kFull});
  int64_t batches = 0;
  CommitResult result;
  while (result.committed == Committed::kDurable) {
    result = WriteBatch(*store, batches + 1, kTextSize);
    if (result.committed == Committed::kDurable) ++batches;
    REQUIRE(batches < 200);
  }
  CHECK(batches > 5);  // the log has room that is its own
  CHECK(result.committed == Committed::kInDoubt);
  CHECK(result.why.code() == absl::StatusCode::kResourceExhausted);
  CHECK(machine.disk.counts().faults > 0);
  machine.disk.Heal();
  CHECK(ContentsOf(*store, kTextSize).wrong.empty());
  CHECK(WriteBatch(*store, batches + 1, kTextSize).committed == Committed::kDurable);
  store = nullptr;
  CHECK(Recover(machine, batches + 1, batches + 1, kTextSize).empty());
}

TEST_CASE("sim disk: a full disk does not open a store that is not there, and says so") {
  Machine machine(3);
  machine.disk.Fail({.persistent = true, .kind = DiskFault::Kind::kFull});
  CHECK_FALSE(machine.Open().ok());
  machine.disk.Heal();
  CHECK(Recover(machine, 0, 0).empty());
}

TEST_CASE("sim disk: a reader sees each commit at once, and keeps its state through a checkpoint") {
  Machine machine(4);
  machine.disk.Load(MigratedImage());
  auto store = *machine.Open();
  const auto batches = [](store::Snapshot& snapshot) {
    const auto total = snapshot.Find(kTotals, int64_t{1});
    return total ? total->batches : 0;
  };
  for (int64_t batch = 1; batch <= 3; ++batch) {
    REQUIRE(WriteBatch(*store, batch, 64'000).committed == Committed::kDurable);
    REQUIRE(store->Query([&](store::Snapshot& now) { CHECK(batches(now) == batch); }).ok());
  }
  REQUIRE(store
              ->Query([&](store::Snapshot& snapshot) {
                CHECK(batches(snapshot) == 3);
                for (int64_t batch = 4; batch <= 40; ++batch) {
                  REQUIRE(WriteBatch(*store, batch, 64'000).committed == Committed::kDurable);
                }
                CHECK(batches(snapshot) == 3);
                int64_t rows = 0;
                snapshot.Visit({.table = &kRows.info()}, [&](const store::RowView& view) {
                  const Row row = kRows.Load(view);
                  CHECK(row.text == TextOf(row.batch, row.number, 64'000));
                  ++rows;
                  return true;
                });
                CHECK(snapshot.status().ok());
                CHECK(rows == 3 * kRowsPerBatch);
              })
              .ok());
  CHECK(ContentsOf(*store, 64'000).batches == 40);
}

TEST_CASE("sim disk: one process has a store, until it closes it or crashes") {
  Machine machine(5);
  machine.disk.Load(MigratedImage());
  const auto first = machine.Open();
  REQUIRE(first.ok());
  CHECK(machine.Open().status().code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(WriteBatch(**first, 1).committed == Committed::kDurable);
  machine.disk.Crash(CrashMode::kProcess, machine.chance);
  const auto second = machine.Open();
  REQUIRE(second.ok());
  CHECK(ContentsOf(**second).batches == 1);
  CHECK_FALSE((*first)->Query([](store::Snapshot& s) { s.Find(kTotals, int64_t{1}); }).ok());
}

TEST_CASE("sim disk: processes that share a disk crash one by one") {
  Machine machine(6);
  const auto a = *sqlite::SqliteStore::Open("a/seat_svc.db", kSchema, machine.disk);
  const auto b = *sqlite::SqliteStore::Open("b/seat_svc.db", kSchema, machine.disk);
  REQUIRE(WriteBatch(*a, 1).committed == Committed::kDurable);
  bool told = false;
  machine.disk.PowerOffAt(
      1, [&] { told = true; }, "b/");
  CHECK(WriteBatch(*a, 2).committed == Committed::kDurable);
  CHECK_FALSE(told);
  CHECK(WriteBatch(*b, 1).committed == Committed::kInDoubt);
  CHECK(told);
  machine.disk.Crash(CrashMode::kNothing, machine.chance, "b/");
  CHECK(WriteBatch(*a, 3).committed == Committed::kDurable);
  CHECK(WriteBatch(*b, 1).committed == Committed::kNothing);
  CHECK(ContentsOf(**sqlite::SqliteStore::Open("b/seat_svc.db", kSchema, machine.disk)).batches ==
        0);
}

TEST_CASE("sim disk: a copied store is noticed, a moved one and a loaded image are none") {
  Machine machine(7);
  machine.disk.Load(MigratedImage());
  Machine elsewhere(8);
  machine.disk.Copy(kPath, "copy.db");
  elsewhere.disk.Copy(machine.disk, kPath, kPath);
  const auto copy = *sqlite::SqliteStore::Open("copy.db", kSchema, machine.disk);
  const auto original = *machine.Open();
  CHECK(copy->identity().is_copy);
  CHECK(copy->identity().store_id == original->identity().store_id);
  CHECK_FALSE(original->identity().is_copy);
  CHECK((*elsewhere.Open())->identity().is_copy);
  REQUIRE(copy->Adopt().ok());
  CHECK_FALSE(copy->identity().is_copy);
  machine.disk.Crash(CrashMode::kNothing, machine.chance);
  CHECK_FALSE((*sqlite::SqliteStore::Open("copy.db", kSchema, machine.disk))->identity().is_copy);
  machine.disk.Move("copy.db", "moved.db");
  CHECK_FALSE((*sqlite::SqliteStore::Open("moved.db", kSchema, machine.disk))->identity().is_copy);
}

// --- The disk itself

// A file opened past SQLite.
class RawFile {
 public:
  RawFile(SimDisk& disk, const char* path, int flags = SQLITE_OPEN_MAIN_DB)
      : vfs_(sqlite3_vfs_find(disk.vfs())), memory_(static_cast<size_t>(vfs_->szOsFile)) {
    REQUIRE(vfs_->xOpen(vfs_, path, file(), flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        nullptr) == SQLITE_OK);
  }
  ~RawFile() { file()->pMethods->xClose(file()); }

  int Write(char fill, int size, int64_t at) {
    const std::string bytes(static_cast<size_t>(size), fill);
    return file()->pMethods->xWrite(file(), bytes.data(), size, at);
  }
  int Sync() { return file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL); }
  int Truncate(int64_t size) { return file()->pMethods->xTruncate(file(), size); }

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  sqlite3_vfs* const vfs_;
  std::vector<char> memory_;
};

TEST_CASE("sim disk: a torn write leaves some sectors old and some new") {
  bool mixed = false;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine(seed);
    RawFile file(machine.disk, "f", SQLITE_OPEN_WAL);
    file.Write('a', 4096, 100);
    REQUIRE(file.Sync() == SQLITE_OK);
    file.Write('b', 4096, 100);
    machine.disk.Crash(CrashMode::kTorn, machine.chance);
    const std::string bytes = machine.disk.Read("f");
    REQUIRE(bytes.size() == 4196);
    for (size_t i = 101; i < bytes.size(); ++i) {
      if (i % 512 != 0) REQUIRE(bytes[i] == bytes[i - 1]);
    }
    mixed |= bytes.find('a') != std::string::npos && bytes.find('b') != std::string::npos;
  }
  CHECK(mixed);
}

TEST_CASE("sim disk: a later write may survive an earlier one, and a length its bytes") {
  bool later_only = false;
  bool earlier_only = false;
  bool only_longer = false;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Machine machine(seed);
    RawFile file(machine.disk, "f", SQLITE_OPEN_WAL);
    file.Write('-', 8192, 0);
    REQUIRE(file.Sync() == SQLITE_OK);
    file.Write('a', 4096, 0);
    file.Write('b', 4096, 4096);
    file.Write('c', 4096, 8192);
    machine.disk.Crash(CrashMode::kSome, machine.chance);
    const std::string bytes = machine.disk.Read("f");
    later_only |= bytes[0] == '-' && bytes[4096] == 'b';
    earlier_only |= bytes[0] == 'a' && bytes[4096] == '-';
    only_longer |= bytes.size() == 12'288 && bytes[8192] == '\0';
  }
  CHECK(later_only);
  CHECK(earlier_only);
  CHECK(only_longer);
}

TEST_CASE("sim disk: a new file is durable with its folder, a log's with its own first sync") {
  Machine machine(9);
  RawFile database(machine.disk, "folder/a.db");
  RawFile log(machine.disk, "folder/a.db-wal", SQLITE_OPEN_WAL);
  RawFile elsewhere(machine.disk, "other/b.db");
  database.Write('d', 10, 0);
  REQUIRE(database.Sync() == SQLITE_OK);
  REQUIRE(elsewhere.Sync() == SQLITE_OK);
  SECTION("before") {
    machine.disk.Crash(CrashMode::kNothing, machine.chance);
    CHECK(machine.disk.Paths().empty());
  }
  SECTION("after") {
    REQUIRE(log.Sync() == SQLITE_OK);
    machine.disk.Crash(CrashMode::kNothing, machine.chance);
    CHECK(machine.disk.Paths() == std::vector<std::string>{"folder/a.db", "folder/a.db-wal"});
    CHECK(machine.disk.Read("folder/a.db") == std::string(10, 'd'));
  }
}

TEST_CASE("sim disk: a deletion and a truncation that are not durable come undone") {
  Machine machine(10);
  RawFile file(machine.disk, "f", SQLITE_OPEN_WAL);
  file.Write('a', 5000, 0);
  REQUIRE(file.Sync() == SQLITE_OK);
  file.Truncate(10);
  sqlite3_vfs* const vfs = sqlite3_vfs_find(machine.disk.vfs());
  REQUIRE(vfs->xDelete(vfs, "f", 0) == SQLITE_OK);
  CHECK(machine.disk.Paths().empty());
  machine.disk.Crash(CrashMode::kNothing, machine.chance);
  CHECK(machine.disk.Read("f") == std::string(5000, 'a'));
  REQUIRE(vfs->xDelete(vfs, "f", 1) == SQLITE_OK);
  machine.disk.Crash(CrashMode::kNothing, machine.chance);
  CHECK(machine.disk.Paths().empty());
}

TEST_CASE("sim disk: what a failed sync has lost no later sync brings back, unless it is wanted") {
  for (const bool lose : {true, false}) {
    int64_t lost = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      Machine machine(seed);
      machine.disk.set_failed_syncs_lose(lose);
      RawFile file(machine.disk, "f", SQLITE_OPEN_WAL);
      file.Write('a', 512, 0);
      REQUIRE(file.Sync() == SQLITE_OK);
      file.Write('b', 512, 0);
      machine.disk.Fail({});
      REQUIRE(file.Sync() == SQLITE_IOERR_FSYNC);
      file.Write('c', 512, 512);
      REQUIRE(file.Sync() == SQLITE_OK);
      CHECK(machine.disk.Read("f") == std::string(512, 'b') + std::string(512, 'c'));
      machine.disk.Crash(CrashMode::kNothing, machine.chance);
      CHECK(machine.disk.Read("f").substr(512) == std::string(512, 'c'));
      if (machine.disk.Read("f")[0] == 'a') ++lost;
    }
    CHECK((lost > 0) == lose);
  }
}

TEST_CASE("sim disk: a short write has done a part, a full disk as well") {
  Machine machine(11);
  RawFile file(machine.disk, "f");
  machine.disk.Fail({.kind = DiskFault::Kind::kShortWrite});
  CHECK(file.Write('a', 4096, 0) == SQLITE_IOERR_WRITE);
  CHECK(machine.disk.Read("f").size() < 4096);
  CHECK(file.Write('a', 4096, 0) == SQLITE_OK);
  machine.disk.Fail({.persistent = true, .kind = DiskFault::Kind::kFull});
  CHECK(file.Write('b', 4096, 0) == SQLITE_OK);  // no longer than before
  CHECK(file.Write('b', 4096, 4096) == SQLITE_FULL);
  CHECK(machine.disk.Read("f").size() < 8192);
  CHECK(machine.disk.counts().faults == 2);
  machine.disk.Heal();
  CHECK(file.Write('b', 4096, 4096) == SQLITE_OK);
}

}  // namespace
}  // namespace seatsaga::simulation
