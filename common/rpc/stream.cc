#include "common/rpc/stream.h"

#include <utility>

#include "common/rpc/convert.h"
#include "common/rpc/request.h"

namespace seatsaga {
namespace {

const grpc::Status& ShuttingDown() {
  static const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "shutting down");
  return status;
}

}  // namespace

bool OpenStreams::Add(Stream& stream) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  streams_.insert(&stream);
  count_ = streams_.size();
  return true;
}

void OpenStreams::Remove(Stream& stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(&stream);
  count_ = streams_.size();
}

bool OpenStreams::AddUnsent(size_t bytes, size_t own) {
  const size_t all = unsent_bytes_ += bytes;
  if (all <= kUnsentBytesOfAllMax || own + bytes <= kUnsentBytesOfAllMax / (count_ + 1)) {
    return true;
  }
  unsent_bytes_ -= bytes;
  return false;
}

void OpenStreams::EndAll() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (Stream* stream : streams_) stream->Finish(ShuttingDown());
}

Stream::Stream(StreamMethod& method, grpc::ServerCompletionQueue* queue, std::shared_ptr<Gate> gate)
    : method_(method), queue_(queue), gate_(std::move(gate)), responder_(&context_) {}

void Stream::Listen(StreamMethod& method, grpc::ServerCompletionQueue* queue,
                    const std::shared_ptr<Gate>& gate) {
  auto* stream = new Stream(method, queue, gate);
  stream->context_.AsyncNotifyWhenDone(stream->done_.tag());
  method.service->Request(method.index, &stream->context_, &stream->responder_, queue,
                          stream->accepted_.tag());
}

void Stream::OnAccepted(bool ok) {
  if (!ok) {  // the server shuts down; for a call that never came, done_ does not come either
    delete this;
    return;
  }
  under_way_ = 1;  // done_
  ++method_.streams;
  connection_ = ConnectionOf(context_, **method_.door);
  if (connection_ != nullptr) connection_->StreamArrived();
  gate_->IfOpen([this] { Listen(method_, queue_, gate_); });
  if (!method_.open->Add(*this)) {
    Finish(ShuttingDown());
  } else if (method_.streams > method_.streams_max) {
    Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many streams of this method; close some"});
  } else {
    Read();
  }
}

void Stream::Read() {
  const std::lock_guard lock(mutex_);
  if (over_) return;
  if (writing_) {
    wants_read_ = true;
  } else {
    Start([this] { responder_.Read(&message_, read_.tag()); });
  }
}

void Stream::OnRead(bool ok) {
  if (ok) {
    if (connection_ != nullptr) connection_->StreamMessageArrived(message_.Length());
    method_.handler->OnMessage(*this, message_);
    Read();
  } else {
    method_.handler->OnHalfClose(*this);
  }
  Ended();
}

bool Stream::Write(grpc::ByteBuffer message) {
  const std::lock_guard lock(mutex_);
  if (over_) return false;
  if (!Queue(std::move(message))) {
    Cut();
    status_ = ToGrpc(SlowReaderError());  // after the write that waits for the client
    if (!writing_) WriteNext();
    return false;
  }
  if (!writing_) WriteNext();
  return true;
}

bool Stream::Queue(grpc::ByteBuffer message) {
  const size_t bytes = message.Length();
  if (unwritten_.size() == ServerStream::kUnsentMax ||
      unwritten_bytes_ + bytes > ServerStream::kUnsentBytesMax ||
      !method_.open->AddUnsent(bytes, unwritten_bytes_)) {
    return false;
  }
  unwritten_bytes_ += bytes;
  unwritten_.push_back(std::move(message));
  return true;
}

bool Stream::open() {
  const std::lock_guard lock(mutex_);
  return !over_;
}

// The next message, or the end if there is none.
void Stream::WriteNext() {
  writing_ = !unwritten_.empty();
  if (writing_) {
    const size_t bytes = unwritten_.front().Length();
    Start([this] { responder_.Write(unwritten_.front(), written_.tag()); });
    unwritten_.pop_front();
    unwritten_bytes_ -= bytes;
    method_.open->RemoveUnsent(bytes);
  } else if (status_.has_value()) {
    Start([this] { responder_.Finish(*status_, finished_.tag()); });
    status_.reset();
  }
}

// With mutex_ held: nothing more is sent of what was written.
void Stream::Cut() {
  over_ = true;
  unwritten_.clear();
  method_.open->RemoveUnsent(std::exchange(unwritten_bytes_, 0));
  status_.reset();
}

void Stream::OnWritten(bool ok) {
  bool read = false;
  absl::AnyInvocable<void() &&> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (!ok) Cut();
    WriteNext();
    if (!writing_) read = std::exchange(wants_read_, false);
    waiting = TakeWaiting();
  }
  if (waiting) std::move(waiting)();
  if (read) Read();
  Ended();
}

absl::AnyInvocable<void() &&> Stream::WhenUnsentBelow(int unsent,
                                                      absl::AnyInvocable<void() &&> then) {
  const std::lock_guard lock(mutex_);
  waits_below_ = unsent;
  std::swap(waiting_, then);  // what waited before is dropped once the lock is free
  return TakeWaiting();
}

absl::AnyInvocable<void() &&> Stream::TakeWaiting() {
  if (!over_ && unsent() >= waits_below_) return nullptr;
  return std::exchange(waiting_, nullptr);
}

void Stream::Finish(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(over_, true)) return;
  status_ = status;
  if (!writing_) WriteNext();
}

void Stream::OnFinished(bool /*ok*/) { Ended(); }

void Stream::OnDone(bool /*ok*/) {
  absl::AnyInvocable<void() &&> waiting;
  {
    const std::lock_guard lock(mutex_);
    Cut();
    waiting = TakeWaiting();
  }
  if (waiting) std::move(waiting)();
  Ended();
}

// With mutex_ held. A queue that is shut down takes no more; then done_ is on its way.
template <class F>
void Stream::Start(F operation) {
  gate_->IfOpen([&] {
    ++under_way_;
    operation();
  });
}

// The last operation to end, done_ among them, frees the stream.
void Stream::Ended() {
  {
    const std::lock_guard lock(mutex_);
    if (--under_way_ > 0) return;
  }
  --method_.streams;
  if (connection_ != nullptr) connection_->StreamEnded();
  method_.open->Remove(*this);
  method_.handler->OnEnd(*this);
  delete this;
}

}  // namespace seatsaga
