#include "tests/contract/seat_step.h"

#include <utility>

namespace seatsaga::contract {
namespace {

Body ReserveBody(const std::string& event_id, const std::string& seat_id) {
  seat::v1::ReserveSeatsRequest request;
  request.set_event_id(event_id);
  request.add_seat_ids(seat_id);
  return MakeBody(seat::v1::SeatCommand::kReserveSeatsFieldNumber, request,
                  "/seatsaga.seat.v1.SeatService/ReserveSeats");
}

Body ReleaseBody() {
  return MakeBody(seat::v1::SeatCommand::kReleaseSeatsFieldNumber, seat::v1::ReleaseSeatsRequest(),
                  "/seatsaga.seat.v1.SeatService/ReleaseSeats");
}

// "AVAILABLE", or "RESERVED by it", or by whom else.
std::string Observe(const SeatHall& hall, const Run& run) {
  seat::v1::ListSeatsRequest request;
  request.set_event_id(hall.event_id);
  request.set_page_size(10'000);
  const auto answer = hall.list(request);
  if (!answer.ok()) return answer.status().ToString();
  for (const auto& seat : answer->seats()) {
    if (seat.seat_id() != hall.seat_of(run)) continue;
    if (seat.state() == seat::v1::SEAT_STATE_AVAILABLE) return "AVAILABLE";
    return seat.reservation_id() == run.saga_id ? "RESERVED by it"
                                                : "RESERVED by " + seat.reservation_id();
  }
  return "no such seat";
}

}  // namespace

Step ReserveSeatsStep(const Participant& participant, std::function<Run()> prepare, SeatHall hall) {
  return {
      .name = "seat_svc: reserve_seats",
      .participant = &participant,
      .step = "reserve_seats",
      .prepare = std::move(prepare),
      .action = [=](const Run& run) { return ReserveBody(hall.event_id, hall.seat_of(run)); },
      .other_action = [=](const Run&) { return ReserveBody(hall.event_id, hall.other_seat); },
      .refused_action = [=](const Run&) { return ReserveBody(hall.event_id, hall.unknown_seat); },
      .compensation = [](const Run&) { return ReleaseBody(); },
      .observe = [=](const Run& run) { return Observe(hall, run); },
      .untouched = "AVAILABLE",
      .acted = "RESERVED by it",
      .undone = "AVAILABLE",
      .again_after_undo = true};
}

}  // namespace seatsaga::contract
