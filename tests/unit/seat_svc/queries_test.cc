// What can be asked about events and seats.
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

v1::ListSeatsRequest SeatsOf(const char* event_id, int page_size = 100) {
  v1::ListSeatsRequest request;
  request.set_event_id(event_id);
  request.set_page_size(page_size);
  return request;
}

// All pages of a list, each as its seat ids.
std::vector<Texts> Pages(SeatWorld& world, v1::SeatState state, int size) {
  std::vector<Texts> pages;
  v1::ListSeatsRequest request = SeatsOf("hamlet", size);
  request.set_state(state);
  while (true) {
    const v1::ListSeatsResponse page = world.ListSeats(request);
    Texts& ids = pages.emplace_back();
    for (const v1::Seat& seat : page.seats()) ids.push_back(seat.seat_id());
    if (page.next_page_token().empty()) return pages;
    REQUIRE(pages.size() < 100);
    request.set_page_token(page.next_page_token());
  }
}

TEST_CASE("an event that does not exist is NOT_FOUND") {
  HamletWorld world;
  const auto status = world.Get("macbeth").status();
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(status) == "EVENT_NOT_FOUND");
  CHECK(ReasonOf(world.Call(kListSeats, SeatsOf("macbeth")).status()) == "EVENT_NOT_FOUND");
}

TEST_CASE("an event says how many of its seats are free") {
  HamletWorld world;
  world.Run({Reserve(1, {"stalls/A/1", "stalls/A/2"}), Reserve(2, {"balcony/A/1"})});
  CHECK(world.Available() == 5);
  world.Run(Release(1));
  CHECK(world.Available() == 7);
  world.Run({Release(2), Reserve(3, {"stalls/B/1"})});  // both in one batch
  CHECK(world.Available() == 7);
  world.Run(Release(2));  // again: nothing to free
  CHECK(world.Available() == 7);
  world.Restart();
  CHECK(world.Available() == 7);
}

TEST_CASE("seats are listed in the hall's order with state, holder and price") {
  HamletWorld world;
  world.Run(Reserve(3, {"stalls/A/2"}));
  const v1::ListSeatsResponse page = world.ListSeats(SeatsOf("hamlet"));
  REQUIRE(page.seats().size() == 8);
  CHECK(page.next_page_token().empty());
  CHECK(page.seats(0).ShortDebugString() ==
        R"(seat_id: "stalls/A/1" state: SEAT_STATE_AVAILABLE price_minor: 4500)");
  CHECK(page.seats(1).ShortDebugString() ==
        R"(seat_id: "stalls/A/2" state: SEAT_STATE_RESERVED )"
        R"(reservation_id: "00000000-0000-0000-0000-000000000003" price_minor: 4500)");
  CHECK(page.seats(7).seat_id() == "balcony/A/2");
}

TEST_CASE("pages of seats join without gap or repetition, and none but a lone one is empty") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "stalls/A/3", "stalls/B/1", "balcony/A/2"}));
  CHECK(Pages(world, v1::SEAT_STATE_UNSPECIFIED, 3) ==
        std::vector<Texts>{{"stalls/A/1", "stalls/A/2", "stalls/A/3"},
                           {"stalls/B/1", "stalls/B/2", "stalls/B/3"},
                           {"balcony/A/1", "balcony/A/2"}});
  CHECK(Pages(world, v1::SEAT_STATE_UNSPECIFIED, 8).size() == 1);
  CHECK(Pages(world, v1::SEAT_STATE_RESERVED, 2) ==
        std::vector<Texts>{{"stalls/A/1", "stalls/A/3"}, {"stalls/B/1", "balcony/A/2"}});
  CHECK(Pages(world, v1::SEAT_STATE_AVAILABLE, 3) ==
        std::vector<Texts>{{"stalls/A/2", "stalls/B/2", "stalls/B/3"}, {"balcony/A/1"}});
  CHECK(Pages(world, v1::SEAT_STATE_AVAILABLE, 4).size() == 1);
  CHECK(Pages(world, v1::SEAT_STATE_UNSPECIFIED, 1).size() == 8);
}

TEST_CASE("a page that starts behind the hall is empty") {
  HamletWorld world;
  for (const SeatNo first : {8, 9, INT32_MAX}) {
    v1::ListSeatsRequest request = SeatsOf("hamlet");
    request.set_page_token(NextSeatsToken({.event_id = "hamlet"}, first));
    const v1::ListSeatsResponse page = world.ListSeats(request);
    CHECK(page.seats().empty());
    CHECK(page.next_page_token().empty());
  }
}

TEST_CASE("events are listed by id, without sections, with their free seats") {
  HamletWorld world;
  for (const char* id : {"zauberfloete", "aida"}) REQUIRE(world.Create(Hamlet(id)).ok());
  world.Run(Reserve(1, {"stalls/A/1"}));
  v1::ListEventsRequest request;
  request.set_page_size(2);
  const auto first = world.Call(kListEvents, request);
  REQUIRE(first->events_size() == 2);
  CHECK_FALSE(first->next_page_token().empty());
  CHECK(first->events(0).event_id() == "aida");
  CHECK(first->events(1).event_id() == "hamlet");
  CHECK(first->events(1).display_name() == "Hamlet");
  CHECK(first->events(1).currency() == "EUR");
  CHECK(first->events(1).create_time().seconds() == world.Get()->create_time().seconds());
  CHECK(first->events(1).sections().empty());
  CHECK(first->events(1).seat_count() == 8);
  CHECK(first->events(1).available_seat_count() == 7);
  request.set_page_token(first->next_page_token());
  const auto last = world.Call(kListEvents, request);
  REQUIRE(last->events_size() == 1);
  CHECK(last->events(0).event_id() == "zauberfloete");
  CHECK(last->next_page_token().empty());
}

TEST_CASE("events are listed with their dates and refund rules") {
  SeatWorld world;
  v1::Event expected = DatedHamlet();
  const auto created = world.Create(expected);
  REQUIRE(created.ok());
  expected = *created;
  expected.clear_sections();
  const auto list = world.Call(kListEvents, {});
  REQUIRE(list->events_size() == 1);
  CHECK(list->events(0).SerializeAsString() == expected.SerializeAsString());
}

}  // namespace
}  // namespace seatsaga::seat::testing
