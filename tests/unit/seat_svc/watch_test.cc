#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "common/store/model.h"
#include "tests/support/hooked_stores.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

using seatsaga::testing::CallOptions;
using seatsaga::testing::HookedStores;
using seatsaga::testing::Leg;
using Watching = seatsaga::testing::Received<v1::WatchSeatsResponse>;

// Longer than a pause between passes.
constexpr absl::Duration kMoment = absl::Milliseconds(100);

Watching Watch(TestWorld& test, std::string event_id, std::string section = "",
               CallOptions options = {.deadline = absl::Hours(24)}) {
  v1::WatchSeatsRequest request;
  request.set_event_id(std::move(event_id));
  request.set_section(std::move(section));
  return test.Open("seat_svc", kWatchSeats, request, std::move(options));
}
Watching Watch(SeatWorld& world, std::string event_id = "hamlet", std::string section = "") {
  Watching watching = Watch(world.test(), std::move(event_id), std::move(section));
  world.test().Advance(kMoment);
  return watching;
}

// What one message says: "+stalls/A/1 -stalls/A/2 |"; the bar ends the snapshot.
std::string Brief(const v1::WatchSeatsResponse& message) {
  std::string text;
  for (const std::string& seat : message.reserved_seat_ids()) text += " +" + seat;
  for (const std::string& seat : message.available_seat_ids()) text += " -" + seat;
  if (message.snapshot_complete()) text += " |";
  return text.empty() ? text : text.substr(1);
}
Texts Brief(const Watching& watching) {
  Texts texts;
  for (const auto& message : watching.messages()) texts.push_back(Brief(message));
  return texts;
}

// The map of a client that applies all messages. Fails if a change says what was known.
std::set<std::string> Replay(const Watching& watching) {
  std::set<std::string> reserved;
  for (const auto& message : watching.messages()) {
    for (const std::string& seat : message.reserved_seat_ids()) {
      CHECK(reserved.insert(seat).second);
    }
    for (const std::string& seat : message.available_seat_ids()) {
      CHECK(reserved.erase(seat) == 1);
    }
  }
  return reserved;
}

absl::StatusCode EndOf(const Watching& watching) {
  REQUIRE(watching.end().has_value());
  return watching.end()->code();
}

// HamletWorld in test cases, whose own `test` hides its world.
class Hamlets : public HamletWorld {
 public:
  TestWorld& world() { return HamletWorld::test(); }
  void Wait() { world().Advance(kMoment); }
};

TEST_CASE_METHOD(Hamlets, "a watch begins with what is reserved, then shows every change") {
  Run(Reserve(1, {"stalls/A/2", "balcony/A/1"}));
  const Watching watching = Watch(*this);
  CHECK(Brief(watching) == Texts{"+stalls/A/2 +balcony/A/1 |"});
  Run(Reserve(2, {"stalls/B/3"}));
  Wait();
  Run(Release(1));
  Wait();
  CHECK(Brief(watching) ==
        Texts{"+stalls/A/2 +balcony/A/1 |", "+stalls/B/3", "-stalls/A/2 -balcony/A/1"});
  CHECK_FALSE(watching.end().has_value());
}

TEST_CASE_METHOD(Hamlets, "a watch of an empty hall begins with an empty snapshot") {
  CHECK(Brief(Watch(*this)) == Texts{"|"});
}

TEST_CASE_METHOD(Hamlets, "a change and its reverse within a moment are nothing") {
  const Watching watching = Watch(*this);
  Run({Reserve(1, {"stalls/A/1"}), Reserve(2, {"stalls/A/2"})});
  Wait();
  Run({Release(1), Reserve(3, {"stalls/A/1"})});  // another holds it now
  Run(Reserve(4, {"stalls/A/3"}));
  Run(Release(4));
  Wait();
  CHECK(Brief(watching) == Texts{"|", "+stalls/A/1 +stalls/A/2"});
}

TEST_CASE_METHOD(Hamlets, "a watch of a section shows nothing of the others") {
  Run(Reserve(1, {"stalls/A/1", "balcony/A/2"}));
  const Watching balcony = Watch(*this, "hamlet", "balcony");
  const Watching stalls = Watch(*this, "hamlet", "stalls");
  Run(Reserve(2, {"stalls/A/2"}));
  Wait();
  Run(Release(1));
  Wait();
  CHECK(Brief(balcony) == Texts{"+balcony/A/2 |", "-balcony/A/2"});
  CHECK(Brief(stalls) == Texts{"+stalls/A/1 |", "+stalls/A/2", "-stalls/A/1"});
}

TEST_CASE_METHOD(Hamlets, "a watch shows nothing of another event") {
  REQUIRE(Create(Hamlet("othello")).ok());
  const Watching hamlet = Watch(*this);
  const Watching othello = Watch(*this, "othello");
  Run(Reserve(1, {"stalls/A/1"}, {.event_id = "othello"}));
  Wait();
  CHECK(Brief(hamlet) == Texts{"|"});
  CHECK(Brief(othello) == Texts{"|", "+stalls/A/1"});
}

TEST_CASE_METHOD(Hamlets, "watches of what there is not end with the usual errors") {
  const Watching no_event = Watch(*this, "macbeth");
  CHECK(EndOf(no_event) == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(*no_event.end()) == kEventNotFound);
  const Watching no_section = Watch(*this, "hamlet", "cellar");
  CHECK(EndOf(no_section) == absl::StatusCode::kNotFound);
  CHECK(ReasonOf(*no_section.end()) == "SECTION_NOT_FOUND");
  const Watching malformed = Watch(*this, "Hamlet!", "no/section");
  CHECK(EndOf(malformed) == absl::StatusCode::kInvalidArgument);
  CHECK(FieldsOf(*malformed.end()) == Texts{"event_id", "section"});
}

TEST_CASE_METHOD(Hamlets, "all who watch one event end up with the same map") {
  std::vector<Watching> watching;
  for (int saga = 1; saga <= 6; ++saga) {
    for (int i = 0; i < 50; ++i) watching.push_back(Watch(world(), "hamlet"));
    const std::string seat = Cat("stalls/", saga % 2 == 0 ? "A/" : "B/", (saga + 1) / 2);
    Run(Reserve(saga, {seat}));
    if (saga % 3 == 0) Run(Release(saga));
    world().Advance(absl::Milliseconds(10));
  }
  Wait();
  std::set<std::string> truth;
  for (const std::string& seat : Reserved()) truth.insert(seat.substr(0, seat.find('=')));
  REQUIRE(truth.size() == 4);
  for (const Watching& one : watching) {
    CHECK(Replay(one) == truth);
    const auto ends_snapshot = [](const auto& message) { return message.snapshot_complete(); };
    CHECK(std::count_if(one.messages().begin(), one.messages().end(), ends_snapshot) == 1);
  }
}

TEST_CASE_METHOD(Hamlets, "a large snapshot and a large change come in several messages") {
  v1::Event event = Hamlet("arena");
  event.mutable_sections(0)->mutable_rows(0)->set_seat_count(1'000);
  event.mutable_sections(0)->mutable_rows(1)->set_seat_count(1'000);
  REQUIRE(Create(event).ok());
  const Watching from_start = Watch(*this, "arena");
  std::vector<v1::SeatCommand> commands;
  for (int row = 0; row < 2; ++row) {
    for (int i = 0; i < 50; ++i) {
      Texts seats;
      for (int seat = 1; seat <= 20; ++seat) {
        seats.push_back(Cat("stalls/", row == 0 ? "A/" : "B/", 20 * i + seat));
      }
      commands.push_back(Reserve(1 + 50 * row + i, seats, {.event_id = "arena"}));
    }
  }
  commands.push_back(Reserve(200, {"balcony/A/1"}, {.event_id = "arena"}));
  Run(commands);
  Wait();
  const Watching later = Watch(*this, "arena");
  for (const Watching& one : {from_start, later}) {
    CHECK(Replay(one).size() == 2'001);
    for (const auto& message : one.messages()) {
      CHECK(message.reserved_seat_ids_size() <= SeatFeed::kSeatsPerMessage);
    }
  }
  REQUIRE(later.messages().size() == 3);
  CHECK_FALSE(later.messages()[0].snapshot_complete());
  CHECK(Brief(later.messages()[2]) == "+balcony/A/1 |");
}

TEST_CASE_METHOD(Hamlets, "who reads a seat map too slowly is told to resume, and delays nobody") {
  const Watching slow = Watch(world(), "hamlet", "", {.deadline = absl::Hours(24), .from = "slow"});
  const Watching quick = Watch(*this);
  world().Hold("slow", "seat_svc", Leg::kAnswer);
  for (int i = 0; i <= ServerStream::kUnsentMax; ++i) {
    const int saga = 1 + i / 100;
    const int round = 1 + i % 100 / 2;
    REQUIRE(Run(i % 2 == 0 ? Reserve(saga, {"stalls/A/1"}, {.round = round})
                           : Release(saga, {.round = round}))
                .starts_with("SUCCEEDED"));
    Wait();
  }
  CHECK(quick.messages().size() == ServerStream::kUnsentMax + 2);
  CHECK_FALSE(quick.end().has_value());
  world().Release("slow", "seat_svc");
  world().Run();
  CHECK(EndOf(slow) == absl::StatusCode::kResourceExhausted);
}

TEST_CASE_METHOD(Hamlets, "after a restart a new watch begins with the present map") {
  Run(Reserve(1, {"stalls/A/1"}));
  const Watching first = Watch(*this);
  Restart();
  world().Run();
  CHECK(EndOf(first) == absl::StatusCode::kUnavailable);
  CHECK(Brief(Watch(*this)) == Texts{"+stalls/A/1 |"});
}

TEST_CASE_METHOD(Hamlets, "a commit that failed is not shown, one in doubt if it was applied") {
  const Watching watching = Watch(*this);
  BreakNextCommit();
  Run(Reserve(1, {"stalls/A/1"}));
  world().Advance(absl::Seconds(2));
  CHECK(Brief(watching) == Texts{"|"});
  world().FailNextCommits("seat_svc", 1, store::Committed::kInDoubt, /*applied=*/true);
  Run(Reserve(2, {"stalls/A/2"}));
  world().Advance(absl::Seconds(2));
  CHECK(Brief(watching) == Texts{"|", "+stalls/A/2"});
}

// --- On stores of the test's own

// Takes all partitions, and creates the event.
void Prepare(TestWorld& world) {
  saga::v1::TakePartitionsRequest take;
  take.add_held()->set_last(255);
  take.mutable_token()->set_epoch(kEpoch);
  take.mutable_token()->set_holder(std::string(16, 'h'));
  take.set_store_id(SagaId(0).ToString());
  take.set_store_counter(1);
  REQUIRE(world.CallNow("seat_svc", saga::kTakePartitions, take).ok());
  v1::CreateEventRequest create;
  *create.mutable_event() = Hamlet();
  REQUIRE(world.CallNow("seat_svc", kCreateEvent, create).ok());
}

struct OwnStores {
  OwnStores() {
    const World process_world = world.world("seat_svc");
    auto opened = SeatNode::Open({.clock = process_world.clock,
                                  .executor = process_world.executor,
                                  .wire = process_world.wire,
                                  .stores = hooked,
                                  .make_worker = process_world.make_worker,
                                  .random = process_world.random,
                                  .stop = process_world.stop},
                                 {});
    REQUIRE(opened.ok());
    node = *std::move(opened);
    REQUIRE(node->Start().ok());
    Prepare(world);
  }
  void Run(const v1::SeatCommand& command) {
    v1::ExecuteSeatCommandsRequest request;
    *request.add_commands() = command;
    const auto answer = world.CallNow("seat_svc", kExecuteSeatCommands, request);
    REQUIRE(answer.ok());
    REQUIRE(answer->results(0).outcome() == saga::v1::OUTCOME_SUCCEEDED);
  }

  TestWorld world{Engine::kModel};
  store::ModelStores model;
  store::ModelProcess process{model, store::ModelProcess::Writers::kOne};
  HookedStores hooked{process};
  std::unique_ptr<SeatNode> node;
};

TEST_CASE_METHOD(OwnStores, "a change between the subscription and the read is shown, once") {
  // The first query finds the hall, the second reads the seats.
  hooked.before_query = [&] {
    Run(Reserve(1, {"stalls/A/1"}));
    hooked.before_query = [&] {
      Run(Reserve(2, {"stalls/A/2"}));
      Run(Release(1));
    };
  };
  const Watching watching = Watch(world, "hamlet");
  world.Advance(kMoment);
  CHECK(Brief(watching) == Texts{"+stalls/A/2 |"});
}

TEST_CASE_METHOD(OwnStores, "a change while changes are read is shown, and in order") {
  const Watching watching = Watch(world, "hamlet");
  world.Advance(kMoment);
  hooked.before_query = [&] { Run(Release(1)); };
  Run(Reserve(1, {"stalls/A/1"}));
  world.Advance(kMoment);
  CHECK(Brief(watching) == Texts{"|"});
  Run(Reserve(2, {"stalls/A/1"}));
  world.Advance(kMoment);
  CHECK(Brief(watching) == Texts{"|", "+stalls/A/1"});
}

TEST_CASE_METHOD(OwnStores, "an error of the store ends the watches of the event's seats") {
  const Watching watching = Watch(world, "hamlet");
  world.Advance(kMoment);
  hooked.before_query = [&] { process.faults().SetConnected(false); };
  Run(Reserve(1, {"stalls/A/1"}));
  world.Advance(kMoment);
  CHECK(Brief(watching) == Texts{"|"});
  CHECK(EndOf(watching) == absl::StatusCode::kUnavailable);
  process.faults().SetConnected(true);
  const Watching next = Watch(world, "hamlet");
  world.Advance(kMoment);
  CHECK(Brief(next) == Texts{"+stalls/A/1 |"});
}

TEST_CASE_METHOD(OwnStores, "what nobody watches costs no query, also after a watch") {
  Watching watching = Watch(world, "hamlet");
  world.Advance(kMoment);
  watching.Cancel();
  Run(Reserve(1, {"stalls/A/1"}));  // shows that nobody is there any more
  world.Advance(kMoment);
  const int before = hooked.queries;
  Run(Release(1));
  world.Advance(absl::Seconds(10));
  CHECK(hooked.queries == before);
}

TEST_CASE_METHOD(OwnStores, "a watch of seats whose client has gone takes no place for long") {
  Watching gone = Watch(world, "hamlet");
  world.Advance(kMoment);
  gone.Cancel();
  v1::CreateEventRequest create;
  *create.mutable_event() = Hamlet("othello");
  REQUIRE(world.CallNow("seat_svc", kCreateEvent, create).ok());
  std::vector<Watching> others;
  for (size_t i = 0; i < SweepRule::kAddedMin; ++i) others.push_back(Watch(world, "othello"));
  world.Advance(kMoment);
  const int before = hooked.queries;
  Run(Reserve(1, {"stalls/A/1"}));
  world.Advance(kMoment);
  CHECK(hooked.queries == before);
}

// --- In a store with other writers

TEST_CASE("seats that another process reserves in the same store are shown after a second") {
  TestWorld test{Engine::kModel};
  store::ModelStores model;
  store::ModelProcess process{model, store::ModelProcess::Writers::kSeveral};
  std::vector<std::unique_ptr<SeatNode>> nodes;
  for (const char* name : {"seat_svc", "other"}) {
    const World world = test.world(name);
    auto node = SeatNode::Open({.clock = world.clock,
                                .executor = world.executor,
                                .wire = world.wire,
                                .stores = process,
                                .make_worker = world.make_worker,
                                .random = world.random,
                                .stop = world.stop},
                               {});
    REQUIRE(node.ok());
    nodes.push_back(*std::move(node));
    REQUIRE(nodes.back()->Start().ok());
  }
  Prepare(test);
  const Watching first = Watch(test, "hamlet");
  test.Advance(kMoment);
  v1::ExecuteSeatCommandsRequest request;
  *request.add_commands() = Reserve(1, {"stalls/A/1"});
  REQUIRE(test.CallNow("other", kExecuteSeatCommands, request).ok());
  // A new watch looks at everything, and so shows it to the old one too.
  SECTION("to a new watch at once") {
    const Watching second = Watch(test, "hamlet");
    test.Advance(kMoment);
    CHECK(Brief(second) == Texts{"+stalls/A/1 |"});
  }
  test.Advance(SeatWatches::kInterval);
  CHECK(Brief(first) == Texts{"|", "+stalls/A/1"});
  for (auto& node : nodes) node->Stop(absl::ZeroDuration());
}

}  // namespace
}  // namespace seatsaga::seat::testing
