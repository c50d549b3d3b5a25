#include "bench/baselines/statements.h"

#include <cstdlib>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr std::string_view kTakeSeatSql = R"sql(
  UPDATE seats SET status = 'RESERVED', reservation_id = $3
  WHERE event_no = $1 AND seat_no = $2 AND status = 'AVAILABLE'
  RETURNING price_minor)sql";

// In one statement, so that the hot row does not cost a round trip.
constexpr std::string_view kTakeSeatAndCountSql = R"sql(
  WITH counted AS (
    UPDATE events SET available_count = available_count - 1
    WHERE event_no = $1 AND available_count > 0)
  UPDATE seats SET status = 'RESERVED', reservation_id = $3
  WHERE event_no = $1 AND seat_no = $2 AND status = 'AVAILABLE'
  RETURNING price_minor)sql";

constexpr std::string_view kInsertPaymentSql = R"sql(
  WITH entry AS (
    INSERT INTO ledger(payment_id, kind, debit_account, credit_account, amount_minor, currency, at)
    VALUES ($1, 'CAPTURE', 'provider', 'sales', $2, 'EUR', now()))
  INSERT INTO payments(payment_id, state, amount_minor, currency, provider_reference, created_at)
  VALUES ($1, 'CAPTURED', $2, 'EUR', $3, now()))sql";

constexpr std::string_view kInsertReservationSql = R"sql(
  INSERT INTO reservations(reservation_id, request_id, user_id, event_no, seat_no, state,
                           price_minor, currency, created_at)
  VALUES ($1, $2, $3, $4, $5, 'CONFIRMED', $6, 'EUR', now()))sql";

// The name of a booking's transaction, which must be unique in the whole cluster. The part before
// the slash is the reservation's id, as in the decision log.
std::string NameOf(const Booking& booking, Part part) {
  return Cat(booking.reservation_id, "/", static_cast<int>(part));
}

}  // namespace

bool IsPrepared(Action action) {
  return action == Action::kTakeSeat || action == Action::kTakeSeatAndCount ||
         action == Action::kInsertPayment || action == Action::kInsertReservation;
}

const char* PreparedName(Action action) {
  switch (action) {
    case Action::kTakeSeat:
    case Action::kTakeSeatAndCount:
      return "take_seat";
    case Action::kInsertPayment:
      return "insert_payment";
    case Action::kInsertReservation:
      return "insert_reservation";
    default:
      std::abort();
  }
}

std::string_view PreparedSql(Action action) {
  switch (action) {
    case Action::kTakeSeat:
      return kTakeSeatSql;
    case Action::kTakeSeatAndCount:
      return kTakeSeatAndCountSql;
    case Action::kInsertPayment:
      return kInsertPaymentSql;
    case Action::kInsertReservation:
      return kInsertReservationSql;
    default:
      std::abort();
  }
}

std::vector<std::string> Parameters(Action action, const Booking& booking) {
  switch (action) {
    case Action::kTakeSeat:
    case Action::kTakeSeatAndCount:
      return {booking.event_no, booking.seat_no, booking.reservation_id};
    case Action::kInsertPayment:
      return {booking.reservation_id, booking.price_minor, Cat("ch_", booking.request_id)};
    case Action::kInsertReservation:
      return {booking.reservation_id, booking.request_id, booking.user_id,
              booking.event_no,       booking.seat_no,    booking.price_minor};
    default:
      std::abort();
  }
}

std::string TextOf(Action action, const Booking& booking, Part part) {
  switch (action) {
    case Action::kBegin:
      return "BEGIN";
    case Action::kCommit:
      return "COMMIT";
    case Action::kPrepareTransaction:
      return Cat("PREPARE TRANSACTION '", NameOf(booking, part), "'");
    case Action::kCommitPrepared:
      return Cat("COMMIT PREPARED '", NameOf(booking, part), "'");
    default:
      std::abort();
  }
}

}  // namespace seatsaga::bench
