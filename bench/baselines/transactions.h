#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seatsaga::bench {

// The parts of the data. Each has a database of its own, or all share one.
enum class Part { kSeats, kPayments, kReservations };

// What a statement does. Its SQL is in statements.cc.
enum class Action {
  kBegin,
  kTakeSeat,
  kTakeSeatAndCount,  // also counts the seat off the event's row
  kInsertPayment,     // and its ledger entry
  kInsertReservation,
  kCommit,
  kPrepareTransaction,
  kCommitPrepared,
};

struct Statement {
  Part part = Part::kSeats;  // whose database it is sent to
  Action action = Action::kBegin;
  bool begins = false;  // BEGIN goes in the same message; only with a prepared action
};

// The statements of a stage are sent at the same time, each over the connection to its database.
// The next stage begins when all are answered.
struct Stage {
  enum class Kind {
    kStatements,
    kProvider,  // waits for the payment provider's answer, with the transaction open
    kDecision,  // writes "this one commits" to the coordinator's log, durably
  };
  Kind kind = Kind::kStatements;
  std::vector<Statement> statements;
};

// How one reservation is made: a table of stages, read from top to bottom.
struct Transaction {
  std::string_view name;                    // of the scenario
  bool one_event = false;                   // all clients want seats of one event
  std::vector<std::string_view> databases;  // one for everything, or one per Part, in that order
  std::vector<Stage> stages;

  bool two_phase() const { return databases.size() > 1; }
  size_t DatabaseOf(Part part) const { return two_phase() ? static_cast<size_t>(part) : 0; }
};

// Every baseline. Thread-safe.
const std::vector<Transaction>& Transactions();

}  // namespace seatsaga::bench
