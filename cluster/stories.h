#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cluster/clients.h"

// What every story about reservations needs: an event, requests, waiting, and reading back.
// All functions are thread-safe.
namespace seatsaga::cluster {

// A fresh UUIDv7.
std::string NewId();

// The key of a command in the first visit of `step`, with a token that nobody has taken.
saga::v1::CommandKey KeyOf(std::string_view saga_id, std::string_view step);

// "Hamlet", with one section "stalls" of rows "A", "B" ... with `seats_a_row` seats per row
// at 25.00 EUR.
seat::v1::Event PlainEvent(std::string_view event_id, int rows, int seats_a_row);
inline constexpr int64_t kSeatPriceMinor = 2500;
absl::Status CreateEvent(Clients& clients, const seat::v1::Event& event);
// Creates a plain one.
absl::Status CreateEvent(Clients& clients, std::string_view event_id, int rows, int seats_a_row);

// "stalls/A/1" for row 0, number 1.
std::string SeatId(int row, int number);

// A request with a fresh request_id.
reservation::v1::CreateReservationRequest Reserve(std::string_view event_id,
                                                  const std::vector<std::string>& seat_ids,
                                                  std::string_view payment_token = "tok_visa",
                                                  std::string_view user_id = "alice");
// The same, held for so long until it is paid for.
reservation::v1::CreateReservationRequest Hold(std::string_view event_id,
                                               const std::vector<std::string>& seat_ids,
                                               absl::Duration hold_duration,
                                               std::string_view user_id = "alice");

// Requests for a reservation, with a fresh request_id.
reservation::v1::PayReservationRequest Pay(std::string_view reservation_id,
                                           std::string_view payment_token = "tok_visa");
reservation::v1::CancelReservationRequest Cancel(std::string_view reservation_id);
// Of these seats only.
reservation::v1::CancelReservationRequest CancelSeats(std::string_view reservation_id,
                                                      const std::vector<std::string>& seat_ids);
reservation::v1::ExchangeSeatsRequest Exchange(std::string_view reservation_id,
                                               const std::vector<std::string>& give_back_seat_ids,
                                               const std::vector<std::string>& seat_ids,
                                               std::string_view payment_token = "tok_visa");

// Whether the same request may be sent again: what became of it is not known, or nothing did.
bool MayRetry(const absl::Status& status);
// Whether its saga has something to do.
bool IsUnderWay(const reservation::v1::Reservation& reservation);

// Stores the reservation without waiting for what becomes of it.
absl::StatusOr<reservation::v1::Reservation> Submit(
    Clients& clients, const reservation::v1::CreateReservationRequest& request);

// Behaves as a careful client: sends the request with the same request_id until nothing is under
// way (the reservation is CONFIRMED, CANCELLED, or HELD until it is paid for), whatever the servers
// go through meanwhile. Other errors are returned; DeadlineExceeded if that takes longer than
// `limit`.
absl::StatusOr<reservation::v1::Reservation> ReserveUntilFinal(
    Clients& clients, const reservation::v1::CreateReservationRequest& request,
    absl::Duration limit = absl::Seconds(60));

// The same, and what it took.
struct FinalState {
  reservation::v1::Reservation reservation;
  int lost_calls = 0;  // that ended without an answer of the service
};
absl::StatusOr<FinalState> ReserveAndCount(Clients& clients,
                                           const reservation::v1::CreateReservationRequest& request,
                                           absl::Duration limit = absl::Seconds(60));

// Pay for a hold, and cancel a reservation, in the same way and with a fresh request_id each.
absl::StatusOr<reservation::v1::Reservation> PayUntilFinal(Clients& clients,
                                                           std::string_view reservation_id,
                                                           std::string_view payment_token);
absl::StatusOr<reservation::v1::Reservation> CancelUntilFinal(Clients& clients,
                                                              std::string_view reservation_id);

absl::StatusOr<reservation::v1::Reservation> GetReservation(Clients& clients,
                                                            std::string_view reservation_id);
absl::StatusOr<orchestrator::v1::Saga> GetSaga(Clients& clients, std::string_view saga_id);
absl::StatusOr<payment::v1::Payment> GetPayment(Clients& clients, std::string_view payment_id);
// Of the seats of the event; -1 if seat_svc does not answer.
int AvailableSeats(Clients& clients, std::string_view event_id);

// Whether the saga is at that step, going that way.
bool SagaIsAt(Clients& clients, std::string_view saga_id, std::string_view step,
              saga::v1::Direction direction = saga::v1::DIRECTION_ACTION);

}  // namespace seatsaga::cluster
