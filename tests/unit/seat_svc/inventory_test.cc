#include "seat_svc/seat_inventory.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

TEST_CASE("reserving several seats answers the sum of their prices") {
  HamletWorld world;
  CHECK(world.Run(Reserve(1, {"stalls/A/1", "balcony/A/2", "stalls/B/3"})) ==
        "SUCCEEDED 11000 EUR");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1", "stalls/B/3=1", "balcony/A/2=1"});
}

TEST_CASE("twenty seats at the highest price add up without overflow") {
  SeatWorld world;
  v1::Event event = Hamlet();
  event.mutable_sections(0)->set_price_minor(kPriceMinorMax);
  event.mutable_sections(0)->mutable_rows(0)->set_seat_count(20);
  REQUIRE(world.Create(event).ok());
  std::vector<std::string> seats;
  for (int i = 1; i <= 20; ++i) seats.push_back("stalls/A/" + std::to_string(i));
  CHECK(world.Run(Reserve(1, seats)) == "SUCCEEDED 2000000000 EUR");
}

TEST_CASE("an unknown event is refused, by name") {
  HamletWorld world;
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, 1, "macbeth")) == "REFUSED EVENT_NOT_FOUND");
  CHECK(world.result().message() == "there is no event \"macbeth\"");
}

TEST_CASE("unknown seats are refused, all of them by name, and nothing is reserved") {
  HamletWorld world;
  CHECK(world.Run(Reserve(1, {"stalls/A/1", "stalls/C/1", "stalls/A/4", "gods/A/1"})) ==
        "REFUSED SEAT_NOT_FOUND");
  CHECK(world.result().message() ==
        "event \"hamlet\" has no seat stalls/C/1, stalls/A/4, gods/A/1");
  CHECK(world.Reserved().empty());
}

TEST_CASE("reserved seats are refused, all of them by name, and the others stay free") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "stalls/A/3"}));
  CHECK(world.Run(Reserve(2, {"stalls/A/1", "stalls/A/2", "stalls/A/3"})) ==
        "REFUSED SEAT_NOT_AVAILABLE");
  CHECK(world.result().message() == "already reserved: stalls/A/1, stalls/A/3");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1", "stalls/A/3=1"});
}

TEST_CASE("a saga's own seats are not available to it a second time") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, 1, "hamlet", "again")) ==
        "REFUSED SEAT_NOT_AVAILABLE");
}

TEST_CASE("of two commands for one seat in one batch the first wins") {
  HamletWorld world;
  CHECK(world.Run({Reserve(1, {"stalls/A/1"}), Reserve(2, {"stalls/A/1"})}) ==
        Texts{"SUCCEEDED 4500 EUR", "REFUSED SEAT_NOT_AVAILABLE"});
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
}

TEST_CASE("seats that overlap in part, in one batch, go to the first alone") {
  HamletWorld world;
  CHECK(world.Run({Reserve(1, {"stalls/A/1", "stalls/A/2"}),
                   Reserve(2, {"stalls/A/2", "stalls/A/3"}), Reserve(3, {"stalls/A/3"})}) ==
        Texts{"SUCCEEDED 9000 EUR", "REFUSED SEAT_NOT_AVAILABLE", "SUCCEEDED 4500 EUR"});
  CHECK(world.Reserved() == Texts{"stalls/A/1=1", "stalls/A/2=1", "stalls/A/3=3"});
}

TEST_CASE("a released seat can be reserved by another saga") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "balcony/A/1"}));
  SECTION("in a later batch") {
    world.Run(Release(1));
    CHECK(world.Run(Reserve(2, {"balcony/A/1"})) == "SUCCEEDED 2000 EUR");
  }
  SECTION("in the same batch") {
    CHECK(world.Run({Release(1), Reserve(2, {"balcony/A/1"})}) ==
          Texts{"SUCCEEDED", "SUCCEEDED 2000 EUR"});
  }
  SECTION("reserved, released and reserved within one batch") {
    CHECK(world.Run(
              {Release(1), Reserve(3, {"balcony/A/1"}), Release(3), Reserve(2, {"balcony/A/1"})}) ==
          Texts{"SUCCEEDED", "SUCCEEDED 2000 EUR", "SUCCEEDED", "SUCCEEDED 2000 EUR"});
  }
  CHECK(world.Reserved() == Texts{"balcony/A/1=2"});
}

TEST_CASE("releasing after a refused action succeeds and frees nothing") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  world.Run(Reserve(2, {"stalls/A/1"}));
  CHECK(world.Run(Release(2)) == "SUCCEEDED");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
}

TEST_CASE("a release finds its seats after a restart") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2", "balcony/A/2"}));
  world.Restart();
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved().empty());
}

TEST_CASE("a release leaves no row of its hold behind") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2"}));
  auto rows = world.writer().Prepare(
      "SELECT (SELECT COUNT(*) FROM saga_seats) + (SELECT COUNT(*) FROM reserved_seats)");
  const auto count = [&] {
    rows.Query();
    const int64_t n = rows.Next() ? rows.Int(0) : -1;
    rows.Reset();
    return n;
  };
  CHECK(count() == 3);
  world.Run(Release(1));
  CHECK(count() == 0);
}

TEST_CASE("a command finds the event that is created in its batch") {
  SeatWorld world;
  std::string brief;
  std::vector<SeatInput> batch;
  SeatCommands call;
  call.commands.push_back(Reserve(1, {"stalls/A/1"}));
  call.reply = Reply<std::vector<CommandResult>>(
      [&](absl::StatusOr<std::vector<CommandResult>> answer) { brief = Brief(answer->at(0)); });
  batch.emplace_back(std::move(call));
  batch.emplace_back(CreateEvent{Hamlet(), {}});
  world.Apply(std::move(batch));
  CHECK(brief == "SUCCEEDED 4500 EUR");
}

TEST_CASE("a rejected command has no effect and does not hold up the others of its call") {
  HamletWorld world;
  SeatCommands call;
  call.commands.push_back(Reserve(1, {"stalls/A/1"}));
  call.commands.push_back(
      SeatCommand{.rejected = Invalid("INVALID_REQUEST", "seat_ids: required")});
  call.commands.push_back(Reserve(2, {"stalls/A/2"}));
  std::vector<std::string> brief;
  call.reply = Reply<std::vector<CommandResult>>([&](auto answer) {
    for (const CommandResult& result : *answer) brief.push_back(Brief(result));
  });
  std::vector<SeatInput> batch;
  batch.emplace_back(std::move(call));
  world.Apply(std::move(batch));
  CHECK(brief == Texts{"SUCCEEDED 4500 EUR", "INVALID INVALID_REQUEST", "SUCCEEDED 4500 EUR"});
}

TEST_CASE("a failed commit leaves nothing: no seat, no event, no barrier, no token, no answer") {
  HamletWorld world;
  v1::Event macbeth = Hamlet();
  macbeth.set_event_id("macbeth");
  macbeth.set_currency("USD");
  world.BreakNextCommit();
  CHECK(world.Run({Reserve(1, {"stalls/A/1"}, 9), Release(2, 9)}) == Texts{"", ""});
  world.BreakNextCommit();
  CHECK(world.Create(macbeth).status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.Reserved().empty());

  CHECK(world.Run(Reserve(2, {"stalls/A/1"}, 1)) == "SUCCEEDED 4500 EUR");
  CHECK(world.Run(Reserve(3, {"stalls/A/1"}, 1, "macbeth")) == "REFUSED EVENT_NOT_FOUND");
  macbeth.set_currency("EUR");
  CHECK(world.Create(macbeth).ok());
}

TEST_CASE("an event of a failed commit is not remembered by its layout") {
  SeatWorld world;
  std::vector<SeatInput> batch;
  batch.emplace_back(CreateEvent{Hamlet(), {}});
  SeatCommands call;
  call.commands.push_back(Reserve(1, {"stalls/A/1"}));
  batch.emplace_back(std::move(call));
  world.BreakNextCommit();
  world.Apply(std::move(batch));
  CHECK(world.Run(Reserve(2, {"stalls/A/1"})) == "REFUSED EVENT_NOT_FOUND");

  v1::Event cheaper = Hamlet();
  cheaper.mutable_sections(0)->set_price_minor(100);
  REQUIRE(world.Create(cheaper).ok());
  CHECK(world.Run(Reserve(3, {"stalls/A/1"})) == "SUCCEEDED 100 EUR");
}

TEST_CASE("the database itself refuses to sell a seat twice") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  world.writer().Begin();
  world.writer().Execute(
      "INSERT INTO reserved_seats VALUES(1, 0, x'00000000000000000000000000000002')");
  CHECK_FALSE(world.writer().Commit().ok());
}

}  // namespace
}  // namespace seatsaga::seat::testing
