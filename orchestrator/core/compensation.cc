// Undoing: a compensation must eventually succeed, so it is retried until it does.
#include <utility>

#include "common/text.h"
#include "orchestrator/core/transition.h"

namespace seatsaga::core {

Decision OnCompensationAnswered(const Turn& turn) {
  Transition transition(turn);
  switch (turn.event.outcome) {
    case Outcome::kSucceeded:
      transition.Undo(turn.state.step - 1);
      break;
    case Outcome::kRefused:
    case Outcome::kInvalid:
      // A refused undo is a bug, or needs an operator.
      transition.next().call.under_way = false;
      transition.Park(ReasonOf(turn.event),
                      Cat("undoing ", turn.step().name, " was ",
                          turn.event.outcome == Outcome::kRefused ? "refused: " : "invalid: ",
                          turn.event.message));
      break;
    case Outcome::kUnknown:
    case Outcome::kNotFound:  // not here: only a probe ends so
      if (transition.SpendAttempt()) transition.Flag();
      transition.IssueLater(CallKind::kCompensation);
      break;
  }
  return std::move(transition).Done();
}

}  // namespace seatsaga::core
