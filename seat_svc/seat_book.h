#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "seat_svc/seat_store.h"

namespace seatsaga::seat {

// Who holds which of the seats that one batch is about, as of the commands applied so far. For each
// batch: Expect all that its commands may touch, Load, decide and change, Write. Writer thread
// only.
class SeatBook {
 public:
  explicit SeatBook(SeatStore& store) : store_(store) {}

  void ExpectSeats(int64_t event_no, std::span<const SeatNo> seat_nos);
  void ExpectHold(HoldKey key) { expected_holds_.push_back(std::move(key)); }
  void Load();

  bool IsReserved(int64_t event_no, SeatNo seat_no) const {
    return reserved_.contains(SeatKey{event_no, seat_no});
  }
  // All seats of `hold` must be free, and `key` hold none.
  void Take(HoldKey key, Hold hold);
  // Frees what `key` holds, if anything.
  void Free(const HoldKey& key);

  // Writes the changes and forgets the batch.
  void Write();
  // Forgets a batch that did not commit.
  void Forget();

 private:
  SeatStore& store_;
  std::vector<SeatKey> expected_seats_;
  std::vector<HoldKey> expected_holds_;
  SeatSet reserved_;
  HoldMap holds_;
  std::vector<HoldChange> changes_;
};

}  // namespace seatsaga::seat
