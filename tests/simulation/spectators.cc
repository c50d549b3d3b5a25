#include "tests/simulation/spectators.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "api/reservation.h"
#include "api/seat.h"
#include "tests/simulation/halls.h"
#include "tests/simulation/observed.h"

namespace seatsaga::simulation {

// A message that vanishes takes those behind it with it, and only the deadline tells. Once
// everything is healed nothing vanishes any more.
testing::CallOptions Spectators::Options() {
  return {.deadline = stage_.dice.healed ? absl::Hours(24)
                                         : stage_.dice.Between(absl::Seconds(1), absl::Seconds(10)),
          .from = "customers"};
}

absl::Duration Spectators::Pause() {
  return stage_.dice.Between(absl::Milliseconds(1), absl::Milliseconds(500));
}

void Spectators::WatchHalls() {
  for (int hall = 0; hall < kHalls; ++hall) WatchHall(EventName(hall));
}

void Spectators::WatchHall(const std::string& event) {
  seat::v1::WatchSeatsRequest request;
  request.set_event_id(event);
  auto& stream = *seats_.emplace_back(std::make_unique<Seats>());
  stream.at = history_.seat_watches.size();
  history_.seat_watches.push_back({.event = event});
  stream.received = stage_.world().Open(kSeats, seat::kWatchSeats, request, Options());
}

void Spectators::Watch(const std::string& reservation_id, bool until_cancelled) {
  reservation::v1::WatchReservationRequest request;
  request.set_reservation_id(reservation_id);
  request.set_until_cancelled(until_cancelled);
  auto& stream = *reservations_.emplace_back(std::make_unique<Reservations>());
  stream.at = history_.watches.size();
  history_.watches.push_back({.reservation_id = reservation_id,
                              .until_cancelled = until_cancelled,
                              .sent = stage_.NextMoment()});
  stream.received =
      stage_.world().Open(kReservations, reservation::kWatchReservation, request, Options());
}

void Spectators::Take() {
  for (size_t i = 0; i < reservations_.size(); ++i) Take(*reservations_[i]);
  for (size_t i = 0; i < seats_.size(); ++i) Take(*seats_[i]);
  std::erase_if(reservations_, [](const auto& stream) { return stream->over; });
  std::erase_if(seats_, [](const auto& stream) { return stream->over; });
}

// What a message shows was so at some moment after the watch was sent, as with a look.
void Spectators::Take(Reservations& stream) {
  simulation::Watch& watch = history_.watches[stream.at];
  const auto& messages = stream.received.messages();
  for (; stream.taken < messages.size(); ++stream.taken) {
    watch.shown.push_back(ShownOf(messages[stream.taken].reservation()));
    history_.looks.push_back({.reservation_id = watch.reservation_id,
                              .sent = watch.sent,
                              .ended = stage_.NextMoment(),
                              .heard = Heard::kAnswer,
                              .shown = watch.shown.back()});
  }
  if (!stream.received.end().has_value()) return;
  const absl::Status& end = *stream.received.end();
  stage_.Trace(absl::StrCat("a watch of ", watch.reservation_id, " ended with ", Said(end)));
  stream.over = true;
  watch.finished = end.ok();
  if (end.ok()) return;
  if (HeardOf(end) == Heard::kNo) {
    history_.looks.push_back({.reservation_id = watch.reservation_id,
                              .sent = watch.sent,
                              .ended = stage_.NextMoment(),
                              .heard = Heard::kNo,
                              .not_found = absl::IsNotFound(end)});
  }
  stage_.In(Pause(), [this, id = watch.reservation_id, until_cancelled = watch.until_cancelled] {
    Watch(id, until_cancelled);
  });
}

void Spectators::Take(Seats& stream) {
  SeatWatch& watch = history_.seat_watches[stream.at];
  const auto& messages = stream.received.messages();
  for (; stream.taken < messages.size(); ++stream.taken) {
    const auto& message = messages[stream.taken];
    watch.messages.push_back(
        {.reserved = {message.reserved_seat_ids().begin(), message.reserved_seat_ids().end()},
         .available = {message.available_seat_ids().begin(), message.available_seat_ids().end()},
         .ends_snapshot = message.snapshot_complete()});
  }
  if (!stream.received.end().has_value()) return;
  stage_.Trace(
      absl::StrCat("a watch of ", watch.event, " ended with ", Said(*stream.received.end())));
  stream.over = true;
  stage_.In(Pause(), [this, event = watch.event] { WatchHall(event); });
}

void Spectators::End() {
  Take();
  for (const auto& stream : reservations_) history_.watches[stream->at].open = true;
  for (const auto& stream : seats_) history_.seat_watches[stream->at].open = true;
}

}  // namespace seatsaga::simulation
