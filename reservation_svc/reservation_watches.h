#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "common/node/commit_observer.h"
#include "common/node/passes.h"
#include "common/node/sweep.h"
#include "common/node/world.h"
#include "common/wire/wire.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/reservation_requests.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

namespace seatsaga::reservation {

// The streams of WatchReservation. The loop notes which watched reservations a batch has written; a
// pass reads them on the query worker, and shows them to those who have not seen this version. What
// is shown always comes from the store, and each pass reads a later state of it than the last. So
// nothing old follows something new, and a change may be noted too often but not too rarely.
//
// Thread-safe, but for what is marked otherwise.
class ReservationWatches final : public CommitObserver {
 public:
  using Stream = StreamOf<v1::WatchReservationResponse>;

  // In a store with other writers, their changes are found after this time at most.
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // `shared`: whether the store has other writers. `queries` must outlive this, which must outlive
  // the loop's and the queries' Stop.
  ReservationWatches(const World& world, Queries& queries, bool shared);

  // As of Passes.
  void Start() { passes_.Start(); }
  void Stop() { passes_.Stop(); }

  // Shows the reservation as it is now, then its changes. Ends the stream: OK after its final
  // state, NOT_FOUND, or UNAVAILABLE if the store gives an error.
  void Add(const WatchQuery& query, Stream stream);

  // Costs a lock and no more while nothing is watched.
  void OnDurable(const store::Rows& rows) override;
  void OnReloaded() override;

 private:
  struct Watch {
    Stream stream;
    bool until_cancelled = false;
    std::string seen;  // etag of what was shown last
  };
  struct Arrival {
    Id reservation_id;
    Watch watch;
  };
  using WatchesOfOne = absl::InlinedVector<Watch, 1>;
  // The watches that a pass looks after, and the reservation as it was read.
  struct Subject {
    Id id;
    std::optional<ReservationRow> row;
  };

  // Of a pass.
  bool Pass(store::Store& store, bool everything);
  void TakeArrivals(std::vector<Subject>& subjects);
  void TakeNoted(bool everything, std::vector<Subject>& subjects);
  void Show(Subject& subject);
  void End(const Id& id, const absl::Status& status);
  void DropIfUnwatched(const Id& id);
  void Sweep();

  Passes passes_;

  std::mutex mutex_;
  std::vector<Arrival> arrived_;
  absl::flat_hash_map<Id, bool> noted_;  // all that are watched, and whether they are in changed_
  std::vector<Id> changed_;              // perhaps
  bool all_changed_ = false;             // perhaps

  // Of the query worker only.
  absl::btree_map<Id, WatchesOfOne> watches_;
  SweepRule sweep_;
};

}  // namespace seatsaga::reservation
