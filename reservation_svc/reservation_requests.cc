#include "reservation_svc/reservation_requests.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/errors.h"
#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "common/validation.h"

namespace seatsaga::reservation {
namespace {

using participant::Command;

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 1000;
constexpr size_t kReasonMax = 64;
constexpr size_t kMessageMax = 2048;

absl::Duration CheckWait(const google::protobuf::Duration& wait, FieldErrors& errors) {
  const absl::Duration duration = FromProto(wait);
  if (duration < absl::ZeroDuration() || duration > kWaitMax) {
    errors.Add("wait", "must be 0s to 30s");
  }
  return duration;
}

Mono WaitUntil(absl::Duration wait, Mono arrival, Mono deadline) {
  if (wait <= absl::ZeroDuration()) return Mono::InfinitePast();
  return std::min(arrival + wait, deadline - kAnswerMargin);
}

// --- Digests. They are stored, and tell a retry from another body, even after an upgrade. So a
// field that a later release adds must join its digest at the end and with AddIfSet: then a request
// without the field still has the digest that is stored.

// Includes the token's keyed tag, so that the stored digest reveals nothing about the token. If the
// key is lost, every retry looks like another body and is rejected, which is safe.
std::string RequestDigest(const v1::CreateReservationRequest& request, const TokenSealer& sealer) {
  Fingerprint fingerprint;
  fingerprint.Add(request.user_id()).Add(request.event_id());
  for (const std::string& seat_id : request.seat_ids()) fingerprint.Add(seat_id);
  return fingerprint.Add(sealer.Tag(request.payment_token())).Digest();
}

std::string ConfirmDigest(const CommandBody& body) {
  return Fingerprint().Add(body.amount_minor).Add(body.currency).Digest();
}

// Without the message, which a release may reword.
std::string CancelDigest(const CommandBody& body) {
  return Fingerprint().Add(body.reason).Digest();
}

std::string JoinLines(const google::protobuf::RepeatedPtrField<std::string>& parts) {
  std::string lines;
  for (const std::string& part : parts) Append(lines, lines.empty() ? "" : "\n", part);
  return lines;
}

void CheckPrice(const v1::ConfirmReservation& request, FieldErrors& errors) {
  if (!request.has_price()) {
    errors.Add("price", "required: what was charged");
    return;
  }
  if (request.price().amount_minor() < 0) errors.Add("price.amount_minor", "must not be negative");
  if (!IsCurrency(request.price().currency())) {
    errors.Add("price.currency", "must be an ISO 4217 code such as \"EUR\"");
  }
}

void CheckReason(std::string_view reason, FieldErrors& errors) {
  const auto allowed = [](char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  };
  if (reason.empty() || reason.size() > kReasonMax ||
      !std::all_of(reason.begin(), reason.end(), allowed)) {
    errors.Add("reason", "required: 1 to 64 characters of A-Z, 0-9 and '_'");
  }
}

// A long explanation must not prevent a cancellation, so it is cut between two UTF-8 characters.
std::string CutMessage(std::string_view message) {
  if (message.size() <= kMessageMax) return std::string(message);
  size_t end = kMessageMax;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return std::string(message.substr(0, end));
}

Command<CommandBody> ParseConfirm(v1::ConfirmReservation& request, FieldErrors& errors) {
  Command<CommandBody> command;
  ParseKey(request.key(), saga::v1::DIRECTION_ACTION, command, errors);
  CheckPrice(request, errors);
  command.body = {.kind = CommandKind::kConfirm,
                  .amount_minor = request.price().amount_minor(),
                  .currency = std::move(*request.mutable_price()->mutable_currency())};
  command.digest = ConfirmDigest(command.body);
  return command;
}

Command<CommandBody> ParseCancel(v1::CancelReservation& request, FieldErrors& errors) {
  Command<CommandBody> command;
  ParseKey(request.key(), saga::v1::DIRECTION_COMPENSATION, command, errors);
  CheckReason(request.reason(), errors);
  command.body = {.kind = CommandKind::kCancel,
                  .reason = std::move(*request.mutable_reason()),
                  .message = CutMessage(request.message())};
  command.digest = CancelDigest(command.body);
  return command;
}

std::string ListScope(const v1::ListReservationsRequest& request) {
  return Cat("ListReservations/", static_cast<int>(request.state()), "/", request.event_id(), "/",
             request.user_id());
}

}  // namespace

absl::StatusOr<Create> ParseCreate(v1::CreateReservationRequest& request, const Id& id,
                                   const TokenSealer& sealer, Mono arrival, Mono deadline) {
  FieldErrors errors;
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  CheckText("user_id", request.user_id(), kUserIdMax, errors);
  CheckEventId("event_id", request.event_id(), errors);
  CheckSeatIds("seat_ids", request.seat_ids(), errors);
  const absl::Status token = CheckPaymentToken(request.payment_token());
  if (!token.ok()) errors.Add("payment_token", View(token.message()));
  const absl::Duration wait = CheckWait(request.wait(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  std::string digest = RequestDigest(request, sealer);
  return Create{.reservation = {.id = id,
                                .request_id = *request_id,
                                .fingerprint = std::move(digest),
                                .user_id = std::move(*request.mutable_user_id()),
                                .event_id = std::move(*request.mutable_event_id()),
                                .seats = JoinLines(request.seat_ids()),
                                .sealed_token = sealer.Seal(request.payment_token(), id)},
                .wait_until = WaitUntil(wait, arrival, deadline)};
}

Command<CommandBody> ParseCommand(v1::ReservationCommand& request, FieldErrors& errors) {
  switch (request.command_case()) {
    case v1::ReservationCommand::kConfirmReservation:
      return ParseConfirm(*request.mutable_confirm_reservation(), errors);
    case v1::ReservationCommand::kCancelReservation:
      return ParseCancel(*request.mutable_cancel_reservation(), errors);
    case v1::ReservationCommand::COMMAND_NOT_SET:
      break;  // ParseBatch has answered it
  }
  return {};
}

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request) {
  return RequireId("reservation_id", request.reservation_id());
}

absl::StatusOr<ListQuery> ParseList(v1::ListReservationsRequest& request) {
  FieldErrors errors;
  ListQuery query;
  query.page_size = static_cast<size_t>(
      CheckPageSize(request.page_size(), kPageSizeDefault, kPageSizeMax, errors));
  if (!request.user_id().empty()) CheckText("user_id", request.user_id(), kUserIdMax, errors);
  if (!request.event_id().empty()) CheckEventId("event_id", request.event_id(), errors);
  if (!v1::ReservationState_IsValid(request.state())) {
    errors.Add("state", "must be RESERVATION_STATE_PENDING, _CONFIRMED or _CANCELLED, or left out");
  }
  query.scope = ListScope(request);
  const std::string cursor = ReadPageToken(query.scope, request.page_token(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  query.user_id = std::move(*request.mutable_user_id());
  query.event_id = std::move(*request.mutable_event_id());
  if (request.state() != v1::RESERVATION_STATE_UNSPECIFIED) {
    query.state = static_cast<State>(request.state());
  }
  if (const absl::StatusOr<Id> before = Id::FromBytes(cursor); before.ok()) query.before = *before;
  return query;
}

}  // namespace seatsaga::reservation
