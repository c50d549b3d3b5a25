#include "common/rpc/call.h"

#include "common/errors.h"
#include "common/rpc/convert.h"

namespace seatsaga {

void Call::Listen(const UnaryMethod& method, grpc::ServerCompletionQueue* queue,
                  const std::shared_ptr<Gate>& gate) {
  auto* call = new Call(method, queue, gate);
  method.service->Request(method.index, &call->context_, &call->request_, &call->responder_, queue,
                          call->tag());
}

void Call::OnEvent(bool ok) {
  if (arrived_ || !ok) {  // answered, or the server shuts down
    EndAnswer(ok);
    delete this;
    return;
  }
  Arrive();
  if (!IfOpen([this] { Listen(method_, queue_, gate_); })) return;
  method_.handler(this);
}

void Call::Arrive() {
  arrived_ = true;
  connection_ = ConnectionOf(context_, **method_.door);
  if (connection_ != nullptr) connection_->CallArrived(request_.Length());
}

void Call::StartAnswer(size_t bytes) {
  answer_bytes_ = bytes;
  if (connection_ != nullptr) connection_->AnswerStarted(bytes);
}

void Call::EndAnswer(bool sent) {
  if (connection_ != nullptr) connection_->AnswerEnded(answer_bytes_, sent);
}

bool Call::ParseRequest(google::protobuf::Message& request) {
  if (method_.deadline_required && deadline() == Mono::InfiniteFuture()) {
    Fail(MakeError(absl::StatusCode::kInvalidArgument, "DEADLINE_REQUIRED",
                   "the call has no deadline; set one (grpcurl -max-time 10, buf curl --timeout "
                   "10s, context.set_deadline)"));
    return false;
  }
  const absl::Status parsed = seatsaga::ParseRequest(request_, method_.request_bytes_max, request);
  if (!parsed.ok()) Fail(parsed);
  return parsed.ok();
}

void Call::Finish(const google::protobuf::Message& response) {
  const grpc::ByteBuffer bytes = ToGrpc(response);
  StartAnswer(bytes.Length());
  IfOpen([&] { responder_.Finish(bytes, grpc::Status::OK, tag()); });
}

void Call::Fail(const absl::Status& status) {
  StartAnswer(0);
  IfOpen([&] { responder_.FinishWithError(ToGrpc(status), tag()); });
}

// Runs `start`; or, once the server has shut down, ends this call, which nobody waits for.
template <class F>
bool Call::IfOpen(F start) {
  const std::shared_ptr<Gate> gate = gate_;  // the I/O thread may delete this once `start` ran
  if (gate->IfOpen(start)) return true;
  delete this;
  return false;
}

}  // namespace seatsaga
