#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

// Errors as callers see them: an absl::Status whose payloads are google.rpc details (ErrorInfo with
// the domain "seatsaga", BadRequest, RetryInfo, PreconditionFailure). common/rpc puts them on the
// wire. All functions are pure and thread-safe.
namespace seatsaga {

inline constexpr std::string_view kErrorDomain = "seatsaga";
// Prefix of a payload's type URL, followed by the full name of the detail's message.
inline constexpr std::string_view kDetailPrefix = "type.googleapis.com/";

// An error with a machine-readable reason in UPPER_SNAKE_CASE. `message` says what to do next.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message);

// The same error with one more entry in its ErrorInfo's metadata.
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);

// FAILED_PRECONDITION with a PreconditionFailure: `subject` is what must change, `message` how.
absl::Status PreconditionError(std::string_view reason, std::string_view subject,
                               std::string_view message);

// RESOURCE_EXHAUSTED (reason OVERLOADED) with RetryInfo; made before any work is done.
absl::Status OverloadedError(absl::Duration retry_after = absl::Milliseconds(100));

// UNAVAILABLE (reason UNAVAILABLE) with RetryInfo.
absl::Status UnavailableError(std::string_view message,
                              absl::Duration retry_after = absl::Seconds(1));

// The same error with RetryInfo: it may go away by itself.
absl::Status WithRetryInfo(absl::Status status, absl::Duration retry_after);

// The reason of a status from here or from the wire; empty if it has none.
std::string ReasonOf(const absl::Status& status);

// The entry of this key in the metadata of a status' ErrorInfo; empty if it has none.
std::string MetadataOf(const absl::Status& status, std::string_view key);

// "field: what is wrong" of each violation in the status' BadRequest.
std::vector<std::pair<std::string, std::string>> FieldViolationsOf(const absl::Status& status);

// How long the status's RetryInfo says to wait; `otherwise` if it has none.
absl::Duration RetryDelayOf(const absl::Status& status, absl::Duration otherwise);

// Collects everything that is wrong with one request, so that the caller can fix it in one go.
class FieldErrors {
 public:
  // `field` as a path ("seat_ids[2]"); `description` says what is wrong and how to fix it.
  void Add(std::string_view field, std::string_view description);
  // Adds what is wrong with a part whose fields are below `path`.
  void AddBelow(std::string_view path, const FieldErrors& part);
  bool empty() const { return violations_.empty(); }
  // Ok, or INVALID_ARGUMENT (reason INVALID_REQUEST) with a BadRequest that names every field.
  absl::Status ToStatus() const;

 private:
  std::vector<std::pair<std::string, std::string>> violations_;
};

}  // namespace seatsaga
