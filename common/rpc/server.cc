#include "common/rpc/server.h"

#include <google/protobuf/descriptor.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/grpc_library.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/rpc/health.h"
#include "common/rpc/status.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Calls of one method that may arrive before the I/O thread has come round to ask for more.
constexpr int kSlotsPerMethod = 16;
// Above the limit that we answer for with details, gRPC itself cuts the message off.
constexpr size_t kHardLimitFactor = 8;

// The methods of one proto service, all raw: bytes in, bytes out.
class RawService final : public grpc::Service {
 public:
  // Returns the method's index.
  int Add(const std::string& path) {
    paths_.push_back(std::make_unique<std::string>(path));
    AddMethod(new grpc::internal::RpcServiceMethod(paths_.back()->c_str(),
                                                   grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    const int index = count_++;
    MarkMethodRaw(index);
    return index;
  }
  void Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
               grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>* responder,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncUnary(index, context, request, responder, queue, queue, tag);
  }

 private:
  std::vector<std::unique_ptr<std::string>> paths_;  // gRPC keeps the pointers
  int count_ = 0;
};

struct Method {
  RawService* service = nullptr;
  int index = 0;
  std::function<void(ServerCall*)> handler;
};

// Whether the completion queue still takes operations: gRPC aborts the process if one comes later.
// Those who start one hold it shared.
struct Gate {
  std::shared_mutex mutex;
  bool open = true;
};

// Listens for one call, serves it, and deletes itself once its answer has gone out.
class Call final : public ServerCall, public IoEvent {
 public:
  Call(const Method& method, grpc::ServerCompletionQueue* queue, size_t bytes_max,
       std::shared_ptr<Gate> gate)
      : method_(method),
        queue_(queue),
        bytes_max_(bytes_max),
        gate_(std::move(gate)),
        responder_(&context_) {}

  static void Listen(const Method& method, grpc::ServerCompletionQueue* queue, size_t bytes_max,
                     const std::shared_ptr<Gate>& gate) {
    auto* call = new Call(method, queue, bytes_max, gate);
    method.service->Request(method.index, &call->context_, &call->request_, &call->responder_,
                            queue, call->tag());
  }

  void OnEvent(bool ok) override {
    if (arrived_ || !ok) {  // answered, or the server shuts down
      delete this;
      return;
    }
    arrived_ = true;
    if (!IfOpen([this] { Listen(method_, queue_, bytes_max_, gate_); })) return;
    deadline_ = absl::FromChrono(context_.deadline());
    method_.handler(this);
  }

  bool ParseRequest(google::protobuf::Message& request) override {
    if (context_.deadline() == std::chrono::system_clock::time_point::max()) {
      Fail(MakeError(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED",
                     "the call has no deadline; set one (grpcurl -max-time 10, buf curl --timeout "
                     "10s, context.set_deadline)"));
      return false;
    }
    if (request_.Length() > bytes_max_) {
      Fail(MakeError(absl::StatusCode::kInvalidArgument, "MESSAGE_TOO_LARGE",
                     Cat("the request has ", request_.Length(), " bytes; at most ", bytes_max_,
                         " are allowed: split it")));
      return false;
    }
    grpc::ProtoBufferReader reader(&request_);
    if (!request.ParseFromZeroCopyStream(&reader)) {
      Fail(MakeError(absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
                     Cat("the request is not a valid ", request.GetTypeName(),
                         " (wrong wire format, or text that is not UTF-8)")));
      return false;
    }
    request_.Clear();
    return true;
  }

  void Finish(const google::protobuf::Message& response) override {
    const grpc::ByteBuffer bytes = ToGrpc(response);
    IfOpen([&] { responder_.Finish(bytes, grpc::Status::OK, tag()); });
  }

  void Fail(const absl::Status& status) override {
    IfOpen([&] { responder_.FinishWithError(ToGrpc(status), tag()); });
  }

  absl::Time deadline() const override { return deadline_; }

 private:
  // Runs `start`; or, once the server has shut down, ends this call, which nobody waits for.
  template <class F>
  bool IfOpen(F start) {
    const std::shared_ptr<Gate> gate = gate_;  // the I/O thread may delete this once `start` ran
    std::shared_lock lock(gate->mutex);
    if (gate->open) {
      start();
      return true;
    }
    lock.unlock();
    delete this;
    return false;
  }
  // The queue hands back an untyped pointer, which IoThread takes for an IoEvent.
  void* tag() { return static_cast<IoEvent*>(this); }

  const Method& method_;
  grpc::ServerCompletionQueue* queue_;
  const size_t bytes_max_;
  const std::shared_ptr<Gate> gate_;
  grpc::GrpcLibraryCodegen library_;  // an unanswered call may outlive the server
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_;
  absl::Time deadline_;
  bool arrived_ = false;
};

// gRPC's own lines are for its developers: what an operator must know of them, we say ourselves.
void LogForGrpc(gpr_log_func_args* line) { log::Debug("grpc", {}, line->message); }

void EnableReflection() {
  static const bool once = [] {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)once;
}

}  // namespace

struct RpcServer::Impl {
  explicit Impl(RpcServerOptions given) : options(std::move(given)) {
    gpr_set_log_function(LogForGrpc);
    EnableReflection();
    grpc::EnableDefaultHealthCheckService(false);
    auto server_queue = builder.AddCompletionQueue();
    queue = server_queue.get();
    io = std::make_unique<IoThread>(std::move(server_queue));
  }

  RpcServerOptions options;
  grpc::ServerBuilder builder;
  grpc::ServerCompletionQueue* queue = nullptr;
  std::unique_ptr<IoThread> io;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::map<std::string, std::unique_ptr<RawService>, std::less<>> services;
  std::vector<std::unique_ptr<Method>> methods;
  HealthService health;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

RpcServer::RpcServer(RpcServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

RpcServer::~RpcServer() { Shutdown(absl::Now()); }

void RpcServer::HandleRaw(std::string_view method, RawHandler handler) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(AbslView(method), '/');
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(parts.first);
  if (service == nullptr || service->FindMethodByName(parts.second) == nullptr) {
    log::Error("unknown_method", {{"method", std::string(method)}}, "no linked .proto defines it");
    std::abort();
  }
  auto& raw = impl_->services[parts.first];
  if (raw == nullptr) {
    raw = std::make_unique<RawService>();
    impl_->health.AddService(parts.first);
  }
  impl_->methods.push_back(
      std::make_unique<Method>(Method{raw.get(), raw->Add(Cat("/", method)), std::move(handler)}));
}

absl::Status RpcServer::Start() {
  auto& builder = impl_->builder;
  for (auto& [name, service] : impl_->services) builder.RegisterService(service.get());
  builder.RegisterService(&impl_->health);
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(impl_->options.request_bytes_max * kHardLimitFactor));
  builder.SetMaxSendMessageSize(-1);
  // A second process on the same port must be told so, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 2);
  builder.AddListeningPort(impl_->options.listen, grpc::InsecureServerCredentials(), &impl_->port);
  impl_->server = builder.BuildAndStart();
  const bool is_unix = absl::StartsWith(impl_->options.listen, "unix:");
  if (impl_->server == nullptr || (impl_->port <= 0 && !is_unix)) {
    return absl::UnavailableError(
        Cat("cannot listen on ", impl_->options.listen,
            ": the address is in use or not allowed; choose another with --listen"));
  }
  if (is_unix) impl_->port = 0;
  for (auto& method : impl_->methods) {
    for (int i = 0; i < kSlotsPerMethod; ++i) {
      Call::Listen(*method, impl_->queue, impl_->options.request_bytes_max, impl_->gate);
    }
  }
  impl_->io->Start();
  return absl::OkStatus();
}

int RpcServer::port() const { return impl_->port; }

void RpcServer::SetServing(bool serving) { impl_->health.SetServing(serving); }

void RpcServer::Shutdown(absl::Time deadline) {
  if (impl_->server == nullptr) return;
  impl_->health.Stop();
  impl_->server->Shutdown(absl::ToChronoTime(deadline));
  {
    const std::unique_lock lock(impl_->gate->mutex);
    impl_->gate->open = false;
  }
  impl_->io->Stop();
  impl_->server.reset();
}

IoThread& RpcServer::io() { return *impl_->io; }

}  // namespace seatsaga
