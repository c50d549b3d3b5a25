#include "reservation_svc/reservation_errors.h"

#include <string>

#include "absl/strings/cord.h"
#include "common/errors.h"
#include "common/text.h"

namespace seatsaga::reservation {

absl::Status RequestIdReusedError() {
  constexpr std::string_view kWhatToDo =
      "was used before for another request; make a new UUID for a new request, and repeat the "
      "whole body in a retry";
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                                  Cat("request_id: ", kWhatToDo));
  FieldErrors errors;
  errors.Add("request_id", kWhatToDo);
  errors.ToStatus().ForEachPayload([&status](absl::string_view type, const absl::Cord& detail) {
    if (!status.GetPayload(type).has_value()) status.SetPayload(type, detail);
  });
  return status;
}

absl::Status NotFoundError(const Id& reservation_id) {
  return MakeError(absl::StatusCode::kNotFound, kReservationNotFound,
                   Cat("there is no reservation ", reservation_id.ToString()));
}

absl::Status EtagMismatchError(const Id& reservation_id) {
  return MakeError(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                   Cat("reservation ", reservation_id.ToString(),
                       " has changed since it had this etag; read it again, then decide again"));
}

absl::Status ChangeUnderWayError(const Id& reservation_id) {
  return WithRetryInfo(
      NotPossibleError("CHANGE_UNDER_WAY", reservation_id,
                       "is being changed by another request; repeat this one when it is CONFIRMED"),
      kRetryAfter);
}

absl::Status NotPossibleError(std::string_view reason, const Id& reservation_id,
                              std::string_view what) {
  const std::string subject = Cat("reservation ", reservation_id.ToString());
  return PreconditionError(reason, subject, Cat(subject, " ", what));
}

}  // namespace seatsaga::reservation
