// What bad input gets: INVALID_ARGUMENT that names every field, and never the payment token.
#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "absl/strings/escaping.h"
#include "common/fingerprint.h"
#include "reservation_svc/reservation_requests.h"
#include "tests/support/fill_all.h"
#include "tests/unit/reservation_svc/facade.h"

namespace seatsaga::reservation::testing {
namespace {

using seatsaga::testing::FieldDescriptor;
using seatsaga::testing::FillAll;
using seatsaga::testing::ForEachTooLong;

struct BadField {
  const char* field;
  std::function<void(v1::CreateReservationRequest&)> spoil;
};

TEST_CASE("reservation requests: each bad field of a creation is named") {
  const std::vector<BadField> all = {
      {"request_id", [](auto& r) { r.clear_request_id(); }},
      {"request_id", [](auto& r) { r.set_request_id("not-an-id"); }},
      {"user_id", [](auto& r) { r.clear_user_id(); }},
      {"user_id", [](auto& r) { r.set_user_id(std::string(129, 'u')); }},
      {"event_id", [](auto& r) { r.clear_event_id(); }},
      {"event_id", [](auto& r) { r.set_event_id("Hamlet!"); }},
      {"items", [](auto& r) { r.clear_items(); }},
      {"items",
       [](auto& r) {
         for (int i = 0; i < 19; ++i) r.add_items()->set_seat("s");
       }},
      {"items[1].seat", [](auto& r) { r.mutable_items(1)->clear_place(); }},
      {"items[1].seat", [](auto& r) { *r.mutable_items(1) = r.items(0); }},
      {"items[0].seat", [](auto& r) { r.mutable_items(0)->set_seat("A1"); }},
      {"items[1].area", [](auto& r) { r.mutable_items(1)->set_area("floor"); }},
      {"items[1].ticket_type", [](auto& r) { r.mutable_items(1)->set_ticket_type("child"); }},
      {"items[1].count", [](auto& r) { r.mutable_items(1)->set_count(2); }},
      {"items[1].count", [](auto& r) { r.mutable_items(1)->set_count(-1); }},
      {"best_available", [](auto& r) { r.mutable_best_available(); }},
      {"best_available",
       [](auto& r) {
         r.clear_items();
         r.mutable_best_available()->set_count(2);
       }},
      {"external_ref", [](auto& r) { r.set_external_ref(std::string(129, 'r')); }},
      {"external_ref", [](auto& r) { r.set_external_ref("a\tb"); }},
      {"labels",
       [](auto& r) {
         for (char key = 'a'; key <= 'i'; ++key) (*r.mutable_labels())[std::string(1, key)] = "";
       }},
      {"labels", [](auto& r) { (*r.mutable_labels())[""] = "x"; }},
      {"labels", [](auto& r) { (*r.mutable_labels())[std::string(64, 'k')] = "x"; }},
      {"labels", [](auto& r) { (*r.mutable_labels())["a=b"] = "x"; }},
      {"labels[shop]", [](auto& r) { (*r.mutable_labels())["shop"] = std::string(64, 'v'); }},
      {"labels[shop]", [](auto& r) { (*r.mutable_labels())["shop"] = "a\nb"; }},
      {"payment_token", [](auto& r) { r.clear_payment_token(); }},
      {"payment_token", [](auto& r) { r.set_payment_token("4242424242424242"); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(-1); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(31); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(INT64_MAX); }},
      {"mode", [](auto& r) { r.set_mode(static_cast<v1::ReservationMode>(9)); }},
      {"hold_duration", [](auto& r) { r.mutable_hold_duration()->set_seconds(60); }},
      {"hold_duration",
       [](auto& r) {
         r.set_mode(v1::RESERVATION_MODE_PAY_NOW);
         r.mutable_hold_duration();
       }},
      {"payment_token", [](auto& r) { r.set_mode(v1::RESERVATION_MODE_HOLD); }},
  };
  Facade world;
  for (const BadField& bad : all) {
    auto request = world.NewRequest();
    bad.spoil(request);
    const absl::Status status = world.Create(request).status();
    CAPTURE(bad.field, status);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(ReasonOf(status) == "INVALID_REQUEST");
    REQUIRE(FieldViolationsOf(status).size() == 1);
    CHECK(FieldViolationsOf(status)[0].first == bad.field);
  }
  CHECK(world.CountPending() == 0);
}

TEST_CASE("reservation requests: a hold that is too short or too long is told the bounds") {
  const absl::Duration bad[] = {absl::ZeroDuration(),
                                -absl::Minutes(15),
                                HoldLimits().min - absl::Nanoseconds(1),
                                HoldLimits().max + absl::Nanoseconds(1),
                                10 * 365 * absl::Hours(24),
                                absl::InfiniteDuration()};
  Facade world(Engine::kModel);
  const Id id = world.HoldNew();
  for (const absl::Duration duration : bad) {
    auto request = world.NewHold(duration);
    if (duration == absl::InfiniteDuration()) {
      request.mutable_hold_duration()->set_seconds(INT64_MAX);
      request.mutable_hold_duration()->set_nanos(INT32_MAX);
    }
    auto extension = Facade::NewExtension(id, duration);
    *extension.mutable_hold_duration() = request.hold_duration();
    for (const absl::Status& status :
         {world.Create(request).status(), world.Extend(extension).status()}) {
      CAPTURE(duration, status);
      CHECK(status.code() == absl::StatusCode::kInvalidArgument);
      REQUIRE(FieldViolationsOf(status).size() == 1);
      CHECK(FieldViolationsOf(status)[0].first == "hold_duration");
      CHECK(FieldViolationsOf(status)[0].second.find("10s to 1h") != std::string::npos);
    }
  }
  CHECK(world.Create(world.NewHold(HoldLimits().min)).ok());
  CHECK(world.Create(world.NewHold(HoldLimits().max)).ok());
}

template <class Request>
struct BadChange {
  const char* field;
  std::function<void(Request&)> spoil;
};

// What pay, extend and cancel have in common.
template <class Request, class Send>
void CheckFields(const Request& good, std::vector<BadChange<Request>> all, Send send) {
  all.push_back({"reservation_id", [](Request& r) { r.clear_reservation_id(); }});
  all.push_back({"reservation_id", [](Request& r) { r.set_reservation_id("7"); }});
  all.push_back({"etag", [](Request& r) { r.set_etag("a\nb"); }});
  for (const BadChange<Request>& bad : all) {
    Request request = good;
    bad.spoil(request);
    const absl::Status status = send(request).status();
    CAPTURE(bad.field, status);
    CHECK(ReasonOf(status) == "INVALID_REQUEST");
    REQUIRE(FieldViolationsOf(status).size() == 1);
    CHECK(FieldViolationsOf(status)[0].first == bad.field);
  }
  ForEachTooLong<Request>(good, [&](const std::string& field, const Request& spoilt) {
    const absl::Status status = send(spoilt).status();
    CAPTURE(field, status);
    REQUIRE(FieldViolationsOf(status).size() == 1);
    CHECK(FieldViolationsOf(status)[0].first.starts_with(field));  // "seat_ids[0]"
  });
}

TEST_CASE("reservation requests: each bad field of a change is named") {
  Facade world(Engine::kModel);
  const Id id = world.HoldNew();
  CheckFields<v1::PayReservationRequest>(
      world.NewPayment(id),
      {{"request_id", [](auto& r) { r.clear_request_id(); }},
       {"payment_token", [](auto& r) { r.clear_payment_token(); }},
       {"payment_token", [](auto& r) { r.set_payment_token("4242 4242 4242 4242"); }},
       {"wait", [](auto& r) { r.mutable_wait()->set_seconds(31); }}},
      [&](const auto& request) { return world.Pay(request); });
  CheckFields<v1::CancelReservationRequest>(
      world.NewCancellation(id),
      {{"request_id", [](auto& r) { r.set_request_id("x"); }},
       {"wait", [](auto& r) { r.mutable_wait()->set_seconds(-1); }}},
      [&](const auto& request) { return world.CancelNow(request); });
  v1::ExchangeSeatsRequest exchange;
  exchange.set_reservation_id(id.ToString());
  exchange.set_request_id(world.NewId().ToString());
  exchange.add_give_back_seat_ids("stalls/A/1");
  exchange.add_items()->set_seat("stalls/A/2");
  using Exchange = v1::ExchangeSeatsRequest;
  CheckFields<Exchange>(
      exchange,
      {{"request_id", [](Exchange& r) { r.clear_request_id(); }},
       {"give_back_seat_ids", [](Exchange& r) { r.clear_give_back_seat_ids(); }},
       {"give_back_seat_ids[1]", [](Exchange& r) { r.add_give_back_seat_ids("stalls/A/1"); }},
       {"items", [](Exchange& r) { r.clear_items(); }},
       {"items[1].seat", [](Exchange& r) { r.add_items()->set_seat("A1"); }},
       {"payment_token", [](Exchange& r) { r.set_payment_token("4242 4242 4242 4242"); }},
       {"wait", [](Exchange& r) { r.mutable_wait()->set_seconds(31); }}},
      [&](const auto& request) { return world.test.CallNow(kProcess, kExchangeSeats, request); });
  CheckFields<v1::ExtendHoldRequest>(Facade::NewExtension(id, absl::Minutes(30)),
                                     {{"hold_duration", [](auto& r) { r.clear_hold_duration(); }}},
                                     [&](const auto& request) { return world.Extend(request); });
  CHECK(world.StateOf(id) == v1::RESERVATION_STATE_HELD);
}

TEST_CASE("reservation requests: each bad field of a hold command is named") {
  using Hold = v1::HoldReservation;
  const std::vector<std::pair<const char*, std::function<void(Hold&)>>> all = {
      {"price: required", [](Hold& h) { h.clear_price(); }},
      {"price.amount_minor", [](Hold& h) { h.mutable_price()->set_amount_minor(-1); }},
      {"price.currency", [](Hold& h) { h.mutable_price()->set_currency("eur"); }},
      {"expire_time", [](Hold& h) { h.clear_expire_time(); }},
      {"payment_failure.reason", [](Hold& h) { h.mutable_payment_failure(); }},
      {"terms.refund_rules",
       [](Hold& h) { h.mutable_terms()->add_refund_rules()->set_percent(101); }},
      {"terms.refund_rules",
       [](Hold& h) { h.mutable_terms()->add_refund_rules()->set_percent(-1); }},
      {"terms.refund_rules",
       [](Hold& h) {
         for (int i = 0; i < 101; ++i) h.mutable_terms()->add_refund_rules();
       }},
  };
  Facade world(Engine::kModel);
  const Id id = IdOf(world.Create(world.NewHold()).value());
  for (const auto& [field, spoil] : all) {
    auto command = testing::Hold(id, world.test.wall());
    spoil(*command.mutable_hold_reservation());
    const CommandResult result = world.Do(command);
    CAPTURE(field, result.DebugString());
    CHECK(result.outcome() == saga::v1::OUTCOME_INVALID);
    CHECK(result.message().find(field) != std::string::npos);
  }
  CHECK(world.StateOf(id) == v1::RESERVATION_STATE_PENDING);
}

// These two tests cover a field that is added later, too.
TEST_CASE("reservation requests: every text has a bound") {
  Facade world;
  ForEachTooLong<v1::CreateReservationRequest>(
      world.NewRequest(),
      [&](const std::string& field, const v1::CreateReservationRequest& spoilt) {
        const absl::Status status = world.Create(spoilt).status();
        CAPTURE(field, status);
        REQUIRE(FieldViolationsOf(status).size() == 1);
        CHECK_THAT(FieldViolationsOf(status)[0].first, Catch::StartsWith(field));
      });
}

// `a` and `b` have a field of this name with the same value.
bool HaveTheSame(const std::string& name, const google::protobuf::Message& a,
                 const google::protobuf::Message& b) {
  const FieldDescriptor* in_a = a.GetDescriptor()->FindFieldByName(name);
  const FieldDescriptor* in_b = b.GetDescriptor()->FindFieldByName(name);
  if (in_a == nullptr || in_b == nullptr || in_a->is_repeated() != in_b->is_repeated())
    return false;
  const auto text = [](const google::protobuf::Message& message, const FieldDescriptor* field) {
    std::string values;
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 0;
    for (int i = field->is_repeated() ? 0 : -1; i < size; ++i) {
      std::string value;
      google::protobuf::TextFormat::PrintFieldValueToString(message, field, i, &value);
      values += value + "\n";
    }
    return values;
  };
  return text(a, in_a) == text(b, in_b);
}

TEST_CASE("reservation requests: every field arrives in the stored reservation and in its saga") {
  Facade world;
  v1::CreateReservationRequest request;
  FillAll(request, {{"request_id", world.NewId().ToString()},
                    {"event_id", "hamlet"},
                    {"payment_token", "tok_visa"}});
  *request.mutable_items() = world.NewRequest().items();
  request.clear_best_available();  // not with items
  request.clear_wait();
  request.clear_hold_duration();  // not with the mode that it has
  const Id id = IdOf(world.Create(request).value());
  world.Restart();
  const v1::Reservation reservation = world.Get(id);
  const orchestrator::v1::SagaStart& start = world.orchestrator.calls.back().sagas(0);
  const orchestrator::v1::ReservationData& data = start.data().reservation();
  REQUIRE(start.saga_id() == id.ToString());

  // Sealed, and not shown; how long the client waits is the call's alone; of a hold the end is
  // stored; and of the items the seats.
  const std::set<std::string> not_stored{"payment_token", "wait", "hold_duration", "items",
                                         "best_available"};
  REQUIRE(reservation.seat_ids_size() == request.items_size());
  for (int i = 0; i < request.items_size(); ++i) {
    CHECK(reservation.seat_ids(i) == request.items(i).seat());
  }
  CHECK(HaveTheSame("seat_ids", reservation, data));
  for (int i = 0; i < request.GetDescriptor()->field_count(); ++i) {
    const std::string& field = request.GetDescriptor()->field(i)->name();
    CAPTURE(field, reservation.DebugString());
    if (!not_stored.contains(field)) CHECK(HaveTheSame(field, request, reservation));
  }
  // The token is sealed, only the saga learns the price and the terms, and this is not a hold.
  const std::set<std::string> not_the_requests{"sealed_payment_token", "price",   "terms", "refund",
                                               "seat_prices_minor",    "seat_ids"};
  for (int i = 0; i < data.GetDescriptor()->field_count(); ++i) {
    const std::string& field = data.GetDescriptor()->field(i)->name();
    CAPTURE(field, data.DebugString());
    if (!not_the_requests.contains(field)) CHECK(HaveTheSame(field, request, data));
  }
  CHECK_FALSE(data.sealed_payment_token().empty());
}

TEST_CASE("reservation requests: an error never holds the payment token") {
  Facade world;
  for (const std::string token : {"4000 1234 5678 9010", "tok CANARY", "tok/CANARY"}) {
    auto request = world.NewRequest();
    request.set_payment_token(token);
    const std::string text = world.Create(request).status().ToString();
    CHECK(text.find(token) == std::string::npos);
    CHECK(text.find("CANARY") == std::string::npos);
    CHECK(text.find("9010") == std::string::npos);
  }
  const Id id = world.HoldNew();
  const std::string text = world.Pay(world.NewPayment(id, "tok CANARY")).status().ToString();
  CHECK(text.find("CANARY") == std::string::npos);
}

TEST_CASE("reservation requests: a call without commands, or with too many, is an error") {
  Facade world;
  const int count = GENERATE(0, 1001);
  const auto answer =
      world.SendCommands(std::vector<v1::ReservationCommand>(static_cast<size_t>(count)));
  world.test.Run();
  CHECK(FieldViolationsOf((*answer).status()).at(0).first == "commands");
}

TEST_CASE("reservation requests: a long explanation is cut between characters, not refused") {
  Facade world;
  const Id id = world.CreateNew();
  auto cancel = Cancel(id);
  std::string message = "x";
  for (int i = 0; i < 3000; ++i) message += "é";  // two bytes each
  cancel.mutable_cancel_reservation()->set_message(message);
  CHECK(world.Do(cancel).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  const std::string stored = world.Get(id).message();
  CHECK(stored.size() == 2047);
  CHECK(stored == message.substr(0, 2047));
}

TEST_CASE("reservation requests: bad ids, page sizes and states of queries are named") {
  v1::GetReservationRequest get;
  get.set_reservation_id("7");
  CHECK(FieldViolationsOf(ParseGet(get).status()).at(0).first == "reservation_id");
  v1::ListReservationsRequest list;
  list.set_page_size(1001);
  list.set_event_id("NO");
  list.set_state(static_cast<v1::ReservationState>(9));
  const auto violations = FieldViolationsOf(ParseList(list).status());
  REQUIRE(violations.size() == 3);
  CHECK(violations[0].first == "page_size");
  CHECK(violations[1].first == "event_id");
  CHECK(violations[2].first == "state");
}

// --- Digests that are stored: a release that computes others takes every retry for another body.

TEST_CASE("reservation requests: a request's digest is the same in every release") {
  v1::CreateReservationRequest request;
  request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8057");
  request.set_user_id("ann");
  request.set_event_id("hamlet");
  request.add_items()->set_seat("stalls/A/1");
  request.add_items()->set_seat("stalls/A/2");
  request.set_payment_token("tok_visa");
  const TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();
  const auto create = ParseCreate(request, Id(), sealer, HoldLimits(),
                                  {Mono::FromNanos(0), Mono::InfiniteFuture()});
  CHECK(absl::BytesToHexString(create->reservation.fingerprint) ==
        "a1141f195c5841c62889c1bdedfa1b2f");
}

TEST_CASE("reservation requests: the mode and the duration of a hold count in its digest") {
  const TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();
  const auto digest = [&](v1::CreateReservationRequest request) {
    return ParseCreate(request, Id(), sealer, HoldLimits(),
                       {Mono::FromNanos(0), Mono::InfiniteFuture()})
        ->reservation.fingerprint;
  };
  Facade world(Engine::kModel);
  auto pay_now = world.NewRequest();
  const std::string before_there_was_a_mode = digest(pay_now);
  pay_now.set_mode(v1::RESERVATION_MODE_PAY_NOW);
  CHECK(digest(pay_now) == before_there_was_a_mode);
  auto hold = world.NewHold(absl::Minutes(15));
  std::set<std::string> all{digest(hold)};
  CHECK(all.insert(digest(world.NewHold(absl::Minutes(16)))).second);
  hold.mutable_hold_duration()->set_nanos(1000);
  CHECK(all.insert(digest(hold)).second);
  hold.clear_hold_duration();
  CHECK(all.insert(digest(hold)).second);
}

TEST_CASE("reservation requests: a payment's digest is the same in every release") {
  v1::PayReservationRequest request;
  request.set_reservation_id("01890a5d-ac96-774b-bcce-b302099a8057");
  request.set_request_id("01890a5d-ac96-774b-bcce-b302099a8058");
  request.set_payment_token("tok_visa");
  const TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();
  const CallTimes times{Mono::FromNanos(0), Mono::InfiniteFuture()};
  const std::string digest = ParsePay(request, sealer, times)->digest;
  CHECK(absl::BytesToHexString(digest) == "ad458bc4e07398c8ebeb50520375f6aa");
  request.set_etag("7");  // says what the client has seen, not what it wants
  CHECK(ParsePay(request, sealer, times)->digest == digest);
  v1::CancelReservationRequest cancel;
  cancel.set_reservation_id(request.reservation_id());
  cancel.set_request_id(request.request_id());
  const auto parsed = ParseCancel(cancel, Id(), times);
  CHECK(absl::BytesToHexString(std::get<Cancellation>(*parsed).digest) ==
        "cdc2c826c448c792dfdc4c3e61a43396");
}

TEST_CASE("reservation requests: a command's digest is the same in every release") {
  FieldErrors errors;
  v1::ReservationCommand confirm = Confirm(Id());
  CHECK(absl::BytesToHexString(ParseCommand(confirm, errors).digest) ==
        "b28909dded2ab85ea39163db55548c07");
  v1::ReservationCommand cancel = Cancel(Id());
  CHECK(absl::BytesToHexString(ParseCommand(cancel, errors).digest) ==
        "8b95a1424caf718094bc69d97a8ef910");
  v1::ReservationCommand hold = HoldAgain(Id(), absl::UnixEpoch(), 2);
  *hold.mutable_hold_reservation()->mutable_terms() = TermsFrom(absl::UnixEpoch());
  CHECK(absl::BytesToHexString(ParseCommand(hold, errors).digest) ==
        "bad2a704d346d465ae378b80e6903255");
  confirm = Confirm(Id());
  *confirm.mutable_confirm_reservation()->mutable_terms() = TermsFrom(absl::UnixEpoch());
  CHECK(absl::BytesToHexString(ParseCommand(confirm, errors).digest) ==
        "562d543468ab087e8d29165b3cd9ea77");
}

TEST_CASE("reservation requests: a field that is not set changes no digest, one that is does") {
  const auto body = [] { return Fingerprint().Add("ann").Add("hamlet"); };
  CHECK(body().AddIfSet("note", "").Digest() == body().Digest());
  CHECK(body().AddIfSet("note", "x").Digest() != body().Digest());
  CHECK(body().AddIfSet("note", "x").Digest() != body().AddIfSet("remark", "x").Digest());
}

}  // namespace
}  // namespace seatsaga::reservation::testing
