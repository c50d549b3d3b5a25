#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

namespace seatsaga::cli::audit {

Stage Case::stage() const {
  if (saga != nullptr) {
    if (saga->state == orchestrator::v1::SAGA_STATE_PARKED) return Stage::kParked;
    return IsTerminal(saga->state) ? Stage::kSettled : Stage::kInFlight;
  }
  // It may still be in the facade's outbox. In any later state it must have a saga.
  const bool pending =
      reservation != nullptr && reservation->state == reservation::v1::RESERVATION_STATE_PENDING;
  return pending && payment == nullptr ? Stage::kInFlight : Stage::kSettled;
}

Index::Index(const Snapshot& snapshot) : snapshot_(snapshot) {
  // any order: each row fills its own case
  for (const auto& [id, row] : snapshot.reservations) cases_[id].reservation = &row;
  // any order: as above
  for (const auto& [id, row] : snapshot.sagas) cases_[id].saga = &row;
  // any order: as above
  for (const auto& [id, row] : snapshot.payments) cases_[id].payment = &row;
  for (const auto& [event_id, event] : snapshot.events) {
    auto& seats = seats_[event_id];
    seats.reserve(event.seats.size());
    for (const SeatRow& seat : event.seats) seats[seat.seat_id] = &seat;
  }
}

Case Index::Find(const Id& id) const {
  const auto found = cases_.find(id);
  return found == cases_.end() ? Case{} : found->second;
}

const SeatRow* Index::FindSeat(std::string_view event_id, std::string_view seat_id) const {
  const auto event = seats_.find(event_id);
  if (event == seats_.end()) return nullptr;
  const auto seat = event->second.find(seat_id);
  return seat == event->second.end() ? nullptr : seat->second;
}

Finding About(FindingKind kind, const Id& id, std::string evidence) {
  return {.kind = kind,
          .subject = Cat("reservation ", id.ToString()),
          .evidence = std::move(evidence),
          .id = id};
}

}  // namespace seatsaga::cli::audit
