#include "common/errors.h"

#include "absl/strings/cord.h"
#include "common/text.h"
#include "google/rpc/error_details.pb.h"

namespace seatsaga {
namespace {

template <class Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(Cat(kDetailPrefix, Detail::descriptor()->full_name()),
                    absl::Cord(detail.SerializeAsString()));
}

template <class Detail>
bool Extract(const absl::Status& status, Detail& detail) {
  const auto payload = status.GetPayload(Cat(kDetailPrefix, Detail::descriptor()->full_name()));
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message) {
  absl::Status status(code, AbslView(message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kErrorDomain));
  Attach(status, info);
  return status;
}

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  google::rpc::ErrorInfo info;
  (void)Extract(status, info);
  (*info.mutable_metadata())[std::string(key)] = std::string(value);
  Attach(status, info);
  return status;
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  google::rpc::ErrorInfo info;
  if (!Extract(status, info)) return "";
  const auto it = info.metadata().find(std::string(key));
  return it == info.metadata().end() ? "" : it->second;
}

absl::Status PreconditionError(std::string_view reason, std::string_view subject,
                               std::string_view message) {
  absl::Status status = MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
  google::rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(std::string(reason));
  violation->set_subject(std::string(subject));
  violation->set_description(std::string(message));
  Attach(status, failure);
  return status;
}

absl::Status OverloadedError(absl::Duration retry_after) {
  return WithRetryInfo(
      MakeError(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                "the queue is full and nothing was done; retry after the delay in RetryInfo"),
      retry_after);
}

absl::Status UnavailableError(std::string_view message, absl::Duration retry_after) {
  return WithRetryInfo(MakeError(absl::StatusCode::kUnavailable, "UNAVAILABLE", message),
                       retry_after);
}

absl::Status WithRetryInfo(absl::Status status, absl::Duration retry_after) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(retry_after));
  info.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(retry_after % absl::Seconds(1))));
  Attach(status, info);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return Extract(status, info) ? info.reason() : "";
}

std::vector<std::pair<std::string, std::string>> FieldViolationsOf(const absl::Status& status) {
  std::vector<std::pair<std::string, std::string>> result;
  google::rpc::BadRequest bad_request;
  if (!Extract(status, bad_request)) return result;
  for (const auto& violation : bad_request.field_violations()) {
    result.emplace_back(violation.field(), violation.description());
  }
  return result;
}

absl::Duration RetryDelayOf(const absl::Status& status, absl::Duration otherwise) {
  google::rpc::RetryInfo info;
  if (!Extract(status, info)) return otherwise;
  return absl::Seconds(info.retry_delay().seconds()) +
         absl::Nanoseconds(info.retry_delay().nanos());
}

void FieldErrors::Add(std::string_view field, std::string_view description) {
  violations_.emplace_back(field, description);
}

void FieldErrors::AddBelow(std::string_view path, const FieldErrors& part) {
  for (const auto& [field, description] : part.violations_) {
    Add(Cat(path, ".", field), description);
  }
}

absl::Status FieldErrors::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  std::string message;
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : violations_) {
    Append(message, message.empty() ? "" : "; ", field, ": ", description);
    auto* violation = bad_request.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", message);
  Attach(status, bad_request);
  return status;
}

}  // namespace seatsaga
