#include <catch2/catch.hpp>

#include "tests/unit/simulation/checker_run.h"

namespace seatsaga::simulation {
namespace {

Shown As(const Order& order, Status status) {
  Shown shown = Pending(order);
  shown.status = status;
  return shown;
}

// What the rules of watches alone say.
std::vector<std::string> Wrong(const History& history) {
  std::vector<std::string> wrong;
  for (const std::string& violation : Check(history)) {
    if (violation.find("watch") != std::string::npos) wrong.push_back(violation);
  }
  return wrong;
}

// A reservation that has ended as `end`, and one watch of it that has shown these.
History Watched(std::vector<Status> shown, Status end, Watch watch) {
  Run run;
  run.history.end.reservations[kA.id] = As(kA, end);
  watch.reservation_id = kA.id;
  for (const Status status : shown) watch.shown.push_back(As(kA, status));
  run.history.watches.push_back(watch);
  return run.history;
}

using enum Status;

TEST_CASE("a watch in order and to the end is right") {
  CHECK(Wrong(Watched({kPending, kHeld, kPending, kConfirmed}, kConfirmed, {.finished = true}))
            .empty());
  CHECK(Wrong(Watched({kHeld, kConfirmed, kCancelled}, kCancelled,
                      {.until_cancelled = true, .finished = true}))
            .empty());
  CHECK(Wrong(Watched({kPending}, kPending, {.open = true})).empty());
  CHECK(Wrong(Watched({kPending}, kCancelled, {})).empty());  // it broke
  CHECK(Wrong(Watched({kConfirmed}, kCancelled, {.finished = true})).empty());
}

TEST_CASE("a watch that shows an older state, or goes on after the end, is wrong") {
  CHECK_FALSE(
      Wrong(Watched({kConfirmed, kPending}, kConfirmed, {.until_cancelled = true})).empty());
  CHECK_FALSE(Wrong(Watched({kCancelling, kHeld}, kCancelled, {})).empty());
  CHECK_FALSE(Wrong(Watched({kCancelled, kCancelled}, kCancelled, {})).empty());
  CHECK_FALSE(Wrong(Watched({kCancelled}, kConfirmed, {})).empty());
}

TEST_CASE("a watch that ends early, or misses the end, is wrong") {
  CHECK_FALSE(Wrong(Watched({kHeld}, kConfirmed, {.finished = true})).empty());
  CHECK_FALSE(Wrong(Watched({}, kConfirmed, {.finished = true})).empty());
  CHECK_FALSE(Wrong(Watched({kConfirmed}, kConfirmed, {.until_cancelled = true, .finished = true}))
                  .empty());
  CHECK_FALSE(Wrong(Watched({kPending}, kConfirmed, {.open = true})).empty());
  CHECK_FALSE(Wrong(Watched({}, kPending, {.open = true})).empty());
  CHECK_FALSE(Wrong(Watched({kConfirmed}, kConfirmed, {.open = true})).empty());
}

TEST_CASE("the next watch may not show an older state") {
  History history = Watched({kCancelling}, kCancelled, {});
  history.watches.push_back({.reservation_id = kA.id, .shown = {As(kA, kPending)}});
  CHECK(Wrong(history).size() == 1);
}

// --- Seats

// One open watch of "hamlet", whose seat "1" is held at the end.
History SeatsWatched(std::vector<SeatWatch::Message> messages) {
  Run run;
  run.history.end.seats[{"hamlet", "1"}] = kA.id;
  run.history.seat_watches.push_back(
      {.event = "hamlet", .messages = std::move(messages), .open = true});
  return run.history;
}

TEST_CASE("a watch of seats that leads to the truth is right") {
  CHECK(Wrong(SeatsWatched({{.reserved = {"1"}, .ends_snapshot = true}})).empty());
  CHECK(Wrong(SeatsWatched({{.reserved = {"2"}},
                            {.ends_snapshot = true},
                            {.reserved = {"1"}, .available = {"2"}}}))
            .empty());
}

TEST_CASE("a watch of seats that repeats, invents or misses something is wrong") {
  CHECK_FALSE(Wrong(SeatsWatched({{.ends_snapshot = true}})).empty());
  CHECK_FALSE(Wrong(SeatsWatched({{.reserved = {"1", "2"}, .ends_snapshot = true}})).empty());
  CHECK_FALSE(Wrong(SeatsWatched({{.reserved = {"1"}}})).empty());
  CHECK_FALSE(
      Wrong(SeatsWatched({{.reserved = {"1"}, .ends_snapshot = true}, {.ends_snapshot = true}}))
          .empty());
  CHECK_FALSE(Wrong(SeatsWatched({{.reserved = {"1"}, .ends_snapshot = true}, {.reserved = {"1"}}}))
                  .empty());
  CHECK_FALSE(Wrong(SeatsWatched({{.reserved = {"1"}, .available = {"2"}, .ends_snapshot = true}}))
                  .empty());
  CHECK_FALSE(Wrong(SeatsWatched({{.reserved = {"1", "99"}, .ends_snapshot = true}})).empty());
}

}  // namespace
}  // namespace seatsaga::simulation
