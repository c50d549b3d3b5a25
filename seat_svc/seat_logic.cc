#include "seat_svc/seat_logic.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/errors.h"
#include "common/participant/desk.h"
#include "common/text.h"
#include "seat_svc/batch_halls.h"
#include "seat_svc/event_rows.h"
#include "seat_svc/event_rules.h"

namespace seatsaga::seat {
namespace {

// --- What a batch needs to know

// Wants the seats, by number, and how many are reserved. If the event is not in memory, they are
// known only once its row has been read.
void WantReserve(const SeatBody& body, int round, BatchHalls& halls, store::Rows& rows) {
  if (round == 1 && rows.Find(kEvents, body.event_id) == nullptr) return;  // in memory, or nowhere
  BatchHalls::Entry& entry = halls.Of(body.event_id);
  if (entry.hall == nullptr) return rows.Want(kEvents, body.event_id);
  const int64_t event_no = entry.hall->event_no();
  for (const std::string& seat_id : body.seat_ids) {
    if (const auto seat = entry.hall->Find(seat_id)) {
      rows.Want(kReservedSeats, event_no, seat->seat_no);
    }
  }
  if (!std::exchange(entry.count_wanted, true)) rows.Want(kReservedCounts, event_no);
}

// Wants what the action holds, in any of its rounds, and then the seats.
void WantRelease(const SeatCommand& command, int round, store::Rows& rows) {
  if (round == 0) return rows.Want(kSagaSeats, command.saga_id, command.step);
  rows.ForEach(
      kSagaSeats,
      [&](const SagaSeatsRow& held) {
        for (const SeatNo seat_no : ParseSeatNos(held.seat_nos)) {
          rows.Want(kReservedSeats, held.event_no, seat_no);
        }
        rows.Want(kReservedCounts, held.event_no);
      },
      command.saga_id, command.step);
}

void WantCreate(const v1::Event& event, int round, store::Rows& rows) {
  if (round == 0) {
    rows.Want(kEvents, event.event_id());
    rows.Want(kEventCounter, EventCounterRow::kOnly);
  } else if (const EventRow* row = rows.Find(kEvents, event.event_id())) {
    rows.Want(kReservedCounts, row->event_no);
  }
}

// --- What it does

void AppendName(std::string& names, std::string_view name) {
  Append(names, names.empty() ? "" : ", ", name);
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

// nullopt if the hall's seats are on sale.
std::optional<CommandResult> CheckSale(const Hall& hall, absl::Time now) {
  if (now < hall.sale_start()) {
    return Refused(kSaleNotStarted, Cat("seats of event \"", hall.event_id(),
                                        "\" can be reserved from ", Rfc3339(hall.sale_start())));
  }
  if (now >= hall.sale_end()) {
    return Refused(kSaleEnded, Cat("seats of event \"", hall.event_id(),
                                   "\" could be reserved until ", Rfc3339(hall.sale_end())));
  }
  return std::nullopt;
}

// One batch while it is being decided.
class Batch {
 public:
  Batch(participant::Desk& desk, BatchHalls& halls, store::Rows& rows, const Tick& tick,
        Plan<SeatIo>& plan)
      : desk_(desk), halls_(halls), rows_(rows), tick_(tick), plan_(plan) {}

  absl::StatusOr<v1::Event> Create(const v1::Event& event);
  participant::Results Execute(const SeatCommands& call);

 private:
  CommandResult Execute(const SeatCommand& command);
  CommandResult Apply(const SeatCommand& command);
  CommandResult Reserve(const SeatCommand& command);
  CommandResult Release(const SeatCommand& command);
  // Returns the refusal if a seat does not exist or is reserved. Otherwise returns nullopt, and
  // sets the seats' numbers and their price.
  std::optional<CommandResult> Choose(const SeatBody& body, const Hall& hall,
                                      std::vector<SeatNo>& seat_nos, int64_t& price_minor);

  int64_t NextEventNo();
  int32_t CountReserved(int64_t event_no) const;
  void AddToCount(int64_t event_no, int32_t seats);

  participant::Desk& desk_;
  BatchHalls& halls_;
  store::Rows& rows_;
  const Tick& tick_;
  Plan<SeatIo>& plan_;
};

absl::StatusOr<v1::Event> Batch::Create(const v1::Event& event) {
  if (const EventRow* row = rows_.Find(kEvents, event.event_id())) {
    if (row->digest != DigestOf(event)) {
      return MakeError(
          absl::StatusCode::kAlreadyExists, kEventDiffers,
          Cat("event \"", event.event_id(),
              "\" already exists with different contents, and events never change; choose "
              "another event_id"));
    }
    v1::Event stored = ToEvent(*row);
    stored.set_available_seat_count(row->seat_count - CountReserved(row->event_no));
    return stored;
  }
  const EventRow& row = rows_.Insert(kEvents, ToRow(event, NextEventNo(), tick_.wall));
  plan_.log.push_back({.event = "event_created",
                       .fields = {{"event_id", row.event_id}, {"seats", Cat(row.seat_count)}},
                       .message = "created with all its seats"});
  v1::Event created = ToEvent(row);
  created.set_available_seat_count(row.seat_count);
  return created;
}

int64_t Batch::NextEventNo() {
  if (const EventCounterRow* row = rows_.Find(kEventCounter, EventCounterRow::kOnly)) {
    return ++rows_.Update(kEventCounter, *row).newest_event_no;
  }
  return rows_.Insert(kEventCounter, {.newest_event_no = 1}).newest_event_no;
}

participant::Results Batch::Execute(const SeatCommands& call) {
  participant::Results results;
  results.reserve(call.commands.size());
  for (const SeatCommand& command : call.commands) results.push_back(Execute(command));
  return results;
}

CommandResult Batch::Execute(const SeatCommand& command) {
  if (std::optional<CommandResult> answer = desk_.Admit(command)) return *std::move(answer);
  CommandResult result = Apply(command);
  desk_.Record(command, result);
  if (log::DebugEnabled()) {
    plan_.log.push_back({.level = log::Level::kDebug,
                         .event = "command_applied",
                         .fields = {{"saga_id", command.saga_id.ToString()},
                                    {"step", command.step},
                                    {"direction", saga::v1::Direction_Name(command.direction)},
                                    {"round", Cat(command.round)},
                                    {"reason", result.reason()}},
                         .message = saga::v1::Outcome_Name(result.outcome())});
  }
  return result;
}

CommandResult Batch::Apply(const SeatCommand& command) {
  switch (command.body.kind) {
    case CommandKind::kReserve:
      return Reserve(command);
    case CommandKind::kRelease:
      return Release(command);
  }
  return {};
}

// All the seats or none.
CommandResult Batch::Reserve(const SeatCommand& command) {
  const Hall* hall = halls_.Of(command.body.event_id).hall.get();
  if (hall == nullptr) {
    return Refused(kEventNotFound, Cat("there is no event \"", command.body.event_id, "\""));
  }
  if (auto no = CheckSale(*hall, tick_.wall)) return *std::move(no);
  std::vector<SeatNo> seat_nos;
  int64_t price_minor = 0;
  if (auto no = Choose(command.body, *hall, seat_nos, price_minor)) return *std::move(no);
  for (const SeatNo seat_no : seat_nos) {
    rows_.Insert(kReservedSeats, {hall->event_no(), seat_no, command.saga_id});
  }
  AddToCount(hall->event_no(), static_cast<int32_t>(seat_nos.size()));
  rows_.Insert(kSagaSeats, {command.saga_id, command.step, command.round, hall->event_no(),
                            FormatSeatNos(seat_nos)});
  CommandResult result = Succeeded(price_minor, hall->currency());
  for (const std::string& seat_id : command.body.seat_ids) {
    result.mutable_result()->add_seat_ids(seat_id);
  }
  if (hall->terms()) *result.mutable_result()->mutable_terms() = *hall->terms();
  return result;
}

std::optional<CommandResult> Batch::Choose(const SeatBody& body, const Hall& hall,
                                           std::vector<SeatNo>& seat_nos, int64_t& price_minor) {
  std::string unknown;
  std::string reserved;
  seat_nos.reserve(body.seat_ids.size());
  for (const std::string& seat_id : body.seat_ids) {
    const std::optional<Hall::Seat> seat = hall.Find(seat_id);
    if (!seat) {
      AppendName(unknown, seat_id);
      continue;
    }
    if (rows_.Find(kReservedSeats, hall.event_no(), seat->seat_no) != nullptr) {
      AppendName(reserved, seat_id);
    }
    seat_nos.push_back(seat->seat_no);
    price_minor += seat->price_minor;
  }
  if (!unknown.empty()) {
    return Refused(kSeatNotFound, Cat("event \"", body.event_id, "\" has no seat ", unknown));
  }
  if (!reserved.empty()) return Refused(kSeatNotAvailable, Cat("already reserved: ", reserved));
  return std::nullopt;
}

// Also succeeds if the action was refused, because then there is nothing to free. Closes earlier
// rounds, so it frees what they hold too.
CommandResult Batch::Release(const SeatCommand& command) {
  std::vector<const SagaSeatsRow*> held;
  rows_.ForEach(
      kSagaSeats,
      [&](const SagaSeatsRow& row) {
        if (row.round <= command.round) held.push_back(&row);
      },
      command.saga_id, command.step);
  for (const SagaSeatsRow* row : held) {
    int32_t freed = 0;
    for (const SeatNo seat_no : ParseSeatNos(row->seat_nos)) {
      const ReservedSeatRow* seat = rows_.Find(kReservedSeats, row->event_no, seat_no);
      if (seat == nullptr || seat->saga_id != command.saga_id) continue;
      rows_.Erase(kReservedSeats, *seat);
      ++freed;
    }
    AddToCount(row->event_no, -freed);
    rows_.Erase(kSagaSeats, *row);
  }
  return Succeeded();
}

int32_t Batch::CountReserved(int64_t event_no) const {
  const ReservedCountRow* row = rows_.Find(kReservedCounts, event_no);
  return row == nullptr ? 0 : row->seat_count;
}

void Batch::AddToCount(int64_t event_no, int32_t seats) {
  if (const ReservedCountRow* row = rows_.Find(kReservedCounts, event_no)) {
    rows_.Update(kReservedCounts, *row).seat_count += seats;
  } else {
    rows_.Insert(kReservedCounts, {event_no, seats});
  }
}

}  // namespace

void SeatLogic::Want(std::span<const In> inputs, int round, store::Rows& rows) const {
  if (round > 1) return;
  BatchHalls halls(halls_, rows);
  for (const In& input : inputs) {
    if (const auto* call = std::get_if<SeatCommands>(&input)) {
      for (const SeatCommand& command : call->commands) {
        if (command.rejected) continue;
        if (round == 0) participant::Desk::Want(command, shared_, rows);
        switch (command.body.kind) {
          case CommandKind::kReserve:
            WantReserve(command.body, round, halls, rows);
            break;
          case CommandKind::kRelease:
            WantRelease(command, round, rows);
            break;
        }
      }
    } else if (const auto* create = std::get_if<CreateEvent>(&input)) {
      WantCreate(create->event, round, rows);
    } else if (round == 0) {
      participant::Desk::Want(std::get<participant::Take>(input), rows);
    }
  }
}

void SeatLogic::Decide(std::span<const In> inputs, store::Rows& rows, const Tick& tick,
                       Plan<SeatIo>& plan) const {
  participant::Desk desk(fencing_, shared_, rows);
  BatchHalls halls(halls_, rows);
  Batch batch(desk, halls, rows, tick, plan);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto* create = std::get_if<CreateEvent>(&inputs[i]);
    if (create != nullptr) plan.Reply(i, batch.Create(create->event));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (const auto* call = std::get_if<SeatCommands>(&inputs[i])) {
      plan.Reply(i, batch.Execute(*call));
    } else if (const auto* take = std::get_if<participant::Take>(&inputs[i])) {
      desk.Decide(i, *take, plan);
    }
  }
  plan.memory.taken = desk.TakeChange();
  plan.memory.used_halls = halls.Take();
}

void SeatLogic::Remember(SeatIo::Memory&& memory) {
  fencing_.Remember(memory.taken);
  for (std::shared_ptr<const Hall>& hall : memory.used_halls) halls_.Put(std::move(hall));
}

absl::Status SeatLogic::Load(store::Snapshot& snapshot, const Tick& /*tick*/,
                             Plan<SeatIo>& /*plan*/) {
  halls_.Clear();
  fencing_.Load(snapshot);
  return snapshot.status();
}

}  // namespace seatsaga::seat
