#pragma once

#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"

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
// calls it makes. Measured on two cores, this did half as much again as the callback API, which
// wakes more threads than it needs (docs/adr/0002).
class IoThread {
 public:
  // A queue for clients only. RpcServer makes the other kind.
  IoThread();
  explicit IoThread(std::unique_ptr<grpc::CompletionQueue> queue);
  ~IoThread();

  void Start();
  // Waits until every pending event was delivered. Servers and channels must be shut down before.
  void Stop();
  grpc::CompletionQueue* queue() { return queue_.get(); }

 private:
  void Run();

  std::unique_ptr<grpc::CompletionQueue> queue_;
  std::thread thread_;
};

}  // namespace seatsaga
