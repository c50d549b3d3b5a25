#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "common/errors.h"
#include "common/text.h"
#include "seatsaga/reservation/v1/reservation.pb.h"

// What tests of races have in common: the answers that they hear, and the tables in
// docs/invariants.md that they compare with.
namespace seatsaga::testing {

// "CANCELLED HOLD_EXPIRED".
inline std::string StateOf(const reservation::v1::Reservation& reservation) {
  std::string state = reservation::v1::ReservationState_Name(reservation.state()).substr(18);
  if (!reservation.reason().empty()) Append(state, " ", reservation.reason());
  return state;
}

// What the one who acted last has been told.
class Ear {
 public:
  // To a client's call, which is answered with a reservation.
  template <class Answer>
  void Listen(Answer answer) {
    ListenTo(answer, [](const auto& response) { return StateOf(response.reservation()); });
  }
  // To an operator's.
  template <class Answer>
  void ListenToOperator(Answer answer) {
    ListenTo(answer, [](const auto& /*saga*/) { return std::string("obeyed"); });
  }
  void Forget() { hear_ = nullptr; }
  std::string Heard() const { return hear_ == nullptr ? "–" : hear_(); }

 private:
  template <class Answer, class Say>
  void ListenTo(Answer answer, Say say) {
    hear_ = [answer, say]() -> std::string {
      if (!answer.answered()) return "no answer";
      return answer->ok() ? say(**answer) : ReasonOf(answer->status());
    };
  }

  std::function<std::string()> hear_;
};

// The table of docs/invariants.md that begins so.
inline std::string TableInDocs(std::string_view first_line) {
  std::filesystem::path root = std::filesystem::current_path();
  while (!exists(root / "docs/invariants.md") && root != root.parent_path()) {
    root = root.parent_path();
  }
  std::ifstream page(root / "docs/invariants.md");
  std::string line;
  std::string rows;
  bool inside = false;
  while (std::getline(page, line)) {
    if (line == first_line) inside = true;
    if (inside && line.empty()) break;
    if (inside) Append(rows, line, "\n");
  }
  return rows;
}

}  // namespace seatsaga::testing
