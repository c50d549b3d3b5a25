#include "seat_svc/seat_queries.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

// All pages of a list, each as its seat ids.
std::vector<Texts> Pages(SeatWorld& world, v1::SeatState state, int size) {
  std::vector<Texts> pages;
  SeatQuery query{.event_id = "hamlet", .size = size, .state = state};
  while (true) {
    auto page = world.queries().ListSeats(query);
    REQUIRE(page.ok());
    Texts& ids = pages.emplace_back();
    for (const v1::Seat& seat : page->response->seats()) ids.push_back(seat.seat_id());
    if (!page->next) return pages;
    REQUIRE(*page->next > query.first);
    query.first = *page->next;
  }
}

TEST_CASE("an event that does not exist is NOT_FOUND") {
  HamletWorld world;
  const auto status = world.queries().GetEvent("macbeth").status();
  CHECK(status.code() == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(status) == "EVENT_NOT_FOUND");
  CHECK(ReasonOf(world.queries().ListSeats({.event_id = "macbeth", .size = 1}).status()) ==
        "EVENT_NOT_FOUND");
}

TEST_CASE("an event says how many of its seats are free") {
  HamletWorld world;
  world.Run({Reserve(1, {"stalls/A/1", "stalls/A/2"}), Reserve(2, {"balcony/A/1"})});
  CHECK(world.queries().GetEvent("hamlet")->available_seat_count() == 5);
  world.Run(Release(1));
  CHECK(world.queries().GetEvent("hamlet")->available_seat_count() == 7);
  world.Run({Release(2), Reserve(3, {"stalls/B/1"})});  // both in one batch
  CHECK(world.queries().GetEvent("hamlet")->available_seat_count() == 7);
  world.Run(Release(2));  // again: nothing to free
  CHECK(world.queries().GetEvent("hamlet")->available_seat_count() == 7);
}

TEST_CASE("seats are listed in the hall's order with state, holder and price") {
  HamletWorld world;
  world.Run(Reserve(3, {"stalls/A/2"}));
  const auto page = world.queries().ListSeats({.event_id = "hamlet", .size = 100});
  REQUIRE(page.ok());
  REQUIRE(page->response->seats().size() == 8);
  CHECK_FALSE(page->next.has_value());
  CHECK(page->response->seats(0).ShortDebugString() ==
        R"(seat_id: "stalls/A/1" state: SEAT_STATE_AVAILABLE price_minor: 4500)");
  CHECK(page->response->seats(1).ShortDebugString() ==
        R"(seat_id: "stalls/A/2" state: SEAT_STATE_RESERVED )"
        R"(reservation_id: "00000000-0000-0000-0000-000000000003" price_minor: 4500)");
  CHECK(page->response->seats(7).seat_id() == "balcony/A/2");
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
    const auto page = world.queries().ListSeats({.event_id = "hamlet", .first = first, .size = 5});
    REQUIRE(page.ok());
    CHECK(page->response->seats().empty());
    CHECK_FALSE(page->next.has_value());
  }
}

TEST_CASE("events are listed by id, without sections, with their free seats") {
  HamletWorld world;
  for (const char* id : {"zauberfloete", "aida"}) {
    v1::Event event = Hamlet();
    event.set_event_id(id);
    REQUIRE(world.Create(event).ok());
  }
  world.Run(Reserve(1, {"stalls/A/1"}));
  const auto first = world.queries().ListEvents("", 2);
  REQUIRE(first->events.size() == 2);
  CHECK(first->more);
  CHECK(first->events[0].event_id() == "aida");
  CHECK(first->events[1].event_id() == "hamlet");
  CHECK(first->events[1].sections().empty());
  CHECK(first->events[1].seat_count() == 8);
  CHECK(first->events[1].available_seat_count() == 7);
  const auto last = world.queries().ListEvents("hamlet", 2);
  REQUIRE(last->events.size() == 1);
  CHECK(last->events[0].event_id() == "zauberfloete");
  CHECK_FALSE(last->more);
}

}  // namespace
}  // namespace seatsaga::seat::testing
