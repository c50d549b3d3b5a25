#include "seat_svc/seat_book.h"

#include <utility>

namespace seatsaga::seat {

void SeatBook::ExpectSeats(int64_t event_no, std::span<const SeatNo> seat_nos) {
  for (const SeatNo seat_no : seat_nos) expected_seats_.emplace_back(event_no, seat_no);
}

void SeatBook::Load() {
  store_.LoadReserved(expected_seats_, reserved_);
  store_.LoadHolds(expected_holds_, holds_);
}

void SeatBook::Take(HoldKey key, Hold hold) {
  for (const SeatNo seat_no : hold.seat_nos) reserved_.emplace(hold.event_no, seat_no);
  holds_.insert_or_assign(key, hold);
  changes_.push_back({HoldChange::kTaken, std::move(key), std::move(hold)});
}

void SeatBook::Free(const HoldKey& key) {
  auto held = holds_.extract(key);
  if (held.empty()) return;
  Hold& hold = held.mapped();
  for (const SeatNo seat_no : hold.seat_nos) reserved_.erase(SeatKey{hold.event_no, seat_no});
  changes_.push_back({HoldChange::kFreed, key, std::move(hold)});
}

void SeatBook::Write() {
  store_.Write(changes_);
  Forget();
}

void SeatBook::Forget() {
  expected_seats_.clear();
  expected_holds_.clear();
  reserved_.clear();
  holds_.clear();
  changes_.clear();
}

}  // namespace seatsaga::seat
