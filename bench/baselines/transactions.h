#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seatsaga::bench {

// The parts of the data; each has a database of its own, or all share one.
enum class Part { kSeats, kPayments, kReservations };

// What a statement does. Its SQL stands in statements.cc.
enum class Action {
  kBegin,
  kTakeSeat,
  kTakeSeatAndCount,  // also counts it off the event's row
  kInsertPayment,     // and its ledger entry
  kInsertReservation,
  kCommit,
  kPrepareTransaction,
  kCommitPrepared,
};

struct Statement {
  Part part = Part::kSeats;  // whose database it is sent to
  Action action = Action::kBegin;
  bool begins = false;  // BEGIN travels in the same message; only with what is prepared
};

// One round: the statements are sent at the same time, each over the connection to its database,
// and the next stage begins when all are answered.
struct Stage {
  enum class Kind {
    kStatements,
    kProvider,  // the payment provider's answer is waited for, with the transaction open
    kDecision,  // "this one commits" becomes durable in the coordinator's log
  };
  Kind kind = Kind::kStatements;
  std::vector<Statement> statements;
};

// How one reservation is made: a table of stages, read from top to bottom.
struct Transaction {
  std::string_view name;   // of the scenario
  bool one_event = false;  // all clients want seats of the same event
  std::vector<std::string_view>
      databases;  // one for everything, or one for each Part, in its order
  std::vector<Stage> stages;

  bool two_phase() const { return databases.size() > 1; }
  size_t DatabaseOf(Part part) const { return two_phase() ? static_cast<size_t>(part) : 0; }
};

// Every baseline. Thread-safe.
const std::vector<Transaction>& Transactions();

}  // namespace seatsaga::bench
