#include "common/rpc/convert.h"

#include <grpcpp/support/proto_buffer_reader.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "common/errors.h"
#include "common/text.h"
#include "google/rpc/status.pb.h"

namespace seatsaga {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (!absl::StartsWith(url, AbslView(kDetailPrefix))) return;
    auto* any = details.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
  });
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
          details.SerializeAsString()};
}

grpc::ByteBuffer ToGrpc(const google::protobuf::Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  return {&slice, 1};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      result.SetPayload(any.type_url(), absl::Cord(any.value()));
    }
  }
  return result;
}

bool FromGrpc(grpc::ByteBuffer& bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(&bytes);
  return message.ParseFromZeroCopyStream(&reader);
}

gpr_timespec ToGrpc(Mono moment) {
  if (moment == Mono::InfiniteFuture()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  if (moment == Mono::InfinitePast()) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  return gpr_time_from_nanos(moment.nanos(), GPR_CLOCK_MONOTONIC);
}

Mono FromGrpc(gpr_timespec moment) {
  if (gpr_time_cmp(moment, gpr_inf_future(moment.clock_type)) == 0) return Mono::InfiniteFuture();
  if (gpr_time_cmp(moment, gpr_inf_past(moment.clock_type)) == 0) return Mono::InfinitePast();
  const gpr_timespec mono = gpr_convert_clock_type(moment, GPR_CLOCK_MONOTONIC);
  return Mono::FromNanos(mono.tv_sec * int64_t{GPR_NS_PER_SEC} + mono.tv_nsec);
}

}  // namespace seatsaga
