#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/node/logic.h"
#include "common/participant/desk.h"
#include "common/store/rows.h"
#include "reservation_svc/reservation_memory.h"

namespace seatsaga::reservation {

// Decides one batch: its inputs one by one, then Finish. Lives for one Decide; changes nothing but
// the batch's rows and its plan.
class ReservationBatch {
 public:
  using Io = ReservationIo;

  // All must outlive the batch and not change meanwhile.
  ReservationBatch(const ReservationMemory& memory, const ReservationLimits& limits, bool shared,
                   store::Rows& rows, const Tick& tick, Plan<Io>& plan);

  void Decide(size_t input, const Create& create);
  void Decide(size_t input, const participant::Commands<CommandBody>& call);
  void Decide(size_t input, const participant::Take& take) { desk_.Decide(input, take, plan_); }
  void Decide(size_t /*input*/, const StartResult& result) { outbox_.OnResult(result); }
  void Finish();

 private:
  // A reservation that this batch makes or changes, and that nothing else sees yet.
  struct Touched {
    std::shared_ptr<Reservation> reservation;
    bool is_new = false;
  };
  // An accepted creation. It is answered once the whole batch has been decided, because later
  // commands of the batch may make its reservation final.
  struct Accepted {
    size_t input;
    const Create* create;
    ReservationPtr reservation;
    bool is_new;
  };

  std::shared_ptr<Reservation> FindTouched(const Id& id) const;
  ReservationPtr FindByRequest(const Id& request_id) const;
  // A copy that may be changed; null if there is no such reservation.
  std::shared_ptr<Reservation> CopyOf(const Id& id) const;
  std::shared_ptr<Reservation> Insert(const Reservation& made);
  CommandResult Execute(const participant::Command<CommandBody>& command);
  void Ended(const std::shared_ptr<Reservation>& reservation, State before);
  void Write();
  void EndWaits();
  void AnswerAccepted();
  bool MayWait(const Accepted& accepted) const;
  void StartSagas();

  const ReservationMemory& memory_;
  const ReservationLimits& limits_;
  const bool shared_;
  store::Rows& rows_;
  const Tick& tick_;
  Plan<Io>& plan_;
  participant::Desk desk_;
  OutboxBatch outbox_;
  size_t pending_;
  size_t waiting_;
  std::vector<Touched> touched_;
  absl::flat_hash_map<Id, size_t> by_id_;       // of touched_
  absl::flat_hash_map<Id, size_t> by_request_;  // of those that are new
  std::vector<Accepted> accepted_;
};

}  // namespace seatsaga::reservation
