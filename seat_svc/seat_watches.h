#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "common/node/commit_observer.h"
#include "common/node/passes.h"
#include "common/node/sweep.h"
#include "common/node/world.h"
#include "seat_svc/seat_feed.h"
#include "seat_svc/seat_queries.h"
#include "seat_svc/seat_requests.h"

namespace seatsaga::seat {

// The streams of WatchSeats. The loop notes which seats of watched events a batch has written; a
// pass reads them on the query worker, once for all who watch the event, and shows what has
// changed. What is shown always comes from the store, and each pass reads a later state of it than
// the last. So a seat may be noted too often but not too rarely.
//
// Thread-safe.
class SeatWatches final : public CommitObserver {
 public:
  // Between passes, so that what many batches change is written to each of many streams once.
  static constexpr absl::Duration kPause = absl::Milliseconds(50);
  // In a store with other writers, their changes are found after this time at most.
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  // Of one event, before all of its seats are read instead.
  static constexpr size_t kNotedMax = 2'000;

  // `shared`: whether the store has other writers. `reader` is used on the query worker alone. It
  // and `queries` must outlive this, which must outlive the loop's and the queries' Stop.
  SeatWatches(const World& world, Queries& queries, SeatQueries& reader, bool shared);

  // As of Passes.
  void Start() { passes_.Start(); }
  void Stop() { passes_.Stop(); }

  // Shows the seats as they are now, then their changes. Ends the stream only with an error:
  // NOT_FOUND, or UNAVAILABLE if the store gives an error.
  void Add(WatchQuery query, SeatFeed::Stream stream);

  // Costs a lock and no more while nothing is watched.
  void OnDurable(const store::Rows& rows) override;
  void OnReloaded() override;

 private:
  struct Arrival {
    WatchQuery query;
    SeatFeed::Stream stream;
    std::shared_ptr<const Hall> hall;  // null: there is no such event
  };
  using Notes = std::vector<std::pair<int64_t, SeatNote>>;  // by event_no

  // Of a pass.
  bool Pass(store::Store& store, bool everything);
  void Admit(store::Store& store);
  void Admit(Arrival& arrival);
  Notes TakeNotes(bool everything);
  void DropUnwatched();

  SeatQueries& reader_;
  const bool shared_;
  Passes passes_;

  std::mutex mutex_;
  std::vector<Arrival> arrived_;
  absl::btree_map<int64_t, SeatNote> noted_;  // of all events that are watched

  // Of the query worker only.
  absl::btree_map<int64_t, SeatFeed> feeds_;  // by event_no
  SweepRule sweep_;
};

}  // namespace seatsaga::seat
