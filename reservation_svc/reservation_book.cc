#include "reservation_svc/reservation_book.h"

#include <algorithm>
#include <utility>

#include "common/errors.h"
#include "common/log.h"
#include "common/text.h"

namespace seatsaga::reservation {
namespace {

bool IsConfirm(const BarrierCommand& key) { return key.direction == saga::v1::DIRECTION_ACTION; }

absl::Status RequestIdReused() {
  constexpr std::string_view kMend =
      "was used before for another reservation; make a new UUID for a new request, and repeat the "
      "whole body in a retry";
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_ID_REUSED",
                                  Cat("request_id: ", kMend));
  FieldErrors errors;
  errors.Add("request_id", kMend);
  errors.ToStatus().ForEachPayload([&status](absl::string_view type, const absl::Cord& detail) {
    if (!status.GetPayload(type).has_value()) status.SetPayload(type, detail);
  });
  return status;
}

void LogFinal(const Reservation& reservation) {
  const bool confirmed = reservation.state == State::kConfirmed;
  log::Debug(confirmed ? "reservation_confirmed" : "reservation_cancelled",
             {{"reservation_id", reservation.id.ToString()}, {"reason", reservation.reason}},
             confirmed ? "the seats are the user's" : "nothing is held");
}

}  // namespace

ReservationBook::ReservationBook(ReservationStore& store, Barrier& barrier, SagaStarter& starter,
                                 BookLimits limits, OutboxLimits outbox_limits)
    : store_(store),
      barrier_(barrier),
      starter_(starter),
      limits_(limits),
      outbox_(outbox_limits),
      waiters_(limits.waiters_max) {}

absl::Status ReservationBook::Load(absl::Time now, AfterCommit& after) {
  // Their reservations were stored by earlier batches, so PENDING is what is known to be durable;
  // while the database does not work nobody else would answer them.
  for (Waiter& waiter : waiters_.TakeExpired(now)) waiter.reply.Send(std::move(waiter.seen));
  barrier_.Reload();
  store_.Forget();
  const std::vector<Id> pending = store_.ReadPending();
  pending_ = pending.size();
  outbox_.Reset(pending);
  StartSagas(now, after);
  return store_.status();
}

void ReservationBook::Apply(std::vector<Input>& batch, absl::Time now, AfterCommit& after) {
  AfterCommit answers;
  LoadBatch(batch);
  for (Input& input : batch) {
    std::visit([&](auto& one) { ApplyOne(one, now, answers); }, input);
  }
  AnswerAccepted(now, answers);
  for (Waiter& waiter : waiters_.TakeExpired(now)) {
    answers.Answer<Reservation>(std::move(waiter.reply), std::move(waiter.seen));
  }
  barrier_.Flush();
  store_.Write();
  // First: the orchestrator can work while clients are answered, one by one.
  StartSagas(now, after);
  after.Append(std::move(answers));
}

// One round of reads for the whole batch.
void ReservationBook::LoadBatch(std::vector<Input>& batch) {
  keys_.clear();
  next_key_ = 0;
  accepted_.clear();
  std::vector<Id> ids;
  std::vector<Id> request_ids;
  for (Input& input : batch) {
    if (const auto* create = std::get_if<CreateInput>(&input)) {
      request_ids.push_back(create->record.reservation.request_id);
    } else if (auto* execute = std::get_if<ExecuteInput>(&input)) {
      for (auto& slot : execute->commands) {
        auto* command = std::get_if<Command>(&slot);
        if (command == nullptr) continue;
        ids.push_back(command->key.saga_id);
        keys_.push_back(std::move(command->key));
      }
    }
  }
  barrier_.Load(keys_);
  store_.Load(ids, request_ids);
}

void ReservationBook::ApplyOne(CreateInput& input, absl::Time now, AfterCommit& after) {
  const Record* record = store_.FindByRequest(input.record.reservation.request_id);
  if (record == nullptr) {
    if (pending_ >= limits_.pending_max) {
      input.reply.Send(OverloadedError());
      return;
    }
    input.record.reservation.create_time = now;
    input.record.reservation.update_time = now;
    record = &store_.Insert(std::move(input.record));
    ++pending_;
    outbox_.Add(record->reservation.id);
  } else if (record->fingerprint != input.record.fingerprint) {
    after.Answer<Reservation>(std::move(input.reply), RequestIdReused());
    return;
  }
  accepted_.push_back({&input, record});
}

void ReservationBook::ApplyOne(ExecuteInput& input, absl::Time now, AfterCommit& after) {
  std::vector<CommandResult> results;
  results.reserve(input.commands.size());
  for (auto& slot : input.commands) {
    if (auto* answer = std::get_if<CommandResult>(&slot)) {
      results.push_back(std::move(*answer));
    } else {
      results.push_back(Execute(keys_[next_key_++], std::get<Command>(slot), now, after));
    }
  }
  after.Answer<std::vector<CommandResult>>(std::move(input.reply), std::move(results));
}

CommandResult ReservationBook::Execute(const BarrierCommand& key, const Command& command,
                                       absl::Time now, AfterCommit& after) {
  // Creating the reservation was this service's own act, before there was a saga.
  if (auto answer = barrier_.Admit(key, ActionIs::kOwnAct)) return *std::move(answer);
  Record* record = store_.Find(key.saga_id);
  const State before = record == nullptr ? State::kPending : record->reservation.state;
  CommandResult result = IsConfirm(key) ? Confirm(record, command.price, now)
                                        : Cancel(record, command.reason, command.message, now);
  if (record != nullptr && record->reservation.state != before) {
    store_.MarkChanged(*record);
    BecameFinal(record->reservation, before, after);
  }
  barrier_.Record(key, result);
  return result;
}

void ReservationBook::BecameFinal(const Reservation& reservation, State before,
                                  AfterCommit& after) {
  if (before == State::kPending) {
    --pending_;
    outbox_.Forget(reservation.id);
  }
  for (Waiter& waiter : waiters_.Take(reservation.id)) {
    after.Answer<Reservation>(std::move(waiter.reply), reservation);
  }
  if (log::DebugEnabled()) after.Then([reservation] { LogFinal(reservation); });
}

void ReservationBook::ApplyOne(StartResult& input, absl::Time now, AfterCommit& /*after*/) {
  outbox_.OnResult(input, now);
}

void ReservationBook::AnswerAccepted(absl::Time now, AfterCommit& after) {
  for (const auto& [input, record] : accepted_) {
    const Reservation& reservation = record->reservation;
    if (reservation.state != State::kPending || input->wait_until <= now) {
      after.Answer<Reservation>(std::move(input->reply), reservation);
      continue;
    }
    // Only then is PENDING true, and an answer at the end of the wait.
    after.Then(
        [this, waiter = Waiter{reservation, input->wait_until, std::move(input->reply)}]() mutable {
          waiters_.Add(std::move(waiter));
        });
  }
}

void ReservationBook::StartSagas(absl::Time now, AfterCommit& after) {
  while (auto call = outbox_.TakeCall(now)) {
    StartBatch batch{.call = call->number, .sagas = store_.ReadStarts(call->ids)};
    after.Then([this, batch = std::move(batch)]() mutable { starter_.Start(std::move(batch)); });
  }
}

absl::Time ReservationBook::NextWake() const {
  return std::min(outbox_.NextWake(), waiters_.NextWake());
}

}  // namespace seatsaga::reservation
