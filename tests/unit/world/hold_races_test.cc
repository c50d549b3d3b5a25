// Every two things that can happen to a hold at about the same time, in both orders, with the four
// real nodes: the table in docs/invariants.md says how each race ends.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "common/errors.h"
#include "common/text.h"
#include "tests/unit/world/four_services.h"

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

std::string StateOf(const reservation::v1::Reservation& reservation) {
  std::string state = reservation::v1::ReservationState_Name(reservation.state()).substr(18);
  if (!reservation.reason().empty()) Append(state, " ", reservation.reason());
  return state;
}

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
    hear_ = nullptr;
    Do(second);
    all_.world.Advance(absl::Milliseconds(20));
    all_.world.Release(from, to);
    if (!by_client) all_.world.Release(from, "seat_svc");
    // Long enough for whatever is left to expire.
    all_.world.Advance(absl::Minutes(20));
    CheckThatAllAgree();
    return Cat(Answer(), " | ", StateOf(all_.Reservation(id_)));
  }

 private:
  void Do(Act act) {
    switch (act) {
      case Act::kPay:
        return Listen(all_.Pay(id_, "tok_visa"));
      case Act::kDecline:
        return Listen(all_.Pay(id_, "tok_declined"));
      case Act::kExtend:
        return Listen(all_.Extend(id_, absl::Minutes(10)));
      case Act::kCancel:
        return Listen(all_.Cancel(id_));
      case Act::kExpire:
        return all_.world.Advance(std::max(absl::ZeroDuration(), Left()));
      case Act::kCompensate:
        return ListenTo(all_.Compensate(id_),
                        [](const auto& /*saga*/) { return std::string("obeyed"); });
    }
  }
  absl::Duration Left() {
    const auto saga = all_.Saga(id_);
    return saga.state() == orchestrator::v1::SAGA_STATE_WAITING
               ? FromProto(saga.due_time()) - all_.world.wall()
               : absl::ZeroDuration();
  }
  template <class Answer>
  void Listen(Answer answer) {
    ListenTo(answer, [](const auto& response) { return StateOf(response.reservation()); });
  }
  template <class Answer, class Say>
  void ListenTo(Answer answer, Say say) {
    hear_ = [answer, say]() -> std::string {
      if (!answer.answered()) return "no answer";
      return answer->ok() ? say(**answer) : ReasonOf(answer->status());
    };
  }
  std::string Answer() const { return hear_ == nullptr ? "–" : hear_(); }

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
  std::function<std::string()> hear_;
};

std::string InDocs() {
  std::filesystem::path root = std::filesystem::current_path();
  while (!exists(root / "docs/invariants.md") && root != root.parent_path()) {
    root = root.parent_path();
  }
  std::ifstream page(root / "docs/invariants.md");
  std::string line;
  std::string rows;
  bool inside = false;
  while (std::getline(page, line)) {
    if (line.starts_with("| first | second |")) inside = true;
    if (inside && line.empty()) break;
    if (inside) Append(rows, line, "\n");
  }
  return rows;
}

TEST_CASE("races of a hold end as the table in docs/invariants.md says, in both orders") {
  std::string table =
      "| first | second | at the commit: its answer | the end | later: its answer | the end |\n"
      "|---|---|---|---|---|---|\n";
  for (const Act first : kActs) {
    for (const Act second : kActs) {
      INFO(Name(first) << ", then " << Name(second));
      Append(table, "| ", Name(first), " | ", Name(second), " | ",
             Race().Run(first, second, Gap::kCommitted), " | ",
             Race().Run(first, second, Gap::kSettled), " |\n");
    }
  }
  CHECK(table == InDocs());
}

}  // namespace
}  // namespace seatsaga::testing
