#pragma once

#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "common/node/logic.h"
#include "common/node/node.h"
#include "common/store/table.h"

// The smallest service: it counts, durably. Its methods are borrowed from the seats' API.
namespace seatsaga::testing {

struct CounterRow {
  int64_t id = 0;
  int64_t count = 0;
};
inline constexpr auto kCounters = store::MakeTable<CounterRow>(
    "counters", store::Key<&CounterRow::id>("id"), store::Field<&CounterRow::count>("count"));
inline constexpr const store::TableInfo* kCounterTables[] = {&kCounters.info()};
inline constexpr store::Schema kCounterSchema{.service = "counter", .tables = kCounterTables};

struct CounterIo {
  struct In {
    int64_t add = 0;
  };
  using Out = int64_t;
  using Send = int64_t;
  struct Memory {};
};

class CounterLogic : public Logic<CounterIo> {
 public:
  void Want(std::span<const In>, int round, store::Rows& rows) const override {
    if (round == 0) rows.Want(kCounters, int64_t{1});
  }
  void Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
              Plan<CounterIo>& plan) const override {
    last_tick = tick;
    ++decisions;
    if (inputs.empty()) return;
    const CounterRow* found = rows.Find(kCounters, int64_t{1});
    CounterRow& row = found == nullptr ? rows.Insert(kCounters, CounterRow{.id = 1})
                                       : rows.Update(kCounters, *found);
    for (size_t i = 0; i < inputs.size(); ++i) {
      row.count += inputs[i].add;
      plan.Reply(i, row.count);
      plan.sends.push_back(row.count);
    }
  }
  void Remember(CounterIo::Memory&&) override {}
  absl::Status Load(store::Snapshot&, const Tick&, Plan<CounterIo>&) override {
    return absl::OkStatus();
  }
  Mono NextWake() const override { return wake; }

  Mono wake = Mono::InfiniteFuture();
  mutable Tick last_tick;
  mutable int decisions = 0;
};

// ReserveSeats adds the number of its seats; GetEvent answers the count as a number of seats.
// Whenever it has counted it says so to `listener`, if there is one.
class CounterNode : public Node<CounterIo> {
 public:
  CounterNode(const World& world, std::unique_ptr<store::Store> store, CounterLogic& logic,
              const std::string& listener = "")
      : Node(world, std::move(store), logic,
             [this](std::vector<int64_t> counts) { Tell(std::move(counts)); }, {}) {
    if (!listener.empty()) channel_ = world_.wire.Connect(listener);
    ServeInput(
        seat::kReserveSeats,
        [](seat::v1::ReserveSeatsRequest& request, const CallContext&) {
          return absl::StatusOr<In>(In{request.seat_ids_size()});
        },
        [](int64_t count) {
          seat::v1::ReserveSeatsResponse response;
          response.mutable_result()->set_message(std::to_string(count));
          return response;
        });
    ServeQuery(
        seat::kGetEvent,
        [](seat::v1::GetEventRequest&, const CallContext& context) {
          return absl::StatusOr<std::string>(context.peer() + " " +
                                             context.metadata("traceparent"));
        },
        [](store::Snapshot& snapshot, const std::string& caller) {
          const auto row = snapshot.Find(kCounters, int64_t{1});
          seat::v1::GetEventResponse response;
          response.mutable_event()->set_seat_count(
              row.has_value() ? static_cast<int32_t>(row->count) : 0);
          response.mutable_event()->set_display_name(caller);
          return response;
        });
    // Answers nothing: callers wait.
    world_.wire.Serve(seat::kReleaseSeats,
                      [this](seat::v1::ReleaseSeatsRequest&, const CallContext&,
                             Reply<seat::v1::ReleaseSeatsResponse> reply) {
                        waiting.push_back(std::move(reply));
                      });
  }

  static std::unique_ptr<CounterNode> Launch(const World& world, CounterLogic& logic,
                                             const std::string& listener = "") {
    auto store = world.stores.Open(kCounterSchema);
    if (!store.ok()) return nullptr;
    auto node = std::make_unique<CounterNode>(world, *std::move(store), logic, listener);
    return node->Start().ok() ? std::move(node) : nullptr;
  }

  std::vector<Reply<seat::v1::ReleaseSeatsResponse>> waiting;
  std::vector<absl::Status> told;

 private:
  void Tell(std::vector<int64_t> counts) {
    if (channel_ == nullptr) return;
    for (const int64_t count : counts) {
      seat::v1::ReserveSeatsRequest request;
      for (int64_t i = 0; i < count; ++i) request.add_seat_ids("");
      channel_->Call(seat::kReserveSeats, request, absl::Seconds(1),
                     [this](absl::StatusOr<seat::v1::ReserveSeatsResponse> answer) {
                       told.push_back(answer.status());
                     });
    }
  }

  std::unique_ptr<Channel> channel_;
};

inline seat::v1::ReserveSeatsRequest Add(int count) {
  seat::v1::ReserveSeatsRequest request;
  for (int i = 0; i < count; ++i) request.add_seat_ids("");
  return request;
}

}  // namespace seatsaga::testing
