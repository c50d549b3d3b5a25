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
    delete this;
    return;
  }
  arrived_ = true;
  if (!IfOpen([this] { Listen(method_, queue_, gate_); })) return;
  method_.handler(this);
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
  IfOpen([&] { responder_.Finish(bytes, grpc::Status::OK, tag()); });
}

void Call::Fail(const absl::Status& status) {
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
