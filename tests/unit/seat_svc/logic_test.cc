// The logic of the seats by itself: what several inputs of one batch, a decision that is made
// again, and two replicas come to.
#include <optional>

#include "common/sqlite/lane.h"
#include "common/store/model.h"
#include "seat_svc/seat_logic.h"
#include "seat_svc/seat_tables.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/seat_svc/world.h"

namespace seatsaga::seat::testing {
namespace {

SeatIo::In Commands(std::vector<v1::SeatCommand> commands) {
  v1::ExecuteSeatCommandsRequest request;
  for (v1::SeatCommand& command : commands) {
    // Nobody takes partitions here.
    auto& key = command.has_reserve_seats() ? *command.mutable_reserve_seats()->mutable_key()
                                            : *command.mutable_release_seats()->mutable_key();
    key.clear_fencing_epoch();
    key.clear_fencing_holder();
    *request.add_commands() = std::move(command);
  }
  auto parsed = participant::ParseBatch<SeatBody>(request, ParseCommand);
  REQUIRE(parsed.ok());
  return *std::move(parsed);
}

// One replica, batch by batch.
class Replica {
 public:
  using Inputs = std::vector<SeatIo::In>;

  explicit Replica(std::unique_ptr<store::Store> store)
      : store_(std::move(store)), logic_(store_->lane().shared()) {}

  void Read(const Inputs& inputs) {
    rows_.Clear();
    for (int round = 0; round < 3; ++round) {
      logic_.Want(inputs, round, rows_);
      if (!rows_.HasWanted()) return;
      store_->lane().Read(rows_, [] {});
      reads = round + 1;
    }
  }
  // The answers, each with all of its commands' outcomes.
  Texts Decide(const Inputs& inputs) {
    plan_ = {};
    logic_.Decide(inputs, rows_, {}, plan_);
    Texts answers(inputs.size());
    for (const auto& [input, out] : plan_.answers) answers[input] = BriefOf(out);
    return answers;
  }
  store::Committed Commit() {
    store::CommitResult result;
    store_->lane().Commit(nullptr, rows_, [&](store::CommitResult ended) { result = ended; });
    if (result.committed == store::Committed::kDurable) logic_.Remember(std::move(plan_.memory));
    return result.committed;
  }
  Texts Run(const Inputs& inputs) {
    while (true) {
      Read(inputs);
      Texts answers = Decide(inputs);
      if (Commit() == store::Committed::kDurable) return answers;
    }
  }

  int Count(const store::TableInfo& table) {
    int rows = 0;
    CHECK(store_
              ->Query([&](store::Snapshot& snapshot) {
                snapshot.Visit({.table = &table},
                               [&](const store::RowView&) { return ++rows > 0; });
              })
              .ok());
    return rows;
  }
  store::Lane& lane() { return store_->lane(); }

  int reads = 0;  // rounds of the last batch

 private:
  static std::string BriefOf(const absl::StatusOr<SeatIo::Out>& out) {
    if (!out.ok()) return ReasonOf(out.status());
    if (const auto* event = std::get_if<v1::Event>(&*out)) return event->event_id();
    std::string brief;
    for (const CommandResult& result : std::get<participant::Results>(*out)) {
      Append(brief, brief.empty() ? "" : ", ", Brief(result));
    }
    return brief;
  }

  std::unique_ptr<store::Store> store_;
  SeatLogic logic_;
  store::Rows rows_;
  Plan<SeatIo> plan_;
};

class Stores {
 public:
  Replica Sole(Engine engine = AnyEngine()) {
    auto store = engine == Engine::kSqlite ? sqlite_.Open(kSchema) : model_.Open(kSchema);
    REQUIRE(store.ok());
    return Replica(*std::move(store));
  }
  Replica Shared() { return Replica(*model_.OpenShared(kSchema)); }

 private:
  seatsaga::testing::TempDir dir_;
  sqlite::SqliteStores sqlite_{
      [this](std::string_view name) { return dir_.File(std::string(name)); }};
  store::ModelStores model_;
};

const CreateEvent kCreateHamlet{Hamlet()};

// --- One batch

TEST_CASE("a command finds the event that is created in its batch") {
  Stores stores;
  Replica replica = stores.Sole();
  CHECK(replica.Run({Commands({Reserve(1, {"stalls/A/1"})}), kCreateHamlet}) ==
        Texts{"SUCCEEDED 4500 EUR", "hamlet"});
}

TEST_CASE("the same event twice in one batch is created once") {
  Stores stores;
  Replica replica = stores.Sole();
  CHECK(replica.Run({kCreateHamlet, kCreateHamlet}) == Texts{"hamlet", "hamlet"});
  CHECK(replica.Count(kEvents.info()) == 1);
}

TEST_CASE("events of one batch that differ under one id: the first is created") {
  Stores stores;
  Replica replica = stores.Sole();
  CreateEvent other = kCreateHamlet;
  other.event.set_display_name("Hamlet!");
  CHECK(replica.Run({kCreateHamlet, other}) == Texts{"hamlet", "EVENT_DIFFERS"});
}

TEST_CASE("events of one batch have seats of their own") {
  Stores stores;
  Replica replica = stores.Sole();
  CHECK(replica.Run({kCreateHamlet, CreateEvent{Hamlet("macbeth")},
                     Commands({Reserve(1, {"stalls/A/1"}),
                               Reserve(2, {"stalls/A/1"}, {.event_id = "macbeth"})})})[2] ==
        "SUCCEEDED 4500 EUR, SUCCEEDED 4500 EUR");
}

TEST_CASE("an event of a failed commit is not remembered by its layout") {
  Stores stores;
  Replica replica = stores.Sole();
  const Replica::Inputs inputs{kCreateHamlet, Commands({Reserve(1, {"stalls/A/1"})})};
  replica.Read(inputs);
  CHECK(replica.Decide(inputs)[1] == "SUCCEEDED 4500 EUR");
  replica.lane().Abandon();
  CHECK(replica.Run({Commands({Reserve(2, {"stalls/A/1"})})}) == Texts{"REFUSED EVENT_NOT_FOUND"});

  CreateEvent cheaper = kCreateHamlet;
  cheaper.event.mutable_sections(0)->set_price_minor(100);
  CHECK(replica.Run({cheaper}) == Texts{"hamlet"});
  CHECK(replica.Run({Commands({Reserve(3, {"stalls/A/1"})})}) == Texts{"SUCCEEDED 100 EUR"});
}

TEST_CASE("a hall is read once, and from then on the rest is read in one go") {
  Stores stores;
  {
    Replica replica = stores.Sole(Engine::kModel);
    replica.Run({kCreateHamlet});
  }
  Replica replica = stores.Sole(Engine::kModel);
  replica.Run({Commands({Reserve(1, {"stalls/A/1"})})});
  CHECK(replica.reads == 2);
  replica.Run({Commands({Reserve(2, {"stalls/A/2"})})});
  CHECK(replica.reads == 1);
  replica.Run({Commands({Release(2)})});
  CHECK(replica.reads == 2);  // first what it holds
}

TEST_CASE("a release leaves no row of its hold behind") {
  Stores stores;
  Replica replica = stores.Sole();
  replica.Run({kCreateHamlet, Commands({Reserve(1, {"stalls/A/1", "stalls/A/2"})})});
  CHECK(replica.Count(kReservedSeats.info()) == 2);
  CHECK(replica.Count(kHeldSeats.info()) == 1);
  replica.Run({Commands({Release(1)})});
  CHECK(replica.Count(kReservedSeats.info()) == 0);
  CHECK(replica.Count(kHeldSeats.info()) == 0);
}

TEST_CASE("the store itself refuses to sell a seat twice") {
  Stores stores;
  Replica replica = stores.Sole();
  replica.Run({kCreateHamlet, Commands({Reserve(1, {"stalls/A/1"})})});
  store::Rows rows;  // by somebody who has not looked
  rows.Insert(kReservedSeats, {.event_no = 1, .seat_no = 0, .reservation_id = SagaId(2)});
  std::optional<store::Committed> committed;
  replica.lane().Commit(nullptr, rows,
                        [&](store::CommitResult result) { committed = result.committed; });
  REQUIRE(committed.has_value());
  CHECK(*committed != store::Committed::kDurable);
}

TEST_CASE("a release frees no seat of another saga, whatever its own hold says") {
  Stores stores;
  Replica replica = stores.Sole();
  replica.Run({kCreateHamlet, Commands({Reserve(1, {"stalls/A/1"})})});
  store::Rows rows;  // by hand
  const ReservedSeatRow seat{.event_no = 1, .seat_no = 0, .reservation_id = SagaId(2)};
  rows.UpdateBorrowed(kReservedSeats, seat);
  replica.lane().Commit(nullptr, rows, [](const store::CommitResult& result) {
    REQUIRE(result.committed == store::Committed::kDurable);
  });
  CHECK(replica.Run({Commands({Release(1)})}) == Texts{"SUCCEEDED"});
  CHECK(replica.Count(kReservedSeats.info()) == 1);
  CHECK(replica.Count(kHeldSeats.info()) == 0);
}

// --- Deciding again

TEST_CASE("a batch that is decided again comes to the same") {
  Stores stores;
  Replica replica = stores.Sole();
  replica.Run({kCreateHamlet, Commands({Reserve(1, {"stalls/A/1"})})});
  const Replica::Inputs inputs{
      CreateEvent{Hamlet("macbeth")},
      Commands({Release(1), Reserve(2, {"stalls/A/1", "stalls/A/2"}), Reserve(3, {"stalls/A/2"})})};
  replica.Read(inputs);
  const Texts first = replica.Decide(inputs);
  replica.lane().Abandon();
  replica.Read(inputs);
  CHECK(replica.Decide(inputs) == first);
  CHECK(first[1] == "SUCCEEDED, SUCCEEDED 9000 EUR, REFUSED SEAT_NOT_AVAILABLE");
  CHECK(replica.Commit() == store::Committed::kDurable);
  CHECK(replica.Count(kReservedSeats.info()) == 2);
}

// --- Two replicas on one store

TEST_CASE("a seat that two replicas sell at the same instant goes to one of them") {
  Stores stores;
  Replica a = stores.Shared();
  Replica b = stores.Shared();
  a.Run({kCreateHamlet});
  const Replica::Inputs at_a{Commands({Reserve(1, {"stalls/A/1"})})};
  const Replica::Inputs at_b{Commands({Reserve(2, {"stalls/A/1"})})};
  a.Read(at_a);
  b.Read(at_b);
  CHECK(a.Decide(at_a) == Texts{"SUCCEEDED 4500 EUR"});
  CHECK(b.Decide(at_b) == Texts{"SUCCEEDED 4500 EUR"});
  CHECK(b.Commit() == store::Committed::kDurable);
  CHECK(a.Commit() == store::Committed::kConflict);
  CHECK(a.Run(at_a) == Texts{"REFUSED SEAT_NOT_AVAILABLE"});
  CHECK(a.Count(kReservedSeats.info()) == 1);
}

TEST_CASE("events that two replicas create at the same instant have seats of their own") {
  Stores stores;
  Replica a = stores.Shared();
  Replica b = stores.Shared();
  const Replica::Inputs at_a{kCreateHamlet};
  const Replica::Inputs at_b{CreateEvent{Hamlet("macbeth")}};
  a.Read(at_a);
  b.Read(at_b);
  a.Decide(at_a);
  b.Decide(at_b);
  CHECK(a.Commit() == store::Committed::kDurable);
  CHECK(b.Commit() == store::Committed::kConflict);
  CHECK(b.Run(at_b) == Texts{"macbeth"});
  // Each at the replica that has not created the event.
  CHECK(b.Run({Commands({Reserve(1, {"stalls/A/1"})})}) == Texts{"SUCCEEDED 4500 EUR"});
  CHECK(a.Run({Commands({Reserve(2, {"stalls/A/1"}, {.event_id = "macbeth"})})}) ==
        Texts{"SUCCEEDED 4500 EUR"});
}

TEST_CASE("what one replica reserved the other can release") {
  Stores stores;
  Replica a = stores.Shared();
  Replica b = stores.Shared();
  a.Run({kCreateHamlet, Commands({Reserve(1, {"stalls/A/1", "balcony/A/2"})})});
  CHECK(b.Run({Commands({Release(1)})}) == Texts{"SUCCEEDED"});
  CHECK(a.Run({Commands({Reserve(2, {"stalls/A/1", "balcony/A/2"})})}) ==
        Texts{"SUCCEEDED 6500 EUR"});
}

}  // namespace
}  // namespace seatsaga::seat::testing
