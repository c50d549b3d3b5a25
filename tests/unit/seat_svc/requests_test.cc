#include "common/page_token.h"
#include "seat_svc/seat_requests.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

Texts FieldsOf(const FieldErrors& errors) {
  Texts fields;
  for (const auto& violation : FieldViolationsOf(errors.ToStatus())) {
    fields.push_back(violation.first);
  }
  return fields;
}

v1::ReserveSeatsRequest GoodReserve() {
  v1::ReserveSeatsRequest request;
  request.set_saga_id(SagaId(1).ToString());
  request.set_step("reserve_seats");
  request.set_event_id("hamlet");
  request.add_seat_ids("stalls/A/1");
  return request;
}

TEST_CASE("an empty ReserveSeats names every required field") {
  v1::ReserveSeatsRequest request;
  FieldErrors errors;
  ParseReserve(request, errors);
  CHECK(FieldsOf(errors) == Texts{"saga_id", "step", "event_id", "seat_ids"});
}

TEST_CASE("wrong fields of ReserveSeats are named") {
  const auto wrong = [](auto change) {
    v1::ReserveSeatsRequest request = GoodReserve();
    change(request);
    FieldErrors errors;
    ParseReserve(request, errors);
    return FieldsOf(errors);
  };
  CHECK(wrong([](auto&) {}).empty());
  CHECK(wrong([](auto& r) { r.set_saga_id("42"); }) == Texts{"saga_id"});
  CHECK(wrong([](auto& r) { r.set_step(std::string(65, 's')); }) == Texts{"step"});
  CHECK(wrong([](auto& r) { r.set_event_id("HAMLET"); }) == Texts{"event_id"});
  CHECK(wrong([](auto& r) { r.add_seat_ids("stalls/A/1"); }) == Texts{"seat_ids[1]"});
  CHECK(wrong([](auto& r) { r.add_seat_ids("stalls/A/01"); }) == Texts{"seat_ids[1]"});
  CHECK(wrong([](auto& r) {
          for (int i = 2; i <= 21; ++i) r.add_seat_ids("stalls/A/" + std::to_string(i));
        }) == Texts{"seat_ids"});
}

TEST_CASE("the body's digest tells events, seats and their bounds apart, but not tokens") {
  const auto digest = [](auto change) {
    v1::ReserveSeatsRequest request = GoodReserve();
    change(request);
    FieldErrors errors;
    return ParseReserve(request, errors).key.fingerprint;
  };
  const std::string good = digest([](auto&) {});
  CHECK(good.size() == 16);
  CHECK(good == digest([](auto& r) { r.set_fencing_token(5); }));
  CHECK(good != digest([](auto& r) { r.set_event_id("macbeth"); }));
  CHECK(good != digest([](auto& r) { r.set_seat_ids(0, "stalls/A/2"); }));
  CHECK(good != digest([](auto& r) { r.add_seat_ids("stalls/A/2"); }));
}

TEST_CASE("an empty ReleaseSeats names every required field") {
  v1::ReleaseSeatsRequest request;
  FieldErrors errors;
  ParseRelease(request, errors);
  CHECK(FieldsOf(errors) == Texts{"saga_id", "step"});
}

TEST_CASE("in a batch only the commands that are wrong are rejected") {
  v1::ExecuteSeatCommandsRequest request;
  *request.add_commands()->mutable_reserve_seats() = GoodReserve();
  request.add_commands();
  request.add_commands()->mutable_release_seats()->set_step("reserve_seats");
  FieldErrors errors;
  const auto commands = ParseCommands(request, errors);
  CHECK(errors.empty());
  REQUIRE(commands.size() == 3);
  CHECK_FALSE(commands[0].rejected.has_value());
  REQUIRE(commands[1].rejected.has_value());
  CHECK(Brief(*commands[1].rejected) == "INVALID INVALID_REQUEST");
  REQUIRE(commands[2].rejected.has_value());
  CHECK(commands[2].rejected->message() == "saga_id: required: a UUID");
}

TEST_CASE("a batch holds 1 to 1,000 commands") {
  v1::ExecuteSeatCommandsRequest request;
  FieldErrors none;
  ParseCommands(request, none);
  CHECK(FieldsOf(none) == Texts{"commands"});
  for (int i = 0; i < 1001; ++i) request.add_commands();
  FieldErrors many;
  ParseCommands(request, many);
  CHECK(FieldsOf(many) == Texts{"commands"});
}

TEST_CASE("CreateEvent without an event names it") {
  v1::CreateEventRequest request;
  FieldErrors errors;
  ParseCreate(request, errors);
  CHECK(FieldsOf(errors) == Texts{"event"});
}

TEST_CASE("a page of seats goes on where the last one ended, with the same filters only") {
  const SeatQuery query{.event_id = "hamlet", .state = v1::SEAT_STATE_AVAILABLE};
  v1::ListSeatsRequest request;
  request.set_event_id("hamlet");
  request.set_state(v1::SEAT_STATE_AVAILABLE);
  request.set_page_token(NextSeatsToken(query, {.next = 4711}));
  const auto parse = [&] {
    FieldErrors errors;
    const SeatQuery parsed = ParseListSeats(request, errors);
    return std::pair(parsed.first, FieldsOf(errors));
  };
  CHECK(parse() == std::pair(SeatNo{4711}, Texts{}));
  SECTION("not for another event") { request.set_event_id("macbeth"); }
  SECTION("not with another filter") { request.clear_state(); }
  SECTION("not when it was edited") { request.mutable_page_token()->pop_back(); }
  SECTION("not when it is from ListEvents") {
    EventPage page{.events = {Hamlet()}, .more = true};
    request.set_page_token(NextEventsToken(page));
  }
  SECTION("not with a cursor that is no seat") {
    request.set_page_token(MakePageToken("seat/ListSeats/hamlet/1", "-1"));
  }
  CHECK(parse().second == Texts{"page_token"});
}

TEST_CASE("the last page has no token") {
  CHECK(NextSeatsToken({.event_id = "hamlet"}, {}).empty());
  CHECK(NextEventsToken({.events = {Hamlet()}}).empty());
}

TEST_CASE("sizes of pages have a default and a limit") {
  v1::ListSeatsRequest seats;
  seats.set_event_id("hamlet");
  v1::ListEventsRequest events;
  FieldErrors none;
  CHECK(ParseListSeats(seats, none).size == 1000);
  CHECK(ParseListEvents(events, none).size == 50);
  CHECK(none.empty());
  for (const int wrong : {-1, 10'001}) {
    seats.set_page_size(wrong);
    events.set_page_size(wrong);
    FieldErrors errors;
    ParseListSeats(seats, errors);
    ParseListEvents(events, errors);
    CHECK(FieldsOf(errors) == Texts{"page_size", "page_size"});
  }
}

TEST_CASE("a seat state that does not exist is named") {
  v1::ListSeatsRequest request;
  request.set_event_id("hamlet");
  request.set_state(static_cast<v1::SeatState>(9));
  FieldErrors errors;
  ParseListSeats(request, errors);
  CHECK(FieldsOf(errors) == Texts{"state"});
}

}  // namespace
}  // namespace seatsaga::seat::testing
