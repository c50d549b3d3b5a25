#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/node/executor.h"
#include "tests/world/agenda.h"

namespace seatsaga::testing {

// A process' loops, whose turns the world takes. Not thread-safe.
class TurnExecutor final : public Executor {
 public:
  explicit TurnExecutor(const Clock& clock) : clock_(clock) {}

  void Attach(Task& task) override;
  void Detach(Task& task) override;
  void Wake() override { woken_ = true; }

  // Takes a turn of every task, if something has arrived or is due; tells whether it did.
  bool RunTurn();
  // Whether RunTurn would take one, as far as is known since the last.
  bool wants_turn() const { return !tasks_.empty() && due() <= clock_.Now(); }
  // When the next turn is due if nothing arrives, as of the last RunTurn.
  Mono due() const {
    if (woken_) return Mono::InfinitePast();
    return waiting_ ? due_ : Mono::InfiniteFuture();
  }
  // No task runs any more.
  void Kill() { tasks_.clear(); }

 private:
  const Clock& clock_;
  std::vector<Task*> tasks_;
  bool waiting_ = false;
  bool woken_ = false;
  Mono due_ = Mono::InfiniteFuture();
};

// A process' queries, each an event of the agenda. Not thread-safe.
class TurnWorker final : public Worker {
 public:
  TurnWorker(Agenda& agenda, std::shared_ptr<Life> life)
      : agenda_(agenda), life_(std::move(life)) {}
  ~TurnWorker() override { Stop(); }

  bool full() const override { return jobs_->size() >= kJobsMax; }
  void Post(absl::AnyInvocable<void() &&> job) override;
  // After a crash what has queued is dropped.
  void Stop() override;

 private:
  using Jobs = std::deque<absl::AnyInvocable<void() &&>>;
  static constexpr size_t kJobsMax = 1024;

  Agenda& agenda_;
  const std::shared_ptr<Life> life_;
  const std::shared_ptr<Jobs> jobs_ = std::make_shared<Jobs>();
  bool stopped_ = false;
};

}  // namespace seatsaga::testing
