#include "common/page_token.h"
#include "seat_svc/seat_requests.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

v1::ReserveSeatsRequest GoodReserve() {
  v1::ReserveSeatsRequest request;
  *request.mutable_key() = KeyOf(1, kStep, 1);
  request.set_event_id("hamlet");
  request.add_seat_ids("stalls/A/1");
  return request;
}

TEST_CASE("an empty ReserveSeats names every required field") {
  v1::ReserveSeatsRequest request;
  FieldErrors errors;
  ParseReserve(request, errors);
  CHECK(FieldsOf(errors.ToStatus()) ==
        Texts{"key.saga_id", "key.step", "key.round", "event_id", "seat_ids"});
}

TEST_CASE("wrong fields of ReserveSeats are named") {
  const auto wrong = [](auto change) {
    v1::ReserveSeatsRequest request = GoodReserve();
    change(request);
    FieldErrors errors;
    ParseReserve(request, errors);
    return FieldsOf(errors.ToStatus());
  };
  CHECK(wrong([](auto&) {}).empty());
  CHECK(wrong([](auto& r) { r.mutable_key()->set_saga_id("42"); }) == Texts{"key.saga_id"});
  CHECK(wrong([](auto& r) { r.mutable_key()->set_step(std::string(65, 's')); }) ==
        Texts{"key.step"});
  CHECK(wrong([](auto& r) { r.set_event_id("HAMLET"); }) == Texts{"event_id"});
  CHECK(wrong([](auto& r) { r.add_seat_ids("stalls/A/1"); }) == Texts{"seat_ids[1]"});
  CHECK(wrong([](auto& r) { r.add_seat_ids("stalls/A/01"); }) == Texts{"seat_ids[1]"});
  CHECK(wrong([](auto& r) {
          for (int i = 2; i <= 21; ++i) r.add_seat_ids("stalls/A/" + std::to_string(i));
        }) == Texts{"seat_ids"});
}

TEST_CASE("the body's digest tells events, seats and their bounds apart, but not keys and tokens") {
  const auto digest = [](auto change) {
    v1::ReserveSeatsRequest request = GoodReserve();
    change(request);
    FieldErrors errors;
    return ParseReserve(request, errors).digest;
  };
  const std::string good = digest([](auto&) {});
  CHECK(good.size() == 16);
  CHECK(good == digest([](auto& r) { *r.mutable_key() = KeyOf(2, "again", 2); }));
  CHECK(good != digest([](auto& r) { r.set_event_id("macbeth"); }));
  CHECK(good != digest([](auto& r) { r.set_seat_ids(0, "stalls/A/2"); }));
  CHECK(good != digest([](auto& r) { r.add_seat_ids("stalls/A/2"); }));
}

TEST_CASE("an empty ReleaseSeats names every required field") {
  v1::ReleaseSeatsRequest request;
  FieldErrors errors;
  ParseRelease(request, errors);
  CHECK(FieldsOf(errors.ToStatus()) == Texts{"key.saga_id", "key.step", "key.round"});
}

TEST_CASE("the body of ReleaseSeats is always the same, and not a tombstone's") {
  const auto digest = [](int saga) {
    v1::ReleaseSeatsRequest request;
    *request.mutable_key() = KeyOf(saga, kStep, saga);
    FieldErrors errors;
    return ParseRelease(request, errors).digest;
  };
  CHECK(digest(1) == digest(2));
  CHECK_FALSE(digest(1).empty());
}

TEST_CASE("CreateEvent without an event names it") {
  v1::CreateEventRequest request;
  CHECK(FieldsOf(ParseCreate(request).status()) == Texts{"event"});
  request.mutable_event();
  CHECK(FieldsOf(ParseCreate(request).status()).size() == 4);
}

TEST_CASE("a page of seats goes on where the last one ended, with the same filters only") {
  const SeatsQuery query{.event_id = "hamlet", .state = v1::SEAT_STATE_AVAILABLE};
  v1::ListSeatsRequest request;
  request.set_event_id("hamlet");
  request.set_state(v1::SEAT_STATE_AVAILABLE);
  request.set_page_token(NextSeatsToken(query, 4711));
  v1::ListSeatsRequest copy = request;
  const auto parsed = ParseListSeats(copy);
  REQUIRE(parsed.ok());
  CHECK(parsed->first == 4711);
  CHECK(parsed->event_id == "hamlet");
  SECTION("not for another event") { request.set_event_id("macbeth"); }
  SECTION("not with another filter") { request.clear_state(); }
  SECTION("not when it was edited") { request.mutable_page_token()->pop_back(); }
  SECTION("not when it is from ListEvents") { request.set_page_token(NextEventsToken("hamlet")); }
  SECTION("not with a cursor that is no seat") {
    request.set_page_token(MakePageToken("seat/ListSeats/hamlet/1", "-1"));
  }
  CHECK(FieldsOf(ParseListSeats(request).status()) == Texts{"page_token"});
}

TEST_CASE("sizes of pages have a default and a limit") {
  v1::ListSeatsRequest seats;
  seats.set_event_id("hamlet");
  CHECK(ParseListSeats(seats)->size == 1000);
  CHECK(ParseListEvents({})->size == 50);
  for (const int wrong : {-1, 10'001}) {
    seats.set_event_id("hamlet");
    seats.set_page_size(wrong);
    v1::ListEventsRequest events;
    events.set_page_size(wrong);
    CHECK(FieldsOf(ParseListSeats(seats).status()) == Texts{"page_size"});
    CHECK(FieldsOf(ParseListEvents(events).status()) == Texts{"page_size"});
  }
}

TEST_CASE("a seat state that does not exist is named") {
  v1::ListSeatsRequest request;
  request.set_event_id("hamlet");
  request.set_state(static_cast<v1::SeatState>(9));
  CHECK(FieldsOf(ParseListSeats(request).status()) == Texts{"state"});
}

TEST_CASE("GetEvent wants an event's id") {
  v1::GetEventRequest request;
  CHECK(FieldsOf(ParseGetEvent(request).status()) == Texts{"event_id"});
}

}  // namespace
}  // namespace seatsaga::seat::testing
