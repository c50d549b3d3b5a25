#include "seat_svc/hall.h"

#include "seat_svc/hall_cache.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

Hall HamletHall(std::string event_id = "hamlet") {
  return Hall(std::move(event_id), 7, "EUR", Hamlet());
}

TEST_CASE("seats are numbered section by section, row by row") {
  const Hall hall = HamletHall();
  CHECK(hall.seat_count() == 8);
  CHECK(hall.Find("stalls/A/1")->seat_no == 0);
  CHECK(hall.Find("stalls/A/3")->seat_no == 2);
  CHECK(hall.Find("stalls/B/1")->seat_no == 3);
  CHECK(hall.Find("balcony/A/2")->seat_no == 7);
  CHECK(hall.Find("stalls/B/1")->price_minor == 4500);
  CHECK(hall.Find("balcony/A/2")->price_minor == 2000);
}

TEST_CASE("only a seat's one name finds it") {
  const Hall hall = HamletHall();
  for (const char* name :
       {"", "/", "stalls", "stalls/A", "stalls/A/", "stalls/A/0", "stalls/A/4", "stalls/A/01",
        "stalls/A/+1", "stalls/A/-1", "stalls/A/1x", "stalls/A/ 1", "stalls/A/99999999999",
        "stalls/C/1", "Stalls/A/1", "stalls/a/1", "stalls/A/1/", "/stalls/A/1", "A/1"}) {
    INFO(name);
    CHECK_FALSE(hall.Find(name).has_value());
  }
}

TEST_CASE("a walk through the hall names every seat as it is found") {
  const Hall hall = HamletHall();
  for (SeatNo start = 0; start <= hall.seat_count(); ++start) {
    SeatNo expected = start;
    for (Hall::Cursor at(hall, start); !at.AtEnd(); at.Advance()) {
      const auto found = hall.Find(at.seat_id());
      REQUIRE(found.has_value());
      CHECK(found->seat_no == expected++);
      CHECK(found->price_minor == at.price_minor());
    }
    CHECK(expected == hall.seat_count());
  }
}

TEST_CASE("a walk can skip whole rows") {
  const Hall hall = HamletHall();
  Hall::Cursor at(hall, 1);
  at.MoveTo(6);
  CHECK(at.seat_id() == "balcony/A/1");
}

TEST_CASE("the cache keeps the halls used last, and no more than it may") {
  HallCache cache({.halls_max = 2, .rows_max = 100});
  const auto put = [&](const char* id) { cache.Put(std::make_shared<const Hall>(HamletHall(id))); };
  put("a");
  put("b");
  put("a");  // which is a use
  put("c");
  CHECK(cache.Find("a") != nullptr);
  CHECK(cache.Find("b") == nullptr);
  CHECK(cache.size() == 2);
  cache.Clear();
  CHECK(cache.Find("a") == nullptr);
}

TEST_CASE("the cache counts rows too, and always holds the last hall") {
  HallCache cache({.halls_max = 10, .rows_max = 2});  // a hall here has 3
  cache.Put(std::make_shared<const Hall>(HamletHall("a")));
  CHECK(cache.Find("a") != nullptr);
  cache.Put(std::make_shared<const Hall>(HamletHall("b")));
  CHECK(cache.Find("a") == nullptr);
  CHECK(cache.Find("b") != nullptr);
}

}  // namespace
}  // namespace seatsaga::seat::testing
