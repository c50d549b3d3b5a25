#include "common/rpc/server.h"

#include <google/protobuf/descriptor.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/grpc_library.h>

#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/rpc/convert.h"
#include "common/rpc/health.h"
#include "common/rpc/raw_service.h"
#include "common/rpc/reflection.h"
#include "common/rpc/stream.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Calls of one method that may arrive before the I/O thread has come round to ask for more.
constexpr int kSlotsPerMethod = 16;
// Above the limit that we answer for with details, gRPC itself cuts the message off.
constexpr size_t kHardLimitFactor = 8;

struct Method {
  RawService* service = nullptr;
  int index = 0;
  std::function<void(ServerCall*)> handler;
  bool deadline_required = true;
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
    if (method_.deadline_required &&
        context_.deadline() == std::chrono::system_clock::time_point::max()) {
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
    if (!FromGrpc(request_, request)) {
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
    if (gate->IfOpen(start)) return true;
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

// Null if no linked .proto defines it.
const google::protobuf::ServiceDescriptor* FindService(const std::string& name) {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
}

// gRPC's own lines are for its developers: what an operator must know of them, we say ourselves.
void LogForGrpc(gpr_log_func_args* line) { log::Debug("grpc", {}, line->message); }

}  // namespace

struct RpcServer::Impl {
  explicit Impl(RpcServerOptions given) : options(std::move(given)) {
    gpr_set_log_function(LogForGrpc);
    grpc::EnableDefaultHealthCheckService(false);
    auto server_queue = builder.AddCompletionQueue();
    queue = server_queue.get();
    io = std::make_unique<IoThread>(std::move(server_queue));
  }

  // The methods of one proto service.
  RawService& Service(const std::string& name) {
    auto& raw = services[name];
    if (raw == nullptr) {
      raw = std::make_unique<RawService>();
      health.AddService(name);
      if (FindService(name) != nullptr) reflection.AddService(name);
    }
    return *raw;
  }
  void AddUnary(RawService& raw, const std::string& path, RawHandler handler) {
    methods.push_back(
        std::make_unique<Method>(Method{&raw, raw.AddUnary(path), std::move(handler)}));
  }
  void AddStream(RawService& raw, const std::string& path, StreamHandler& handler, int max) {
    streams.push_back(std::make_unique<StreamMethod>(StreamMethod{.service = &raw,
                                                                  .index = raw.AddStream(path),
                                                                  .handler = &handler,
                                                                  .open = &open_streams,
                                                                  .streams_max = max}));
  }

  RpcServerOptions options;
  grpc::ServerBuilder builder;
  grpc::ServerCompletionQueue* queue = nullptr;
  std::unique_ptr<IoThread> io;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::map<std::string, std::unique_ptr<RawService>, std::less<>> services;
  std::vector<std::unique_ptr<Method>> methods;
  std::vector<std::unique_ptr<StreamMethod>> streams;
  OpenStreams open_streams;
  HealthService health;
  ReflectionService reflection;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

RpcServer::RpcServer(RpcServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

RpcServer::~RpcServer() { Shutdown(absl::Now()); }

void RpcServer::HandleRaw(std::string_view method, RawHandler handler) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(AbslView(method), '/');
  const auto* service = FindService(parts.first);
  if (service == nullptr || service->FindMethodByName(parts.second) == nullptr) {
    log::Error("unknown_method", {{"method", std::string(method)}}, "no linked .proto defines it");
    std::abort();
  }
  impl_->AddUnary(impl_->Service(parts.first), Cat("/", method), std::move(handler));
}

// What every gRPC server is expected to speak, beside its own APIs.
void RpcServer::AddStandardServices() {
  Handle<HealthService::Request, HealthService::Response>(
      "grpc.health.v1.Health/Check", [this](auto& request, auto reply, absl::Time) {
        impl_->health.Check(request, std::move(reply));
      });
  impl_->methods.back()->deadline_required = false;  // others decide how supervisors ask
  impl_->AddStream(impl_->Service("grpc.health.v1.Health"), "/grpc.health.v1.Health/Watch",
                   impl_->health, HealthService::kWatchersMax);
  for (const char* service :
       {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}) {
    impl_->AddStream(impl_->Service(service), Cat("/", service, "/ServerReflectionInfo"),
                     impl_->reflection, ReflectionService::kStreamsMax);
  }
}

absl::Status RpcServer::Start() {
  AddStandardServices();
  auto& builder = impl_->builder;
  for (auto& [name, service] : impl_->services) builder.RegisterService(service.get());
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(impl_->options.request_bytes_max * kHardLimitFactor));
  builder.SetMaxSendMessageSize(-1);
  // A second process on the same port must be told so, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);  // statistics that nobody reads
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
  for (auto& stream : impl_->streams) Stream::Listen(*stream, impl_->queue, impl_->gate);
  impl_->io->Start();
  return absl::OkStatus();
}

int RpcServer::port() const { return impl_->port; }

void RpcServer::SetServing(bool serving) { impl_->health.SetServing(serving); }

void RpcServer::Shutdown(absl::Time deadline) {
  if (impl_->server == nullptr) return;
  impl_->open_streams.EndAll();
  impl_->server->Shutdown(absl::ToChronoTime(deadline));
  impl_->gate->Close();
  impl_->io->Stop();
  impl_->server.reset();
}

IoThread& RpcServer::io() { return *impl_->io; }

}  // namespace seatsaga
