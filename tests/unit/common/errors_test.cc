#include "common/errors.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/cord.h"
#include "common/text.h"
#include "google/rpc/error_details.pb.h"

namespace seatsaga {
namespace {

template <class Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload(Cat(kDetailPrefix, Detail::descriptor()->full_name()));
  REQUIRE(payload.has_value());
  REQUIRE(detail.ParseFromString(std::string(*payload)));
  return detail;
}

TEST_CASE("an error carries its code, its words, and an ErrorInfo of this domain") {
  const absl::Status status =
      MakeError(absl::StatusCode::kNotFound, "EVENT_NOT_FOUND", "there is no such event");
  REQUIRE(status.code() == absl::StatusCode::kNotFound);
  REQUIRE(View(status.message()) == "there is no such event");
  REQUIRE(ReasonOf(status) == "EVENT_NOT_FOUND");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  REQUIRE(info.reason() == "EVENT_NOT_FOUND");
  REQUIRE(info.domain() == "seatsaga");
}

TEST_CASE("a status that was not made here has no reason, fields or delay") {
  const absl::Status status = absl::InternalError("plain");
  REQUIRE(ReasonOf(status).empty());
  REQUIRE(ReasonOf(absl::OkStatus()).empty());
  REQUIRE(FieldViolationsOf(status).empty());
  REQUIRE(RetryDelayOf(status, absl::Seconds(3)) == absl::Seconds(3));
}

TEST_CASE("a payload that is not the message it claims to be counts as absent") {
  absl::Status status = absl::InternalError("bad detail");
  status.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\x0a\xff"));
  status.SetPayload("type.googleapis.com/google.rpc.RetryInfo", absl::Cord("\x0a\xff"));
  status.SetPayload("type.googleapis.com/google.rpc.BadRequest", absl::Cord("\x0a\xff"));
  REQUIRE(ReasonOf(status).empty());
  REQUIRE(RetryDelayOf(status, absl::Seconds(3)) == absl::Seconds(3));
  REQUIRE(FieldViolationsOf(status).empty());
}

TEST_CASE("a precondition error names what must change") {
  const absl::Status status = PreconditionError("SAGA_FINISHED", "saga/1", "nothing to retry");
  REQUIRE(status.code() == absl::StatusCode::kFailedPrecondition);
  REQUIRE(ReasonOf(status) == "SAGA_FINISHED");
  const auto failure = DetailOf<google::rpc::PreconditionFailure>(status);
  REQUIRE(failure.violations_size() == 1);
  REQUIRE(failure.violations(0).type() == "SAGA_FINISHED");
  REQUIRE(failure.violations(0).subject() == "saga/1");
  REQUIRE(failure.violations(0).description() == "nothing to retry");
}

TEST_CASE("overload and unavailability say how long to wait") {
  const absl::Status overloaded = OverloadedError(absl::Milliseconds(1250));
  REQUIRE(overloaded.code() == absl::StatusCode::kResourceExhausted);
  REQUIRE(ReasonOf(overloaded) == "OVERLOADED");
  REQUIRE(RetryDelayOf(overloaded, absl::ZeroDuration()) == absl::Milliseconds(1250));

  const absl::Status unavailable = UnavailableError("restarting", absl::Milliseconds(7));
  REQUIRE(unavailable.code() == absl::StatusCode::kUnavailable);
  REQUIRE(View(unavailable.message()) == "restarting");
  REQUIRE(ReasonOf(unavailable) == "UNAVAILABLE");
  REQUIRE(RetryDelayOf(unavailable, absl::ZeroDuration()) == absl::Milliseconds(7));
}

TEST_CASE("no field error is no error") {
  const FieldErrors errors;
  REQUIRE(errors.empty());
  REQUIRE(errors.ToStatus().ok());
}

TEST_CASE("field errors name every field at once, in the message and in the BadRequest") {
  FieldErrors errors;
  errors.Add("user_id", "required");
  errors.Add("seat_ids[2]", "repeats stalls/A/1");
  REQUIRE_FALSE(errors.empty());
  const absl::Status status = errors.ToStatus();
  REQUIRE(status.code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(ReasonOf(status) == "INVALID_REQUEST");
  REQUIRE(View(status.message()) == "user_id: required; seat_ids[2]: repeats stalls/A/1");
  const auto violations = FieldViolationsOf(status);
  REQUIRE(violations.size() == 2);
  REQUIRE(violations[0] == std::pair<std::string, std::string>("user_id", "required"));
  REQUIRE(violations[1] ==
          std::pair<std::string, std::string>("seat_ids[2]", "repeats stalls/A/1"));
}

}  // namespace
}  // namespace seatsaga
