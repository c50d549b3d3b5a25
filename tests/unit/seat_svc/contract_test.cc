// The participants' contract (docs/participant-contract.md) on the seats.
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
  REQUIRE(world.Create(Hamlet("macbeth")).ok());
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(1, {"stalls/A/2"})) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2"})) == "INVALID IDEMPOTENCY_KEY_REUSED");
  CHECK(world.Run(Reserve(1, {"stalls/A/1"}, {.event_id = "macbeth"})) ==
        "INVALID IDEMPOTENCY_KEY_REUSED");
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
  world.Run(Reserve(1, {"stalls/A/1"}));
  REQUIRE(world.Take(kEpoch, kEpoch + 1).ok());
  CHECK(world.Run(Reserve(2, {"stalls/A/2"})) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(world.Run(Release(1)) == "REFUSED STALE_FENCING_TOKEN");
  world.Restart();
  CHECK(world.Run(Release(1)) == "REFUSED STALE_FENCING_TOKEN");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1"});
  CHECK(world.Run(WithEpoch(kEpoch + 1, Reserve(2, {"stalls/A/2"}))) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seat contract: the fencing token is no part of the body") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  REQUIRE(world.Take(kEpoch, kEpoch + 1).ok());
  CHECK(world.Run(WithEpoch(kEpoch + 1, Reserve(1, {"stalls/A/1"}))) == "SUCCEEDED 4500 EUR");
}

TEST_CASE("seat contract: steps of one saga are apart") {
  HamletWorld world;
  world.Run(Reserve(1, {"stalls/A/1"}));
  CHECK(world.Run(Reserve(1, {"stalls/A/2"}, {.step = "reserve_more"})) == "SUCCEEDED 4500 EUR");
  CHECK(world.Run(Release(1)) == "SUCCEEDED");
  CHECK(world.Reserved() == Texts{"stalls/A/2=1"});
}

// --- Rounds

TEST_CASE("seat contract: a further round reserves again, other seats or the same") {
  HamletWorld world;
  world.Run({Reserve(1, {"stalls/A/1"}), Release(1)});
  CHECK(world.Run(Reserve(1, {"stalls/A/1", "stalls/A/2"}, {.round = 2})) == "SUCCEEDED 9000 EUR");
  CHECK(world.Reserved() == Texts{"stalls/A/1=1", "stalls/A/2=1"});
}

TEST_CASE("seat contract: a release frees its round's seats and those of the rounds before it") {
  HamletWorld world;
  CHECK(world.Run({Reserve(1, {"stalls/A/1"}), Reserve(1, {"stalls/A/2"}, {.round = 2}),
                   Reserve(1, {"stalls/A/3"}, {.round = 3})}) == Texts(3, "SUCCEEDED 4500 EUR"));
  SECTION("in a later batch") { CHECK(world.Run(Release(1, {.round = 2})) == "SUCCEEDED"); }
  SECTION("after a restart") {
    world.Restart();
    CHECK(world.Run(Release(1, {.round = 2})) == "SUCCEEDED");
  }
  CHECK(world.Reserved() == Texts{"stalls/A/3=1"});
  CHECK(world.Available() == 7);
  CHECK(world.Run(Release(1, {.round = 3})) == "SUCCEEDED");
  CHECK(world.Reserved().empty());
}

TEST_CASE("seat contract: a late action of an earlier round is refused") {
  HamletWorld world;
  world.Run({Reserve(1, {"stalls/A/1"}, {.round = 2}), Release(1, {.round = 2})});
  CHECK(world.Run(Reserve(1, {"stalls/A/2"})) == "REFUSED LATE_ACTION");
  CHECK(world.Reserved().empty());
}

}  // namespace
}  // namespace seatsaga::seat::testing
