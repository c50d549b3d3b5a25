#include "common/rpc/server.h"

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/rpc/call.h"
#include "common/rpc/client.h"
#include "common/rpc/convert.h"
#include "common/rpc/front_door.h"
#include "common/rpc/health.h"
#include "common/rpc/listen_address.h"
#include "common/rpc/raw_service.h"
#include "common/rpc/reflection.h"
#include "common/rpc/stream.h"
#include "common/rpc/typed_streams.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// Calls of one method that may arrive before the I/O thread requests more from gRPC.
constexpr int kSlotsPerMethod = 16;
// Above the limit that we answer for with details, gRPC itself cuts the message off.
constexpr size_t kHardLimitFactor = 8;

// Calls of one connection at once; a client keeps further ones back. gRPC holds those to it that
// say they know it (docs/security.md).
constexpr int kCallsPerConnectionMax = 4096;
// Names and values of a call's metadata.
constexpr int kMetadataBytesMax = 8 << 10;
// From the connection to the client's first frame.
constexpr int kHandshakeMs = 10'000;
// gRPC works on so much of one connection before it looks at the next: of a flood's smallest frames
// these are a thousand.
constexpr int kReadBytesMax = 16 << 10;
// A client may send a ping so often, also without a call: every 10 s is usual.
constexpr int kPingIntervalMs = 5'000;

// gRPC's own log lines are for its developers; we log what an operator must know ourselves.
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
    }
    return *raw;
  }
  // Those that a linked .proto defines.
  RawService& Service(const MethodInfo& method) {
    const std::string& name = method.descriptor->service()->full_name();
    if (!services.contains(name)) reflection.AddService(name);
    return Service(name);
  }
  void AddUnary(const MethodInfo& method, RawHandler handler, bool deadline_required) {
    RawService& raw = Service(method);
    methods.push_back(
        std::make_unique<UnaryMethod>(UnaryMethod{.service = &raw,
                                                  .index = raw.AddUnary(method.path),
                                                  .handler = std::move(handler),
                                                  .door = &door,
                                                  .request_bytes_max = options.request_bytes_max,
                                                  .deadline_required = deadline_required}));
  }
  void AddStream(const MethodInfo& method, const google::protobuf::Message& prototype,
                 RawStreamHandler handler, int max) {
    typed.push_back(
        std::make_unique<TypedStreams>(prototype, options.request_bytes_max, std::move(handler)));
    AddStream(Service(method), method.path, *typed.back(), max);
  }
  void AddStream(RawService& raw, const std::string& path, StreamHandler& handler, int max) {
    streams.push_back(std::make_unique<StreamMethod>(StreamMethod{.service = &raw,
                                                                  .index = raw.AddStream(path),
                                                                  .handler = &handler,
                                                                  .open = &open_streams,
                                                                  .door = &door,
                                                                  .streams_max = max}));
  }

  RpcServerOptions options;
  grpc::ServerBuilder builder;
  grpc::ServerCompletionQueue* queue = nullptr;
  std::unique_ptr<IoThread> io;
  std::shared_ptr<Gate> gate = std::make_shared<Gate>();
  std::map<std::string, std::unique_ptr<RawService>, std::less<>> services;
  std::vector<std::unique_ptr<UnaryMethod>> methods;
  std::vector<std::unique_ptr<TypedStreams>> typed;
  std::vector<std::unique_ptr<StreamMethod>> streams;
  OpenStreams open_streams;
  HealthService health;
  ReflectionService reflection;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  std::optional<FrontDoor> door;  // set before the server starts
  std::unique_ptr<grpc::Server> server;
  ListenAddress address;
};

RpcServer::RpcServer(RpcServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

RpcServer::~RpcServer() { Shutdown(absl::ZeroDuration()); }

std::unique_ptr<Channel> RpcServer::Connect(const std::string& target) {
  return std::make_unique<RpcChannel>(*impl_->io, target);
}

void RpcServer::ServeRaw(const MethodInfo& method, RawHandler handler) {
  if (!impl_->options.listeners.contains(method.listener)) return;
  impl_->AddUnary(method, std::move(handler), /*deadline_required=*/true);
}

void RpcServer::ServeRawStream(const MethodInfo& method, const google::protobuf::Message& prototype,
                               RawStreamHandler handler) {
  if (!impl_->options.listeners.contains(method.listener)) return;
  impl_->AddStream(method, prototype, std::move(handler), impl_->options.streams_max);
}

// What every gRPC server is expected to speak besides its own APIs.
void RpcServer::AddStandardServices() {
  impl_->AddUnary(kHealthCheck.info(),
                  UnaryHandler(kHealthCheck,
                               [this](const HealthService::Request& request, const CallContext&,
                                      Reply<HealthService::Response> reply) {
                                 impl_->health.Check(request, std::move(reply));
                               }),
                  /*deadline_required=*/false);  // others decide how supervisors call
  impl_->AddStream(kHealthWatch.info(), HealthService::Request::default_instance(),
                   StreamHandlerOf(kHealthWatch,
                                   [this](const HealthService::Request& request, const CallContext&,
                                          StreamOf<HealthService::Response> stream) {
                                     impl_->health.Watch(request, std::move(stream));
                                   }),
                   HealthService::kWatchersMax);
  const auto add_reflection = [this](const std::string& service) {
    impl_->reflection.AddService(service);
    impl_->AddStream(impl_->Service(service), Cat("/", service, "/ServerReflectionInfo"),
                     impl_->reflection, ReflectionService::kStreamsMax);
  };
  add_reflection("grpc.reflection.v1.ServerReflection");
  add_reflection("grpc.reflection.v1alpha.ServerReflection");
}

// gRPC's part of the bounds.
void RpcServer::SetBounds() {
  auto& builder = impl_->builder;
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(impl_->options.request_bytes_max * kHardLimitFactor));
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_TCP_MAX_READ_CHUNK_SIZE, kReadBytesMax);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);  // statistics that nobody reads
}

absl::Status RpcServer::Start() {
  auto address = ParseListenAddress(impl_->options.listen);
  if (!address.ok()) return address.status();
  auto listener = ListeningSockets::Open(*address);
  if (!listener.ok()) return listener.status();
  impl_->address = *std::move(address);

  AddStandardServices();
  SetBounds();
  auto& builder = impl_->builder;
  for (auto& [name, service] : impl_->services) builder.RegisterService(service.get());
  impl_->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      grpc::InsecureServerCredentials());
  impl_->door.emplace(*std::move(listener), impl_->options.connections, *impl_->io, [this](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    impl_->acceptor->HandleNewConnection(&connection);
  });
  impl_->server = builder.BuildAndStart();
  if (impl_->server == nullptr) return absl::InternalError("gRPC does not start a server");
  for (auto& method : impl_->methods) {
    for (int i = 0; i < kSlotsPerMethod; ++i) Call::Listen(*method, impl_->queue, impl_->gate);
  }
  for (auto& stream : impl_->streams) Stream::Listen(*stream, impl_->queue, impl_->gate);
  impl_->io->Start();
  return impl_->door->Start();
}

std::string RpcServer::address() const { return impl_->address.ToString(port()); }

int RpcServer::port() const { return impl_->door.has_value() ? impl_->door->port() : 0; }

void RpcServer::SetServing(bool serving) { impl_->health.SetServing(serving); }

void RpcServer::Shutdown(absl::Duration drain) {
  if (impl_->server == nullptr) return;
  impl_->door->StopAccepting();
  impl_->open_streams.EndAll();
  impl_->server->Shutdown(ToGrpc(SystemClock().Now() + drain));
  impl_->gate->Close();
  impl_->io->Stop();
  impl_->door->Stop();
  impl_->server.reset();
}

IoThread& RpcServer::io() { return *impl_->io; }

}  // namespace seatsaga
