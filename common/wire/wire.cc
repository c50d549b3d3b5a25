#include "common/wire/wire.h"

#include "common/errors.h"

namespace seatsaga {

absl::Status SlowReaderError() {
  return MakeError(
      absl::StatusCode::kResourceExhausted, "SLOW_READER",
      "too many messages of this stream wait to be read; open it again and read faster");
}

}  // namespace seatsaga
