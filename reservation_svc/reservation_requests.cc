#include "reservation_svc/reservation_requests.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "common/errors.h"
#include "common/fingerprint.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "common/validation.h"
#include "reservation_svc/items.h"
#include "reservation_svc/labels.h"
#include "reservation_svc/lines.h"

namespace seatsaga::reservation {
namespace {

using participant::Command;

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 1000;
constexpr size_t kReasonMax = 64;
constexpr size_t kMessageMax = 2048;
constexpr size_t kEtagMax = 64;
constexpr size_t kExternalRefMax = 128;
constexpr int kRefundRulesMax = 100;
constexpr int kRefundsMax = 100;

absl::Duration CheckWait(const google::protobuf::Duration& wait, FieldErrors& errors) {
  const absl::Duration duration = FromProto(wait);
  if (duration < absl::ZeroDuration() || duration > kWaitMax) {
    errors.Add("wait", "must be 0s to 30s");
  }
  return duration;
}

Mono WaitUntil(absl::Duration wait, const CallTimes& times) {
  if (wait <= absl::ZeroDuration()) return Mono::InfinitePast();
  return std::min(times.arrival + wait, times.deadline - kAnswerMargin);
}

// --- Fields that several requests have

void CheckToken(std::string_view token, FieldErrors& errors) {
  const absl::Status status = CheckPaymentToken(token);
  if (!status.ok()) errors.Add("payment_token", View(status.message()));
}

void CheckExternalRef(std::string_view external_ref, FieldErrors& errors) {
  if (!external_ref.empty()) CheckText("external_ref", external_ref, kExternalRefMax, errors);
}

std::string CheckEtag(std::string_view etag, FieldErrors& errors) {
  if (!etag.empty()) CheckText("etag", etag, kEtagMax, errors);
  return std::string(etag);
}

// In whole microseconds, as times are stored.
absl::Duration CheckHoldDuration(const google::protobuf::Duration& proto, const HoldLimits& limits,
                                 FieldErrors& errors) {
  const absl::Duration duration = FromProto(proto);
  if (duration < limits.min || duration > limits.max) {
    errors.Add("hold_duration", Cat("must be ", absl::FormatDuration(limits.min), " to ",
                                    absl::FormatDuration(limits.max), " on this server"));
    return limits.otherwise;
  }
  return absl::Trunc(duration, absl::Microseconds(1));
}

// The mode of a creation, and what depends on it.
Mode CheckMode(const v1::CreateReservationRequest& request, FieldErrors& errors) {
  switch (request.mode()) {
    case v1::RESERVATION_MODE_UNSPECIFIED:
    case v1::RESERVATION_MODE_PAY_NOW:
      CheckToken(request.payment_token(), errors);
      if (request.has_hold_duration()) {
        errors.Add("hold_duration", "only for RESERVATION_MODE_HOLD; leave it out");
      }
      return Mode::kPayNow;
    case v1::RESERVATION_MODE_HOLD:
      if (!request.payment_token().empty()) {
        errors.Add("payment_token",
                   "must be empty with RESERVATION_MODE_HOLD; send it with PayReservation");
      }
      return Mode::kHold;
    default:
      errors.Add("mode", "must be RESERVATION_MODE_PAY_NOW or _HOLD, or left out");
      return Mode::kPayNow;
  }
}

// The seats that a creation names, or leaves to us.
std::vector<std::string> CheckPlaces(v1::CreateReservationRequest& request, FieldErrors& errors) {
  if (!request.has_best_available()) return CheckItems("items", *request.mutable_items(), errors);
  if (request.items_size() > 0) {
    errors.Add("best_available", "cannot be used together with items; leave it out");
  } else {
    errors.Add("best_available",
               "not in this release; choose seats with ListSeats, and name them in items");
  }
  return {};
}

std::shared_ptr<const Marks> CheckMarks(v1::CreateReservationRequest& request,
                                        FieldErrors& errors) {
  if (request.external_ref().empty() && request.labels().empty()) return nullptr;
  CheckExternalRef(request.external_ref(), errors);
  std::string labels = CheckLabels("labels", request.labels(), errors);
  return std::make_shared<const Marks>(
      Marks{std::move(*request.mutable_external_ref()), std::move(labels)});
}

// --- Digests. They are stored, and tell a retry from another body, even after an upgrade. So a
// field that a later release adds must join its digest at the end and with AddIfSet: then a request
// without the field still has the digest that is stored.

// They include a token's keyed tag, so that what is stored reveals nothing about the token. If the
// key is lost, every retry looks like another body and is rejected, which is safe.

// Empty without a token.
absl::StatusOr<SealedToken> SealIfSet(std::string_view token, const Id& saga_id,
                                      const TokenSealer& sealer) {
  return token.empty() ? SealedToken() : sealer.Seal(token, saga_id);
}

// Of an item only the seat counts, because CheckItems refuses everything else. What a later release
// allows (an area, a ticket type, a count above 1, best_available) joins with AddIfSet, under a
// name with the item's number ("items[2].ticket_type"): an area must not pass for a seat.
std::string RequestDigest(const v1::CreateReservationRequest& request,
                          const std::vector<std::string>& seats, const Marks* marks,
                          std::string_view token_tag) {
  Fingerprint fingerprint;
  fingerprint.Add(request.user_id()).Add(request.event_id());
  for (const std::string& seat : seats) fingerprint.Add(seat);
  fingerprint.Add(token_tag);
  if (request.mode() == v1::RESERVATION_MODE_HOLD) fingerprint.AddIfSet("mode", "HOLD");
  if (request.has_hold_duration()) {
    fingerprint.AddIfSet("hold_duration", Cat(request.hold_duration().seconds(), ".",
                                              request.hold_duration().nanos()));
  }
  if (marks != nullptr) {
    fingerprint.AddIfSet("external_ref", marks->external_ref).AddIfSet("labels", marks->labels);
  }
  return fingerprint.Digest();
}

// Without the etag, which says what the client has seen, not what it wants: a retry may name a
// newer one.
std::string PayDigest(const Id& reservation_id, std::string_view token_tag) {
  return Fingerprint().Add("pay").Add(reservation_id.bytes()).Add(token_tag).Digest();
}

using SeatIds = google::protobuf::RepeatedPtrField<std::string>;

std::vector<std::string> Take(SeatIds& seat_ids) {
  return {std::make_move_iterator(seat_ids.begin()), std::make_move_iterator(seat_ids.end())};
}

std::string CancelDigest(const Id& reservation_id, const SeatIds& seat_ids) {
  Fingerprint fingerprint;
  fingerprint.Add("cancel").Add(reservation_id.bytes());
  for (const std::string& seat_id : seat_ids) fingerprint.AddIfSet("seat_ids", seat_id);
  return fingerprint.Digest();
}

std::string ExchangeDigest(const Id& reservation_id, const v1::ExchangeSeatsRequest& request,
                           const std::vector<std::string>& take, std::string_view token_tag) {
  Fingerprint fingerprint;
  fingerprint.Add("exchange").Add(reservation_id.bytes());
  for (const std::string& seat_id : request.give_back_seat_ids()) fingerprint.Add(seat_id);
  fingerprint.Add("for");
  for (const std::string& seat_id : take) fingerprint.Add(seat_id);
  if (!token_tag.empty()) fingerprint.Add(token_tag);
  return fingerprint.Digest();
}

std::string PricesText(const std::vector<int64_t>& prices) {
  std::string text;
  for (const int64_t price : prices) Append(text, price, " ");
  return text;
}

// Of a hold or a confirmation, which has no failure. Without the time that a hold expires, because
// an extension may change it between two attempts, and without the message of the failure, which a
// release may reword.
std::string PricedDigest(const CommandBody& body) {
  return Fingerprint()
      .Add(body.amount_minor)
      .Add(body.currency)
      .AddIfSet("terms", body.terms)
      .AddIfSet("payment_failure", body.reason)
      .AddIfSet("seat_prices", PricesText(body.seat_prices))
      .Digest();
}

// Without the message, which a release may reword.
std::string UndoDigest(const CommandBody& body, std::string_view reservation_id) {
  return Fingerprint().Add(body.reason).AddIfSet("reservation_id", reservation_id).Digest();
}

void CheckMoney(std::string_view field, const saga::v1::Money& money, FieldErrors& errors) {
  if (money.amount_minor() < 0) errors.Add(Cat(field, ".amount_minor"), "must not be negative");
  if (!IsCurrency(money.currency())) {
    errors.Add(Cat(field, ".currency"), "must be an ISO 4217 code such as \"EUR\"");
  }
}

// `sum_minor`: of the prices, if they are not all the same.
std::vector<int64_t> CheckSeatPrices(const google::protobuf::RepeatedField<int64_t>& prices,
                                     int64_t sum_minor, FieldErrors& errors) {
  if (prices.empty()) return {};
  const bool negative =
      std::any_of(prices.begin(), prices.end(), [](auto price) { return price < 0; });
  if (prices.size() > kSeatsMax || negative ||
      std::accumulate(prices.begin(), prices.end(), int64_t{0}) != sum_minor) {
    errors.Add("seat_prices_minor",
               Cat("must be at most ", kSeatsMax, " prices, whose sum is price"));
  }
  return {prices.begin(), prices.end()};
}

// Only what a refund could go wrong with: seat_svc knows what terms an event may have.
std::string CheckTerms(const saga::v1::EventTerms& terms, FieldErrors& errors) {
  if (terms.refund_rules_size() > kRefundRulesMax) {
    errors.Add("terms.refund_rules", Cat("must be at most ", kRefundRulesMax));
  }
  for (const saga::v1::RefundRule& rule : terms.refund_rules()) {
    if (rule.percent() >= 0 && rule.percent() <= 100) continue;
    errors.Add("terms.refund_rules.percent", "must be 0 to 100");
  }
  return terms.SerializeAsString();
}

void CheckReason(std::string_view field, std::string_view reason, FieldErrors& errors) {
  const auto allowed = [](char c) {
    return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
  };
  if (reason.empty() || reason.size() > kReasonMax ||
      !std::all_of(reason.begin(), reason.end(), allowed)) {
    errors.Add(field, "required: 1 to 64 characters of A-Z, 0-9 and '_'");
  }
}

// A long explanation must not prevent a command, so it is cut between two UTF-8 characters.
std::string CutMessage(std::string_view message) {
  if (message.size() <= kMessageMax) return std::string(message);
  size_t end = kMessageMax;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return std::string(message.substr(0, end));
}

// What a hold and a confirmation have in common.
template <class Request>
Command<CommandBody> ParsePriced(CommandKind kind, Request& request, FieldErrors& errors) {
  Command<CommandBody> command;
  ParseKey(request.key(), saga::v1::DIRECTION_ACTION, command, errors);
  if (request.has_price()) {
    CheckMoney("price", request.price(), errors);
  } else {
    errors.Add("price", "required");
  }
  command.body = {.kind = kind,
                  .reservation_id = command.saga_id,
                  .amount_minor = request.price().amount_minor(),
                  .currency = std::move(*request.mutable_price()->mutable_currency()),
                  .seat_prices = CheckSeatPrices(request.seat_prices_minor(),
                                                 request.price().amount_minor(), errors)};
  if (request.has_terms()) command.body.terms = CheckTerms(request.terms(), errors);
  return command;
}

Command<CommandBody> ParseHold(v1::HoldReservation& request, FieldErrors& errors) {
  Command<CommandBody> command = ParsePriced(CommandKind::kHold, request, errors);
  if (!request.has_expire_time()) errors.Add("expire_time", "required: when the hold expires");
  command.body.round = command.round;
  command.body.expire_time = FromProto(request.expire_time());
  if (request.has_payment_failure()) {
    v1::PaymentFailure& failure = *request.mutable_payment_failure();
    CheckReason("payment_failure.reason", failure.reason(), errors);
    command.body.reason = std::move(*failure.mutable_reason());
    command.body.message = CutMessage(failure.message());
  }
  command.digest = PricedDigest(command.body);
  return command;
}

Command<CommandBody> ParseConfirm(v1::ConfirmReservation& request, FieldErrors& errors) {
  Command<CommandBody> command = ParsePriced(CommandKind::kConfirm, request, errors);
  command.digest = PricedDigest(command.body);
  return command;
}

Command<CommandBody> ParseUndo(v1::CancelReservation& request, FieldErrors& errors) {
  Command<CommandBody> command;
  ParseKey(request.key(), saga::v1::DIRECTION_COMPENSATION, command, errors);
  CheckReason("reason", request.reason(), errors);
  command.body = {
      .kind = CommandKind::kCancel,
      .reservation_id = participant::ParseReservationId(request.reservation_id(), command, errors),
      .reason = std::move(*request.mutable_reason()),
      .message = CutMessage(request.message())};
  command.digest = UndoDigest(command.body, request.reservation_id());
  return command;
}

std::vector<PaidPayment> CheckRefunds(
    const google::protobuf::RepeatedPtrField<saga::v1::PaymentPart>& refunds, FieldErrors& errors) {
  std::vector<PaidPayment> checked;
  if (refunds.size() > kRefundsMax) {
    errors.Add("refunds", Cat("must be at most ", kRefundsMax));
    return checked;
  }
  for (const saga::v1::PaymentPart& refund : refunds) {
    const std::string field = Cat("refunds[", checked.size(), "]");
    const auto id = CheckId(Cat(field, ".payment_id"), refund.payment_id(), errors);
    CheckMoney(Cat(field, ".amount"), refund.amount(), errors);
    checked.push_back({id.value_or(Id()), 0, refund.amount().amount_minor()});
  }
  return checked;
}

Command<CommandBody> ParseConfirmChange(const v1::ConfirmChange& request, FieldErrors& errors) {
  Command<CommandBody> command;
  ParseKey(request.key(), saga::v1::DIRECTION_ACTION, command, errors);
  CommandBody& body = command.body;
  body.kind = CommandKind::kConfirmChange;
  body.reservation_id = CheckId("reservation_id", request.reservation_id(), errors).value_or(Id());
  if (request.has_price()) {
    CheckMoney("price", request.price(), errors);
    body.amount_minor = request.price().amount_minor();
    body.currency = request.price().currency();
  }
  body.seat_prices =
      CheckSeatPrices(request.seat_prices_minor(), request.price().amount_minor(), errors);
  if (request.has_charged()) CheckMoney("charged", request.charged(), errors);
  body.charged_minor = request.charged().amount_minor();
  body.refunds = CheckRefunds(request.refunds(), errors);
  Fingerprint digest;
  digest.Add("change").Add(body.reservation_id.bytes()).Add(body.amount_minor).Add(body.currency);
  digest.Add(PricesText(body.seat_prices)).Add(body.charged_minor);
  for (const PaidPayment& refund : body.refunds) {
    digest.Add(refund.id.bytes()).Add(refund.refunded_minor);
  }
  command.digest = digest.Digest();
  return command;
}

// The lengths keep what is free text apart.
std::string ListScope(const v1::ListReservationsRequest& request, std::string_view labels) {
  return Cat("ListReservations/", static_cast<int>(request.state()), "/", request.event_id(), "/",
             request.external_ref().size(), "/", labels.size(), "/", request.external_ref(), labels,
             request.user_id());
}

}  // namespace

absl::StatusOr<Create> ParseCreate(v1::CreateReservationRequest& request, const Id& id,
                                   const TokenSealer& sealer, const HoldLimits& limits,
                                   CallTimes times) {
  FieldErrors errors;
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  CheckText("user_id", request.user_id(), kUserIdMax, errors);
  CheckEventId("event_id", request.event_id(), errors);
  const std::vector<std::string> seats = CheckPlaces(request, errors);
  const Mode mode = CheckMode(request, errors);
  absl::Duration hold_duration = limits.otherwise;
  if (mode == Mode::kHold && request.has_hold_duration()) {
    hold_duration = CheckHoldDuration(request.hold_duration(), limits, errors);
  }
  std::shared_ptr<const Marks> marks = CheckMarks(request, errors);
  const absl::Duration wait = CheckWait(request.wait(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  absl::StatusOr<SealedToken> token = SealIfSet(request.payment_token(), id, sealer);
  if (!token.ok()) return token.status();
  std::string digest = RequestDigest(request, seats, marks.get(), token->tag);
  Create create{.hold_duration = hold_duration, .wait_until = WaitUntil(wait, times)};
  create.reservation.id = id;
  create.reservation.request_id = *request_id;
  create.reservation.fingerprint = std::move(digest);
  create.reservation.user_id = std::move(*request.mutable_user_id());
  create.reservation.event_id = std::move(*request.mutable_event_id());
  create.reservation.seats = JoinLines(seats);
  create.reservation.marks = std::move(marks);
  create.reservation.mode = mode;
  create.reservation.sealed_token = std::move(token->bytes);
  return create;
}

absl::StatusOr<Payment> ParsePay(v1::PayReservationRequest& request, const TokenSealer& sealer,
                                 CallTimes times) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("reservation_id", request.reservation_id(), errors);
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  CheckToken(request.payment_token(), errors);
  const absl::Duration wait = CheckWait(request.wait(), errors);
  std::string etag = CheckEtag(request.etag(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  absl::StatusOr<SealedToken> token = sealer.Seal(request.payment_token(), *id);
  if (!token.ok()) return token.status();
  return Payment{
      {{*id, std::move(etag)}, *request_id, PayDigest(*id, token->tag), WaitUntil(wait, times)},
      std::move(token->bytes)};
}

absl::StatusOr<Extension> ParseExtend(v1::ExtendHoldRequest& request, const HoldLimits& limits,
                                      CallTimes times) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("reservation_id", request.reservation_id(), errors);
  const absl::Duration duration = CheckHoldDuration(request.hold_duration(), limits, errors);
  std::string etag = CheckEtag(request.etag(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  return Extension{{*id, std::move(etag)}, duration, WaitUntil(kExtendWaitMax, times)};
}

absl::StatusOr<ReservationIo::In> ParseCancel(v1::CancelReservationRequest& request,
                                              const Id& saga_id, CallTimes times) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("reservation_id", request.reservation_id(), errors);
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  const absl::Duration wait = CheckWait(request.wait(), errors);
  std::string etag = CheckEtag(request.etag(), errors);
  if (!request.seat_ids().empty()) CheckSeatIds("seat_ids", request.seat_ids(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  const bool validate_only = request.validate_only();
  KeyedChange change{{*id, std::move(etag)},
                     *request_id,
                     CancelDigest(*id, request.seat_ids()),
                     validate_only ? Mono::InfinitePast() : WaitUntil(wait, times)};
  if (request.seat_ids().empty()) return Cancellation{std::move(change), validate_only};
  SeatChangeRequest part{std::move(change)};
  part.saga_id = saga_id.WithLastByteOf(*id);
  part.give_back = Take(*request.mutable_seat_ids());
  part.validate_only = validate_only;
  return part;
}

absl::StatusOr<SeatChangeRequest> ParseExchange(v1::ExchangeSeatsRequest& request,
                                                const Id& saga_id, const TokenSealer& sealer,
                                                CallTimes times) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("reservation_id", request.reservation_id(), errors);
  const std::optional<Id> request_id = CheckId("request_id", request.request_id(), errors);
  CheckSeatIds("give_back_seat_ids", request.give_back_seat_ids(), errors);
  std::vector<std::string> take = CheckItems("items", *request.mutable_items(), errors);
  if (!request.payment_token().empty()) CheckToken(request.payment_token(), errors);
  const absl::Duration wait = CheckWait(request.wait(), errors);
  std::string etag = CheckEtag(request.etag(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  const Id change_id = saga_id.WithLastByteOf(*id);
  absl::StatusOr<SealedToken> token = SealIfSet(request.payment_token(), change_id, sealer);
  if (!token.ok()) return token.status();
  SeatChangeRequest exchange{
      {{*id, std::move(etag)},
       *request_id,
       ExchangeDigest(*id, request, take, token->tag),
       request.validate_only() ? Mono::InfinitePast() : WaitUntil(wait, times)}};
  exchange.saga_id = change_id;
  exchange.give_back = Take(*request.mutable_give_back_seat_ids());
  exchange.take = std::move(take);
  exchange.validate_only = request.validate_only();
  exchange.sealed_token = std::move(token->bytes);
  return exchange;
}

Command<CommandBody> ParseCommand(v1::ReservationCommand& request, FieldErrors& errors) {
  switch (request.command_case()) {
    case v1::ReservationCommand::kConfirmReservation:
      return ParseConfirm(*request.mutable_confirm_reservation(), errors);
    case v1::ReservationCommand::kCancelReservation:
      return ParseUndo(*request.mutable_cancel_reservation(), errors);
    case v1::ReservationCommand::kHoldReservation:
      return ParseHold(*request.mutable_hold_reservation(), errors);
    case v1::ReservationCommand::kConfirmChange:
      return ParseConfirmChange(request.confirm_change(), errors);
    case v1::ReservationCommand::COMMAND_NOT_SET:
      break;  // ParseBatch has answered it
  }
  return {};
}

absl::StatusOr<Id> ParseGet(const v1::GetReservationRequest& request) {
  return RequireId("reservation_id", request.reservation_id());
}

absl::StatusOr<WatchQuery> ParseWatch(const v1::WatchReservationRequest& request) {
  const absl::StatusOr<Id> id = RequireId("reservation_id", request.reservation_id());
  if (!id.ok()) return id.status();
  return WatchQuery{*id, request.until_cancelled()};
}

absl::StatusOr<ListQuery> ParseList(v1::ListReservationsRequest& request) {
  FieldErrors errors;
  ListQuery query;
  query.page_size = static_cast<size_t>(
      CheckPageSize(request.page_size(), kPageSizeDefault, kPageSizeMax, errors));
  if (!request.user_id().empty()) CheckText("user_id", request.user_id(), kUserIdMax, errors);
  if (!request.event_id().empty()) CheckEventId("event_id", request.event_id(), errors);
  if (!v1::ReservationState_IsValid(request.state())) {
    errors.Add("state",
               "must be RESERVATION_STATE_PENDING, _CONFIRMED, _CANCELLED, _HELD, _CANCELLING or "
               "_CHANGING, or left out");
  }
  CheckExternalRef(request.external_ref(), errors);
  query.labels = CheckLabels("labels", request.labels(), errors);
  query.scope = ListScope(request, query.labels);
  const std::string cursor = ReadPageToken(query.scope, request.page_token(), errors);
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  query.user_id = std::move(*request.mutable_user_id());
  query.event_id = std::move(*request.mutable_event_id());
  query.external_ref = std::move(*request.mutable_external_ref());
  if (request.state() != v1::RESERVATION_STATE_UNSPECIFIED) {
    query.state = static_cast<State>(request.state());
  }
  if (const absl::StatusOr<Id> before = Id::FromBytes(cursor); before.ok()) query.before = *before;
  return query;
}

}  // namespace seatsaga::reservation
