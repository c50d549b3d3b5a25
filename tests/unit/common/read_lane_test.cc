#include "common/read_lane.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/sqlite/database.h"
#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

// A reply that keeps its answer. Read it once the lane has stopped.
struct Asked {
  Reply<int> NewReply() {
    return Reply<int>([this](absl::StatusOr<int> got) {
      answer = std::move(got);
      ++answers;
    });
  }
  absl::StatusOr<int> answer = absl::UnknownError("no answer");
  int answers = 0;
};

TEST_CASE("queries run one after the other in the order they came") {
  ReadLane lane;
  std::vector<int> ran;
  std::vector<Asked> asked(100);
  for (int i = 0; i < 100; ++i) {
    lane.Answer(asked[static_cast<size_t>(i)].NewReply(), [&ran, i]() -> absl::StatusOr<int> {
      ran.push_back(i);
      return i * 2;
    });
  }
  lane.Start();
  lane.Stop();
  REQUIRE(ran.size() == 100);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(ran[static_cast<size_t>(i)] == i);
    REQUIRE(*asked[static_cast<size_t>(i)].answer == i * 2);
  }
}

TEST_CASE("a query's error is the answer") {
  ReadLane lane;
  Asked asked;
  lane.Start();
  lane.Answer(asked.NewReply(),
              []() -> absl::StatusOr<int> { return absl::NotFoundError("no such saga"); });
  lane.Stop();
  REQUIRE(asked.answer.status().code() == absl::StatusCode::kNotFound);
}

TEST_CASE("a full lane answers RESOURCE_EXHAUSTED at once and runs nothing of it") {
  ReadLane lane;
  absl::Notification started;
  absl::Notification release;
  lane.Start();
  lane.Answer(Reply<int>(), [&]() -> absl::StatusOr<int> {
    started.Notify();
    release.WaitForNotification();
    return 0;
  });
  started.WaitForNotification();
  std::vector<Asked> asked(ReadLane::kQueueMax);
  for (Asked& one : asked) lane.Answer(one.NewReply(), []() -> absl::StatusOr<int> { return 1; });
  Asked refused;
  bool ran = false;
  lane.Answer(refused.NewReply(), [&]() -> absl::StatusOr<int> {
    ran = true;
    return 1;
  });
  REQUIRE(refused.answer.status().code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(RetryDelayOf(refused.answer.status(), absl::ZeroDuration()) > absl::ZeroDuration());
  release.Notify();
  lane.Stop();
  REQUIRE_FALSE(ran);
  for (const Asked& one : asked) REQUIRE(one.answer.ok());
}

TEST_CASE("stopping runs what has queued, what comes later answers UNAVAILABLE") {
  ReadLane lane;
  absl::Notification started;
  absl::Notification release;
  lane.Start();
  lane.Answer(Reply<int>(), [&]() -> absl::StatusOr<int> {
    started.Notify();
    release.WaitForNotification();
    return 0;
  });
  started.WaitForNotification();
  Asked queued;
  lane.Answer(queued.NewReply(), []() -> absl::StatusOr<int> { return 1; });
  release.Notify();
  lane.Stop();
  REQUIRE(*queued.answer == 1);
  Asked late;
  lane.Answer(late.NewReply(), []() -> absl::StatusOr<int> { return 1; });
  REQUIRE(late.answer.status().code() == absl::StatusCode::kUnavailable);
  REQUIRE(late.answers == 1);
  lane.Stop();
}

constexpr std::array<std::string_view, 1> kMigrations = {"CREATE TABLE seats(id INTEGER)"};

int64_t Count(sqlite::Database& database) {
  sqlite::Statement count = database.Prepare("SELECT count(*) FROM seats");
  count.Query();
  return count.Next() ? count.Int(0) : -1;
}

TEST_CASE("a query whose database fails answers UNAVAILABLE, and the next one starts afresh") {
  const testing::TempDir dir;
  const auto writer = *sqlite::Database::OpenWriter(dir.File("a.db"), kMigrations);
  const auto reader = *sqlite::Database::OpenReader(dir.File("a.db"));
  ReadLane lane(reader.get());
  Asked failed;
  Asked next;
  lane.Answer(failed.NewReply(), [&]() -> absl::StatusOr<int> {
    reader->Execute("SELECT * FROM no_such_table");
    return 1;
  });
  lane.Answer(next.NewReply(), [&]() -> absl::StatusOr<int> { return Count(*reader); });
  lane.Start();
  lane.Stop();
  REQUIRE(failed.answer.status().code() == absl::StatusCode::kUnavailable);
  REQUIRE(next.answer.ok());
  REQUIRE(*next.answer == 0);
}

TEST_CASE("a query sees one snapshot, and the next one what was committed meanwhile") {
  const testing::TempDir dir;
  const auto writer = *sqlite::Database::OpenWriter(dir.File("a.db"), kMigrations);
  const auto reader = *sqlite::Database::OpenReader(dir.File("a.db"));
  ReadLane lane(reader.get());
  Asked during;
  Asked after;
  lane.Answer(during.NewReply(), [&]() -> absl::StatusOr<int> {
    const int64_t before = Count(*reader);
    writer->Begin();
    writer->Execute("INSERT INTO seats VALUES(1)");
    if (auto committed = writer->Commit(); !committed.ok()) return committed;
    return before * 10 + Count(*reader);
  });
  lane.Answer(after.NewReply(), [&]() -> absl::StatusOr<int> { return Count(*reader); });
  lane.Start();
  lane.Stop();
  REQUIRE(*during.answer == 0);
  REQUIRE(*after.answer == 1);
}

TEST_CASE("a lane that never started answers UNAVAILABLE when it goes") {
  Asked asked;
  {
    ReadLane lane;
    lane.Answer(asked.NewReply(), []() -> absl::StatusOr<int> { return 1; });
  }
  REQUIRE(asked.answer.status().code() == absl::StatusCode::kUnavailable);
  REQUIRE(asked.answers == 1);
}

}  // namespace
}  // namespace seatsaga
