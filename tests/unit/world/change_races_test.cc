// Every two things that can happen to a confirmed reservation at about the same time, in both
// orders, with the four real nodes: the table in docs/invariants.md says how each race ends.
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "common/text.h"
#include "tests/unit/world/four_services.h"
#include "tests/unit/world/races.h"

namespace seatsaga::testing {
namespace {

// What can happen to a confirmed reservation.
enum class ChangeAct { kExchange, kDeclined, kGiveBack, kCancel, kCompensate };
constexpr std::array kChanges{ChangeAct::kExchange, ChangeAct::kDeclined, ChangeAct::kGiveBack,
                              ChangeAct::kCancel, ChangeAct::kCompensate};

std::string Name(ChangeAct act) {
  switch (act) {
    case ChangeAct::kExchange:
      return "exchange";
    case ChangeAct::kDeclined:
      return "exchange, declined";
    case ChangeAct::kGiveBack:
      return "give back";
    case ChangeAct::kCancel:
      return "cancel";
    case ChangeAct::kCompensate:
      return "operator undoes";
  }
  return "?";
}

// When the second comes.
enum class ChangeGap {
  kCommitted,  // the first is committed where it happened, and nobody else has heard of it
  kCharging,   // its saga waits for payment_svc
  kSettled,    // everything that follows from the first has happened
};

// Of a reservation of A/1 and A/2.
class ChangeRace {
 public:
  ChangeRace() {
    const auto made =
        all_.Reserve(std::vector<std::string>{"stalls/A/1", "stalls/A/2"}, "tok_visa");
    all_.world.Advance(absl::Seconds(5));
    REQUIRE(made.answered());
    REQUIRE(made->ok());
    REQUIRE(StateOf((*made)->reservation()) == "CONFIRMED");
    id_ = (*made)->reservation().reservation_id();
  }

  // "ANSWER → END".
  std::string Run(ChangeAct first, ChangeAct second, ChangeGap gap) {
    if (gap == ChangeGap::kCommitted)
      all_.world.Hold("reservation_svc", "orchestrator", Leg::kRequest);
    if (gap == ChangeGap::kCharging) all_.world.Hold("orchestrator", "payment_svc", Leg::kRequest);
    Do(first);
    all_.world.Advance(gap == ChangeGap::kSettled ? absl::Seconds(20) : absl::Milliseconds(50));
    ear_.Forget();
    Do(second);
    all_.world.Advance(absl::Milliseconds(50));
    all_.world.Release("reservation_svc", "orchestrator");
    all_.world.Release("orchestrator", "payment_svc");
    all_.world.Advance(absl::Minutes(5));
    const auto end = all_.Reservation(id_);
    CheckThatAllAgree(end);
    std::string text = Cat(ear_.Heard(), " → ", StateOf(end));
    if (end.state() != reservation::v1::RESERVATION_STATE_CONFIRMED) return text;
    for (const std::string& seat : end.seat_ids()) Append(text, " ", seat);
    if (end.has_change_failure()) Append(text, ", ", end.change_failure().reason());
    return text;
  }

 private:
  void Do(ChangeAct act) {
    switch (act) {
      case ChangeAct::kExchange:
        return ear_.Listen(all_.Send(all_.Exchange(id_, {"stalls/A/1"}, {NewSeat()}, "tok_visa")));
      case ChangeAct::kDeclined:
        return ear_.Listen(
            all_.Send(all_.Exchange(id_, {"stalls/A/1"}, {NewSeat()}, "tok_declined")));
      case ChangeAct::kGiveBack:
        return ear_.Listen(all_.Send(all_.PartialCancellation(id_, {"stalls/A/2"})));
      case ChangeAct::kCancel:
        return ear_.Listen(all_.Cancel(id_));
      case ChangeAct::kCompensate: {
        const auto now = all_.Reservation(id_);
        return ear_.ListenToOperator(
            all_.Compensate(now.has_change() ? now.change().saga_id() : now.saga_id()));
      }
    }
  }
  std::string NewSeat() { return Cat("boxes/A/", ++seats_taken_); }

  // Seats, money and sagas tell the same story as the reservation.
  void CheckThatAllAgree(const reservation::v1::Reservation& end) {
    using namespace reservation::v1;
    const bool confirmed = end.state() == RESERVATION_STATE_CONFIRMED;
    CHECK((confirmed || end.state() == RESERVATION_STATE_CANCELLED));
    CHECK(all_.Saga(end.saga_id()).state() == (confirmed
                                                   ? orchestrator::v1::SAGA_STATE_COMPLETED
                                                   : orchestrator::v1::SAGA_STATE_COMPENSATED));
    int64_t paid = end.payments().empty() ? end.price().amount_minor() : 0;
    for (const auto& payment : end.payments()) {
      paid += payment.amount().amount_minor() - payment.refunded().amount_minor();
    }
    CHECK(paid == end.price().amount_minor());  // there are no terms: nothing is kept
    CHECK(all_.Held() == (confirmed ? paid : 0));
    std::vector<std::string> seats{"stalls/A/1", "stalls/A/2"};
    for (int i = 1; i <= seats_taken_; ++i) seats.push_back(Cat("boxes/A/", i));
    for (const std::string& seat : seats) {
      const bool has = confirmed && absl::c_linear_search(end.seat_ids(), seat);
      CAPTURE(seat);
      CHECK(all_.Seat(seat) == (has ? id_ : "AVAILABLE"));
    }
  }

  FourServices all_{Engine::kModel};
  std::string id_;
  Ear ear_;
  int seats_taken_ = 0;
};

TEST_CASE("races of changes end as the table in docs/invariants.md says, in both orders") {
  const std::string head = "| first | second | at the commit | while it charges | later |";
  std::string table = Cat(head, "\n|---|---|---|---|---|\n");
  for (const ChangeAct first : kChanges) {
    for (const ChangeAct second : kChanges) {
      INFO(Name(first) << ", then " << Name(second));
      Append(table, "| ", Name(first), " | ", Name(second), " | ",
             ChangeRace().Run(first, second, ChangeGap::kCommitted), " | ",
             ChangeRace().Run(first, second, ChangeGap::kCharging), " | ",
             ChangeRace().Run(first, second, ChangeGap::kSettled), " |\n");
    }
  }
  CHECK(table == TableInDocs(head));
}

}  // namespace
}  // namespace seatsaga::testing
