#include "tests/harness/event_reader.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <utility>

#include "common/text.h"

namespace seatsaga::cluster {
namespace {

constexpr const char* kMethod = "/seatsaga.orchestrator.v1.OrchestratorService/WatchEvents";
constexpr size_t kPrefixSize = 9;  // "seatsaga."
constexpr size_t kWrongMax = 10;
constexpr auto kBetweenTries = std::chrono::milliseconds(20);

}  // namespace

// One call, step by step.
class EventReader::OneStream {
 public:
  explicit OneStream(const std::string& address)
      : stub_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}
  ~OneStream() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Open(const orchestrator::v1::WatchEventsRequest& request) {
    call_ = stub_.PrepareCall(&context_, kMethod, &queue_);
    call_->StartCall(this);
    if (!Done()) return false;
    const grpc::Slice slice(request.SerializeAsString());
    call_->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), this);
    return Done();
  }
  bool Receive(orchestrator::v1::WatchEventsResponse& response) {
    grpc::ByteBuffer bytes;
    call_->Read(&bytes, this);
    if (!Done()) return false;
    std::vector<grpc::Slice> slices;
    if (!bytes.Dump(&slices).ok()) return false;
    std::string text;
    for (const auto& slice : slices) {
      text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return response.ParseFromString(text);
  }
  grpc::Status End() {
    grpc::Status status;
    call_->Finish(&status, this);
    Done();
    return status;
  }
  void Cancel() { context_.TryCancel(); }

 private:
  bool Done() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

EventReader::EventReader(std::string address)
    : address_(std::move(address)), thread_([this] { Run(); }) {}

void EventReader::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (open_ != nullptr) open_->Cancel();
  }
  if (thread_.joinable()) thread_.join();
}

void EventReader::Run() {
  while (!stopping_) {
    OneStream stream(address_);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      open_ = &stream;
    }
    orchestrator::v1::WatchEventsRequest request;
    request.set_cursor(cursor_);
    request.set_from(orchestrator::v1::WATCH_FROM_BEGINNING);
    orchestrator::v1::WatchEventsResponse response;
    if (stream.Open(request)) ++streams_opened_;
    while (stream.Receive(response)) Take(response);
    const grpc::Status end = stream.End();
    const bool expected = end.error_code() == grpc::StatusCode::UNAVAILABLE ||
                          end.error_code() == grpc::StatusCode::CANCELLED;
    if (!expected && wrong_.size() < kWrongMax) {
      wrong_.push_back(Cat("the stream ended: ", end.error_message()));
    }
    {
      const std::lock_guard lock(mutex_);
      open_ = nullptr;
    }
    std::this_thread::sleep_for(kBetweenTries);  // while the server is down
  }
}

// Takes events and cursor together, as a consumer with a database of its own does.
void EventReader::Take(const orchestrator::v1::WatchEventsResponse& response) {
  for (const auto& event : response.events()) {
    int64_t& last = last_[event.partition()];
    if (event.sequence() != last + 1 && wrong_.size() < kWrongMax) {
      wrong_.push_back(Cat(event.id(), " comes after ", last));
    }
    last = event.sequence();
    told_[event.subject()].push_back(event.type().substr(kPrefixSize));
    ++events_read_;
  }
  cursor_ = response.cursor();
}

}  // namespace seatsaga::cluster
