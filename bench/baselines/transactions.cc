#include "bench/baselines/transactions.h"

#include <iterator>

namespace seatsaga::bench {
namespace {

using enum Part;
using enum Action;
constexpr bool kBegins = true;

// Everything in one database: five statements with a round trip each, as an application sends
// them.
Transaction OneTransaction(std::string_view name, bool hot_event, bool provider_inside) {
  const auto one = [](Part part, Action action) { return Stage{.statements = {{part, action}}}; };
  std::vector<Stage> stages{
      one(kSeats, kBegin),
      one(kSeats, hot_event ? kTakeSeatAndCount : kTakeSeat),
      one(kPayments, kInsertPayment),
      one(kReservations, kInsertReservation),
      one(kSeats, kCommit),
  };
  // The provider is called once the seat is held: nobody may be charged for a seat that is gone.
  if (provider_inside) {
    stages.insert(std::next(stages.begin(), 2), Stage{.kind = Stage::Kind::kProvider});
  }
  return {.name = name,
          .one_event = hot_event,
          .databases = {"seatsaga_today"},
          .stages = std::move(stages)};
}

// A database per part, and a coordinator. What can be sent together or at the same time is.
Transaction TwoPhaseCommit() {
  const auto everywhere = [](Action action) {
    return Stage{.statements = {{kSeats, action}, {kPayments, action}, {kReservations, action}}};
  };
  return {.name = "two_phase_commit",
          .databases = {"seatsaga_seats", "seatsaga_payments", "seatsaga_reservations"},
          .stages = {
              // Returns the price, which the others need.
              {.statements = {{kSeats, kTakeSeat, kBegins}}},
              {.statements = {{kPayments, kInsertPayment, kBegins},
                              {kReservations, kInsertReservation, kBegins}}},
              everywhere(kPrepareTransaction),
              {.kind = Stage::Kind::kDecision},
              everywhere(kCommitPrepared),
          }};
}

}  // namespace

const std::vector<Transaction>& Transactions() {
  static const std::vector<Transaction> all{
      OneTransaction("one_transaction", /*hot_event=*/false, /*provider_inside=*/false),
      OneTransaction("hot_event", /*hot_event=*/true, /*provider_inside=*/false),
      OneTransaction("provider_inside", /*hot_event=*/false, /*provider_inside=*/true),
      OneTransaction("hot_event_provider_inside", /*hot_event=*/true, /*provider_inside=*/true),
      TwoPhaseCommit(),
  };
  return all;
}

}  // namespace seatsaga::bench
