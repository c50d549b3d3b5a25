#include "seat_svc/seat_inventory.h"

#include <utility>

#include "common/log.h"
#include "common/text.h"
#include "common/time_proto.h"
#include "seat_svc/event_rules.h"

namespace seatsaga::seat {
namespace {

void AppendName(std::string& names, std::string_view name) {
  Append(names, names.empty() ? "" : ", ", name);
}

}  // namespace

absl::Status SeatInventory::Load(absl::Time, AfterCommit&) {
  book_.Forget();
  events_.ForgetHalls();
  barrier_.Reload();
  return absl::OkStatus();
}

void SeatInventory::Apply(std::vector<SeatInput>& batch, absl::Time now, AfterCommit& after) {
  // Nobody in a batch has had an answer yet, so any order is a right one; with creations first,
  // commands find the new events.
  for (SeatInput& input : batch) {
    auto* create = std::get_if<CreateEvent>(&input);
    if (create == nullptr) continue;
    absl::StatusOr<v1::Event> created = Create(create->event, now, after);
    after.Answer(std::move(create->reply), std::move(created));
  }
  Prepare(batch);
  auto work = work_.begin();
  for (SeatInput& input : batch) {
    auto* commands = std::get_if<SeatCommands>(&input);
    if (commands == nullptr) continue;
    std::vector<CommandResult> results;
    results.reserve(commands->commands.size());
    for (size_t i = 0; i < commands->commands.size(); ++i) results.push_back(Execute(*work++));
    after.Answer(std::move(commands->reply),
                 absl::StatusOr<std::vector<CommandResult>>(std::move(results)));
  }
  work_.clear();
  barrier_.Flush();
  book_.Write();
}

absl::StatusOr<v1::Event> SeatInventory::Create(const v1::Event& event, absl::Time now,
                                                AfterCommit& after) {
  const std::string fingerprint = FingerprintOf(event);
  if (std::optional<StoredEvent> stored = events_.Find(event.event_id())) {
    if (stored->fingerprint != fingerprint) {
      return MakeError(absl::StatusCode::kAlreadyExists, kEventDiffers,
                       Cat("event \"", event.event_id(),
                           "\" exists with other contents, and events never change; choose another "
                           "event_id"));
    }
    stored->event.set_available_seat_count(stored->event.seat_count() -
                                           events_.CountReserved(stored->event_no));
    return std::move(stored->event);
  }
  seats_.InsertEvent(event, fingerprint, now);
  v1::Event created = event;
  created.set_seat_count(SeatCountOf(event));
  created.set_available_seat_count(created.seat_count());
  // As it is stored, so that this answer and later ones are the same.
  *created.mutable_create_time() = ToProto(absl::FromUnixMicros(absl::ToUnixMicros(now)));
  after.Then([event_id = created.event_id(), seat_count = created.seat_count()] {
    log::Info("event_created", {{"event_id", event_id}, {"seats", Cat(seat_count)}},
              "seats can be reserved");
  });
  return created;
}

// Reads everything that the batch's commands need to be decided in memory.
void SeatInventory::Prepare(std::vector<SeatInput>& batch) {
  std::vector<BarrierCommand> keys;
  for (SeatInput& input : batch) {
    auto* commands = std::get_if<SeatCommands>(&input);
    if (commands == nullptr) continue;
    for (SeatCommand& command : commands->commands) {
      work_.push_back(Work{.command = &command});
      if (!command.rejected) keys.push_back(command.key);
    }
  }
  if (keys.empty()) return;
  barrier_.Load(keys);
  FindHalls();
  for (Work& work : work_) {
    const BarrierCommand& key = work.command->key;
    if (work.hall != nullptr) {
      Resolve(work);
    } else if (!work.command->rejected && key.direction == saga::v1::DIRECTION_COMPENSATION) {
      book_.ExpectHold({key.saga_id, key.step});
    }
  }
  book_.Load();
}

void SeatInventory::FindHalls() {
  const auto needs_hall = [this](const SeatCommand& command) {
    const BarrierCommand& key = command.key;
    return !command.rejected && key.direction == saga::v1::DIRECTION_ACTION &&
           !barrier_.Recorded(key.saga_id, key.step, key.direction);
  };
  std::vector<std::string_view> event_ids;
  for (const Work& work : work_) {
    if (needs_hall(*work.command)) event_ids.push_back(work.command->event_id);
  }
  Halls halls;
  events_.LoadHalls(event_ids, halls);
  for (Work& work : work_) {
    if (needs_hall(*work.command)) work.hall = halls[work.command->event_id];
  }
}

void SeatInventory::Resolve(Work& work) {
  for (const std::string& seat_id : work.command->seat_ids) {
    if (const std::optional<Hall::Seat> seat = work.hall->Find(seat_id)) {
      work.seat_nos.push_back(seat->seat_no);
      work.price_minor += seat->price_minor;
    } else {
      AppendName(work.unknown_seats, seat_id);
    }
  }
  if (work.unknown_seats.empty()) book_.ExpectSeats(work.hall->event_no(), work.seat_nos);
}

CommandResult SeatInventory::Execute(Work& work) {
  SeatCommand& command = *work.command;
  if (command.rejected) return *std::move(command.rejected);
  if (std::optional<CommandResult> answer = barrier_.Admit(command.key)) return *std::move(answer);
  CommandResult result =
      command.key.direction == saga::v1::DIRECTION_ACTION ? Reserve(work) : Release(command.key);
  barrier_.Record(command.key, result);
  if (log::DebugEnabled()) {
    log::Debug("command_applied",
               {{"saga_id", command.key.saga_id.ToString()},
                {"step", command.key.step},
                {"direction", saga::v1::Direction_Name(command.key.direction)},
                {"reason", result.reason()}},
               saga::v1::Outcome_Name(result.outcome()));
  }
  return result;
}

// All the seats or none.
CommandResult SeatInventory::Reserve(Work& work) {
  const SeatCommand& command = *work.command;
  if (work.hall == nullptr) {
    return Refused(kEventNotFound, Cat("there is no event \"", command.event_id, "\""));
  }
  if (!work.unknown_seats.empty()) {
    return Refused(kSeatNotFound,
                   Cat("event \"", command.event_id, "\" has no seat ", work.unknown_seats));
  }
  std::string reserved;
  for (size_t i = 0; i < work.seat_nos.size(); ++i) {
    if (book_.IsReserved(work.hall->event_no(), work.seat_nos[i])) {
      AppendName(reserved, command.seat_ids[i]);
    }
  }
  if (!reserved.empty()) return Refused(kSeatNotAvailable, Cat("already reserved: ", reserved));
  book_.Take({command.key.saga_id, command.key.step},
             Hold{work.hall->event_no(), std::move(work.seat_nos)});
  return Succeeded(work.price_minor, work.hall->currency());
}

// Also succeeds if the action was refused: then there is nothing to free.
CommandResult SeatInventory::Release(const BarrierCommand& key) {
  book_.Free({key.saga_id, key.step});
  return Succeeded();
}

}  // namespace seatsaga::seat
