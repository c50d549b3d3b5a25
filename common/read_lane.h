#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/errors.h"
#include "common/reply.h"

namespace seatsaga::sqlite {
class Database;
}

namespace seatsaga {

// Queries run here, on a thread and a read-only connection of their own, so that a long list never
// delays a write. A query sees one snapshot, with everything that was acknowledged before it was
// posted.
class ReadLane {
 public:
  static constexpr size_t kQueueMax = 1024;

  // `database` is the lane's read-only connection, for its errors; null only where queries use
  // none.
  explicit ReadLane(sqlite::Database* database = nullptr) : database_(database) {}
  ~ReadLane() { Stop(); }

  void Start();
  // Answers `reply` with what `query` returns; UNAVAILABLE if the database gave an error meanwhile;
  // RESOURCE_EXHAUSTED at once when the queue is full. Any thread.
  template <class T, class F>
  void Answer(Reply<T> reply, F query) {
    if (full()) {
      reply.Send(OverloadedError());
      return;
    }
    Post([this, reply = std::move(reply), query = std::move(query)]() mutable {
      BeginQuery();
      absl::StatusOr<T> answer = query();
      if (absl::Status error = EndQuery(); !error.ok()) answer = std::move(error);
      reply.Send(std::move(answer));
    });
  }
  // Runs what has queued, then ends the thread. Idempotent.
  void Stop();

 private:
  using Query = absl::AnyInvocable<void() &&>;

  void BeginQuery();
  absl::Status EndQuery();
  bool full();
  void Post(Query query);  // dropped, so answered UNAVAILABLE, when the lane is stopping
  void Run();

  sqlite::Database* const database_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Query> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace seatsaga
