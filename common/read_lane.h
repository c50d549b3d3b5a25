#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "common/errors.h"
#include "common/reply.h"

namespace seatsaga {

// Queries run here, on a thread and a read-only connection of their own, so that a long list never
// delays a write. A query sees everything that was acknowledged before it was posted.
class ReadLane {
 public:
  static constexpr size_t kQueueMax = 1024;

  ReadLane() = default;
  ~ReadLane() { Stop(); }

  void Start();
  // Answers `reply` with what `query` returns, or RESOURCE_EXHAUSTED at once when the queue is full.
  // Any thread.
  template <class T, class F>
  void Answer(Reply<T> reply, F query) {
    if (full()) {
      reply.Send(OverloadedError());
      return;
    }
    Post([reply = std::move(reply), query = std::move(query)]() mutable { reply.Send(query()); });
  }
  // Runs what has queued, then ends the thread. Idempotent.
  void Stop();

 private:
  using Query = absl::AnyInvocable<void() &&>;

  bool full();
  void Post(Query query);  // dropped, so answered UNAVAILABLE, when the lane is stopping
  void Run();

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Query> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace seatsaga
