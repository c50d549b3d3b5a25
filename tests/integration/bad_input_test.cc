// What bad input gets: for every RPC, the status, the ErrorInfo's reason and the field it names.
// Nothing is stored, and the server goes on.
#include <algorithm>
#include <functional>

#include "common/errors.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

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

using reservation::v1::CreateReservationRequest;
using reservation::v1::ListReservationsRequest;

std::vector<Row> ReservationRows() {
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
    r.clear_seat_ids();
    for (int i = 0; i < 21; ++i) r.add_seat_ids(SeatId(i / 10, i % 10 + 1));
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
          "no seats", [](R& r) { r.clear_seat_ids(); }, "seat_ids"),
      create("21 seats", many, "seat_ids"),
      create(
          "seat twice", [](R& r) { r.add_seat_ids(r.seat_ids(0)); }, "seat_ids[1]"),
      create(
          "seat malformed", [](R& r) { r.set_seat_ids(0, "A12"); }, "seat_ids[0]"),
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
          "negative wait", [](R& r) { r.mutable_wait()->set_seconds(-1); }, "wait"),
      create(
          "wait too long", [](R& r) { r.mutable_wait()->set_seconds(31); }, "wait"),
      create(
          "overflowing wait", [](R& r) { r.mutable_wait()->set_seconds(INT64_MAX); }, "wait"),
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

template <class Request>
std::vector<Row> IdRows(const char* field, const char* not_found) {
  const auto set = [field](Request& request, const std::string& id) {
    request.GetReflection()->SetString(&request, Request::descriptor()->FindFieldByName(field), id);
  };
  Request unknown;
  set(unknown, harness::NewId());
  return {Spoilt<Request>(
              "no id", Request(), [](Request&) {}, field),
          Spoilt<Request>(
              "no id at all", Request(), [&](Request& r) { set(r, "%%%"); }, field),
          Refused<Request>("unknown id", unknown, StatusCode::kNotFound, not_found)};
}

seat::v1::CreateEventRequest ValidEvent() {
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

std::vector<Row> EventRows() {
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
          "overflowing price", [&](E& r) { first(r)->set_price_minor(INT64_MAX); },
          "event.sections[0].price_minor"),
      spoilt(
          "no rows", [&](E& r) { first(r)->clear_rows(); }, "event.sections[0].rows"),
      spoilt(
          "row without seats", [&](E& r) { first(r)->mutable_rows(0)->set_seat_count(0); },
          "event.sections[0].rows[0].seat_count"),
      spoilt(
          "row too long", [&](E& r) { first(r)->mutable_rows(0)->set_seat_count(INT32_MAX); },
          "event.sections[0].rows[0].seat_count"),
      spoilt(
          "row name", [&](E& r) { first(r)->mutable_rows(0)->set_name("A/B"); },
          "event.sections[0].rows[0].name"),
      spoilt("too many seats", too_many, "event.sections"),
  };
}

std::vector<Row> SeatRows() {
  using R = seat::v1::ReserveSeatsRequest;
  using U = seat::v1::ReleaseSeatsRequest;
  using L = seat::v1::ListSeatsRequest;
  R reserve;
  reserve.set_saga_id(harness::NewId());
  reserve.set_step("reserve_seats");
  reserve.set_event_id(kEvent);
  reserve.add_seat_ids(SeatId(0, 1));
  U release;
  release.set_saga_id(harness::NewId());
  release.set_step("reserve_seats");
  L list;
  list.set_event_id(kEvent);
  L list_unknown;
  list_unknown.set_event_id("no-such-event");
  seat::v1::GetEventRequest get_unknown;
  get_unknown.set_event_id("no-such-event");
  return {
      Spoilt<R>(
          "no saga", reserve, [](R& r) { r.clear_saga_id(); }, "saga_id"),
      Spoilt<R>(
          "no step", reserve, [](R& r) { r.clear_step(); }, "step"),
      Spoilt<R>(
          "step too long", reserve, [](R& r) { r.set_step(std::string(65, 's')); }, "step"),
      Spoilt<R>(
          "no event", reserve, [](R& r) { r.clear_event_id(); }, "event_id"),
      Spoilt<R>(
          "no seats", reserve, [](R& r) { r.clear_seat_ids(); }, "seat_ids"),
      Spoilt<U>(
          "saga is no id", release, [](U& r) { r.set_saga_id("x"); }, "saga_id"),
      Spoilt<U>(
          "no step", release, [](U& r) { r.clear_step(); }, "step"),
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

std::vector<Row> PaymentRows() {
  using C = payment::v1::ChargePaymentRequest;
  using U = payment::v1::RefundPaymentRequest;
  C charge;
  charge.set_saga_id(harness::NewId());
  charge.set_step("charge_payment");
  charge.mutable_amount()->set_amount_minor(100);
  charge.mutable_amount()->set_currency("EUR");
  charge.set_sealed_payment_token("sealed");
  U refund;
  refund.set_saga_id(harness::NewId());
  refund.set_step("charge_payment");
  return {
      Spoilt<C>(
          "no saga", charge, [](C& r) { r.clear_saga_id(); }, "saga_id"),
      Spoilt<C>(
          "no step", charge, [](C& r) { r.clear_step(); }, "step"),
      Spoilt<C>(
          "negative", charge, [](C& r) { r.mutable_amount()->set_amount_minor(-1); },
          "amount.amount_minor"),
      Spoilt<C>(
          "overflow", charge, [](C& r) { r.mutable_amount()->set_amount_minor(INT64_MAX); },
          "amount.amount_minor"),
      Spoilt<C>(
          "no amount", charge, [](C& r) { r.clear_amount(); }, "amount.currency"),
      Spoilt<C>(
          "currency", charge, [](C& r) { r.mutable_amount()->set_currency("eur"); },
          "amount.currency"),
      Spoilt<C>(
          "no token", charge, [](C& r) { r.clear_sealed_payment_token(); }, "sealed_payment_token"),
      Spoilt<C>(
          "token too long", charge,
          [](C& r) { r.set_sealed_payment_token(std::string(100'000, 'x')); },
          "sealed_payment_token"),
      Spoilt<U>(
          "no saga", refund, [](U& r) { r.clear_saga_id(); }, "saga_id"),
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

std::vector<Row> OrchestratorRows() {
  using S = orchestrator::v1::StartSagasRequest;
  using L = orchestrator::v1::ListSagasRequest;
  S start;
  auto* saga = start.add_sagas();
  saga->set_saga_id(harness::NewId());
  saga->set_user_id("alice");
  saga->set_event_id(kEvent);
  saga->add_seat_ids(SeatId(0, 1));
  saga->set_sealed_payment_token("sealed");
  return {
      Spoilt<S>(
          "empty", start, [](S& r) { r.clear_sagas(); }, "sagas"),
      Spoilt<S>(
          "no id", start, [](S& r) { r.mutable_sagas(0)->clear_saga_id(); }, "sagas[0].saga_id"),
      Spoilt<S>(
          "no user", start, [](S& r) { r.mutable_sagas(0)->clear_user_id(); }, "sagas[0].user_id"),
      Spoilt<S>(
          "no seats", start, [](S& r) { r.mutable_sagas(0)->clear_seat_ids(); },
          "sagas[0].seat_ids"),
      Spoilt<S>(
          "no token", start, [](S& r) { r.mutable_sagas(0)->clear_sealed_payment_token(); },
          "sagas[0].sealed_payment_token"),
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

std::vector<Row> AllRows() {
  std::vector<Row> all = ReservationRows();
  const auto add = [&all](std::vector<Row> rows) {
    all.insert(all.end(), rows.begin(), rows.end());
  };
  add(IdRows<reservation::v1::GetReservationRequest>("reservation_id", "RESERVATION_NOT_FOUND"));
  add(EventRows());
  add(SeatRows());
  add(PaymentRows());
  add(IdRows<payment::v1::GetPaymentRequest>("payment_id", "PAYMENT_NOT_FOUND"));
  add(OrchestratorRows());
  add(IdRows<orchestrator::v1::GetSagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add(IdRows<orchestrator::v1::RetrySagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add(IdRows<orchestrator::v1::CompensateSagaRequest>("saga_id", "SAGA_NOT_FOUND"));
  add({Spoilt<reservation::v1::ExecuteReservationCommandsRequest>(
      "empty batch", {}, [](reservation::v1::ExecuteReservationCommandsRequest&) {}, "commands")});
  return all;
}

bool Names(const absl::Status& status, const std::string& field) {
  const auto violations = FieldViolationsOf(status);
  return std::any_of(violations.begin(), violations.end(),
                     [&](const auto& violation) { return violation.first == field; });
}

void RequireAllServing(TestCluster& cluster) {
  for (const Service service : harness::kServices) {
    const auto serving = cluster.clients().Serving(service);
    CAPTURE(harness::ProgramOf(service), serving.status());
    REQUIRE(serving.ok());
    CHECK(*serving);
  }
}

// Nothing came of the bad requests, and a good one is served.
void RequireUnharmed(TestCluster& cluster) {
  RequireAllServing(cluster);
  const auto events = cluster->Call(seat::v1::ListEventsRequest());
  REQUIRE(events.ok());
  CHECK(events->events_size() == 1);
  const auto reservations = cluster->Call(reservation::v1::ListReservationsRequest());
  CHECK((reservations.ok() && reservations->reservations().empty()));
  const auto payments = cluster->Call(payment::v1::ListPaymentsRequest());
  CHECK((payments.ok() && payments->payments().empty()));
  const auto sagas = cluster->Call(orchestrator::v1::ListSagasRequest());
  CHECK((sagas.ok() && sagas->sagas().empty()));
  CHECK(harness::AvailableSeats(cluster.clients(), kEvent) == 100);
  CHECK(Outcome(harness::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}))) ==
        "CONFIRMED");
  harness::RequireCleanAudit(*cluster);
}

TEST_CASE("bad input gets a status, a reason and the field's name, and changes nothing") {
  TestCluster cluster;
  MakeEvent(cluster);
  for (const Row& row : AllRows()) {
    const absl::Status status = row.send(cluster.clients());
    CAPTURE(row.name, status);
    CHECK(status.code() == row.code);
    CHECK(ReasonOf(status) == row.reason);
    CHECK((row.field.empty() || Names(status, row.field)));
    CHECK(!status.message().empty());
  }
  RequireUnharmed(cluster);
}

// Calls a method with bytes of our own.
absl::Status SendRaw(Clients& clients, const google::protobuf::Message& message,
                     absl::Duration deadline = Clients::kDeadline) {
  return clients.Channel(Service::kReservation)
      .CallAndWait<reservation::v1::CreateReservationResponse>(
          harness::Method<CreateReservationRequest>::kName, message, deadline)
      .status();
}

TEST_CASE("messages that are malformed, too large or without a deadline are refused") {
  TestCluster cluster;
  MakeEvent(cluster);
  Clients& clients = cluster.clients();
  const auto good = Reserve(kEvent, {SeatId(0, 1)});

  const absl::Status endless = SendRaw(clients, good, absl::InfiniteDuration());
  CHECK(absl::IsInvalidArgument(endless));
  CHECK(ReasonOf(endless) == "DEADLINE_REQUIRED");

  auto large = good;
  large.set_user_id(std::string(2 << 20, 'u'));
  const absl::Status too_large = SendRaw(clients, large);
  CHECK(absl::IsInvalidArgument(too_large));
  CHECK(ReasonOf(too_large) == "MESSAGE_TOO_LARGE");

  auto huge = good;
  huge.set_user_id(std::string(32 << 20, 'u'));
  CHECK(absl::IsResourceExhausted(SendRaw(clients, huge)));

  // Field 1 is text in the request and a message here: its bytes are no UTF-8.
  seat::v1::ReserveSeatsResponse other_type;
  other_type.mutable_result()->mutable_amount()->set_amount_minor(-1);
  const absl::Status malformed = SendRaw(clients, other_type);
  CHECK(absl::IsInvalidArgument(malformed));
  CHECK(ReasonOf(malformed) == "MALFORMED_MESSAGE");

  RequireUnharmed(cluster);
}

TEST_CASE("the same request_id with another body is an error, and changes nothing") {
  TestCluster cluster;
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)});
  const auto first = harness::ReserveUntilFinal(cluster.clients(), request);
  REQUIRE(Outcome(first) == "CONFIRMED");
  const std::function<void(CreateReservationRequest&)> changes[] = {
      [](CreateReservationRequest& r) { r.set_user_id("mallory"); },
      [](CreateReservationRequest& r) { r.set_event_id("other"); },
      [](CreateReservationRequest& r) { r.set_seat_ids(0, SeatId(0, 2)); },
      [](CreateReservationRequest& r) { r.set_payment_token("tok_mastercard"); }};
  for (const auto& change : changes) {
    auto other = request;
    change(other);
    const auto answer = harness::Submit(cluster.clients(), other);
    CAPTURE(other.ShortDebugString());
    CHECK(absl::IsInvalidArgument(answer.status()));
    CHECK(!ReasonOf(answer.status()).empty());
  }
  CHECK(harness::AvailableSeats(cluster.clients(), kEvent) == 99);
  harness::RequireCleanAudit(*cluster);
}

TEST_CASE("an event of the same id is returned if it is the same, and an error if it differs") {
  TestCluster cluster;
  const auto request = ValidEvent();
  const auto first = cluster->Call(request);
  const auto again = cluster->Call(request);
  REQUIRE(first.ok());
  REQUIRE(again.ok());
  CHECK(again->SerializeAsString() == first->SerializeAsString());
  auto other = request;
  other.mutable_event()->set_display_name("Another");
  const auto differs = cluster->Call(other);
  CHECK(absl::IsAlreadyExists(differs.status()));
  CHECK(ReasonOf(differs.status()) == "EVENT_DIFFERS");
}

}  // namespace
}  // namespace seatsaga::integration
