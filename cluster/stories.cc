#include "cluster/stories.h"

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/id.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::cluster {
namespace {

using reservation::v1::CreateReservationRequest;
using reservation::v1::Reservation;

constexpr absl::Duration kWait = absl::Seconds(5);
constexpr absl::Duration kLimit = absl::Seconds(60);
constexpr absl::Duration kRetryPause = absl::Milliseconds(20);

// Sends a request that creates or changes a reservation until nothing is under way any more.
template <class Request>
absl::StatusOr<FinalState> SendAndCount(Clients& clients, Request waiting, absl::Duration limit) {
  *waiting.mutable_wait() = ToProto(kWait);
  const absl::Time deadline = absl::Now() + limit;
  FinalState result;
  while (true) {
    auto answer = clients.Call(waiting, kWait + absl::Seconds(1));
    if (answer.ok() && !IsUnderWay(answer->reservation())) {
      result.reservation = std::move(*answer->mutable_reservation());
      return result;
    }
    if (!answer.ok() && !MayRetry(answer.status())) return answer.status();
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          Cat("no final state of request ", waiting.request_id(), "; the last answer was: ",
              answer.ok() ? answer->reservation().ShortDebugString() : answer.status().ToString()));
    }
    if (answer.ok()) continue;
    ++result.lost_calls;
    absl::SleepFor(RetryDelayOf(answer.status(), kRetryPause));
  }
}

template <class Request>
absl::StatusOr<Reservation> SendUntilFinal(Clients& clients, const Request& request,
                                           absl::Duration limit = kLimit) {
  absl::StatusOr<FinalState> final_state = SendAndCount(clients, request, limit);
  if (!final_state.ok()) return final_state.status();
  return std::move(final_state->reservation);
}

}  // namespace

bool MayRetry(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

bool IsUnderWay(const Reservation& reservation) {
  return reservation.state() == reservation::v1::RESERVATION_STATE_PENDING ||
         reservation.state() == reservation::v1::RESERVATION_STATE_CANCELLING ||
         reservation.state() == reservation::v1::RESERVATION_STATE_CHANGING;
}

std::string NewId() {
  static absl::Mutex mutex;
  static IdGenerator generator;
  absl::MutexLock lock(&mutex);
  return generator.Next(absl::Now()).ToString();
}

saga::v1::CommandKey KeyOf(std::string_view saga_id, std::string_view step) {
  saga::v1::CommandKey key;
  key.set_saga_id(std::string(saga_id));
  key.set_step(std::string(step));
  key.set_round(1);
  key.set_fencing_epoch(1);
  key.set_fencing_holder(std::string(Id::kSize, 'h'));
  return key;
}

seat::v1::Event PlainEvent(std::string_view event_id, int rows, int seats_a_row) {
  seat::v1::Event event;
  event.set_event_id(std::string(event_id));
  event.set_display_name("Hamlet");
  event.set_currency("EUR");
  auto* section = event.add_sections();
  section->set_name("stalls");
  section->set_price_minor(kSeatPriceMinor);
  for (int row = 0; row < rows; ++row) {
    auto* added = section->add_rows();
    added->set_name(std::string(1, static_cast<char>('A' + row)));
    added->set_seat_count(seats_a_row);
  }
  return event;
}

absl::Status CreateEvent(Clients& clients, const seat::v1::Event& event) {
  seat::v1::CreateEventRequest request;
  *request.mutable_event() = event;
  return clients.Call(request).status();
}

absl::Status CreateEvent(Clients& clients, std::string_view event_id, int rows, int seats_a_row) {
  return CreateEvent(clients, PlainEvent(event_id, rows, seats_a_row));
}

std::string SeatId(int row, int number) {
  return Cat("stalls/", static_cast<char>('A' + row), "/", number);
}

CreateReservationRequest Reserve(std::string_view event_id,
                                 const std::vector<std::string>& seat_ids,
                                 std::string_view payment_token, std::string_view user_id) {
  CreateReservationRequest request;
  request.set_request_id(NewId());
  request.set_user_id(std::string(user_id));
  request.set_event_id(std::string(event_id));
  for (const std::string& seat : seat_ids) request.add_items()->set_seat(seat);
  request.set_payment_token(std::string(payment_token));
  return request;
}

CreateReservationRequest Hold(std::string_view event_id, const std::vector<std::string>& seat_ids,
                              absl::Duration hold_duration, std::string_view user_id) {
  CreateReservationRequest request = Reserve(event_id, seat_ids, /*payment_token=*/"", user_id);
  request.set_mode(reservation::v1::RESERVATION_MODE_HOLD);
  *request.mutable_hold_duration() = ToProto(hold_duration);
  return request;
}

reservation::v1::PayReservationRequest Pay(std::string_view reservation_id,
                                           std::string_view payment_token) {
  reservation::v1::PayReservationRequest request;
  request.set_reservation_id(std::string(reservation_id));
  request.set_request_id(NewId());
  request.set_payment_token(std::string(payment_token));
  return request;
}

reservation::v1::CancelReservationRequest Cancel(std::string_view reservation_id) {
  reservation::v1::CancelReservationRequest request;
  request.set_reservation_id(std::string(reservation_id));
  request.set_request_id(NewId());
  return request;
}

reservation::v1::CancelReservationRequest CancelSeats(std::string_view reservation_id,
                                                      const std::vector<std::string>& seat_ids) {
  reservation::v1::CancelReservationRequest request = Cancel(reservation_id);
  request.mutable_seat_ids()->Assign(seat_ids.begin(), seat_ids.end());
  return request;
}

reservation::v1::ExchangeSeatsRequest Exchange(std::string_view reservation_id,
                                               const std::vector<std::string>& give_back_seat_ids,
                                               const std::vector<std::string>& seat_ids,
                                               std::string_view payment_token) {
  reservation::v1::ExchangeSeatsRequest request;
  request.set_reservation_id(std::string(reservation_id));
  request.set_request_id(NewId());
  request.mutable_give_back_seat_ids()->Assign(give_back_seat_ids.begin(),
                                               give_back_seat_ids.end());
  for (const std::string& seat : seat_ids) request.add_items()->set_seat(seat);
  request.set_payment_token(std::string(payment_token));
  return request;
}

absl::StatusOr<Reservation> Submit(Clients& clients, const CreateReservationRequest& request) {
  auto answer = clients.Call(request);
  if (!answer.ok()) return answer.status();
  return answer->reservation();
}

absl::StatusOr<Reservation> ReserveUntilFinal(Clients& clients,
                                              const CreateReservationRequest& request,
                                              absl::Duration limit) {
  return SendUntilFinal(clients, request, limit);
}

absl::StatusOr<FinalState> ReserveAndCount(Clients& clients,
                                           const CreateReservationRequest& request,
                                           absl::Duration limit) {
  return SendAndCount(clients, request, limit);
}

absl::StatusOr<Reservation> PayUntilFinal(Clients& clients, std::string_view reservation_id,
                                          std::string_view payment_token) {
  return SendUntilFinal(clients, Pay(reservation_id, payment_token));
}

absl::StatusOr<Reservation> CancelUntilFinal(Clients& clients, std::string_view reservation_id) {
  return SendUntilFinal(clients, Cancel(reservation_id));
}

absl::StatusOr<Reservation> GetReservation(Clients& clients, std::string_view reservation_id) {
  reservation::v1::GetReservationRequest request;
  request.set_reservation_id(std::string(reservation_id));
  auto answer = clients.Call(request);
  if (!answer.ok()) return answer.status();
  return answer->reservation();
}

absl::StatusOr<orchestrator::v1::Saga> GetSaga(Clients& clients, std::string_view saga_id) {
  orchestrator::v1::GetSagaRequest request;
  request.set_saga_id(std::string(saga_id));
  auto answer = clients.Call(request);
  if (!answer.ok()) return answer.status();
  return answer->saga();
}

absl::StatusOr<payment::v1::Payment> GetPayment(Clients& clients, std::string_view payment_id) {
  payment::v1::GetPaymentRequest request;
  request.set_payment_id(std::string(payment_id));
  auto answer = clients.Call(request);
  if (!answer.ok()) return answer.status();
  return answer->payment();
}

int AvailableSeats(Clients& clients, std::string_view event_id) {
  seat::v1::GetEventRequest request;
  request.set_event_id(std::string(event_id));
  const auto answer = clients.Call(request);
  return answer.ok() ? answer->event().available_seat_count() : -1;
}

bool SagaIsAt(Clients& clients, std::string_view saga_id, std::string_view step,
              saga::v1::Direction direction) {
  const auto saga = GetSaga(clients, saga_id);
  return saga.ok() && saga->step() == step && saga->direction() == direction;
}

}  // namespace seatsaga::cluster
