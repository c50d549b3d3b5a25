#pragma once

#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

// The APIs of the four services, typed: a request knows which service takes it, how the method is
// called, and what the answer is.
namespace seatsaga::cluster {

enum class Service { kReservation, kSeat, kPayment, kOrchestrator };
inline constexpr Service kServices[] = {Service::kReservation, Service::kSeat, Service::kPayment,
                                        Service::kOrchestrator};

// The program that serves it: "seat_svc".
const char* ProgramOf(Service service);

template <class Request>
struct Method;

// One row for every method.
#define SEATSAGA_METHOD(kService, package, api, name)                                \
  template <>                                                                        \
  struct Method<package::v1::name##Request> {                                        \
    using Response = package::v1::name##Response;                                    \
    static constexpr Service kServedBy = Service::kService;                          \
    static constexpr const char* kName = "seatsaga." #package ".v1." #api "/" #name; \
  }

SEATSAGA_METHOD(kReservation, reservation, ReservationService, CreateReservation);
SEATSAGA_METHOD(kReservation, reservation, ReservationService, GetReservation);
SEATSAGA_METHOD(kReservation, reservation, ReservationService, ListReservations);
SEATSAGA_METHOD(kReservation, reservation, ReservationService, ExecuteReservationCommands);

SEATSAGA_METHOD(kSeat, seat, SeatService, CreateEvent);
SEATSAGA_METHOD(kSeat, seat, SeatService, GetEvent);
SEATSAGA_METHOD(kSeat, seat, SeatService, ListEvents);
SEATSAGA_METHOD(kSeat, seat, SeatService, ListSeats);
SEATSAGA_METHOD(kSeat, seat, SeatService, ReserveSeats);
SEATSAGA_METHOD(kSeat, seat, SeatService, ReleaseSeats);
SEATSAGA_METHOD(kSeat, seat, SeatService, ExecuteSeatCommands);

SEATSAGA_METHOD(kPayment, payment, PaymentService, ChargePayment);
SEATSAGA_METHOD(kPayment, payment, PaymentService, RefundPayment);
SEATSAGA_METHOD(kPayment, payment, PaymentService, GetPayment);
SEATSAGA_METHOD(kPayment, payment, PaymentService, ListPayments);
SEATSAGA_METHOD(kPayment, payment, PaymentService, GetLedger);
SEATSAGA_METHOD(kPayment, payment, PaymentService, ExecutePaymentCommands);

SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, StartSagas);
SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, GetSaga);
SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, ListSagas);
SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, RetrySaga);
SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, CompensateSaga);
SEATSAGA_METHOD(kOrchestrator, orchestrator, OrchestratorService, GetStats);

#undef SEATSAGA_METHOD

template <class Request>
using ResponseOf = typename Method<Request>::Response;

}  // namespace seatsaga::cluster
