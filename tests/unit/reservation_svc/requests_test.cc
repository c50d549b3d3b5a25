// What bad input gets: INVALID_ARGUMENT that names every field, and never the payment token.
#include <catch2/catch.hpp>
#include <functional>

#include "common/errors.h"
#include "tests/unit/reservation_svc/world.h"

namespace seatsaga::reservation {
namespace {

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
      {"seat_ids", [](auto& r) { r.clear_seat_ids(); }},
      {"seat_ids[1]", [](auto& r) { r.set_seat_ids(1, r.seat_ids(0)); }},
      {"seat_ids[0]", [](auto& r) { r.set_seat_ids(0, "A1"); }},
      {"seat_ids",
       [](auto& r) {
         for (int i = 0; i < 19; ++i) r.add_seat_ids("s");
       }},
      {"payment_token", [](auto& r) { r.clear_payment_token(); }},
      {"payment_token", [](auto& r) { r.set_payment_token("4242424242424242"); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(-1); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(31); }},
      {"wait", [](auto& r) { r.mutable_wait()->set_seconds(INT64_MAX); }},
  };
  ReservationWorld world;
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
  CHECK(world.book->pending() == 0);
}

TEST_CASE("reservation requests: an error never holds the payment token") {
  ReservationWorld world;
  for (const std::string token : {"4000 1234 5678 9010", "tok CANARY", "tok/CANARY"}) {
    auto request = world.NewRequest();
    request.set_payment_token(token);
    const std::string text = world.Create(request).status().ToString();
    CHECK(text.find(token) == std::string::npos);
    CHECK(text.find("CANARY") == std::string::npos);
    CHECK(text.find("9010") == std::string::npos);
  }
}

TEST_CASE("reservation requests: a call without commands, or with too many, is an error") {
  v1::ExecuteReservationCommandsRequest request;
  CHECK(FieldViolationsOf(ParseExecute(request).status()).at(0).first == "commands");
  for (int i = 0; i < 1001; ++i) request.add_commands();
  CHECK(FieldViolationsOf(ParseExecute(request).status()).at(0).first == "commands");
}

TEST_CASE("reservation requests: a long explanation is cut between characters, not refused") {
  ReservationWorld world;
  const Id id = world.CreateNew();
  auto cancel = ReservationWorld::Cancel(id);
  std::string message = "x";
  for (int i = 0; i < 3000; ++i) message += "é";  // two bytes each
  cancel.mutable_cancel_reservation()->set_message(message);
  CHECK(world.Do(cancel).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  const std::string stored = world.Stored(id).reservation.message;
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

}  // namespace
}  // namespace seatsaga::reservation
