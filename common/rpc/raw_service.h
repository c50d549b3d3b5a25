#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace seatsaga {

// The methods of one proto service, all raw: bytes in, bytes out. Only for common/rpc.
class RawService final : public grpc::Service {
 public:
  using StreamResponder = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

  // `path` is "/package.Service/Method". Return the method's index.
  int AddUnary(const std::string& path) { return Add(path, grpc::internal::RpcMethod::NORMAL_RPC); }
  int AddStream(const std::string& path) {
    return Add(path, grpc::internal::RpcMethod::BIDI_STREAMING);
  }

  // Has `tag` come out of `queue` when the next call arrives.
  void Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
               grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* responder,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncUnary(index, context, request, responder, queue, queue, tag);
  }
  void Request(int index, grpc::ServerContext* context, StreamResponder* responder,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncBidiStreaming(index, context, responder, queue, queue, tag);
  }

 private:
  int Add(const std::string& path, grpc::internal::RpcMethod::RpcType type) {
    paths_.push_back(std::make_unique<std::string>(path));
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back()->c_str(), type, nullptr));
    const int index = count_++;
    MarkMethodRaw(index);
    return index;
  }

  std::vector<std::unique_ptr<std::string>> paths_;  // gRPC keeps the pointers
  int count_ = 0;
};

// Whether the completion queue still takes operations: gRPC aborts the process if one comes later.
// Thread-safe.
class Gate {
 public:
  // Runs `start` if the gate is open, and tells whether it was.
  template <class F>
  bool IfOpen(F start) {
    const std::shared_lock lock(mutex_);
    if (open_) start();
    return open_;
  }
  void Close() {
    const std::unique_lock lock(mutex_);
    open_ = false;
  }

 private:
  std::shared_mutex mutex_;
  bool open_ = true;
};

}  // namespace seatsaga
