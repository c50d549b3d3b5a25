#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "sagactl/audit/snapshot.h"
#include "seatsaga/seat/v1/seat.pb.h"

// From the services' messages to the audit's rows. Pure; thread-safe.
namespace seatsaga::cli {

SagaRow RowOf(const orchestrator::v1::Saga& saga);
ReservationRow RowOf(const reservation::v1::Reservation& reservation);
PaymentRow RowOf(const payment::v1::Payment& payment);
// Internal if the holder is not an id.
absl::StatusOr<SeatRow> RowOf(const seat::v1::Seat& seat);
Ledger LedgerOf(const payment::v1::GetLedgerResponse& response);

// Internal, which names the service, if a server sent something that is not an id.
absl::StatusOr<Id> ReadId(const std::string& text, std::string_view service);

}  // namespace seatsaga::cli
