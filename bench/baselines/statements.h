#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/baselines/transactions.h"

namespace seatsaga::bench {

// One reservation on its way. The values are texts, as they go into statements.
struct Booking {
  std::string reservation_id;  // UUID; also the payment's id
  std::string request_id;      // UUID
  std::string user_id;
  std::string event_no;
  std::string seat_no;
  std::string price_minor;  // known once the seat is taken
};

// Whether `action` is prepared once for each connection. The others cannot be (two-phase commit's
// carry the transaction's name in their text) or gain nothing by it (BEGIN, COMMIT).
bool IsPrepared(Action action);

// Of a prepared action: the statement's name, its text, and the values of $1, $2, ... for a
// booking.
const char* PreparedName(Action action);
std::string_view PreparedSql(Action action);
std::vector<std::string> Parameters(Action action, const Booking& booking);

// Of any other action: the text for a booking, in the database of `part`.
std::string TextOf(Action action, const Booking& booking, Part part);

}  // namespace seatsaga::bench
