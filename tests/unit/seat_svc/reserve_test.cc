// What commands do to the seats.
#include "seat_svc/event_rules.h"
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
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, {.event_id = "macbeth"})) ==
        "REFUSED EVENT_NOT_FOUND");
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
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, {.step = "again"})) == "REFUSED SEAT_NOT_AVAILABLE");
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

TEST_CASE("a reserve says which seats it reserved, in the order of the request") {
  HamletWorld world;
  REQUIRE(world.Run(Reserve(1, {"stalls/B/3", "balcony/A/2", "stalls/A/1"})) ==
          "SUCCEEDED 11000 EUR");
  CHECK(world.result().result().ShortDebugString() ==
        R"(amount { amount_minor: 11000 currency: "EUR" } )"
        R"(seat_ids: "stalls/B/3" seat_ids: "balcony/A/2" seat_ids: "stalls/A/1" )"
        "seat_prices_minor: 4500 seat_prices_minor: 2000 seat_prices_minor: 4500");
  const std::string first = world.result().SerializeAsString();
  world.Restart();
  world.Run(Reserve(1, {"stalls/B/3", "balcony/A/2", "stalls/A/1"}));
  CHECK(world.result().SerializeAsString() == first);
  world.Run(Release(1));
  CHECK_FALSE(world.result().has_result());
}

// --- The sale

TEST_CASE("seats can be reserved from the start of the sale on") {
  SeatWorld world;
  REQUIRE(world.Create(DatedHamlet()).ok());
  world.SetWall(kSaleStart - absl::Microseconds(1));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "REFUSED SALE_NOT_STARTED");
  CHECK(world.result().message() ==
        "seats of event \"hamlet\" can be reserved from 2026-11-01T10:00:00Z");
  CHECK(world.Reserved().empty());
  world.SetWall(kSaleStart);
  CHECK(world.Run(Reserve(2, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seats can be reserved until the sale ends, this moment excluded") {
  SeatWorld world;
  REQUIRE(world.Create(DatedHamlet()).ok());
  world.SetWall(kSaleEnd - absl::Microseconds(1));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  world.SetWall(kSaleEnd);
  CHECK(world.Run(Reserve(2, {"stalls/A/2"})) == "REFUSED SALE_ENDED");
  CHECK(world.result().message() ==
        "seats of event \"hamlet\" could be reserved until 2026-12-24T18:00:00Z");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
}

TEST_CASE("a sale without an end of its own ends when the event starts") {
  SeatWorld world;
  v1::Event event = DatedHamlet();
  event.clear_sale_end_time();
  *event.mutable_start_time() = ToProto(kPremiere + absl::Microseconds(1500));
  REQUIRE(world.Create(event).ok());
  world.SetWall(kPremiere + absl::Microseconds(1499));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  world.SetWall(kPremiere + absl::Microseconds(1500));
  CHECK(world.Run(Reserve(2, {"stalls/A/2"})) == "REFUSED SALE_ENDED");
  CHECK(world.result().message() ==
        "seats of event \"hamlet\" could be reserved until 2026-12-24T20:00:00.0015Z");
}

TEST_CASE("an event without dates is always on sale") {
  HamletWorld world;
  world.SetWall(absl::UnixEpoch());
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  world.SetWall(kPremiere + absl::Hours(24 * 365 * 100));
  CHECK(world.Run(Reserve(2, {"stalls/A/2"})) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("once the sale has ended, what was reserved before can be answered again and released") {
  SeatWorld world;
  REQUIRE(world.Create(DatedHamlet()).ok());
  world.SetWall(kSaleStart);
  world.Run(Reserve(1, {"stalls/A/1"}));
  world.SetWall(kSaleEnd);
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved().empty());
}

TEST_CASE("a reserve says under which terms") {
  SeatWorld world;
  v1::Event event = DatedHamlet();
  saga::v1::EventTerms terms;
  *terms.mutable_start_time() = event.start_time();
  SECTION("the start and the refund rules") {
    *terms.mutable_refund_rules() = event.refund_rules();
  }
  SECTION("the start alone") { event.clear_refund_rules(); }
  REQUIRE(world.Create(event).ok());
  world.SetWall(kSaleStart);
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.result().result().terms().SerializeAsString() == terms.SerializeAsString());
  world.Restart();
  for (const int saga : {1, 2}) {  // as recorded, and of the stored event
    world.Run(Reserve(saga, {Cat("stalls/A/", saga)}));
    CHECK(world.result().result().terms().SerializeAsString() == terms.SerializeAsString());
  }
}

TEST_CASE("an event without a start has no terms") {
  SeatWorld world;
  v1::Event event = Hamlet();
  *event.mutable_sale_end_time() = ToProto(kSaleEnd);
  REQUIRE(world.Create(event).ok());
  REQUIRE(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  CHECK_FALSE(world.result().result().has_terms());
}

// --- Calls

TEST_CASE("a rejected command has no effect and does not hold up the others of its call") {
  HamletWorld world;
  CHECK(world.Run({Reserve(1, {"stalls/A/1"}), Reserve(3, {}), Reserve(2, {"stalls/A/2"})}) ==
        Texts{"SUCCEEDED 4500 EUR", "INVALID INVALID_REQUEST", "SUCCEEDED 4500 EUR"});
}

TEST_CASE("a failed commit leaves nothing: no seat, no event, no barrier, no token, no answer") {
  HamletWorld world;
  v1::Event macbeth = Hamlet("macbeth");
  macbeth.set_currency("USD");
  world.BreakNextCommit();
  CHECK(world.Run({Reserve(1, {"stalls/A/1"}), Release(2)}) == Texts{"UNAVAILABLE", "UNAVAILABLE"});
  world.BreakNextCommit();
  CHECK(world.Create(macbeth).status().code() == absl::StatusCode::kUnavailable);
  world.BreakNextCommit();
  CHECK(world.Take(kEpoch, kEpoch + 1).code() == absl::StatusCode::kUnavailable);
  CHECK(world.Reserved().empty());

  CHECK(world.Run(Reserve(2, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  CHECK(world.Run(Reserve(3, {"stalls/A/1"}, {.event_id = "macbeth"})) ==
        "REFUSED EVENT_NOT_FOUND");
  macbeth.set_currency("EUR");
  CHECK(world.Create(macbeth).ok());
}

}  // namespace
}  // namespace seatsaga::seat::testing
