#include "reservation_svc/seat_changes.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "common/errors.h"
#include "common/text.h"
#include "common/validation.h"
#include "reservation_svc/lines.h"
#include "reservation_svc/reservation_errors.h"

namespace seatsaga::reservation {
namespace {

// Each may bring a payment, and all payments of a reservation fit one command.
constexpr int32_t kChangesMax = 99;

absl::Status NotConfirmed(const Reservation& reservation) {
  switch (reservation.state) {
    case State::kChanging:
      return ChangeUnderWayError(reservation.id);
    case State::kCancelling:
    case State::kCancelled:
      return NotPossibleError(kReservationCancelled, reservation.id,
                              "is cancelled, or about to be; make a new reservation");
    case State::kPending:
    case State::kHeld:
      break;
    case State::kConfirmed:
      return absl::OkStatus();
  }
  return NotPossibleError("NOT_CONFIRMED", reservation.id,
                          "is not CONFIRMED yet, so its seats cannot be changed; cancel it as a "
                          "whole, or repeat the request once it is CONFIRMED");
}

bool Has(const std::vector<std::string>& seats, std::string_view seat) {
  return std::find(seats.begin(), seats.end(), seat) != seats.end();
}

absl::Status CheckSeats(const SeatChangeRequest& request, const std::vector<std::string>& seats,
                        const Id& id) {
  for (const std::string& seat : request.give_back) {
    if (Has(seats, seat)) continue;
    return NotPossibleError("SEAT_NOT_IN_RESERVATION", id,
                            Cat("does not have seat ", seat, "; give back some that it has"));
  }
  for (const std::string& seat : request.take) {
    if (!Has(seats, seat)) continue;
    return NotPossibleError("SEAT_IN_RESERVATION", id,
                            Cat("has seat ", seat, " already; choose others"));
  }
  if (request.take.empty() && request.give_back.size() == seats.size()) {
    return NotPossibleError("NOTHING_LEFT", id,
                            "would have no seat left; to cancel all of it, leave seat_ids empty");
  }
  const size_t after = seats.size() - request.give_back.size() + request.take.size();
  if (after > static_cast<size_t>(kSeatsMax)) {
    return NotPossibleError(
        "TOO_MANY_SEATS", id,
        Cat("would have ", after, " seats; at most ", kSeatsMax, " fit one reservation"));
  }
  return absl::OkStatus();
}

// The price of each of `count` seats.
std::vector<int64_t> Prices(const std::vector<int64_t>& prices, int64_t sum_minor, size_t count) {
  if (!prices.empty() || count == 0) return prices;
  return std::vector<int64_t>(count, sum_minor / static_cast<int64_t>(count));
}

// As they are stored: nothing if all are the same.
std::vector<int64_t> Packed(std::vector<int64_t> prices) {
  const auto same = [&](int64_t price) { return price == prices.front(); };
  return std::all_of(prices.begin(), prices.end(), same) ? std::vector<int64_t>() : prices;
}

int64_t PriceOf(const std::vector<std::string>& chosen, const std::vector<std::string>& seats,
                const std::vector<int64_t>& prices) {
  int64_t sum = 0;
  for (size_t i = 0; i < seats.size(); ++i) sum += Has(chosen, seats[i]) ? prices[i] : 0;
  return sum;
}

SeatChanges ChangesOf(const Reservation& reservation) {
  if (reservation.changes != nullptr) return *reservation.changes;
  return {.saga_id = reservation.id, .payments = {{reservation.id, reservation.amount_minor, 0}}};
}

// Without those that are given back, and with those that are taken.
void ChangeSeats(const SeatChange& change, const CommandBody& command, Reservation& reservation) {
  const std::vector<std::string> before = SplitLines(reservation.seats);
  const std::vector<int64_t> prices_before =
      Prices(reservation.seat_prices, reservation.amount_minor, before.size());
  std::vector<std::string> seats;
  std::vector<int64_t> prices;
  for (size_t i = 0; i < before.size(); ++i) {
    if (Has(change.give_back, before[i])) continue;
    seats.push_back(before[i]);
    prices.push_back(prices_before[i]);
  }
  const std::vector<int64_t> new_prices =
      Prices(command.seat_prices, command.amount_minor, change.take.size());
  seats.insert(seats.end(), change.take.begin(), change.take.end());
  prices.insert(prices.end(), new_prices.begin(), new_prices.end());
  reservation.seats = JoinLines(seats);
  reservation.amount_minor = std::accumulate(prices.begin(), prices.end(), int64_t{0});
  reservation.seat_prices = Packed(std::move(prices));
}

void ChangePayments(const Id& saga_id, const CommandBody& command,
                    std::vector<PaidPayment>& payments) {
  for (const PaidPayment& paid_back : command.refunds) {
    for (PaidPayment& payment : payments) {
      if (payment.id == paid_back.id) payment.refunded_minor += paid_back.refunded_minor;
    }
  }
  if (command.charged_minor > 0) payments.push_back({saga_id, command.charged_minor, 0});
}

// What the saga says must be about this reservation as it is.
std::optional<CommandResult> Mismatch(const Reservation& reservation, const SeatChange& change,
                                      const CommandBody& command) {
  if (!command.currency.empty() && command.currency != reservation.currency) {
    return Refused("CURRENCY_MISMATCH", Cat("the reservation is in ", reservation.currency,
                                            ", not in ", command.currency));
  }
  const size_t prices = command.seat_prices.size();
  if (command.currency.empty() != change.take.empty() ||
      (prices != 0 && prices != change.take.size())) {
    return Refused("PRICE_MISMATCH", "the price does not fit the seats that are taken");
  }
  return std::nullopt;
}

}  // namespace

absl::Status BeginChange(const SeatChangeRequest& request, absl::Time now,
                         Reservation& reservation) {
  if (absl::Status no = NotConfirmed(reservation); !no.ok()) return no;
  const absl::StatusOr<int32_t> percent = DecideRefundPercent(now, reservation);
  if (!percent.ok()) return percent.status();
  const std::vector<std::string> seats = SplitLines(reservation.seats);
  if (absl::Status no = CheckSeats(request, seats, reservation.id); !no.ok()) return no;
  SeatChanges changes = ChangesOf(reservation);
  if (++changes.count > kChangesMax) {
    return NotPossibleError("TOO_MANY_CHANGES", reservation.id,
                            Cat("has been changed ", kChangesMax,
                                " times, which is the limit; cancel it, and make a new one"));
  }
  const std::vector<int64_t> prices =
      Prices(reservation.seat_prices, reservation.amount_minor, seats.size());
  changes.under_way = std::make_shared<const SeatChange>(
      SeatChange{.saga_id = request.saga_id,
                 .give_back = request.give_back,
                 .take = request.take,
                 .give_back_minor = PriceOf(request.give_back, seats, prices),
                 .refund_percent = *percent});
  reservation.changes = std::make_shared<const SeatChanges>(std::move(changes));
  reservation.sealed_token = request.sealed_token;
  ForgetFailure(reservation);
  Enter(State::kChanging, reservation, now);
  return absl::OkStatus();
}

bool IsChanging(const Reservation& reservation, const Id& saga_id) {
  return reservation.state == State::kChanging &&
         reservation.changes->under_way->saga_id == saga_id;
}

CommandResult ConfirmChange(Reservation* reservation, const Id& saga_id, const CommandBody& command,
                            absl::Time now) {
  if (reservation == nullptr) return Refused(kReservationNotFound, "there is no such reservation");
  if (!IsChanging(*reservation, saga_id)) {
    return Refused(kChangeIsOver, "this change of the reservation is not under way");
  }
  SeatChanges changes = *reservation->changes;
  const auto change = std::exchange(changes.under_way, nullptr);
  if (auto refused = Mismatch(*reservation, *change, command)) return *std::move(refused);
  ChangeSeats(*change, command, *reservation);
  ChangePayments(saga_id, command, changes.payments);
  changes.saga_id = saga_id;
  changes.exchanged = !change->take.empty();
  reservation->changes = std::make_shared<const SeatChanges>(std::move(changes));
  Enter(State::kConfirmed, *reservation, now);
  return Succeeded();
}

void AbandonChange(const CommandBody& command, absl::Time now, Reservation& reservation) {
  SeatChanges changes = *reservation.changes;
  changes.under_way.reset();
  reservation.changes = std::make_shared<const SeatChanges>(std::move(changes));
  reservation.failure_reason = command.reason;
  reservation.failure_message = command.message;
  Enter(State::kConfirmed, reservation, now);
}

Id LastSagaId(const Reservation& reservation) {
  return reservation.changes == nullptr ? reservation.id : reservation.changes->saga_id;
}

}  // namespace seatsaga::reservation
