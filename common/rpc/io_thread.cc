#include "common/rpc/io_thread.h"

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <algorithm>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/rpc/convert.h"

namespace seatsaga {

namespace {

// Events handled before the tasks get their turn: more than can be under way, so that a turn takes
// all that has arrived, and still a bound.
constexpr int kEventsPerTurnMax = 16'384;
// How often the processor is offered to others before a turn, as long as that brings more events.
// On an idle machine it comes back at once, so a lone request waits for nobody; on a busy one those
// who are about to send run first, and their calls share this turn's commit (docs/adr/0008).
constexpr int kYieldsMax = 2;

// Debian's Abseil keeps a graph of every lock taken, which gRPC pays for on each call.
void DisableDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace

// An event that other threads put into the queue to end a wait.
class IoThread::WakeUp final : public IoEvent {
 public:
  void Send(grpc::CompletionQueue& queue) {
    const std::lock_guard lock(mutex_);
    if (!open_ || std::exchange(pending_, true)) return;
    alarm_.Set(&queue, gpr_now(GPR_CLOCK_MONOTONIC), static_cast<IoEvent*>(this));
  }
  // Whether the queue takes events: only while a thread polls it.
  void SetOpen(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
  }
  void OnEvent(bool /*ok*/) override {
    const std::lock_guard lock(mutex_);
    pending_ = false;
  }

 private:
  std::mutex mutex_;
  grpc::Alarm alarm_;
  bool pending_ = false;
  bool open_ = false;
};

IoThread::IoThread() : IoThread(std::make_unique<grpc::CompletionQueue>()) {}

IoThread::IoThread(std::unique_ptr<grpc::CompletionQueue> queue)
    : queue_(std::move(queue)), wake_up_(std::make_unique<WakeUp>()) {
  DisableDeadlockDetection();
}

IoThread::~IoThread() { Stop(); }

void IoThread::Start() {
  wake_up_->SetOpen(true);
  thread_ = std::thread([this] { Run(); });
}

void IoThread::Stop() {
  if (!thread_.joinable()) return;
  wake_up_->SetOpen(false);
  queue_->Shutdown();
  thread_.join();
}

void IoThread::Attach(Task& task) {
  {
    const std::lock_guard lock(tasks_mutex_);
    tasks_.push_back(&task);
  }
  Wake();
}

void IoThread::Detach(Task& task) {
  const std::lock_guard lock(tasks_mutex_);
  std::erase(tasks_, &task);
}

void IoThread::Wake() { wake_up_->Send(*queue_); }

void IoThread::Run() {
  while (HandleEvents(PrepareWait())) RunTasks();
}

Mono IoThread::PrepareWait() {
  const std::lock_guard lock(tasks_mutex_);
  Mono until = Mono::InfiniteFuture();
  for (Task* task : tasks_) until = std::min(until, task->PrepareWait());
  return until;
}

// Waits for an event or until the time has come, then handles all events that are there. False once
// the queue has been shut down and is empty.
bool IoThread::HandleEvents(Mono until) {
  using Queue = grpc::CompletionQueue;
  void* tag = nullptr;
  bool ok = false;
  int next = WaitForEvent(until, &tag, &ok);  // a NextStatus
  int yields_left = next == Queue::GOT_EVENT ? kYieldsMax : 0;
  bool got_more = true;  // since the last yield
  for (int events = 0; true;) {
    if (next == Queue::GOT_EVENT) {
      static_cast<IoEvent*>(tag)->OnEvent(ok);
      events_.store(events_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      if (++events == kEventsPerTurnMax) break;  // before another is taken off the queue
      got_more = true;
    } else if (next == Queue::TIMEOUT && got_more && yields_left-- > 0) {
      std::this_thread::yield();
      got_more = false;
    } else {
      break;
    }
    next = queue_->AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC));
  }
  return next != Queue::SHUTDOWN;
}

int IoThread::WaitForEvent(Mono until, void** tag, bool* ok) {
  const int next = queue_->AsyncNext(tag, ok, ToGrpc(until));
  const std::lock_guard lock(tasks_mutex_);
  for (Task* task : tasks_) task->EndWait();
  return next;
}

void IoThread::RunTasks() {
  const std::lock_guard lock(tasks_mutex_);
  taking_turn_ = true;
  for (Task* task : tasks_) task->RunDue();
  taking_turn_ = false;
}

}  // namespace seatsaga
