#pragma once

#include "seatsaga/orchestrator/v1/orchestrator.pb.h"
#include "seatsaga/payment/v1/payment.pb.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "seatsaga/seat/v1/seat.pb.h"

// The null chain's messages: SeatSaga's own, with the fields that a reservation fills, so that both
// systems send the same bytes. Pure; thread-safe.
namespace seatsaga::bench::null {

using orchestrator::v1::StartSagasRequest;
using orchestrator::v1::StartSagasResponse;
using payment::v1::ChargePaymentRequest;
using payment::v1::ChargePaymentResponse;
using reservation::v1::CreateReservationRequest;
using reservation::v1::CreateReservationResponse;
using reservation::v1::ExecuteReservationCommandsRequest;
using reservation::v1::ExecuteReservationCommandsResponse;
using seat::v1::ReserveSeatsRequest;
using seat::v1::ReserveSeatsResponse;

// facade -> orchestrator
void FillStart(const CreateReservationRequest& create, StartSagasRequest& start);
// orchestrator -> seat, payment, facade
void FillReserve(const StartSagasRequest& start, ReserveSeatsRequest& reserve);
void FillCharge(const StartSagasRequest& start, const ReserveSeatsResponse& reserved,
                ChargePaymentRequest& charge);
void FillConfirm(const StartSagasRequest& start, const ReserveSeatsResponse& reserved,
                 ExecuteReservationCommandsRequest& confirm);
// The answers
void Answer(const ReserveSeatsRequest& reserve, ReserveSeatsResponse& response);
void Answer(const ChargePaymentRequest& charge, ChargePaymentResponse& response);
void Answer(const ExecuteReservationCommandsRequest& confirm,
            ExecuteReservationCommandsResponse& response);
void Answer(const StartSagasRequest& start, StartSagasResponse& response);
void Answer(const CreateReservationRequest& create, CreateReservationResponse& response);

}  // namespace seatsaga::bench::null
