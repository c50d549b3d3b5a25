#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/barrier.h"
#include "common/batch_loop.h"
#include "common/outcome.h"
#include "common/reply.h"
#include "reservation_svc/outbox.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/reservation_store.h"
#include "reservation_svc/saga_starter.h"
#include "reservation_svc/waiters.h"

// Everything that can happen to reservations, batch by batch: clients make them, the orchestrator
// confirms or cancels them, and the outbox learns which sagas were started.
namespace seatsaga::reservation {

// A client's CreateReservation, checked, with the id it gets if it is new.
struct CreateInput {
  Record record;          // PENDING; its times are set when it is stored
  absl::Time wait_until;  // for the final state; InfinitePast: do not wait
  Reply<Reservation> reply;
};

// Confirm has the direction ACTION, Cancel COMPENSATION.
struct Command {
  BarrierCommand key;
  Money price;         // Confirm
  std::string reason;  // Cancel
  std::string message;
};

// One ExecuteReservationCommands. A command that breaks a rule of its fields is its answer already.
struct ExecuteInput {
  std::vector<std::variant<CommandResult, Command>> commands;
  Reply<std::vector<CommandResult>> reply;
};

using Input = std::variant<CreateInput, ExecuteInput, StartResult>;

struct BookLimits {
  size_t pending_max = 100'000;  // PENDING reservations; one more is OVERLOADED
  size_t waiters_max = 100'000;  // clients that wait; one more is answered PENDING at once
};

// Writer thread only.
class ReservationBook final : public BatchHandler<Input> {
 public:
  // All must outlive the book.
  ReservationBook(ReservationStore& store, Barrier& barrier, SagaStarter& starter,
                  BookLimits limits = {}, OutboxLimits outbox_limits = {});

  absl::Status Load(absl::Time now, AfterCommit& after) override;
  void Apply(std::vector<Input>& batch, absl::Time now, AfterCommit& after) override;
  absl::Time NextWake() const override;

  // Answers every waiting client with the PENDING state: once the loop has stopped, before its
  // server does.
  void AnswerWaiters() { waiters_.AnswerAll(); }

  size_t pending() const { return pending_; }

 private:
  // A creation that was accepted, to be answered once the whole batch has been applied: the
  // commands after it may have made its reservation final.
  struct Accepted {
    CreateInput* input;
    const Record* record;
  };

  void LoadBatch(std::vector<Input>& batch);
  void ApplyOne(CreateInput& input, absl::Time now, AfterCommit& after);
  void ApplyOne(ExecuteInput& input, absl::Time now, AfterCommit& after);
  void ApplyOne(StartResult& input, absl::Time now, AfterCommit& after);
  CommandResult Execute(const BarrierCommand& key, const Command& command, absl::Time now,
                        AfterCommit& after);
  void BecameFinal(const Reservation& reservation, State before, AfterCommit& after);
  void AnswerAccepted(absl::Time now, AfterCommit& after);
  void StartSagas(absl::Time now, AfterCommit& after);

  ReservationStore& store_;
  Barrier& barrier_;
  SagaStarter& starter_;
  const BookLimits limits_;
  Outbox outbox_;
  Waiters waiters_;
  size_t pending_ = 0;

  // Of the present batch.
  std::vector<BarrierCommand> keys_;  // of all commands, in order
  size_t next_key_ = 0;
  std::vector<Accepted> accepted_;
};

}  // namespace seatsaga::reservation
