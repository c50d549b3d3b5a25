#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "seatsaga/reservation/v1/reservation.pb.h"
#include "tests/simulation/history.h"
#include "tests/simulation/stage.h"

namespace seatsaga::simulation {

// What customers do to their reservations: they pay for holds, with one card after the other,
// extend them, give back or exchange some of their seats, and change their minds. What they send
// and hear goes into the history. Not thread-safe.
class Wishes {
 public:
  explicit Wishes(Stage& stage) : stage_(stage), dice_(stage.dice), history_(stage.history) {}

  // A customer has heard of this reservation of theirs.
  void Plan(const Shown& shown);

 private:
  // One who wants something, and asks until it is heard.
  struct Customer {
    Wish wish;
    int tries_left = 0;
    int cards_left = 0;     // more of them to pay with
    bool stubborn = false;  // with cards that are all declined
    int swaps_left = 0;     // more of them, once one is done
  };

  void PlanPayment(const std::string& id);
  void PlanExtension(const std::string& id);
  void PlanCancellation(const std::string& id, absl::Duration after);
  void PlanSwap(const Shown& shown);
  // A change that its customer may well want of these seats; now and then an impossible one.
  void ChooseSwap(Customer& customer, const std::vector<std::string>& seats);
  std::string CardForSwap();
  std::string AnyCard(const Customer& customer);
  Customer& NewCustomer(Wish::Kind kind, const std::string& id, absl::Duration after);
  absl::Duration Soon();

  void Ask(Customer& customer);
  template <class Method>
  void Send(Customer& customer, size_t at, const Method& method, typename Method::Request request);
  void Hear(Customer& customer, size_t at,
            const absl::StatusOr<reservation::v1::Reservation>& answer);
  // After what was heard: a payment that was declined is followed by one with another card.
  void Continue(Customer& customer, const Wish& heard);
  // To another change of seats.
  bool SwapsAgain(Customer& customer, const Wish& heard);

  Stage& stage_;
  Dice& dice_;
  History& history_;
  std::set<std::string> planned_;
  std::vector<std::unique_ptr<Customer>> customers_;
};

}  // namespace seatsaga::simulation
