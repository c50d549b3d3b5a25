#include "common/rpc/io_thread.h"

#include <grpcpp/completion_queue.h>

#include <utility>

#include "absl/synchronization/mutex.h"

namespace seatsaga {

namespace {

// Debian's Abseil keeps a graph of every lock taken, which gRPC pays for on each call.
void DisableDeadlockDetection() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

}  // namespace

IoThread::IoThread() : IoThread(std::make_unique<grpc::CompletionQueue>()) {}

IoThread::IoThread(std::unique_ptr<grpc::CompletionQueue> queue) : queue_(std::move(queue)) {
  DisableDeadlockDetection();
}

IoThread::~IoThread() { Stop(); }

void IoThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void IoThread::Stop() {
  if (!thread_.joinable()) return;
  queue_->Shutdown();
  thread_.join();
}

void IoThread::Run() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<IoEvent*>(tag)->OnEvent(ok);
}

}  // namespace seatsaga
