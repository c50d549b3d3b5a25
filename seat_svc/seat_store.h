#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "common/sqlite/database.h"
#include "seat_svc/hall.h"
#include "seatsaga/seat/v1/seat.pb.h"

namespace seatsaga::seat {

// One seat of one event: event_no and seat_no.
using SeatKey = std::pair<int64_t, SeatNo>;

// One action: the saga and its step.
using HoldKey = std::pair<Id, std::string>;

// The seats that one action reserved.
struct Hold {
  int64_t event_no = 0;
  std::vector<SeatNo> seat_nos;
};

struct HoldChange {
  enum Kind { kTaken, kFreed };
  Kind kind;
  HoldKey key;
  Hold hold;
};

using SeatSet = absl::flat_hash_set<SeatKey>;
using HoldMap = absl::flat_hash_map<HoldKey, Hold>;

// What the writer stores, a batch at a time, and reads back to decide. Inside the writer's
// transaction only; errors stick to the connection, so that the commit fails. Writer thread only.
class SeatStore {
 public:
  explicit SeatStore(sqlite::Database& database);

  // Returns its event_no. `event` is new, and has no output-only fields.
  int64_t InsertEvent(const v1::Event& event, std::string_view fingerprint, absl::Time now);

  // Adds those of `seats` that are reserved.
  void LoadReserved(std::span<const SeatKey> seats, SeatSet& reserved);
  // Adds those of `keys` that hold seats.
  void LoadHolds(std::span<const HoldKey> keys, HoldMap& holds);
  // Writes the changes in their order: a seat may be freed and taken again in one batch.
  void Write(std::span<const HoldChange> changes);

 private:
  void WriteTaken(std::span<const HoldChange> taken);
  // Returns the number of rows of reserved_seats that went.
  int64_t WriteFreed(const HoldKey& key, const Hold& hold);

  sqlite::Statement insert_event_;
  sqlite::Statement select_reserved_;
  sqlite::Statement insert_reserved_;
  sqlite::Statement delete_reserved_;
  sqlite::Statement select_hold_;
  sqlite::Statement insert_holds_;
  sqlite::Statement delete_hold_;
  sqlite::Statement add_to_count_;
};

}  // namespace seatsaga::seat
