#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/grpc_library.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "absl/functional/any_invocable.h"
#include "common/rpc/front_door.h"
#include "common/rpc/io_thread.h"
#include "common/rpc/raw_service.h"
#include "common/wire/wire.h"

namespace seatsaga {

class Stream;

// What a streaming method does. Called on the I/O thread, and for one stream never twice at once.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // A message of the client. The next one is read when everything written has gone out.
  virtual void OnMessage(Stream& stream, grpc::ByteBuffer& message) = 0;
  // The client will send no more.
  virtual void OnHalfClose(Stream& stream) = 0;
  // The stream is over and will be freed: finished, or its client has gone.
  virtual void OnEnd(Stream& stream) = 0;
};

// The streams of a server that its clients hold open, so that it can end them when it drains.
// Otherwise it would wait until the clients end them. Thread-safe.
class OpenStreams {
 public:
  // False once EndAll was called: then the stream must be finished.
  bool Add(Stream& stream);
  // When it returns, `stream` may be freed.
  void Remove(Stream& stream);
  // Finishes all streams, UNAVAILABLE.
  void EndAll();

  // Counts bytes that wait to be sent. False, and counts nothing, when the streams together would
  // have more than kUnsentBytesOfAllMax and this one, which has `own`, more than an equal share.
  // So slow readers cannot fill the memory, and do not cost the others their streams.
  bool AddUnsent(size_t bytes, size_t own);
  void RemoveUnsent(size_t bytes) { unsent_bytes_ -= bytes; }

 private:
  static constexpr size_t kUnsentBytesOfAllMax = 64 << 20;

  std::mutex mutex_;
  std::set<Stream*> streams_;
  bool ended_ = false;
  // Without the mutex, which is held while streams lock theirs.
  std::atomic<size_t> count_ = 0;
  std::atomic<size_t> unsent_bytes_ = 0;
};

// A streaming method of a server.
struct StreamMethod {
  RawService* service = nullptr;
  int index = 0;
  StreamHandler* handler = nullptr;
  OpenStreams* open = nullptr;
  std::optional<FrontDoor>* door = nullptr;  // set once a stream arrives
  int streams_max = 0;                       // at once; one more is answered RESOURCE_EXHAUSTED
  int streams = 0;                           // I/O thread only
};

// One call of a streaming method. Frees itself. Only for common/rpc.
class Stream {
 public:
  // Waits for the next call of `method`, which must live as long as the server.
  static void Listen(StreamMethod& method, grpc::ServerCompletionQueue* queue,
                     const std::shared_ptr<Gate>& gate);

  // Any thread; until OnEnd has returned. What was written goes out before the end; nothing happens
  // once it is finished. Write is false once the stream is over. If its client does not read, so
  // that ServerStream::kUnsentMax messages or too many bytes wait, they are dropped and the stream
  // ends RESOURCE_EXHAUSTED.
  bool Write(grpc::ByteBuffer message);
  void Finish(const grpc::Status& status);
  bool open();
  // As ServerStream says, but returns `then` if it is to be called at once; null if not.
  absl::AnyInvocable<void() &&> WhenUnsentBelow(int unsent, absl::AnyInvocable<void() &&> then);

  // In the handler's methods.
  const grpc::ServerContext& context() const { return context_; }

 private:
  // An operation whose end comes out of the completion queue.
  class Operation final : public IoEvent {
   public:
    Operation(Stream& stream, void (Stream::*ended)(bool)) : stream_(stream), ended_(ended) {}
    void OnEvent(bool ok) override { (stream_.*ended_)(ok); }
    void* tag() { return static_cast<IoEvent*>(this); }

   private:
    Stream& stream_;
    void (Stream::*const ended_)(bool);
  };

  Stream(StreamMethod& method, grpc::ServerCompletionQueue* queue, std::shared_ptr<Gate> gate);

  void OnAccepted(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnDone(bool ok);

  void Read();
  // With mutex_ held.
  bool Queue(grpc::ByteBuffer message);
  void WriteNext();
  void Cut();
  int unsent() const { return static_cast<int>(unwritten_.size()) + (writing_ ? 1 : 0); }
  // What waits for the client to read, if it has read enough, or the stream is over; null if not.
  absl::AnyInvocable<void() &&> TakeWaiting();
  template <class F>
  void Start(F operation);
  void Ended();

  StreamMethod& method_;
  grpc::ServerCompletionQueue* const queue_;
  const std::shared_ptr<Gate> gate_;
  grpc::GrpcLibraryCodegen library_;  // may outlive the server
  grpc::ServerContext context_;
  RawService::StreamResponder responder_;
  Operation accepted_{*this, &Stream::OnAccepted};
  Operation read_{*this, &Stream::OnRead};
  Operation written_{*this, &Stream::OnWritten};
  Operation finished_{*this, &Stream::OnFinished};
  Operation done_{*this, &Stream::OnDone};

  std::mutex mutex_;
  int under_way_ = 0;  // operations
  bool writing_ = false;
  bool wants_read_ = false;
  bool over_ = false;                   // finished by us, or the client has gone
  std::optional<grpc::Status> status_;  // to finish with
  std::deque<grpc::ByteBuffer> unwritten_;
  size_t unwritten_bytes_ = 0;
  int waits_below_ = 0;
  absl::AnyInvocable<void() &&> waiting_;
  grpc::ByteBuffer message_;                      // read last
  std::shared_ptr<ConnectionCounts> connection_;  // null if it is not known
};

}  // namespace seatsaga
