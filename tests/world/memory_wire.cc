#include "tests/world/memory_wire.h"

#include <utility>

#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::testing {
namespace {

class Context : public ServerCall {
 public:
  // `clock` is the server's.
  Context(Network& network, const Clock& clock, Network::CallPtr call)
      : network_(network),
        call_(std::move(call)),
        arrival_(clock.Now()),
        deadline_(arrival_ + (call_->deadline - network.now())) {}

  Mono arrival() const override { return arrival_; }
  Mono deadline() const override { return deadline_; }
  std::string peer() const override { return call_->caller->process; }
  std::string metadata(std::string_view name) const override {
    const auto it = call_->metadata.find(std::string(name));
    return it == call_->metadata.end() ? "" : it->second;
  }

  bool ParseRequest(google::protobuf::Message& request) override {
    if (request.ParseFromString(call_->request)) return true;
    Fail(MakeError(absl::StatusCode::kInvalidArgument, "MALFORMED_MESSAGE",
                   Cat("the request is not a valid ", request.GetTypeName())));
    return false;
  }
  void Finish(const google::protobuf::Message& response) override {
    network_.SendAnswer(call_, response.SerializeAsString());
    delete this;
  }
  void Fail(const absl::Status& status) override {
    network_.SendEnd(call_, status);
    delete this;
  }

 private:
  Network& network_;
  const Network::CallPtr call_;
  const Mono arrival_;
  const Mono deadline_;
};

class MemoryStream final : public ServerStream {
 public:
  MemoryStream(Network& network, Network::CallPtr call)
      : network_(network), call_(std::move(call)) {}
  ~MemoryStream() override { Finish(absl::UnavailableError("the server dropped the stream")); }

  bool Write(const google::protobuf::Message& message) override {
    if (!open()) return false;
    if (call_->unread == kUnsentMax) {
      Finish(SlowReaderError());
      return false;
    }
    network_.SendMessage(call_, message.SerializeAsString());
    return true;
  }
  void Finish(const absl::Status& status) override { network_.SendEnd(call_, status); }
  bool open() const override { return !call_->answered && !call_->ended; }
  void WhenUnsentBelow(int unsent, absl::AnyInvocable<void() &&> then) override {
    call_->waits_below = unsent;
    call_->when_read = std::move(then);
    network_.TellRead(*call_);
  }

 private:
  Network& network_;
  const Network::CallPtr call_;
};

}  // namespace

std::unique_ptr<Channel> MemoryWire::Connect(const std::string& target) {
  return std::make_unique<MemoryChannel>(network_, life_, target);
}

void MemoryWire::ServeRaw(const MethodInfo& method, RawHandler handler) {
  methods_[method.path] = [this, handler = std::move(handler)](const Network::CallPtr& call) {
    handler(new Context(network_, clock_, call));
  };
}

void MemoryWire::ServeRawStream(const MethodInfo& method,
                                const google::protobuf::Message& prototype,
                                RawStreamHandler handler) {
  methods_[method.path] = [this, &prototype,
                           handler = std::move(handler)](const Network::CallPtr& call) {
    auto context = std::make_unique<Context>(network_, clock_, call);
    const std::unique_ptr<google::protobuf::Message> request(prototype.New());
    if (!context->ParseRequest(*request)) {
      static_cast<void>(context.release());  // it has freed itself
      return;
    }
    handler(*request, *context, std::make_shared<MemoryStream>(network_, call));
  };
}

absl::Status MemoryWire::Start() {
  network_.Open(life_->process, *this);
  return absl::OkStatus();
}

void MemoryWire::Shutdown(absl::Duration /*drain*/) {
  if (std::exchange(shut_down_, true)) return;
  serving_ = false;
  network_.Close(life_->process, *this);
  network_.EndCallsOf(life_);
}

void MemoryWire::Accept(const Network::CallPtr& call) {
  const auto it = methods_.find(call->method->path);
  if (it == methods_.end()) {
    return network_.SendEnd(call, absl::UnimplementedError(call->method->path));
  }
  it->second(call);
}

void ExpectAnswer(NetworkCall& call, google::protobuf::Message* response,
                  absl::AnyInvocable<void(absl::Status) &&> done) {
  const auto parsed = std::make_shared<bool>(false);
  call.on_message = [response, parsed](std::string_view bytes) {
    *parsed = response->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  };
  call.on_end = [parsed, done = std::move(done)](absl::Status status) mutable {
    if (status.ok() && !*parsed) {
      status = absl::InternalError("the server's answer cannot be parsed");
    }
    std::move(done)(std::move(status));
  };
}

void MemoryChannel::CallRaw(const MethodInfo& method, const google::protobuf::Message& request,
                            absl::Duration deadline, google::protobuf::Message* response,
                            absl::AnyInvocable<void(absl::Status) &&> done) {
  auto call = std::make_shared<NetworkCall>();
  call->caller = caller_;
  call->to = target_;
  call->method = &method;
  call->request = request.SerializeAsString();
  call->deadline = network_.now() + deadline;
  ExpectAnswer(*call, response, std::move(done));
  network_.Start(std::move(call));
}

}  // namespace seatsaga::testing
