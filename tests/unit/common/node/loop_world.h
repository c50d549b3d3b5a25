#pragma once

#include <array>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/node/loop.h"
#include "common/store/model.h"

// A loop over the model of a store, whose clock and executor do what the test says. Everything that
// happens is written to one journal.
namespace seatsaga::testing {

using Journal = std::vector<std::string>;

struct Counter {
  int64_t key = 0;
  int64_t value = 0;
};
inline constexpr auto kCounters = store::MakeTable<Counter>(
    "counters", store::Key<&Counter::key>("key"), store::Field<&Counter::value>("value"));
inline constexpr std::array<const store::TableInfo*, 1> kTables = {&kCounters.info()};
inline constexpr store::Schema kSchema{.service = "loop", .tables = kTables};

struct Io {
  enum class Kind : uint8_t {
    kAdd,     // raise the counter `key`; the answer is its value
    kPark,    // the same, and the answer waits, as `ticket`
    kLate,    // the same, and answer `ticket`
    kSend,    // the same, and send
    kFollow,  // look up the counter whose key is the value of `key`
    kIgnore,  // neither answer nor park
  };
  struct In {
    int number = 0;  // in the journal
    int64_t key = 0;
    Kind kind = Kind::kAdd;
    Ticket ticket = 0;
  };
  using Out = int64_t;
  using Send = int;
  using Memory = std::vector<int>;  // inputs that were decided
};
using Kind = Io::Kind;

class CountingLogic final : public Logic<Io> {
 public:
  explicit CountingLogic(Journal& journal) : journal_(journal) {}

  void Want(std::span<const Io::In> inputs, int round, store::Rows& rows) const override {
    for (const Io::In& input : inputs) {
      if (round == 0) rows.Want(kCounters, input.key);
      if (input.kind != Kind::kFollow || round == 0) continue;
      const Counter* next = rows.Find(kCounters, input.key);
      for (int i = 1; i < round && next != nullptr; ++i) next = rows.Find(kCounters, next->value);
      if (next != nullptr) rows.Want(kCounters, next->value);
    }
  }

  void Decide(std::span<const Io::In> inputs, store::Rows& rows, const Tick& tick,
              Plan<Io>& plan) const override {
    std::string event = "decide";
    for (const Io::In& input : inputs) event += " " + std::to_string(input.number);
    journal_.push_back(event);
    sizes.push_back(inputs.size());
    ticks.push_back(tick);
    memory_at_decide.push_back(memory);
    for (size_t i = 0; i < inputs.size(); ++i) DecideOne(inputs[i], i, rows, plan);
  }

  void Remember(Io::Memory&& decided) override {
    journal_.push_back("remember");
    memory.insert(memory.end(), decided.begin(), decided.end());
  }

  absl::Status Load(store::Snapshot& snapshot, const Tick& /*tick*/, Plan<Io>& plan) override {
    journal_.push_back("load");
    memory.clear();
    loaded.clear();
    snapshot.Visit(store::Scan{.table = &kCounters.info()}, [&](const store::RowView& row) {
      loaded.push_back(kCounters.Load(row));
      return true;
    });
    if (plan_of_load) plan_of_load(plan);
    return load_error;
  }

  Mono NextWake() const override { return wake; }
  void Close(Plan<Io>& plan) const override {
    journal_.push_back("close");
    if (plan_of_close) plan_of_close(plan);
  }
  const store::Fence* fence() const override { return fence_of_owner; }

  Io::Memory memory;
  std::vector<Counter> loaded;
  absl::Status load_error;
  std::function<void(Plan<Io>&)> plan_of_load;
  std::function<void(Plan<Io>&)> plan_of_close;
  Mono wake = Mono::InfiniteFuture();
  const store::Fence* fence_of_owner = nullptr;
  // Of every call of Decide.
  mutable std::vector<size_t> sizes;
  mutable std::vector<Tick> ticks;
  mutable std::vector<Io::Memory> memory_at_decide;

 private:
  static int64_t Add(const Io::In& input, store::Rows& rows) {
    const Counter* found = rows.Find(kCounters, input.key);
    if (found == nullptr) return rows.Insert(kCounters, {input.key, 1}).value;
    return ++rows.Update(kCounters, *found).value;
  }
  static int64_t Follow(const Io::In& input, const store::Rows& rows) {
    int64_t key = input.key;
    while (const Counter* counter = rows.Find(kCounters, key)) key = counter->value;
    return key;
  }
  static void DecideOne(const Io::In& input, size_t i, store::Rows& rows, Plan<Io>& plan) {
    plan.memory.push_back(input.number);
    if (input.kind == Kind::kIgnore) return;
    if (input.kind == Kind::kFollow) return plan.Reply(i, Follow(input, rows));
    const int64_t value = Add(input, rows);
    if (input.kind == Kind::kPark) return plan.Park(i, input.ticket);
    if (input.kind == Kind::kLate) plan.ReplyLate(input.ticket, value);
    if (input.kind == Kind::kSend) plan.sends.push_back(input.number);
    plan.Reply(i, value);
  }

  Journal& journal_;
};

// Writes commits to the journal, and lets a test interfere before them.
class WatchedLane final : public store::Lane {
 public:
  WatchedLane(store::Lane& lane, Journal& journal) : lane_(lane), journal_(journal) {}
  void Read(store::Rows& rows, absl::AnyInvocable<void() &&> then) override {
    ++reads;
    lane_.Read(rows, std::move(then));
  }
  void Commit(const store::Fence* fence, store::Rows& rows,
              absl::AnyInvocable<void(store::CommitResult) &&> then) override {
    ++commits;
    if (before_commit) before_commit(rows);
    lane_.Commit(fence, rows, [this, then = std::move(then)](store::CommitResult result) mutable {
      journal_.push_back(std::string(Name(result.committed)));
      std::move(then)(std::move(result));
    });
  }
  void Abandon() override { lane_.Abandon(); }
  void Finish() override { lane_.Finish(); }
  absl::Status Load(absl::FunctionRef<absl::Status(store::Snapshot&)> load) override {
    return lane_.Load(load);
  }
  bool shared() const override { return lane_.shared(); }

  int reads = 0;
  int commits = 0;
  std::function<void(const store::Rows&)> before_commit;

 private:
  store::Lane& lane_;
  Journal& journal_;
};

class ManualClock final : public Clock {
 public:
  absl::Time Wall() const override { return absl::FromUnixNanos(1'000'000'500 + now); }
  Mono Now() const override { return Mono::FromNanos(now); }
  void Advance(absl::Duration by) { now += absl::ToInt64Nanoseconds(by); }
  int64_t now = 0;
};

class ManualExecutor final : public Executor {
 public:
  void Attach(Task& given) override { task = &given; }
  void Detach(Task& /*given*/) override { task = nullptr; }
  void Wake() override { ++wakes; }

  // Until when it would wait.
  Mono Wait() {
    const Mono until = task->PrepareWait();
    task->EndWait();
    return until;
  }
  // A turn, if one is due.
  void Turn() {
    (void)Wait();
    task->RunDue();
  }

  Task* task = nullptr;
  int wakes = 0;
};

// A caller: the answer that it got.
class Caller {
 public:
  Caller(Journal& journal, int number) : journal_(journal), number_(number) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  Reply<int64_t> MakeReply() {
    return Reply<int64_t>([this](absl::StatusOr<int64_t> answer) {
      journal_.push_back((answer.ok() ? "answer " : "drop ") + std::to_string(number_));
      REQUIRE_FALSE(answered);
      answered = true;
      value = std::move(answer);
    });
  }
  bool unavailable() const {
    return answered && value.status().code() == absl::StatusCode::kUnavailable;
  }
  bool said(std::string_view text) const {
    return std::string(value.status().message()).find(text) != std::string::npos;
  }

  bool answered = false;
  absl::StatusOr<int64_t> value = absl::UnknownError("no answer yet");

 private:
  Journal& journal_;
  const int number_;
};

struct LoopWorldOfTest {
  explicit LoopWorldOfTest(LoopLimits limits = {})
      : loop(
            {.clock = clock,
             .random = [this] { return ++random; },
             .on_fenced = [this] { journal.push_back("told to stop"); },
             .on_health = [this](bool works) { health.push_back(works); }},
            lane, logic,
            [this](std::vector<int> sends) {
              for (const int send : sends) journal.push_back("send " + std::to_string(send));
            },
            limits) {}

  // Starts, and runs what the load has planned.
  void Start() {
    REQUIRE(loop.Start(executor).ok());
    executor.Turn();
    journal.clear();
  }
  // Pushes an input that somebody waits for; inputs are numbered from 1.
  Caller& Ask(Io::In input) {
    Caller& caller = NewCaller(input);
    REQUIRE(loop.TryPush(std::move(input), caller.MakeReply()));
    return caller;
  }
  Caller& NewCaller(Io::In& input) {
    input.number = static_cast<int>(callers.size()) + 1;
    return callers.emplace_back(journal, input.number);
  }
  // Another process changes a counter.
  void OtherWrites(int64_t key, int64_t value) {
    store::Rows rows;
    store::Lane& other = other_store->lane();
    rows.Want(kCounters, key);
    other.Read(rows, [] {});
    if (const Counter* found = rows.Find(kCounters, key)) {
      rows.Update(kCounters, *found).value = value;
    } else {
      rows.Insert(kCounters, {key, value});
    }
    other.Commit(nullptr, rows, [](const store::CommitResult& result) {
      REQUIRE(result.committed == store::Committed::kDurable);
    });
  }
  int64_t Stored(int64_t key) {
    int64_t value = 0;
    REQUIRE(other_store
                ->Query([&](store::Snapshot& snapshot) {
                  value = snapshot.Find(kCounters, key).value_or(Counter{}).value;
                })
                .ok());
    return value;
  }
  store::ModelFaults& faults() { return process.faults(); }

  Journal journal;
  std::vector<bool> health;  // what it has told
  ManualClock clock;
  ManualExecutor executor;
  store::ModelStores stores;
  store::ModelProcess process{stores, store::ModelProcess::Writers::kSeveral};
  std::unique_ptr<store::Store> own_store = *process.Open(kSchema);
  std::unique_ptr<store::Store> other_store = *stores.OpenShared(kSchema);
  WatchedLane lane{own_store->lane(), journal};
  CountingLogic logic{journal};
  uint64_t random = 0;
  std::deque<Caller> callers;
  Loop<Io> loop;
};

}  // namespace seatsaga::testing
