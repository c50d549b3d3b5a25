#pragma once

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/changes.h"

// The table of bad input: a row for everything that can be wrong with a request, by service.
namespace seatsaga::integration {

using absl::StatusCode;

struct Row {
  std::string name;
  std::function<absl::Status(Clients&)> send;
  StatusCode code = StatusCode::kInvalidArgument;
  std::string reason = "INVALID_REQUEST";
  std::string field;  // empty: none is named
};

// A valid request with one thing spoilt, and the field that must be named for it.
template <class Request>
Row Spoilt(std::string name, Request request, const std::function<void(Request&)>& spoil,
           std::string field) {
  spoil(request);
  return {.name = Cat(Request::descriptor()->name(), ": ", name),
          .send = [request](Clients& clients) { return clients.Call(request).status(); },
          .field = std::move(field)};
}

// The same, where no field is at fault.
template <class Request>
Row Refused(std::string name, Request request, StatusCode code, std::string reason) {
  Row row = Spoilt<Request>(
      std::move(name), std::move(request), [](Request&) {}, "");
  row.code = code;
  row.reason = std::move(reason);
  return row;
}

using reservation::v1::ListReservationsRequest;

// Durations that no server may hold seats for, and what no clock can count.
inline const std::pair<const char*, absl::Duration> kBadHolds[] = {
    {"no time at all", absl::ZeroDuration()},
    {"negative time", absl::Seconds(-600)},
    {"almost nothing", absl::Nanoseconds(1)},
    {"ten years", absl::Hours(10 * 365 * 24)},
    {"the longest duration", absl::Seconds(315'576'000'000)},
};

inline std::vector<Row> ReservationRows() {
  using R = CreateReservationRequest;
  using L = ListReservationsRequest;
  const auto create = [](std::string name, const std::function<void(R&)>& spoil,
                         std::string field) {
    return Spoilt<R>(std::move(name), Reserve(kEvent, {SeatId(0, 1)}), spoil, std::move(field));
  };
  const auto list = [](std::string name, const std::function<void(L&)>& spoil, std::string field) {
    return Spoilt<L>(std::move(name), L(), spoil, std::move(field));
  };
  const auto many = [](R& r) {
    r.clear_items();
    for (int i = 0; i < 21; ++i) r.add_items()->set_seat(SeatId(i / 10, i % 10 + 1));
  };
  const auto too_many_labels = [](auto& r) {
    for (int i = 0; i < 9; ++i) (*r.mutable_labels())[Cat("label-", i)] = "x";
  };
  const auto best = [](R& r) {
    r.clear_items();
    r.mutable_best_available()->set_count(2);
  };
  return {
      create(
          "no request_id", [](R& r) { r.clear_request_id(); }, "request_id"),
      create(
          "request_id is no id", [](R& r) { r.set_request_id("42"); }, "request_id"),
      create(
          "no user", [](R& r) { r.clear_user_id(); }, "user_id"),
      create(
          "user too long", [](R& r) { r.set_user_id(std::string(129, 'u')); }, "user_id"),
      create(
          "control characters", [](R& r) { r.set_user_id("a\nb"); }, "user_id"),
      create(
          "no event", [](R& r) { r.clear_event_id(); }, "event_id"),
      create(
          "event id malformed", [](R& r) { r.set_event_id("Hamlet!"); }, "event_id"),
      create(
          "event id too long", [](R& r) { r.set_event_id(std::string(65, 'e')); }, "event_id"),
      create(
          "no items", [](R& r) { r.clear_items(); }, "items"),
      create("21 items", many, "items"),
      create(
          "an item without a place", [](R& r) { r.add_items(); }, "items[1].seat"),
      create(
          "seat twice", [](R& r) { *r.add_items() = r.items(0); }, "items[1].seat"),
      create(
          "seat malformed", [](R& r) { r.mutable_items(0)->set_seat("A12"); }, "items[0].seat"),
      create(
          "an area", [](R& r) { r.add_items()->set_area("floor"); }, "items[1].area"),
      create(
          "a ticket type", [](R& r) { r.mutable_items(0)->set_ticket_type("child"); },
          "items[0].ticket_type"),
      create(
          "a seat twice by count", [](R& r) { r.mutable_items(0)->set_count(2); },
          "items[0].count"),
      create(
          "a negative count", [](R& r) { r.mutable_items(0)->set_count(-1); }, "items[0].count"),
      create("best available", best, "best_available"),
      create(
          "items and best available", [](R& r) { r.mutable_best_available(); }, "best_available"),
      create(
          "no token", [](R& r) { r.clear_payment_token(); }, "payment_token"),
      create(
          "token too short", [](R& r) { r.set_payment_token("tok"); }, "payment_token"),
      create(
          "token too long", [](R& r) { r.set_payment_token(std::string(129, 't')); },
          "payment_token"),
      create(
          "a card number", [](R& r) { r.set_payment_token("4242-4242-4242-4242"); },
          "payment_token"),
      create(
          "external_ref too long", [](R& r) { r.set_external_ref(std::string(129, 'r')); },
          "external_ref"),
      create(
          "external_ref with a control character", [](R& r) { r.set_external_ref("a\nb"); },
          "external_ref"),
      create("9 labels", too_many_labels, "labels"),
      create(
          "a label without a key", [](R& r) { (*r.mutable_labels())[""] = "x"; }, "labels"),
      create(
          "a label with a capital letter", [](R& r) { (*r.mutable_labels())["Shop"] = "x"; },
          "labels"),
      create(
          "a label whose value is too long",
          [](R& r) { (*r.mutable_labels())["shop"] = std::string(64, 'v'); }, "labels[shop]"),
      create(
          "negative wait", [](R& r) { r.mutable_wait()->set_seconds(-1); }, "wait"),
      create(
          "wait too long", [](R& r) { r.mutable_wait()->set_seconds(31); }, "wait"),
      create(
          "overflowing wait",
          [](R& r) { r.mutable_wait()->set_seconds(std::numeric_limits<int64_t>::max()); }, "wait"),
      list(
          "external_ref too long", [](L& l) { l.set_external_ref(std::string(129, 'r')); },
          "external_ref"),
      list("9 labels", too_many_labels, "labels"),
      list(
          "negative page size", [](L& r) { r.set_page_size(-1); }, "page_size"),
      list(
          "page size too large", [](L& r) { r.set_page_size(1001); }, "page_size"),
      list(
          "page token from elsewhere", [](L& r) { r.set_page_token("AAAA"); }, "page_token"),
      list(
          "user too long", [](L& r) { r.set_user_id(std::string(129, 'u')); }, "user_id"),
      list(
          "event malformed", [](L& r) { r.set_event_id("A B"); }, "event_id"),
      list(
          "no such state",
          [](L& r) { r.set_state(static_cast<reservation::v1::ReservationState>(99)); }, "state"),
  };
}

inline std::vector<Row> HoldRows() {
  using R = CreateReservationRequest;
  const auto hold = [](std::string name, const std::function<void(R&)>& spoil, std::string field) {
    return Spoilt<R>(std::move(name), Hold(kEvent, {SeatId(0, 1)}, absl::Minutes(10)), spoil,
                     std::move(field));
  };
  std::vector<Row> rows = {
      hold(
          "a token with a hold", [](R& r) { r.set_payment_token("tok_visa"); }, "payment_token"),
      hold(
          "hold without request_id", [](R& r) { r.clear_request_id(); }, "request_id"),
      hold(
          "hold_duration with pay now",
          [](R& r) {
            r.set_mode(reservation::v1::RESERVATION_MODE_PAY_NOW);
            r.set_payment_token("tok_visa");
          },
          "hold_duration"),
      hold(
          "hold_duration without a mode",
          [](R& r) {
            r.clear_mode();
            r.set_payment_token("tok_visa");
          },
          "hold_duration"),
      hold(
          "no such mode",
          [](R& r) { r.set_mode(static_cast<reservation::v1::ReservationMode>(99)); }, "mode"),
      hold(
          "hold of an overflowing duration",
          [](R& r) {
            r.mutable_hold_duration()->set_seconds(std::numeric_limits<int64_t>::max());
            r.mutable_hold_duration()->set_nanos(std::numeric_limits<int32_t>::max());
          },
          "hold_duration"),
  };
  for (const auto& [name, duration] : kBadHolds) {
    const auto spoil = [&](R& r) { *r.mutable_hold_duration() = ToProto(duration); };
    rows.push_back(hold(Cat("hold of ", name), spoil, "hold_duration"));
  }
  return rows;
}

// What is wrong with a change whatever the reservation is.
inline std::vector<Row> ChangeRows() {
  using P = PayReservationRequest;
  using E = ExtendHoldRequest;
  using C = CancelReservationRequest;
  using X = reservation::v1::ExchangeSeatsRequest;
  const auto pay = [](std::string name, const std::function<void(P&)>& spoil, std::string field) {
    return Spoilt<P>(std::move(name), Pay(cluster::NewId()), spoil, std::move(field));
  };
  const auto extend = [](std::string name, const std::function<void(E&)>& spoil,
                         std::string field) {
    return Spoilt<E>(std::move(name), Extend(cluster::NewId(), absl::Minutes(10)), spoil,
                     std::move(field));
  };
  const auto cancel = [](std::string name, const std::function<void(C&)>& spoil,
                         std::string field) {
    return Spoilt<C>(std::move(name), Cancel(cluster::NewId()), spoil, std::move(field));
  };
  const auto exchange = [](std::string name, const std::function<void(X&)>& spoil,
                           std::string field) {
    return Spoilt<X>(std::move(name), Exchange(cluster::NewId(), {SeatId(0, 1)}, {SeatId(0, 2)}),
                     spoil, std::move(field));
  };
  C validated = Cancel(cluster::NewId());
  validated.set_validate_only(true);
  std::vector<Row> rows = {
      pay(
          "no id", [](P& r) { r.clear_reservation_id(); }, "reservation_id"),
      pay(
          "no request_id", [](P& r) { r.clear_request_id(); }, "request_id"),
      pay(
          "request_id is no id", [](P& r) { r.set_request_id("42"); }, "request_id"),
      pay(
          "no token", [](P& r) { r.clear_payment_token(); }, "payment_token"),
      pay(
          "a card number", [](P& r) { r.set_payment_token("4242-4242-4242-4242"); },
          "payment_token"),
      pay(
          "wait too long", [](P& r) { r.mutable_wait()->set_seconds(31); }, "wait"),
      pay(
          "etag too long", [](P& r) { r.set_etag(std::string(65, 'e')); }, "etag"),
      extend(
          "no id", [](E& r) { r.clear_reservation_id(); }, "reservation_id"),
      extend(
          "no duration", [](E& r) { r.clear_hold_duration(); }, "hold_duration"),
      extend(
          "etag with control characters", [](E& r) { r.set_etag("a\nb"); }, "etag"),
      cancel(
          "no id", [](C& r) { r.clear_reservation_id(); }, "reservation_id"),
      cancel(
          "id is no id", [](C& r) { r.set_reservation_id("%%%"); }, "reservation_id"),
      cancel(
          "no request_id", [](C& r) { r.clear_request_id(); }, "request_id"),
      cancel(
          "no request_id, validate_only",
          [](C& r) {
            r.clear_request_id();
            r.set_validate_only(true);
          },
          "request_id"),
      cancel(
          "negative wait", [](C& r) { r.mutable_wait()->set_seconds(-1); }, "wait"),
      cancel(
          "the same seat twice",
          [](C& r) {
            r.add_seat_ids(SeatId(0, 1));
            r.add_seat_ids(SeatId(0, 1));
          },
          "seat_ids[1]"),
      cancel(
          "a seat without a name", [](C& r) { r.add_seat_ids(""); }, "seat_ids[0]"),
      cancel(
          "a seat of two lines", [](C& r) { r.add_seat_ids("a\nb"); }, "seat_ids[0]"),
      cancel(
          "too many seats",
          [](C& r) {
            for (int i = 0; i < 21; ++i) r.add_seat_ids(SeatId(i, 1));
          },
          "seat_ids"),
      exchange(
          "no id", [](X& r) { r.clear_reservation_id(); }, "reservation_id"),
      exchange(
          "id is no id", [](X& r) { r.set_reservation_id("%%%"); }, "reservation_id"),
      exchange(
          "no request_id", [](X& r) { r.clear_request_id(); }, "request_id"),
      exchange(
          "no seats to give back", [](X& r) { r.clear_give_back_seat_ids(); },
          "give_back_seat_ids"),
      exchange(
          "no seats to take", [](X& r) { r.clear_items(); }, "items"),
      exchange(
          "a seat to give back twice", [](X& r) { r.add_give_back_seat_ids(SeatId(0, 1)); },
          "give_back_seat_ids[1]"),
      exchange(
          "a seat to take twice", [](X& r) { *r.add_items() = r.items(0); }, "items[1].seat"),
      exchange(
          "a seat of two lines", [](X& r) { r.mutable_items(0)->set_seat("a\nb"); },
          "items[0].seat"),
      exchange(
          "too many seats",
          [](X& r) {
            for (int i = 1; i < 21; ++i) r.add_items()->set_seat(SeatId(i, 1));
          },
          "items"),
      exchange(
          "a card number", [](X& r) { r.set_payment_token("4242-4242-4242-4242"); },
          "payment_token"),
      exchange(
          "wait too long", [](X& r) { r.mutable_wait()->set_seconds(31); }, "wait"),
      exchange(
          "etag too long", [](X& r) { r.set_etag(std::string(65, 'e')); }, "etag"),
      Refused("unknown id", CancelSeats(cluster::NewId(), {SeatId(0, 1)}), StatusCode::kNotFound,
              "RESERVATION_NOT_FOUND"),
      Refused("unknown id", Exchange(cluster::NewId(), {SeatId(0, 1)}, {SeatId(0, 2)}),
              StatusCode::kNotFound, "RESERVATION_NOT_FOUND"),
      Refused("unknown id", Pay(cluster::NewId()), StatusCode::kNotFound, "RESERVATION_NOT_FOUND"),
      Refused("unknown id", Extend(cluster::NewId(), absl::Minutes(10)), StatusCode::kNotFound,
              "RESERVATION_NOT_FOUND"),
      Refused("unknown id", Cancel(cluster::NewId()), StatusCode::kNotFound,
              "RESERVATION_NOT_FOUND"),
      Refused("unknown id, validate_only", validated, StatusCode::kNotFound,
              "RESERVATION_NOT_FOUND"),
  };
  for (const auto& [name, duration] : kBadHolds) {
    const auto spoil = [&](E& r) { *r.mutable_hold_duration() = ToProto(duration); };
    rows.push_back(extend(name, spoil, "hold_duration"));
  }
  return rows;
}

// One reservation in each state that a change may find.
struct Subjects {
  Reservation held;  // as it was before its hold was extended: with a stale etag
  Reservation paid;
  Reservation pay_now;
  Reservation expired;
  Reservation cancelled;
  CancelReservationRequest cancellation;  // of `cancelled`
};

// What cannot be done to a reservation in its state.
inline std::vector<Row> RefusedChangeRows(const Subjects& subjects) {
  std::vector<Row> rows;
  const auto refused = [&rows](std::string name, auto request, std::string reason) {
    rows.push_back(Refused(std::move(name), std::move(request), StatusCode::kFailedPrecondition,
                           std::move(reason)));
  };
  const auto validated = [](CancelReservationRequest request) {
    request.set_validate_only(true);
    return request;
  };
  const std::string& held = subjects.held.reservation_id();
  const std::string& paid = subjects.paid.reservation_id();
  const std::string& pay_now = subjects.pay_now.reservation_id();
  const std::string& expired = subjects.expired.reservation_id();
  const std::string& cancelled = subjects.cancelled.reservation_id();
  const absl::Duration longer = absl::Minutes(20);
  refused("paid before", Pay(paid), "ALREADY_PAID");
  refused("paid before", Extend(paid, longer), "ALREADY_PAID");
  refused("never held", Pay(pay_now), "NOT_HELD");
  refused("never held", Extend(pay_now, longer), "NOT_HELD");
  refused("expired", Pay(expired), "HOLD_EXPIRED");
  refused("expired", Extend(expired, longer), "HOLD_EXPIRED");
  refused("expired", Cancel(expired), "RESERVATION_CANCELLED");
  refused("cancelled before", Pay(cancelled), "RESERVATION_CANCELLED");
  refused("cancelled before", Extend(cancelled, longer), "RESERVATION_CANCELLED");
  refused("cancelled before", Cancel(cancelled), "RESERVATION_CANCELLED");
  refused("cancelled before, validate_only", validated(Cancel(cancelled)), "RESERVATION_CANCELLED");
  // `paid` has the third seat, `pay_now` the fourth.
  const std::string third = SeatId(0, 3);
  const std::string another = SeatId(5, 1);
  refused("held", CancelSeats(held, {SeatId(0, 2)}), "NOT_CONFIRMED");
  refused("held", Exchange(held, {SeatId(0, 2)}, {another}), "NOT_CONFIRMED");
  refused("cancelled before", CancelSeats(cancelled, {SeatId(0, 5)}), "RESERVATION_CANCELLED");
  refused("cancelled before", Exchange(cancelled, {SeatId(0, 5)}, {another}),
          "RESERVATION_CANCELLED");
  refused("another's seat", CancelSeats(paid, {SeatId(0, 4)}), "SEAT_NOT_IN_RESERVATION");
  refused("another's seat", Exchange(paid, {SeatId(0, 4)}, {another}), "SEAT_NOT_IN_RESERVATION");
  refused("all seats", CancelSeats(paid, {third}), "NOTHING_LEFT");
  refused("all seats, validate_only", validated(CancelSeats(paid, {third})), "NOTHING_LEFT");
  refused("for itself", Exchange(paid, {third}, {third}), "SEAT_IN_RESERVATION");

  const auto stale = [&rows, &subjects](auto request) {
    request.set_etag(subjects.held.etag());
    rows.push_back(Refused("stale etag", request, StatusCode::kAborted, "ETAG_MISMATCH"));
  };
  stale(Pay(held));
  stale(Extend(held, longer));
  stale(Cancel(held));
  stale(validated(Cancel(held)));
  stale(CancelSeats(paid, {third}));
  stale(Exchange(paid, {third}, {another}));

  const auto reused = [&rows, &subjects](auto request) {
    request.set_request_id(subjects.cancellation.request_id());
    Row row = Refused("request_id of a cancellation", request, StatusCode::kInvalidArgument,
                      "REQUEST_ID_REUSED");
    row.field = "request_id";
    rows.push_back(std::move(row));
  };
  reused(Cancel(held));
  reused(Pay(held));
  reused(validated(Cancel(held)));
  reused(CancelSeats(paid, {third}));
  reused(Exchange(paid, {third}, {another}));
  reused(CancelSeats(cancelled, {SeatId(0, 5)}));
  return rows;
}

template <class Request>
std::vector<Row> IdRows(const char* field, const char* not_found) {
  const auto set = [field](Request& request, const std::string& id) {
    request.GetReflection()->SetString(&request, Request::descriptor()->FindFieldByName(field), id);
  };
  Request unknown;
  set(unknown, cluster::NewId());
  return {Spoilt<Request>(
              "no id", Request(), [](Request&) {}, field),
          Spoilt<Request>(
              "no id at all", Request(), [&](Request& r) { set(r, "%%%"); }, field),
          Refused<Request>("unknown id", unknown, StatusCode::kNotFound, not_found)};
}

inline seat::v1::CreateEventRequest ValidEvent() {
  seat::v1::CreateEventRequest request;
  auto* event = request.mutable_event();
  event->set_event_id("spoilt");
  event->set_display_name("Spoilt");
  event->set_currency("EUR");
  auto* section = event->add_sections();
  section->set_name("stalls");
  section->set_price_minor(100);
  auto* row = section->add_rows();
  row->set_name("A");
  row->set_seat_count(10);
  return request;
}

inline std::vector<Row> EventRows() {
  using E = seat::v1::CreateEventRequest;
  const auto spoilt = [](std::string name, const std::function<void(E&)>& spoil,
                         std::string field) {
    return Spoilt<E>(std::move(name), ValidEvent(), spoil, std::move(field));
  };
  const auto first = [](E& r) { return r.mutable_event()->mutable_sections(0); };
  const auto too_many = [first](E& r) {
    for (int i = 0; i < 101; ++i) {
      auto* row = first(r)->add_rows();
      row->set_name(Cat("r", i));
      row->set_seat_count(1000);
    }
  };
  return {
      spoilt(
          "nothing", [](E& r) { r.clear_event(); }, "event"),
      spoilt(
          "no id", [](E& r) { r.mutable_event()->clear_event_id(); }, "event.event_id"),
      spoilt(
          "no name", [](E& r) { r.mutable_event()->clear_display_name(); }, "event.display_name"),
      spoilt(
          "name too long", [](E& r) { r.mutable_event()->set_display_name(std::string(201, 'n')); },
          "event.display_name"),
      spoilt(
          "currency", [](E& r) { r.mutable_event()->set_currency("euro"); }, "event.currency"),
      spoilt(
          "no sections", [](E& r) { r.mutable_event()->clear_sections(); }, "event.sections"),
      spoilt(
          "section twice", [](E& r) { *r.mutable_event()->add_sections() = r.event().sections(0); },
          "event.sections[1].name"),
      spoilt(
          "negative price", [&](E& r) { first(r)->set_price_minor(-1); },
          "event.sections[0].price_minor"),
      spoilt(
          "overflowing price",
          [&](E& r) { first(r)->set_price_minor(std::numeric_limits<int64_t>::max()); },
          "event.sections[0].price_minor"),
      spoilt(
          "no rows", [&](E& r) { first(r)->clear_rows(); }, "event.sections[0].rows"),
      spoilt(
          "row without seats", [&](E& r) { first(r)->mutable_rows(0)->set_seat_count(0); },
          "event.sections[0].rows[0].seat_count"),
      spoilt(
          "row too long",
          [&](E& r) {
            first(r)->mutable_rows(0)->set_seat_count(std::numeric_limits<int32_t>::max());
          },
          "event.sections[0].rows[0].seat_count"),
      spoilt(
          "row name", [&](E& r) { first(r)->mutable_rows(0)->set_name("A/B"); },
          "event.sections[0].rows[0].name"),
      spoilt("too many seats", too_many, "event.sections"),
      spoilt(
          "no such time", [](E& r) { r.mutable_event()->mutable_start_time()->set_nanos(-1); },
          "event.start_time"),
      spoilt(
          "sale without duration",
          [](E& r) {
            r.mutable_event()->mutable_sale_start_time();
            r.mutable_event()->mutable_sale_end_time();
          },
          "event.sale_start_time"),
      spoilt(
          "refund of more than the price",
          [](E& r) {
            r.mutable_event()->mutable_start_time();
            auto* rule = r.mutable_event()->add_refund_rules();
            rule->mutable_before_start();
            rule->set_percent(101);
          },
          "event.refund_rules[0].percent"),
      spoilt(
          "negative refund",
          [](E& r) {
            r.mutable_event()->mutable_start_time();
            auto* rule = r.mutable_event()->add_refund_rules();
            rule->mutable_before_start();
            rule->set_percent(-1);
          },
          "event.refund_rules[0].percent"),
      spoilt(
          "refund rule after the start",
          [](E& r) {
            r.mutable_event()->mutable_start_time();
            auto* rule = r.mutable_event()->add_refund_rules();
            rule->mutable_before_start()->set_seconds(-1);
          },
          "event.refund_rules[0].before_start"),
      spoilt(
          "refund rules without a start",
          [](E& r) { r.mutable_event()->add_refund_rules()->mutable_before_start(); },
          "event.refund_rules"),
  };
}

inline std::vector<Row> SeatRows() {
  using R = seat::v1::ReserveSeatsRequest;
  using U = seat::v1::ReleaseSeatsRequest;
  using L = seat::v1::ListSeatsRequest;
  R reserve;
  *reserve.mutable_key() = cluster::KeyOf(cluster::NewId(), "reserve_seats");
  reserve.set_event_id(kEvent);
  reserve.add_seat_ids(SeatId(0, 1));
  U release;
  *release.mutable_key() = cluster::KeyOf(cluster::NewId(), "reserve_seats");
  L list;
  list.set_event_id(kEvent);
  L list_unknown;
  list_unknown.set_event_id("no-such-event");
  seat::v1::GetEventRequest get_unknown;
  get_unknown.set_event_id("no-such-event");
  return {
      Spoilt<R>(
          "no saga", reserve, [](R& r) { r.mutable_key()->clear_saga_id(); }, "key.saga_id"),
      Spoilt<R>(
          "no step", reserve, [](R& r) { r.mutable_key()->clear_step(); }, "key.step"),
      Spoilt<R>(
          "step too long", reserve, [](R& r) { r.mutable_key()->set_step(std::string(65, 's')); },
          "key.step"),
      Spoilt<R>(
          "no round", reserve, [](R& r) { r.mutable_key()->clear_round(); }, "key.round"),
      Spoilt<R>(
          "round too high", reserve, [](R& r) { r.mutable_key()->set_round(101); }, "key.round"),
      Spoilt<R>(
          "holder cut", reserve, [](R& r) { r.mutable_key()->set_fencing_holder("x"); },
          "key.fencing_holder"),
      Spoilt<R>(
          "no event", reserve, [](R& r) { r.clear_event_id(); }, "event_id"),
      Spoilt<R>(
          "no seats", reserve, [](R& r) { r.clear_seat_ids(); }, "seat_ids"),
      Spoilt<U>(
          "saga is no id", release, [](U& r) { r.mutable_key()->set_saga_id("x"); }, "key.saga_id"),
      Spoilt<U>(
          "no step", release, [](U& r) { r.mutable_key()->clear_step(); }, "key.step"),
      Spoilt<L>(
          "no event", list, [](L& r) { r.clear_event_id(); }, "event_id"),
      Spoilt<L>(
          "page size", list, [](L& r) { r.set_page_size(10'001); }, "page_size"),
      Spoilt<L>(
          "page token", list, [](L& r) { r.set_page_token("!"); }, "page_token"),
      Spoilt<L>(
          "state", list, [](L& r) { r.set_state(static_cast<seat::v1::SeatState>(99)); }, "state"),
      Spoilt<seat::v1::ListEventsRequest>(
          "page size", {}, [](seat::v1::ListEventsRequest& r) { r.set_page_size(-5); },
          "page_size"),
      Spoilt<seat::v1::ExecuteSeatCommandsRequest>(
          "empty batch", {}, [](seat::v1::ExecuteSeatCommandsRequest&) {}, "commands"),
      Spoilt<seat::v1::GetEventRequest>(
          "no id", {}, [](seat::v1::GetEventRequest&) {}, "event_id"),
      Refused("unknown event", get_unknown, StatusCode::kNotFound, "EVENT_NOT_FOUND"),
      Refused("unknown event", list_unknown, StatusCode::kNotFound, "EVENT_NOT_FOUND"),
  };
}

inline void AddRefund(payment::v1::RefundPaymentRequest& request, int64_t amount_minor) {
  saga::v1::PaymentPart& part = *request.mutable_refunds()->add_refunds();
  part.set_payment_id(cluster::NewId());
  part.mutable_amount()->set_amount_minor(amount_minor);
  part.mutable_amount()->set_currency("EUR");
}

inline std::vector<Row> PaymentRows() {
  using C = payment::v1::ChargePaymentRequest;
  using U = payment::v1::RefundPaymentRequest;
  C charge;
  *charge.mutable_key() = cluster::KeyOf(cluster::NewId(), "charge_payment");
  charge.mutable_amount()->set_amount_minor(100);
  charge.mutable_amount()->set_currency("EUR");
  charge.set_sealed_payment_token("sealed");
  U refund;
  *refund.mutable_key() = cluster::KeyOf(cluster::NewId(), "charge_payment");
  return {
      Spoilt<C>(
          "no saga", charge, [](C& r) { r.mutable_key()->clear_saga_id(); }, "key.saga_id"),
      Spoilt<C>(
          "no step", charge, [](C& r) { r.mutable_key()->clear_step(); }, "key.step"),
      Spoilt<C>(
          "negative", charge, [](C& r) { r.mutable_amount()->set_amount_minor(-1); },
          "amount.amount_minor"),
      Spoilt<C>(
          "overflow", charge,
          [](C& r) { r.mutable_amount()->set_amount_minor(std::numeric_limits<int64_t>::max()); },
          "amount.amount_minor"),
      Spoilt<C>(
          "no amount", charge, [](C& r) { r.clear_amount(); }, "amount.currency"),
      Spoilt<C>(
          "currency", charge, [](C& r) { r.mutable_amount()->set_currency("eur"); },
          "amount.currency"),
      Spoilt<C>(
          "token too long", charge,
          [](C& r) { r.set_sealed_payment_token(std::string(100'000, 'x')); },
          "sealed_payment_token"),
      Spoilt<U>(
          "no saga", refund, [](U& r) { r.mutable_key()->clear_saga_id(); }, "key.saga_id"),
      Spoilt<U>(
          "negative", refund, [](U& r) { AddRefund(r, -1); },
          "refunds.refunds[0].amount.amount_minor"),
      Spoilt<U>(
          "of the same payment twice", refund,
          [](U& r) {
            AddRefund(r, 1);
            *r.mutable_refunds()->add_refunds() = r.refunds().refunds(0);
          },
          "refunds.refunds[1].payment_id"),
      Spoilt<U>(
          "of no payment", refund,
          [](U& r) {
            AddRefund(r, 1);
            r.mutable_refunds()->mutable_refunds(0)->clear_payment_id();
          },
          "refunds.refunds[0].payment_id"),
      Spoilt<U>(
          "reservation is no id", refund, [](U& r) { r.set_reservation_id("x"); },
          "reservation_id"),
      Spoilt<payment::v1::ListPaymentsRequest>(
          "page token", {}, [](payment::v1::ListPaymentsRequest& r) { r.set_page_token("?"); },
          "page_token"),
      Spoilt<payment::v1::ListPaymentsRequest>(
          "page size", {}, [](payment::v1::ListPaymentsRequest& r) { r.set_page_size(1001); },
          "page_size"),
      Spoilt<payment::v1::ExecutePaymentCommandsRequest>(
          "empty batch", {}, [](payment::v1::ExecutePaymentCommandsRequest&) {}, "commands"),
  };
}

inline std::vector<Row> OrchestratorRows() {
  using S = orchestrator::v1::StartSagasRequest;
  using L = orchestrator::v1::ListSagasRequest;
  S start;
  auto* saga = start.add_sagas();
  saga->set_saga_id(cluster::NewId());
  auto* data = saga->mutable_data()->mutable_reservation();
  data->set_user_id("alice");
  data->set_event_id(kEvent);
  data->add_seat_ids(SeatId(0, 1));
  data->set_sealed_payment_token("sealed");
  const auto data_of = [](S& r) {
    return r.mutable_sagas(0)->mutable_data()->mutable_reservation();
  };
  return {
      Spoilt<S>(
          "empty", start, [](S& r) { r.clear_sagas(); }, "sagas"),
      Spoilt<S>(
          "no id", start, [](S& r) { r.mutable_sagas(0)->clear_saga_id(); }, "sagas[0].saga_id"),
      Spoilt<S>(
          "an id of the year 10889", start,
          [](S& r) { r.mutable_sagas(0)->set_saga_id("ffffffff-ffff-7fff-bfff-ffffffffffff"); },
          "sagas[0].saga_id"),
      Spoilt<S>(
          "no data", start, [](S& r) { r.mutable_sagas(0)->clear_data(); }, "sagas[0].data"),
      Spoilt<S>(
          "no user", start, [&](S& r) { data_of(r)->clear_user_id(); },
          "sagas[0].data.reservation.user_id"),
      Spoilt<S>(
          "no seats", start, [&](S& r) { data_of(r)->clear_seat_ids(); },
          "sagas[0].data.reservation.seat_ids"),
      Spoilt<S>(
          "no token", start, [&](S& r) { data_of(r)->clear_sealed_payment_token(); },
          "sagas[0].data.reservation.sealed_payment_token"),
      Spoilt<L>(
          "page size", {}, [](L& r) { r.set_page_size(-1); }, "page_size"),
      Spoilt<L>(
          "page token", {}, [](L& r) { r.set_page_token("AAAA"); }, "page_token"),
      Spoilt<L>(
          "negative age", {}, [](L& r) { r.mutable_min_age()->set_seconds(-1); }, "min_age"),
      Spoilt<L>(
          "no such state", {},
          [](L& r) { r.set_state(static_cast<orchestrator::v1::SagaState>(99)); }, "state"),
  };
}

inline std::vector<Row> SignalRows() {
  using S = orchestrator::v1::SubmitSignalsRequest;
  S resume;
  auto* signal = resume.add_signals();
  signal->set_saga_id(cluster::NewId());
  signal->mutable_resume()->set_step("await_payment");
  signal->mutable_resume()->set_round(1);
  signal->mutable_resume()->mutable_data()->mutable_reservation()->set_sealed_payment_token("s");
  S extend;
  signal = extend.add_signals();
  signal->set_saga_id(cluster::NewId());
  signal->mutable_extend_hold()->mutable_hold_duration()->set_seconds(60);
  const auto resumed = [](S& r) { return r.mutable_signals(0)->mutable_resume(); };
  std::vector<Row> rows = {
      Spoilt<S>(
          "empty", resume, [](S& r) { r.clear_signals(); }, "signals"),
      Spoilt<S>(
          "no id", resume, [](S& r) { r.mutable_signals(0)->clear_saga_id(); },
          "signals[0].saga_id"),
      Spoilt<S>(
          "nothing to tell", resume, [](S& r) { r.mutable_signals(0)->clear_signal(); },
          "signals[0].signal"),
      Spoilt<S>(
          "no step", resume, [&](S& r) { resumed(r)->clear_step(); }, "signals[0].resume.step"),
      Spoilt<S>(
          "no round", resume, [&](S& r) { resumed(r)->clear_round(); }, "signals[0].resume.round"),
      Spoilt<S>(
          "no token", resume,
          [&](S& r) { resumed(r)->mutable_data()->mutable_reservation()->Clear(); },
          "signals[0].resume.data.reservation.sealed_payment_token"),
  };
  for (const int64_t seconds : {0L, -1L}) {
    rows.push_back(Spoilt<S>(
        Cat("hold of ", seconds, " s"), extend,
        [seconds](S& r) {
          r.mutable_signals(0)->mutable_extend_hold()->mutable_hold_duration()->set_seconds(
              seconds);
        },
        "signals[0].extend_hold.hold_duration"));
  }
  return rows;
}

inline std::vector<Row> AllRows() {
  std::vector<Row> all = ReservationRows();
  const auto add = [&all](std::vector<Row> rows) {
    all.insert(all.end(), rows.begin(), rows.end());
  };
  add(IdRows<reservation::v1::GetReservationRequest>("reservation_id", "RESERVATION_NOT_FOUND"));
  add(HoldRows());
  add(ChangeRows());
  add(EventRows());
  add(SeatRows());
  add(PaymentRows());
  add(IdRows<payment::v1::GetPaymentRequest>("payment_id", "PAYMENT_NOT_FOUND"));
  add(OrchestratorRows());
  add(SignalRows());
  add(IdRows<orchestrator::v1::GetSagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add(IdRows<orchestrator::v1::RetrySagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add(IdRows<orchestrator::v1::CompensateSagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add({Spoilt<reservation::v1::ExecuteReservationCommandsRequest>(
      "empty batch", {}, [](reservation::v1::ExecuteReservationCommandsRequest&) {}, "commands")});
  return all;
}

}  // namespace seatsaga::integration
