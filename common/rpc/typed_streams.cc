#include "common/rpc/typed_streams.h"

#include <mutex>
#include <utility>

#include "common/rpc/convert.h"
#include "common/rpc/request.h"

namespace seatsaga {
namespace {

class StreamContext final : public CallContext {
 public:
  explicit StreamContext(const grpc::ServerContext& context) : about_(context) {}
  Mono arrival() const override { return about_.arrival(); }
  Mono deadline() const override { return about_.deadline(); }
  std::string peer() const override { return about_.peer(); }
  std::string metadata(std::string_view name) const override { return about_.metadata(name); }

 private:
  const RpcContext about_;
};

}  // namespace

// Between a stream and what a service holds of it, either of which may go first.
struct TypedStreams::Link {
  std::mutex mutex;
  Stream* stream;  // null once it will be freed
};

class TypedStreams::Handle final : public ServerStream {
 public:
  explicit Handle(std::shared_ptr<Link> link) : link_(std::move(link)) {}
  ~Handle() override { Finish(absl::UnavailableError("the server has dropped this stream")); }

  bool Write(const google::protobuf::Message& message) override {
    const std::lock_guard lock(link_->mutex);
    return link_->stream != nullptr && link_->stream->Write(ToGrpc(message));
  }
  void Finish(const absl::Status& status) override {
    const std::lock_guard lock(link_->mutex);
    if (link_->stream != nullptr) link_->stream->Finish(ToGrpc(status));
  }
  bool open() const override {
    const std::lock_guard lock(link_->mutex);
    return link_->stream != nullptr && link_->stream->open();
  }
  void WhenUnsentBelow(int unsent, absl::AnyInvocable<void() &&> then) override {
    {
      const std::lock_guard lock(link_->mutex);
      if (link_->stream != nullptr) then = link_->stream->WhenUnsentBelow(unsent, std::move(then));
    }
    if (then) std::move(then)();
  }

 private:
  const std::shared_ptr<Link> link_;
};

void TypedStreams::OnMessage(Stream& stream, grpc::ByteBuffer& message) {
  if (open_.contains(&stream)) return;
  const std::unique_ptr<google::protobuf::Message> request(prototype_.New());
  const absl::Status parsed = ParseRequest(message, request_bytes_max_, *request);
  if (!parsed.ok()) return stream.Finish(ToGrpc(parsed));
  auto link = std::make_shared<Link>();
  link->stream = &stream;
  open_.emplace(&stream, link);
  handler_(*request, StreamContext(stream.context()), std::make_shared<Handle>(std::move(link)));
}

void TypedStreams::OnEnd(Stream& stream) {
  const auto it = open_.find(&stream);
  if (it == open_.end()) return;
  {
    const std::lock_guard lock(it->second->mutex);
    it->second->stream = nullptr;
  }
  open_.erase(it);
}

}  // namespace seatsaga
