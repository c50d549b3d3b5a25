#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/grpc_library.h>

#include <memory>
#include <optional>
#include <string>

#include "common/rpc/io_thread.h"
#include "common/rpc/raw_service.h"
#include "common/rpc/request.h"
#include "common/wire/wire.h"

namespace seatsaga {

// A unary method of a server.
struct UnaryMethod {
  RawService* service = nullptr;
  int index = 0;
  Wire::RawHandler handler;
  std::optional<FrontDoor>* door = nullptr;  // set once a call arrives
  size_t request_bytes_max = 0;
  bool deadline_required = true;
};

// Listens for one unary call, serves it, and deletes itself once its answer has gone out. Only for
// common/rpc.
class Call final : public ServerCall, public IoEvent {
 public:
  // `method` must live as long as the server.
  static void Listen(const UnaryMethod& method, grpc::ServerCompletionQueue* queue,
                     const std::shared_ptr<Gate>& gate);

  void OnEvent(bool ok) override;

  bool ParseRequest(google::protobuf::Message& request) override;
  void Finish(const google::protobuf::Message& response) override;
  void Fail(const absl::Status& status) override;

  Mono arrival() const override { return about_.arrival(); }
  Mono deadline() const override { return about_.deadline(); }
  std::string peer() const override { return about_.peer(); }
  std::string metadata(std::string_view name) const override { return about_.metadata(name); }

 private:
  Call(const UnaryMethod& method, grpc::ServerCompletionQueue* queue, std::shared_ptr<Gate> gate)
      : method_(method), queue_(queue), gate_(std::move(gate)), responder_(&context_) {}

  void Arrive();
  void StartAnswer(size_t bytes);
  void EndAnswer(bool sent);
  template <class F>
  bool IfOpen(F start);
  // The queue hands back an untyped pointer, which IoThread takes for an IoEvent.
  void* tag() { return static_cast<IoEvent*>(this); }

  const UnaryMethod& method_;
  grpc::ServerCompletionQueue* const queue_;
  const std::shared_ptr<Gate> gate_;
  grpc::GrpcLibraryCodegen library_;  // an unanswered call may outlive the server
  grpc::ServerContext context_;
  const RpcContext about_{context_};
  grpc::ByteBuffer request_;
  grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> responder_;
  bool arrived_ = false;
  std::shared_ptr<ConnectionCounts> connection_;  // once arrived; null if it is not known
  size_t answer_bytes_ = 0;
};

}  // namespace seatsaga
