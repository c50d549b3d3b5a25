#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "common/node/logic.h"
#include "common/participant/desk.h"
#include "common/store/rows.h"
#include "reservation_svc/reservation_memory.h"
#include "reservation_svc/user_event_counts.h"

namespace seatsaga::reservation {

// Decides one batch: its inputs one by one, then Finish. Lives for one Decide; changes nothing but
// the batch's rows and its plan.
class ReservationBatch {
 public:
  using Io = ReservationIo;

  // All must outlive the batch and not change meanwhile.
  ReservationBatch(const ReservationMemory& memory, const ReservationLimits& limits,
                   store::Rows& rows, const Tick& tick, Plan<Io>& plan);

  void Decide(size_t input, const Create& create);
  void Decide(size_t input, const participant::Commands<CommandBody>& call);
  void Decide(size_t input, const participant::Take& take) { desk_.Decide(input, take, plan_); }
  void Decide(size_t input, const DeliveryResult& result);
  // What a client does to its reservation (reservation_batch_changes.cc).
  void Decide(size_t input, const Payment& payment);
  void Decide(size_t input, const Cancellation& cancellation);
  void Decide(size_t input, const SeatChangeRequest& request);
  void Decide(size_t input, const Extension& extension);
  void Decide(size_t input, const ExtendResult& result);
  void Finish();

 private:
  // A reservation that this batch makes or changes, and that nothing else sees yet.
  struct Touched {
    std::shared_ptr<Reservation> reservation;
    bool is_new = false;
    Counted counted;  // for its user and event
  };
  // An accepted creation, payment or cancellation. It is answered once the whole batch has been
  // decided, because later inputs of the batch may change its reservation.
  struct Accepted {
    size_t input;
    Mono wait_until;
    ReservationPtr reservation;
    bool is_new = false;
  };

  std::shared_ptr<Reservation> FindTouched(const Id& id) const;
  ReservationPtr FindByRequest(const Id& request_id) const;
  // One that may be changed; null if there is no such reservation.
  std::shared_ptr<Reservation> CopyOf(const Id& id) const;
  std::shared_ptr<Reservation> Insert(const Create& create);
  CommandResult Execute(const participant::Command<CommandBody>& command);
  // Call this after what may have changed one of CopyOf, which was of this version before.
  void NoteChange(const std::shared_ptr<Reservation>& reservation, const Version& before);

  // Counts what has become of it for its user and event.
  void Count(Touched& touched);
  // How it counted before this batch.
  Counted CountedBefore(const Id& id) const;

  // --- What a client does
  // The reservation that is to be changed; null if the request has been answered.
  std::shared_ptr<Reservation> Admit(size_t input, const Change& change);
  std::shared_ptr<Reservation> Admit(size_t input, const KeyedChange& change);
  void AnswerRetry(size_t input, const KeyedChange& change, const ChangeRequest& known);
  // Answers as `change(reservation)` would make it.
  void Validate(size_t input, Reservation reservation,
                absl::FunctionRef<absl::Status(Reservation&)> change);
  // `round`: of the hold that was paid for; 0 for any other change.
  void Accept(size_t input, const KeyedChange& change, int32_t round,
              const std::shared_ptr<Reservation>& reservation, const Version& before);
  absl::StatusOr<ReservationPtr> Conclude(const ExtendResult& result);

  // --- What follows from the whole batch
  void Write();
  void EndWaits();
  void AnswerAccepted();
  bool MayWait(const Accepted& accepted) const;
  void Deliver(Message message, OutboxBatch& outbox, bool (*needs)(const Reservation&));
  Ticket NewTicket() { return ++plan_.memory.last_ticket; }

  const ReservationMemory& memory_;
  const ReservationLimits& limits_;
  store::Rows& rows_;
  const Tick& tick_;
  Plan<Io>& plan_;
  participant::Desk desk_;
  UserEventCounts counts_;
  OutboxBatch starts_;
  OutboxBatch signals_;
  size_t live_;
  size_t waiting_;
  std::vector<Touched> touched_;
  absl::flat_hash_map<Id, size_t> by_id_;       // of touched_
  absl::flat_hash_map<Id, size_t> by_request_;  // of those that are new
  std::vector<Accepted> accepted_;
};

}  // namespace seatsaga::reservation
