#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "bench/in_process/must.h"
#include "common/reply.h"

// Calls as they stand on the wire, which is all that two services have in common. What gRPC adds to
// the bytes is left out.
namespace seatsaga::bench {

using WireSink = std::function<void(std::string)>;

template <class Message>
Message FromWire(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) Die("a message cannot be parsed");
  return message;
}

// A reply whose answer is turned into `Response` by `to_response` and goes to `sink`. Whatever is
// measured here must succeed.
template <class Answer, class F>
Reply<Answer> WireReply(WireSink sink, F to_response) {
  return Reply<Answer>(
      [sink = std::move(sink), to_response](absl::StatusOr<Answer> answer) mutable {
        sink(to_response(Must(std::move(answer))).SerializeAsString());
      });
}

}  // namespace seatsaga::bench
