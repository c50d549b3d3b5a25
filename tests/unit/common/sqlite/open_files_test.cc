// A store whose files are taken away while it is open.
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "common/errors.h"
#include "common/sqlite/lane.h"
#include "common/store/one_off.h"
#include "common/text.h"
#include "tests/support/temp_dir.h"

namespace seatsaga::sqlite {
namespace {

struct Note {
  int64_t number = 0;
};
constexpr auto kNotes = store::MakeTable<Note>("notes", store::Key<&Note::number>("number"));
constexpr std::array kTables{&kNotes.info()};
constexpr store::Schema kSchema{"notes", kTables};

struct Notes {
  Notes() : store(SqliteStore::Open(path, kSchema).value()) {
    REQUIRE(Commit().committed == kDone);
  }

  store::CommitResult Commit() {
    store::CommitResult result;
    store::Rows rows;
    rows.Insert(kNotes, {++number});
    store->lane().Commit(nullptr, rows, [&](store::CommitResult ended) { result = ended; });
    return result;
  }
  absl::Status Load() {
    return store->lane().Load([](store::Snapshot&) { return absl::OkStatus(); });
  }
  absl::Status Query() {
    return store::QueryOnce(*store, [](store::Snapshot&) {});
  }

  static constexpr auto kDone = store::Committed::kDurable;
  const testing::TempDir dir;
  const std::string path = dir.File("notes.db");
  std::unique_ptr<store::Store> store;
  int64_t number = 0;
};

const std::string kSuffixes[] = {"", "-wal", "-shm", ".lock"};

void RequireRefused(Notes& notes, const std::string& file) {
  const store::CommitResult lost = notes.Commit();
  CHECK(lost.committed == store::Committed::kInDoubt);
  CHECK(ReasonOf(lost.why) == kStoreFilesLost);
  CHECK(lost.why.message().find(file) != std::string::npos);
  CHECK(ReasonOf(notes.Load()) == kStoreFilesLost);
  CHECK(absl::IsUnavailable(notes.Query()));
}

TEST_CASE("nothing is durable once a file of the store was deleted") {
  for (const std::string& suffix : kSuffixes) {
    Notes notes;
    CAPTURE(suffix);
    REQUIRE(std::filesystem::remove(notes.path + suffix));
    RequireRefused(notes, notes.path + suffix);
    RequireRefused(notes, "deleted or renamed");
  }
}

TEST_CASE("nothing is durable while a file of the store is elsewhere") {
  for (const std::string& suffix : kSuffixes) {
    Notes notes;
    CAPTURE(suffix);
    std::filesystem::rename(notes.path + suffix, notes.dir.File("elsewhere"));
    RequireRefused(notes, notes.path + suffix);
    std::filesystem::rename(notes.dir.File("elsewhere"), notes.path + suffix);
    CHECK(notes.Load().ok());
    CHECK(notes.Query().ok());
    CHECK(notes.Commit().committed == Notes::kDone);
  }
}

TEST_CASE("nothing is durable once a copy stands in the place of a file of the store") {
  for (const std::string& suffix : kSuffixes) {
    Notes notes;
    CAPTURE(suffix);
    std::filesystem::copy_file(notes.path + suffix, notes.dir.File("copy"));
    std::filesystem::rename(notes.dir.File("copy"), notes.path + suffix);
    RequireRefused(notes, "replaced");
  }
}

TEST_CASE("a second writer, let in by a deleted lock, stops the first") {
  Notes notes;
  REQUIRE(std::filesystem::remove(notes.path + ".lock"));
  const auto second = SqliteStore::Open(notes.path, kSchema);
  REQUIRE(second.ok());
  RequireRefused(notes, ".lock");
}

}  // namespace
}  // namespace seatsaga::sqlite
