// Every two things that can happen to a hold at about the same time, in both orders, with the four
// real nodes: the table in docs/invariants.md says how each race ends.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "common/text.h"
#include "tests/unit/world/four_services.h"
#include "tests/unit/world/races.h"

namespace seatsaga::testing {
namespace {

constexpr absl::Duration kHold = absl::Seconds(60);
constexpr char kSeat[] = "stalls/A/12";

// What can happen to a hold.
enum class Act { kPay, kDecline, kExtend, kCancel, kExpire, kCompensate };
constexpr std::array kActs{Act::kPay,    Act::kDecline, Act::kExtend,
                           Act::kCancel, Act::kExpire,  Act::kCompensate};

std::string Name(Act act) {
  switch (act) {
    case Act::kPay:
      return "pay";
    case Act::kDecline:
      return "pay, declined";
    case Act::kExtend:
      return "extend";
    case Act::kCancel:
      return "cancel";
    case Act::kExpire:
      return "expire";
    case Act::kCompensate:
      return "operator undoes";
  }
  return "?";
}

// When the second comes.
enum class Gap {
  kCommitted,  // the first is committed where it happened, and nobody else has heard of it
  kSettled,    // everything that follows from the first has happened
};

class Race {
 public:
  Race() {
    const auto held = all_.Hold(kSeat, kHold);
    all_.world.Advance(absl::Seconds(1));
    REQUIRE(held.answered());
    REQUIRE(held->ok());
    REQUIRE(StateOf((*held)->reservation()) == "HELD");
    id_ = (*held)->reservation().reservation_id();
  }

  // "ANSWER | END"
  std::string Run(Act first, Act second, Gap gap) {
    // What the one who commits it tells the others waits on the way.
    const bool by_client = first < Act::kExpire;
    const std::string from = by_client ? "reservation_svc" : "orchestrator";
    const std::string to = by_client ? "orchestrator" : "reservation_svc";
    if (gap == Gap::kCommitted) {
      all_.world.Hold(from, to, Leg::kRequest);
      if (!by_client) all_.world.Hold(from, "seat_svc", Leg::kRequest);
    }
    Do(first);
    all_.world.Advance(gap == Gap::kCommitted ? absl::Milliseconds(20) : absl::Seconds(5));
    ear_.Forget();
    Do(second);
    all_.world.Advance(absl::Milliseconds(20));
    all_.world.Release(from, to);
    if (!by_client) all_.world.Release(from, "seat_svc");
    // Long enough for whatever is left to expire.
    all_.world.Advance(absl::Minutes(20));
    CheckThatAllAgree();
    return Cat(ear_.Heard(), " | ", StateOf(all_.Reservation(id_)));
  }

 private:
  void Do(Act act) {
    switch (act) {
      case Act::kPay:
        return ear_.Listen(all_.Pay(id_, "tok_visa"));
      case Act::kDecline:
        return ear_.Listen(all_.Pay(id_, "tok_declined"));
      case Act::kExtend:
        return ear_.Listen(all_.Extend(id_, absl::Minutes(10)));
      case Act::kCancel:
        return ear_.Listen(all_.Cancel(id_));
      case Act::kExpire:
        return all_.world.Advance(std::max(absl::ZeroDuration(), Left()));
      case Act::kCompensate:
        return ear_.ListenToOperator(all_.Compensate(id_));
    }
  }
  absl::Duration Left() {
    const auto saga = all_.Saga(id_);
    return saga.state() == orchestrator::v1::SAGA_STATE_WAITING
               ? FromProto(saga.due_time()) - all_.world.wall()
               : absl::ZeroDuration();
  }
  // Seats, money and saga tell the same story as the reservation.
  void CheckThatAllAgree() {
    const std::string state = StateOf(all_.Reservation(id_));
    const auto saga = all_.Saga(id_).state();
    const bool confirmed = state == "CONFIRMED";
    CHECK((confirmed || state.starts_with("CANCELLED ")));
    CHECK(saga == (confirmed ? orchestrator::v1::SAGA_STATE_COMPLETED
                             : orchestrator::v1::SAGA_STATE_COMPENSATED));
    CHECK(all_.Seat(kSeat) == (confirmed ? id_ : "AVAILABLE"));
    CHECK(all_.Held() == (confirmed ? 4500 : 0));
  }

  FourServices all_{Engine::kModel};
  std::string id_;
  Ear ear_;
};

TEST_CASE("races of a hold end as the table in docs/invariants.md says, in both orders") {
  const std::string head =
      "| first | second | at the commit: its answer | the end | later: its answer | the end |";
  std::string table = Cat(head, "\n|---|---|---|---|---|---|\n");
  for (const Act first : kActs) {
    for (const Act second : kActs) {
      INFO(Name(first) << ", then " << Name(second));
      Append(table, "| ", Name(first), " | ", Name(second), " | ",
             Race().Run(first, second, Gap::kCommitted), " | ",
             Race().Run(first, second, Gap::kSettled), " |\n");
    }
  }
  CHECK(table == TableInDocs(head));
}

}  // namespace
}  // namespace seatsaga::testing
