#pragma once

#include <functional>
#include <mutex>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/node/executor.h"
#include "common/node/queries.h"
#include "common/store/lane.h"

namespace seatsaga {

// Runs passes over a store on a node's query worker: soon after each Request, and never two at
// once. Requests that come meanwhile share the next pass, so however many there are, a pass waits
// at the worker at most once, and other queries get their turns in between.
class Passes final : private Task {
 public:
  struct Options {
    // At least this long between the end of a pass and the start of the next.
    absl::Duration pause = absl::ZeroDuration();
    // A pass over everything follows the last pass after this time, even if nobody requests one.
    absl::Duration interval = absl::InfiniteDuration();
  };
  // `everything`: it is the interval's pass. Returns whether the interval goes on.
  using Pass = std::function<bool(store::Store& store, bool everything)>;

  // `executor`, `clock`, `queries` and what `pass` uses must outlive the queries' Stop.
  Passes(Executor& executor, const Clock& clock, Queries& queries, Options options, Pass pass)
      : executor_(executor),
        clock_(clock),
        queries_(queries),
        options_(options),
        pass_(std::move(pass)) {}

  // Between the two, passes run. Any thread, but not from inside a turn.
  void Start() { executor_.Attach(*this); }
  void Stop() { executor_.Detach(*this); }

  // A pass begins after this call. Any thread.
  void Request();

 private:
  Mono PrepareWait() override;
  void EndWait() override {}
  void RunDue() override;

  Mono NextPass() const;
  void Run(store::Store& store, bool everything);

  Executor& executor_;
  const Clock& clock_;
  Queries& queries_;
  const Options options_;
  const Pass pass_;

  std::mutex mutex_;
  bool requested_ = false;
  bool running_ = false;  // or posted
  Mono paused_until_ = Mono::InfinitePast();
  Mono interval_due_ = Mono::InfiniteFuture();
};

}  // namespace seatsaga
