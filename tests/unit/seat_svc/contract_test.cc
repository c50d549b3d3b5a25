// The participants' contract (DESIGN §6) on the seats.
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

TEST_CASE("seat contract: the first action takes effect") {
  HamletWorld world;
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
}

TEST_CASE("seat contract: the first compensation takes effect") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved().empty());
}

TEST_CASE("seat contract: the same action again is answered as before, without effect") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  SECTION("in the next batch") {
    CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  }
  SECTION("after a restart") {
    world.Restart();
    CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  }
  SECTION("twice in one batch") {
    CHECK(world.Run({Reserve(2, {"stalls/A/2"}), Reserve(2, {"stalls/A/2"})}) ==
          Texts{"SUCCEEDED 4500 EUR", "SUCCEEDED 4500 EUR"});
    world.Run(Release(2));
  }
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
}

TEST_CASE("seat contract: the same action after a release is answered as before, without effect") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  world.Run(Release(1));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
  CHECK(world.Reserved().empty());
}

TEST_CASE("seat contract: a refusal stays one, even when the seat is free again") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(2, {"stalls/A/1"})) == "REFUSED SEAT_NOT_AVAILABLE");
  world.Run(Release(1));
  CHECK(world.Run(Reserve(2, {"stalls/A/1"})) == "REFUSED SEAT_NOT_AVAILABLE");
  CHECK(world.Reserved().empty());
}

TEST_CASE("seat contract: the same compensation again frees nothing that is another's by now") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  world.Run(Release(1));
  world.Run(Reserve(2, {"stalls/A/1"}));
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved() == Texts{"stalls/A/1=2"});
}

TEST_CASE("seat contract: the same key with another body is invalid, without effect") {
  HamletWorld world;
  REQUIRE(world
              .Create([] {
                v1::Event macbeth = Hamlet();
                macbeth.set_event_id("macbeth");
                return macbeth;
              }())
              .ok());
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(1, {"stalls/A/2"})) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2"})) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, 1, "macbeth")) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
  CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seat contract: a compensation without its action succeeds and blocks the late action") {
  HamletWorld world;
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  SECTION("in a later batch") {
    CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "REFUSED LATE_ACTION");
  }
  SECTION("after a restart, and for good") {
    world.Restart();
    CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "REFUSED LATE_ACTION");
    CHECK(world.Run(Reserve(1, {"stalls/A/1"})) == "REFUSED LATE_ACTION");
  }
  SECTION("in the same batch") {
    CHECK(world.Run({Release(2), Reserve(2, {"stalls/A/1"})}) ==
          Texts{"SUCCEEDED", "REFUSED LATE_ACTION"});
  }
  CHECK(world.Reserved().empty());
}

TEST_CASE("seat contract: an older fencing token is refused, whatever it asks for") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}, 7));
  CHECK(world.Run(Reserve(2, {"stalls/A/2"}, 6)) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(world.Run(Release(1, 6)) == "REFUSED STALE_FENCING_TOKEN");
  world.Restart();
  CHECK(world.Run(Release(1, 6)) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
  CHECK(world.Run(Reserve(2, {"stalls/A/2"}, 7)) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seat contract: the fencing token is no part of the body") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}, 1));
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, 2)) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seat contract: steps of one saga are apart") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(1, {"stalls/A/2"}, 1, "hamlet", "reserve_more")) == "SUCCEEDED 4500 EUR");
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved() == Texts{"stalls/A/2=1"});
}

}  // namespace
}  // namespace seatsaga::seat::testing
