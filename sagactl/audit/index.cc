#include <algorithm>

#include "common/text.h"
#include "sagactl/audit/checks.h"
#include "sagactl/format.h"

namespace seatsaga::cli::audit {

namespace {

template <class Parts>
auto FindIn(const Parts& parts, const Id& id) -> decltype(&parts.front()->second) {
  for (const auto* part : parts) {
    if (part->first == id) return &part->second;
  }
  return nullptr;
}

template <class Parts>
void SortById(Parts& parts) {
  std::ranges::sort(parts, {}, [](const auto* part) { return part->first; });
}

}  // namespace

const SagaRow* Case::FindSaga(const Id& id) const { return FindIn(own_sagas, id); }
const PaymentRow* Case::FindPayment(const Id& id) const { return FindIn(own_payments, id); }

Stage Case::stage() const {
  bool live = false;
  for (const auto* saga : own_sagas) {
    if (saga->second.state == orchestrator::v1::SAGA_STATE_PARKED) return Stage::kParked;
    live |= !IsTerminal(saga->second.state);
  }
  if (live) return Stage::kInFlight;
  if (reservation == nullptr) return Stage::kSettled;
  const bool cancelling = is(reservation::v1::RESERVATION_STATE_CANCELLING);
  if (saga() != nullptr) {
    // A completed saga goes on once the facade has told it of the cancellation.
    const bool told_later = cancelling && saga()->state == orchestrator::v1::SAGA_STATE_COMPLETED;
    return told_later ? Stage::kInFlight : Stage::kSettled;
  }
  // It may still be in the facade's outbox. In any later state it must have a saga.
  const bool unsent = is(reservation::v1::RESERVATION_STATE_PENDING) || cancelling || changing();
  return unsent && FindPayment(saga_id()) == nullptr ? Stage::kInFlight : Stage::kSettled;
}

Index::Index(const Snapshot& snapshot) : snapshot_(snapshot) {
  // any order: each row fills its own case
  for (const auto& [id, row] : snapshot.reservations) cases_[id].reservation = &row;
  // any order: they are sorted below
  for (const auto& saga : snapshot.sagas)
    cases_[saga.second.reservation_id].own_sagas.push_back(&saga);
  // any order: as above
  for (const auto& payment : snapshot.payments) {
    cases_[payment.second.reservation_id].own_payments.push_back(&payment);
  }
  for (auto& [id, one] : cases_) {
    SortById(one.own_sagas);
    SortById(one.own_payments);
  }
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
