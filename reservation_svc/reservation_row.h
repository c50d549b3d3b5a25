#pragma once

#include <string_view>

#include "common/sqlite/database.h"
#include "reservation_svc/reservation.h"

// How a reservation stands in a row: shared by the writing store and the reader.
namespace seatsaga::reservation {

// The columns that ReadReservation reads, in its order; further ones may follow in a query.
inline constexpr std::string_view kReservationColumns =
    "id, request_id, user_id, event_id, seats, state, reason, message, amount_minor, currency, "
    "created_us, updated_us";
inline constexpr int kReservationColumnCount = 12;

inline Id ReadId(const sqlite::Statement& row, int column) {
  return Id::FromBytes(row.Text(column)).value_or(Id());
}

inline Reservation ReadReservation(const sqlite::Statement& row) {
  const auto text = [&row](int column) { return std::string(row.Text(column)); };
  return {.id = ReadId(row, 0),
          .request_id = ReadId(row, 1),
          .user_id = text(2),
          .event_id = text(3),
          .seats = text(4),
          .state = static_cast<State>(row.Int(5)),
          .reason = text(6),
          .message = text(7),
          .price = {.amount_minor = row.Int(8), .currency = text(9)},
          .create_time = absl::FromUnixMicros(row.Int(10)),
          .update_time = absl::FromUnixMicros(row.Int(11))};
}

}  // namespace seatsaga::reservation
