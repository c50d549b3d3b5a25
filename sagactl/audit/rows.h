#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "sagactl/audit/snapshot.h"
#include "seatsaga/seat/v1/seat.pb.h"

// From the services' messages to the audit's rows. Pure; thread-safe.
namespace seatsaga::cli {

// Internal, which names the service, if something that it says is an id is none.
absl::StatusOr<SagaRow> RowOf(const orchestrator::v1::Saga& saga);
absl::StatusOr<ReservationRow> RowOf(const reservation::v1::Reservation& reservation);
absl::StatusOr<PaymentRow> RowOf(const payment::v1::Payment& payment);
absl::StatusOr<SeatRow> RowOf(const seat::v1::Seat& seat);
Ledger LedgerOf(const payment::v1::GetLedgerResponse& response);

// Internal, which names the service, if a server sent something that is not an id.
absl::StatusOr<Id> ReadId(const std::string& text, std::string_view service);

}  // namespace seatsaga::cli
