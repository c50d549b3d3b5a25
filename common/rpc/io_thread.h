#pragma once

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/loop_host.h"

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
// calls it makes, and that runs the turns of the process' batch loops between two polls: a turn
// comes when no more events have arrived. Measured on two cores, polling so did half as much again
// as the callback API (docs/adr/0002), and no hand-over between threads stands between a request
// and its commit (docs/adr/0008).
class IoThread final : public LoopHost {
 public:
  // A queue for clients only. RpcServer makes the other kind.
  IoThread();
  explicit IoThread(std::unique_ptr<grpc::CompletionQueue> queue);
  ~IoThread() override;

  void Start();
  // Waits until every pending event was delivered. Servers and channels must be shut down before.
  void Stop();
  grpc::CompletionQueue* queue() { return queue_.get(); }

  void Attach(LoopGuest& guest) override;
  void Detach(LoopGuest& guest) override;
  void Wake() override;

 private:
  class WakeUp;

  void Run();
  absl::Time PrepareWait();
  bool HandleEvents(absl::Time until);
  int WaitForEvent(absl::Time until, void** tag, bool* ok);
  void RunGuests();

  std::unique_ptr<grpc::CompletionQueue> queue_;
  std::unique_ptr<WakeUp> wake_up_;
  std::mutex guests_mutex_;  // held during a turn
  std::vector<LoopGuest*> guests_;
  std::thread thread_;
};

}  // namespace seatsaga
