#pragma once

#include <compare>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "common/store/lane.h"
#include "common/wire/wire.h"
#include "seat_svc/hall.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

// Which seats of an event may have changed since they were read.
struct SeatNote {
  bool all = false;
  absl::flat_hash_set<SeatNo> seats;  // unless all
};

// The seats of one event as they were read last, and the streams that follow them. A stream gets
// what differs from what it was shown, and what is shown is always what was read: so a note that
// turns out to be about nothing shows nothing. Not thread-safe.
class SeatFeed {
 public:
  using Stream = StreamOf<v1::WatchSeatsResponse>;
  static constexpr int kSeatsPerMessage = 1'000;

  // Reads nothing yet.
  explicit SeatFeed(std::shared_ptr<const Hall> hall);

  // Begins with a snapshot of these seats.
  void Add(const SeatRange& seats, Stream stream);
  // Reads what the note says. If the snapshot has an error afterwards, the feed must End.
  void Read(store::Snapshot& snapshot, const SeatNote& note);
  // Shows the changes that were read, and snapshots to those who are new. Drops streams that ended.
  void Show();
  void End(const absl::Status& status);
  // Drops streams that ended. How many are left.
  size_t Sweep();
  bool watched() const { return !groups_.empty(); }

 private:
  using Messages = std::vector<v1::WatchSeatsResponse>;
  // Streams of the same seats.
  struct Group {
    std::vector<Stream> shown;
    std::vector<Stream> fresh;  // without a snapshot so far
  };

  void ReadAll(store::Snapshot& snapshot);
  void Set(SeatNo seat_no, bool reserved);
  Messages SnapshotOf(const SeatRange& seats) const;
  Messages ChangesOf(const SeatRange& seats) const;

  std::shared_ptr<const Hall> hall_;
  std::vector<bool> reserved_;   // by seat number
  std::vector<SeatNo> changed_;  // since the last Show
  absl::btree_map<SeatRange, Group> groups_;
};

}  // namespace seatsaga::seat
