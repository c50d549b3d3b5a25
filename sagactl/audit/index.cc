#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

namespace seatsaga::cli::audit {

Stage Case::stage() const {
  const bool cancelling = is(reservation::v1::RESERVATION_STATE_CANCELLING);
  if (saga != nullptr) {
    if (saga->state == orchestrator::v1::SAGA_STATE_PARKED) return Stage::kParked;
    // A completed saga goes on once the facade has told it of the cancellation.
    const bool told_later = cancelling && saga->state == orchestrator::v1::SAGA_STATE_COMPLETED;
    return IsTerminal(saga->state) && !told_later ? Stage::kSettled : Stage::kInFlight;
  }
  // It may still be in the facade's outbox. In any later state it must have a saga.
  const bool unsent = is(reservation::v1::RESERVATION_STATE_PENDING) || cancelling;
  return unsent && payment == nullptr ? Stage::kInFlight : Stage::kSettled;
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
