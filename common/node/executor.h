#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "common/clock.h"

// What runs a loop's turns, and what runs queries beside it.
namespace seatsaga {

// What an executor runs on its one thread. The executor repeats these calls in this order.
class Task {
 public:
  virtual ~Task() = default;
  // Called before the executor waits. Returns when a turn is due even if nothing arrives;
  // InfinitePast for at once. From now on an arrival calls Executor::Wake.
  virtual Mono PrepareWait() = 0;
  // The wait is over: arrivals need not wake the executor any more.
  virtual void EndWait() = 0;
  // Takes a turn if something has arrived or a turn is due.
  virtual void RunDue() = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs `task` from now on. Any thread, but not from inside a turn.
  virtual void Attach(Task& task) = 0;
  // When it returns, `task` is not running and will not run again. Any thread, but not from inside
  // a turn.
  virtual void Detach(Task& task) = 0;
  // Ends the executor's present or next wait. Any thread.
  virtual void Wake() = 0;
};

// Runs jobs one after the other, beside the executor: on a thread, or in turns with everything
// else.
class Worker {
 public:
  virtual ~Worker() = default;
  // Whether the queue is full. Any thread.
  virtual bool full() const = 0;
  // Once the worker has stopped, jobs are dropped without being run. Any thread.
  virtual void Post(absl::AnyInvocable<void() &&> job) = 0;
  // Runs what has queued, then ends. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace seatsaga
