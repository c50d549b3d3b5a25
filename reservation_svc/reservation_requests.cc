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

absl::Time WaitUntil(absl::Duration wait, absl::Time now, absl::Time deadline) {
  if (wait <= absl::ZeroDuration()) return absl::InfinitePast();
  return std::min(now + wait, deadline - kAnswerMargin);
}

// With the token's keyed tag, so that the stored digest betrays nothing of it. A lost key makes
// every retry look like another body, which is refused: the safe side.
std::string RequestFingerprint(const v1::CreateReservationRequest& request,
                               const TokenSealer& sealer) {
  Fingerprint fingerprint;
  fingerprint.Add(request.user_id()).Add(request.event_id());
  for (const std::string& seat_id : request.seat_ids()) fingerprint.Add(seat_id);
  return fingerprint.Add(sealer.Tag(request.payment_token())).Digest();
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

// A long explanation must not stop a cancellation: it is cut, between two characters of its UTF-8.
std::string CutMessage(std::string_view message) {
  if (message.size() <= kMessageMax) return std::string(message);
  size_t end = kMessageMax;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return std::string(message.substr(0, end));
}

// Key of a command but for its fingerprint.
template <class Proto>
BarrierCommand ParseKey(const Proto& request, saga::v1::Direction direction, FieldErrors& errors) {
  const std::optional<Id> saga_id = CheckId("saga_id", request.saga_id(), errors);
  CheckText("step", request.step(), kStepMax, errors);
  return {.saga_id = saga_id.value_or(Id()),
          .step = request.step(),
          .direction = direction,
          .fencing_token = request.fencing_token()};
}

Command ParseConfirm(const v1::ConfirmReservation& request, FieldErrors& errors) {
  Command command;
  command.key = ParseKey(request, saga::v1::DIRECTION_ACTION, errors);
  CheckPrice(request, errors);
  command.price = {.amount_minor = request.price().amount_minor(),
                   .currency = request.price().currency()};
  command.key.fingerprint =
      Fingerprint().Add(command.price.amount_minor).Add(command.price.currency).Digest();
  return command;
}

Command ParseCancel(const v1::CancelReservation& request, FieldErrors& errors) {
  Command command;
  command.key = ParseKey(request, saga::v1::DIRECTION_COMPENSATION, errors);
  CheckReason(request.reason(), errors);
  command.reason = request.reason();
  command.message = CutMessage(request.message());
  command.key.fingerprint = Fingerprint().Add(command.reason).Add(command.message).Digest();
  return command;
}

std::variant<CommandResult, Command> ParseCommand(const v1::ReservationCommand& request) {
  FieldErrors errors;
  Command command;
  if (request.has_confirm_reservation()) {
    command = ParseConfirm(request.confirm_reservation(), errors);
  } else if (request.has_cancel_reservation()) {
    command = ParseCancel(request.cancel_reservation(), errors);
  } else {
    errors.Add("command", "required: confirm_reservation or cancel_reservation");
  }
  const absl::Status status = errors.ToStatus();
  if (!status.ok()) return Invalid("INVALID_REQUEST", View(status.message()));
  return command;
}

std::string ListScope(const v1::ListReservationsRequest& request) {
  return Cat("ListReservations/", static_cast<int>(request.state()), "/", request.event_id(), "/",
             request.user_id());
}

}  // namespace

absl::StatusOr<CreateInput> ParseCreate(const v1::CreateReservationRequest& request, const Id& id,
                                        const TokenSealer& sealer, absl::Time now,
                                        absl::Time deadline) {
  FieldErrors errors;
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  CheckText("user_id", request.user_id(), kUserIdMax, errors);
  CheckEventId("event_id", request.event_id(), errors);
  CheckSeatIds("seat_ids", request.seat_ids(), errors);
  const absl::Status token = CheckPaymentToken(request.payment_token());
  if (!token.ok()) errors.Add("payment_token", View(token.message()));
  const absl::Duration wait = CheckWait(request.wait(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  CreateInput input;
  input.record = {.reservation = {.id = id,
                                  .request_id = *request_id,
                                  .user_id = request.user_id(),
                                  .event_id = request.event_id(),
                                  .seats = JoinLines(request.seat_ids())},
                  .fingerprint = RequestFingerprint(request, sealer),
                  .sealed_token = sealer.Seal(request.payment_token(), id)};
  input.wait_until = WaitUntil(wait, now, deadline);
  return input;
}

absl::StatusOr<ExecuteInput> ParseExecute(const v1::ExecuteReservationCommandsRequest& request) {
  FieldErrors errors;
  if (request.commands().empty() || request.commands_size() > kCommandsMax) {
    errors.Add("commands", Cat("has ", request.commands_size(), "; must be 1 to ", kCommandsMax));
  }
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  ExecuteInput input;
  input.commands.reserve(static_cast<size_t>(request.commands_size()));
  for (const auto& command : request.commands()) input.commands.push_back(ParseCommand(command));
  return input;
}

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("reservation_id", request.reservation_id(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  return *id;
}

absl::StatusOr<ListQuery> ParseList(const v1::ListReservationsRequest& request) {
  FieldErrors errors;
  ListQuery query;
  query.page_size = static_cast<size_t>(
      CheckPageSize(request.page_size(), kPageSizeDefault, kPageSizeMax, errors));
  if (!request.user_id().empty()) CheckText("user_id", request.user_id(), kUserIdMax, errors);
  if (!request.event_id().empty()) CheckEventId("event_id", request.event_id(), errors);
  if (!v1::ReservationState_IsValid(request.state())) {
    errors.Add("state", "must be RESERVATION_STATE_PENDING, _CONFIRMED or _CANCELLED, or left out");
  }
  const std::string cursor = ReadPageToken(ListScope(request), request.page_token(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  query.user_id = request.user_id();
  query.event_id = request.event_id();
  if (request.state() != v1::RESERVATION_STATE_UNSPECIFIED) {
    query.state = static_cast<State>(request.state());
  }
  if (const absl::StatusOr<Id> before = Id::FromBytes(cursor); before.ok()) query.before = *before;
  return query;
}

std::string NextPageToken(const v1::ListReservationsRequest& request, const Id& last) {
  return MakePageToken(ListScope(request), last.bytes());
}

}  // namespace seatsaga::reservation
