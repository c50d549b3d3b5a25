#pragma once

#include <memory>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/errors.h"
#include "common/node/executor.h"
#include "common/reply.h"
#include "common/store/lane.h"

namespace seatsaga {

// A node's queries. They run beside the loop, so that a long list never delays a write. A query
// sees one state of the store, with everything that was acknowledged before it was posted.
// Thread-safe.
class Queries {
 public:
  // `store` must outlive this.
  Queries(store::Store& store, std::unique_ptr<Worker> worker)
      : store_(store), worker_(std::move(worker)) {}

  // Answers `reply` with what `query(snapshot)` returns, a StatusOr<T>; UNAVAILABLE if the store
  // gave an error meanwhile; RESOURCE_EXHAUSTED at once when too many wait.
  template <class T, class F>
  void Answer(Reply<T> reply, F query) {
    if (worker_->full()) return reply.Send(OverloadedError());
    worker_->Post([this, reply = std::move(reply), query = std::move(query)]() mutable {
      absl::StatusOr<T> answer = absl::UnknownError("not answered");
      const absl::Status read =
          store_.Query([&](store::Snapshot& snapshot) { answer = query(snapshot); });
      if (!read.ok()) answer = read;
      reply.Send(std::move(answer));
    });
  }

  // Runs `job(store)`, which may query the store several times. For jobs of the node's own, of
  // which there is a bounded number. Once stopped, jobs are dropped.
  void Post(absl::AnyInvocable<void(store::Store&) &&> job) {
    worker_->Post([this, job = std::move(job)]() mutable { std::move(job)(store_); });
  }

  // Runs what has queued, then ends. Idempotent.
  void Stop() { worker_->Stop(); }

 private:
  store::Store& store_;
  const std::unique_ptr<Worker> worker_;
};

}  // namespace seatsaga
