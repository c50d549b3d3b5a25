#include "common/rpc/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "common/rpc/convert.h"

namespace seatsaga {
namespace {

constexpr int kBackoffMinMs = 50;
constexpr int kBackoffMaxMs = 1000;
// From the connection to the server's first frame. A server under attack lets newcomers in one by
// one, and one that is stopped for a moment answers when it goes on.
constexpr int kConnectMs = 5000;

// One outgoing call; deletes itself when its answer was delivered.
class PendingCall final : public IoEvent {
 public:
  PendingCall(google::protobuf::Message* response, absl::AnyInvocable<void(absl::Status) &&> done)
      : response_(response), done_(std::move(done)) {}

  void Start(grpc::GenericStub& stub, grpc::CompletionQueue* queue, const std::string& path,
             const google::protobuf::Message& request, absl::Duration deadline) {
    context_.set_deadline(ToGrpc(SystemClock().Now() + deadline));
    reader_ = stub.PrepareUnaryCall(&context_, path, ToGrpc(request), queue);
    reader_->StartCall();
    reader_->Finish(&bytes_, &status_, static_cast<IoEvent*>(this));
  }

  void OnEvent(bool /*ok*/) override {
    absl::Status status = FromGrpc(status_);
    if (status.ok() && !FromGrpc(bytes_, *response_)) {
      status = absl::InternalError("the server's answer cannot be parsed");
    }
    std::move(done_)(std::move(status));
    delete this;
  }

 private:
  google::protobuf::Message* response_;
  absl::AnyInvocable<void(absl::Status) &&> done_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader_;
  grpc::ByteBuffer bytes_;
  grpc::Status status_;
};

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kBackoffMinMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMs);  // also of an attempt
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kBackoffMaxMs);
  arguments.SetMaxReceiveMessageSize(-1);
  // Channels of one process to one target do not share a connection: tests cut them one by one.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Whether a call may be made again is for its caller to say, and nobody reads these statistics;
  // together they were a tenth of what a call costs its client.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

struct RpcChannel::Impl {
  Impl(IoThread& given_io, const std::string& target) : io(given_io), stub(Connect(target)) {}

  IoThread& io;
  grpc::GenericStub stub;
};

RpcChannel::RpcChannel(IoThread& io, const std::string& target)
    : impl_(std::make_unique<Impl>(io, target)) {}

RpcChannel::~RpcChannel() = default;

void RpcChannel::CallRaw(const MethodInfo& method, const google::protobuf::Message& request,
                         absl::Duration deadline, google::protobuf::Message* response,
                         absl::AnyInvocable<void(absl::Status) &&> done) {
  auto* call = new PendingCall(response, std::move(done));
  call->Start(impl_->stub, impl_->io.queue(), method.path, request, deadline);
}

}  // namespace seatsaga
