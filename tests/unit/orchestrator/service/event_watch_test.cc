// Watching the events: cursors, filters, what is erased, and readers that are slow.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "common/errors.h"
#include "orchestrator/engine/events.h"
#include "orchestrator/service/event_cursor.h"
#include "orchestrator/service/event_page.h"
#include "tests/unit/orchestrator/world/orchestrator_world.h"
#include "tests/unit/world/event_reader.h"

namespace seatsaga {
namespace {

using testing::Engine;
using testing::EventReader;
using testing::kOrchestrator;
using testing::Leg;
using testing::OrchestratorWorld;
using testing::SagaId;
using namespace orchestrator::v1;

const Id kA = SagaId('a');

struct World : OrchestratorWorld {
  explicit World(Engine engine = Engine::kModel, absl::Duration kept = absl::Hours(24))
      : OrchestratorWorld(engine) {
    options.events_kept = kept;
    Boot();
  }

  // Each gives one event, in a commit of its own.
  void StartMany(int count, int partitions = 256) {
    for (int i = 0; i < count; ++i) {
      std::string bytes(ids.Next(test.wall()).bytes());
      bytes.back() = static_cast<char>(started++ % partitions);
      REQUIRE(Start(*Id::FromBytes(bytes)));
    }
  }
  absl::Status Opening(const WatchEventsRequest& request) {
    auto stream = test.Open(kOrchestrator, orchestrator::kWatchEvents, request, {.from = "reader"});
    test.Run();
    return stream.end().value_or(absl::OkStatus());
  }
  std::vector<std::string> BadFields(const WatchEventsRequest& request) {
    const absl::Status status = Opening(request);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    std::vector<std::string> fields;
    for (const auto& violation : FieldViolationsOf(status)) fields.push_back(violation.first);
    return fields;
  }

  IdGenerator ids;
  int started = 0;
};

using Fields = std::vector<std::string>;

TEST_CASE("a cursor survives being written, and only its own store reads it") {
  const Id store = SagaId('s');
  service::EventCursor cursor{.at = {7, 1'000'000}, .positions = {}};
  for (size_t i = 0; i < cursor.positions.size(); ++i) {
    cursor.positions[i] = static_cast<int64_t>(1'000'000 + i * i);
  }
  const std::string text = service::WriteEventCursor(store, cursor);
  const auto read = service::ReadEventCursor(store, text);
  REQUIRE(read.has_value());
  REQUIRE(read->at == cursor.at);
  REQUIRE(read->positions == cursor.positions);
  REQUIRE(text.size() < 1000);
  REQUIRE_FALSE(service::ReadEventCursor(SagaId('t'), text).has_value());
  REQUIRE_FALSE(service::ReadEventCursor(store, text.substr(1)).has_value());
  REQUIRE_FALSE(service::ReadEventCursor(store, "").has_value());
}

TEST_CASE("a request with anything wrong names the field") {
  World world;
  WatchEventsRequest request;
  request.set_cursor("nonsense");
  request.add_types("seatsaga.SeatReserved");
  request.add_types("SeatReserved");
  request.add_types("SeatStolen");
  request.add_types("");
  request.set_from(static_cast<WatchFrom>(9));
  REQUIRE(world.BadFields(request) == Fields{"cursor", "from", "types[2]", "types[3]"});
}

TEST_CASE("a cursor of another database is refused, and so is one that this has not come to") {
  World world;
  EventReader reader(world.test);
  reader.Open();
  world.StartMany(1);
  reader.Take();
  World other;
  WatchEventsRequest request;
  request.set_cursor(reader.cursor);
  REQUIRE(other.BadFields(request) == Fields{"cursor"});

  const Id store = *Id::Parse(reader.events.at(0).source().substr(23));
  auto cursor = *service::ReadEventCursor(store, reader.cursor);
  cursor.positions[0] += 1;
  request.set_cursor(service::WriteEventCursor(store, cursor));
  REQUIRE(world.BadFields(request) == Fields{"cursor"});
}

TEST_CASE("a reader that comes back at any cursor misses nothing and reads nothing twice") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  EventReader all(world.test);
  all.Open();
  EventReader reader(world.test);
  for (int i = 0; i < 20; ++i) {
    world.StartMany(7, 5);
    if (i % 5 == 0) {
      world.Crash();
      world.Boot();
      all.Open();
    }
    reader.Open();  // checks the sequences
    reader.stream.Cancel();
  }
  all.Take();
  REQUIRE(all.events.size() == 140);
  REQUIRE(reader.events.size() == 140);
}

TEST_CASE("the sequences go on after a restart, however long ago a partition had its last event") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  EventReader watching(world.test);  // so that each commit has a row
  if (GENERATE(true, false)) watching.Open();
  world.StartMany(2 * store::kBatchesPerCheckpoint + 10, 3);
  REQUIRE(world.Start(kA));
  world.StartMany(2 * store::kBatchesPerCheckpoint + 10, 3);
  world.Crash();
  world.Boot();
  const auto again = world.arrived;
  for (const auto& arrival : again) arrival.at->Answer(arrival.index, Succeeded(4500, "EUR"));
  world.StartMany(3, 3);
  EventReader reader(world.test);
  reader.Open();  // checks them
  REQUIRE(reader.Of(kA).size() == 3);
}

// While nobody watches, events of several commits wait for one row.
TEST_CASE("events that nobody has watched yet survive a crash, also of sagas that have ended") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  const bool has_rows = GENERATE(true, false);
  if (has_rows) {
    EventReader first(world.test);
    first.Open();
    world.StartMany(1);
    world.SucceedToTheEnd();
    first.stream.Cancel();
    world.StartMany(1);  // the server notices that it has gone
    world.SucceedToTheEnd();
  }
  REQUIRE(world.Start(kA));  // of an old id
  world.SucceedToTheEnd();
  const Id young = world.ids.Next(world.test.wall());
  REQUIRE(world.Start(young));
  world.SucceedToTheEnd();
  const Id live = world.ids.Next(world.test.wall());
  REQUIRE(world.Start(live));
  const int crashes = GENERATE(1, 2);
  for (int i = 0; i < crashes; ++i) {
    world.Crash();
    world.Boot();
  }
  EventReader reader(world.test);
  reader.Open();
  REQUIRE(reader.Of(kA).size() == 5);
  REQUIRE(reader.Of(young).size() == 5);
  REQUIRE(reader.Of(live).size() == 1);
  REQUIRE(reader.events.size() == (has_rows ? 21 : 11));
}

TEST_CASE("events are not lost with a failed commit while they wait in memory") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  REQUIRE(world.Start(kA));
  world.Succeed();
  world.test.FailNextCommits(kOrchestrator, 1, store::Committed::kNothing);
  world.Succeed();
  world.PassTime();
  world.SucceedToTheEnd();
  EventReader reader(world.test);
  reader.Open();
  REQUIRE(reader.Of(kA).size() == 5);
}

// A history so long that its older entries move to a row of their own.
TEST_CASE("the events of a saga of many attempts survive a crash") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  world.options.limits.attempts_max = 1000;
  world.Crash();
  world.Boot();
  REQUIRE(world.Start(kA));
  world.Succeed();
  for (int i = 0; i < 70; ++i) {
    world.Unknown();
    world.PassTime();
  }
  world.Crash();
  world.Boot();
  EventReader reader(world.test);
  reader.Open();
  REQUIRE(reader.Of(kA).size() == 3);
}

TEST_CASE("a batch of more events than a response holds comes in parts") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite));
  StartSagasRequest request;
  for (int i = 0; i < 2 * service::kEventsPerPageMax + 3; ++i) {
    *request.add_sagas() = world.NewSaga(world.ids.Next(world.test.wall()));
  }
  REQUIRE(world.Call(orchestrator::kStartSagas, request).ok());
  EventReader reader(world.test);
  reader.Open();
  REQUIRE(reader.events.size() == 2 * service::kEventsPerPageMax + 3);
  const auto& messages = reader.stream.messages();
  REQUIRE(messages.size() == 3);
  // From the cursor inside the batch.
  EventReader second(world.test);
  second.cursor = messages[0].cursor();
  second.from = WATCH_FROM_NOW;
  second.Open();
  REQUIRE(second.events.size() == service::kEventsPerPageMax + 3);
}

TEST_CASE("a filter lets only its types through, and the cursor moves on over the others") {
  World world;
  EventReader reader(world.test);
  reader.types = {"SeatReserved", "seatsaga.PaymentRequested"};
  reader.Open();
  world.Start(kA);
  world.SucceedToTheEnd();
  REQUIRE(reader.Of(kA) == std::vector<std::string>{"SeatReserved", "PaymentRequested"});
  const std::string before = reader.cursor;
  world.StartMany(2000);
  reader.Take();
  REQUIRE(reader.events.size() == 2);
  REQUIRE(reader.cursor != before);
}

TEST_CASE("a reader from now on hears of nothing before") {
  World world;
  world.StartMany(5);
  EventReader reader(world.test);
  reader.from = WATCH_FROM_NOW;
  reader.Open();
  REQUIRE(reader.events.empty());
  REQUIRE_FALSE(reader.cursor.empty());
  REQUIRE(world.Start(kA));
  REQUIRE(reader.Of(kA).size() == 1);
  REQUIRE(reader.events.size() == 1);
}

constexpr absl::Duration kKept = absl::Seconds(1);

TEST_CASE("what is too old is erased, and a reader that wanted it is told where to go on") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite), kKept);
  world.StartMany(1);
  EventReader early(world.test);
  early.Open();
  early.stream.Cancel();
  EventReader watching(world.test);  // so that each commit has a row
  watching.Open();
  const int old = 3 * static_cast<int>(engine::EventWriting::kErasedAtOnce) + 5;
  world.StartMany(old);
  world.test.Advance(2 * kKept);
  world.Crash();
  world.Boot();
  world.StartMany(10);
  WatchEventsRequest request;
  request.set_cursor(early.cursor);
  const absl::Status status = world.Opening(request);
  REQUIRE(absl::IsOutOfRange(status));
  REQUIRE(ReasonOf(status) == "EVENTS_ERASED");

  const auto count_from = [&](const std::string& cursor) {
    EventReader reader(world.test);
    reader.cursor = cursor;
    reader.from = WATCH_FROM_NOW;  // its sequences do not begin with 1
    reader.Open();
    return reader.events.size();
  };
  const size_t left = count_from(MetadataOf(status, "oldest_cursor"));
  REQUIRE(left >= 10);
  REQUIRE(left < 10 + static_cast<size_t>(old));
  EventReader beginning(world.test);
  beginning.types = {"SeatReservationRequested"};  // takes any sequence
  beginning.Open();
  REQUIRE(beginning.events.size() == left);
  // The sequences go on.
  world.Crash();
  world.Boot();
  const size_t before = beginning.events.size();
  beginning.Open();
  world.StartMany(1);
  beginning.Take();
  REQUIRE(beginning.events.size() == before + 1);
}

TEST_CASE("the last events stay, however old they are, and the sequences go on") {
  World world(GENERATE(Engine::kModel, Engine::kSqlite), kKept);
  REQUIRE(world.Start(kA));
  EventReader reader(world.test);
  reader.Open();
  reader.stream.Cancel();
  world.test.Advance(2 * kKept);
  for (int i = 0; i < 3; ++i) world.PassTime();  // its attempts; they tell nothing
  world.Crash();
  world.Boot();
  world.Succeed();
  reader.Open();
  REQUIRE(reader.Of(kA).size() == 3);
}

TEST_CASE("a slow reader keeps a few responses waiting, and goes on where it was") {
  World world;
  EventReader slow(world.test);
  slow.Open();
  EventReader quick(world.test);
  quick.Open();
  world.test.Hold("reader", kOrchestrator, Leg::kAnswer);
  world.StartMany(50);
  const size_t sent_before = slow.stream.messages().size();
  world.test.Release("reader", kOrchestrator);
  slow.Take();
  REQUIRE(slow.events.size() == 50);
  // What had been sent while it did not read, and the rest in one.
  REQUIRE(slow.stream.messages().size() <= sent_before + 3);
  quick.Take();
  REQUIRE(quick.events.size() == 50);
}

TEST_CASE("a reader so slow that its events are erased is told so when it reads again") {
  World world(Engine::kModel, kKept);
  EventReader slow(world.test);
  slow.Open();
  world.test.Hold("reader", kOrchestrator, Leg::kAnswer);
  world.StartMany(40);
  world.test.Advance(2 * kKept);
  world.StartMany(10);
  world.test.Release("reader", kOrchestrator);
  slow.Take();
  REQUIRE(slow.stream.end().has_value());
  REQUIRE(absl::IsOutOfRange(*slow.stream.end()));
}

TEST_CASE("a reader that has gone is forgotten") {
  World world;
  for (int i = 0; i < 3; ++i) {
    EventReader reader(world.test);
    reader.Open();
    reader.stream.Cancel();
    world.StartMany(1);
  }
  EventReader last(world.test);
  last.Open();
  REQUIRE(last.events.size() == 3);
}

}  // namespace
}  // namespace seatsaga
