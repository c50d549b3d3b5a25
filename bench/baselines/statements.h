#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/baselines/transactions.h"

namespace seatsaga::bench {

// One reservation in progress. The values are texts, as statements need them.
struct Booking {
  std::string reservation_id;  // UUID; also the payment's id
  std::string request_id;      // UUID
  std::string user_id;
  std::string event_no;
  std::string seat_no;
  std::string price_minor;  // known once the seat is taken
};

// Whether `action` is prepared once per connection. The others cannot be (those of two-phase commit
// have the transaction's name in their text) or would gain nothing (BEGIN, COMMIT).
bool IsPrepared(Action action);

// For a prepared action: the statement's name, its text, and the values of $1, $2, ... for a
// booking.
const char* PreparedName(Action action);
std::string_view PreparedSql(Action action);
std::vector<std::string> Parameters(Action action, const Booking& booking);

// For any other action: the text for a booking, in the database of `part`.
std::string TextOf(Action action, const Booking& booking, Part part);

}  // namespace seatsaga::bench
