#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/clock.h"
#include "common/node/executor.h"

namespace grpc {
class CompletionQueue;
class ServerCompletionQueue;
}  // namespace grpc

namespace seatsaga {

// Something that waits on the completion queue.
class IoEvent {
 public:
  virtual ~IoEvent() = default;
  // On the I/O thread; must not block. `ok` as in grpc::CompletionQueue::Next.
  virtual void OnEvent(bool ok) = 0;
};

// The one thread that polls a process' one gRPC completion queue, for the calls it serves and the
// calls it makes, and that runs the turns of the process' loops between two polls: a turn comes
// when no more events have arrived. Measured on two cores, this completed half as many calls again
// as the callback API (docs/adr/0002), and a request reaches its commit without a change of threads
// (docs/adr/0008).
class IoThread final : public Executor {
 public:
  // A queue for clients only. RpcServer makes the other kind.
  IoThread();
  explicit IoThread(std::unique_ptr<grpc::CompletionQueue> queue);
  ~IoThread() override;

  void Start();
  // Waits until every pending event was delivered. Shut down servers and channels first.
  void Stop();
  grpc::CompletionQueue* queue() { return queue_.get(); }

  void Attach(Task& task) override;
  void Detach(Task& task) override;
  void Wake() override;
  // Whether tasks have their turn just now, and not gRPC. Any thread.
  bool taking_turn() const { return taking_turn_; }
  // How many it has handled. Any thread.
  uint64_t events() const { return events_.load(std::memory_order_relaxed); }

 private:
  class WakeUp;

  void Run();
  Mono PrepareWait();
  bool HandleEvents(Mono until);
  int WaitForEvent(Mono until, void** tag, bool* ok);
  void RunTasks();

  std::unique_ptr<grpc::CompletionQueue> queue_;
  std::unique_ptr<WakeUp> wake_up_;
  std::mutex tasks_mutex_;  // held during a turn
  std::vector<Task*> tasks_;
  std::atomic<bool> taking_turn_ = false;
  std::atomic<uint64_t> events_ = 0;
  std::thread thread_;
};

}  // namespace seatsaga
