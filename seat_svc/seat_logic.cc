#include "seat_svc/seat_logic.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
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

// Wants what the reservation holds, and then the seats. Of one action there are all rounds.
void WantHeld(const SeatCommand& command, int round, store::Rows& rows) {
  const SeatBody& body = command.body;
  const bool of_action = body.kind == CommandKind::kRelease && !body.all_seats;
  const auto want_seats = [&](const HeldSeatsRow& held) {
    for (const SeatNo seat_no : ParseSeatNos(held.seat_nos)) {
      rows.Want(kReservedSeats, held.event_no, seat_no);
    }
    rows.Want(kReservedCounts, held.event_no);
  };
  if (of_action && round == 0) {
    rows.Want(kHeldSeats, body.reservation_id, command.saga_id, command.step);
  } else if (of_action) {
    rows.ForEach(kHeldSeats, want_seats, body.reservation_id, command.saga_id, command.step);
  } else if (round == 0) {
    rows.Want(kHeldSeats, body.reservation_id);
  } else {
    rows.ForEach(kHeldSeats, want_seats, body.reservation_id);
  }
}

// Wants the event if it is not in memory, because it names its seats.
void WantGiveBack(const SeatCommand& command, int round, BatchHalls& halls, store::Rows& rows) {
  const BatchHalls::Entry& entry = halls.Of(command.body.event_id);
  if (round == 0 && entry.hall == nullptr) rows.Want(kEvents, command.body.event_id);
  WantHeld(command, round, rows);
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

int64_t PriceMinor(const std::vector<Hall::Seat>& seats) {
  int64_t sum = 0;
  for (const Hall::Seat& seat : seats) sum += seat.price_minor;
  return sum;
}

void AddSeatIds(const SeatBody& body, saga::v1::ActionResult& result) {
  for (const std::string& seat_id : body.seat_ids) result.add_seat_ids(seat_id);
}

// Nothing if all cost the same, as most do.
void AddPrices(const std::vector<Hall::Seat>& seats, saga::v1::ActionResult& result) {
  const auto costs_the_same = [&](const Hall::Seat& seat) {
    return seat.price_minor == seats.front().price_minor;
  };
  if (std::all_of(seats.begin(), seats.end(), costs_the_same)) return;
  for (const Hall::Seat& seat : seats) result.add_seat_prices_minor(seat.price_minor);
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
  CommandResult GiveBack(const SeatCommand& command);
  // Returns the refusal if a seat does not exist or is reserved. Otherwise returns nullopt, and
  // sets the seats.
  std::optional<CommandResult> Choose(const SeatBody& body, const Hall& hall,
                                      std::vector<Hall::Seat>& seats) const;
  // Frees those of the row's seats for which `frees(seat_no)` is true. The row goes with the last.
  template <class F>
  void Free(const HeldSeatsRow& row, F frees);

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
  // What the reservation holds is known without this step's action.
  const auto action =
      command.body.all_seats ? participant::ActionIs::kOwnAct : participant::ActionIs::kCommand;
  if (std::optional<CommandResult> answer = desk_.Admit(command, action)) {
    return *std::move(answer);
  }
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
    case CommandKind::kGiveBack:
      return GiveBack(command);
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
  std::vector<Hall::Seat> seats;
  if (auto no = Choose(command.body, *hall, seats)) return *std::move(no);
  const Id& reservation_id = command.body.reservation_id;
  std::vector<SeatNo> seat_nos;
  seat_nos.reserve(seats.size());
  for (const Hall::Seat& seat : seats) {
    rows_.Insert(kReservedSeats, {hall->event_no(), seat.seat_no, reservation_id});
    seat_nos.push_back(seat.seat_no);
  }
  AddToCount(hall->event_no(), static_cast<int32_t>(seats.size()));
  rows_.Insert(kHeldSeats, {reservation_id, command.saga_id, command.step, command.round,
                            hall->event_no(), FormatSeatNos(seat_nos)});
  CommandResult result = Succeeded(PriceMinor(seats), hall->currency());
  AddPrices(seats, *result.mutable_result());
  AddSeatIds(command.body, *result.mutable_result());
  if (hall->terms()) *result.mutable_result()->mutable_terms() = *hall->terms();
  return result;
}

std::optional<CommandResult> Batch::Choose(const SeatBody& body, const Hall& hall,
                                           std::vector<Hall::Seat>& seats) const {
  std::string unknown;
  std::string reserved;
  seats.reserve(body.seat_ids.size());
  for (const std::string& seat_id : body.seat_ids) {
    const std::optional<Hall::Seat> seat = hall.Find(seat_id);
    if (!seat) {
      AppendName(unknown, seat_id);
      continue;
    }
    if (rows_.Find(kReservedSeats, hall.event_no(), seat->seat_no) != nullptr) {
      AppendName(reserved, seat_id);
    }
    seats.push_back(*seat);
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
  std::vector<const HeldSeatsRow*> held;
  rows_.ForEach(
      kHeldSeats,
      [&](const HeldSeatsRow& row) {
        const bool of_action = row.saga_id == command.saga_id && row.step == command.step &&
                               row.round <= command.round;
        if (command.body.all_seats || of_action) held.push_back(&row);
      },
      command.body.reservation_id);
  for (const HeldSeatsRow* row : held) Free(*row, [](SeatNo /*seat_no*/) { return true; });
  return Succeeded();
}

// All the seats or none.
CommandResult Batch::GiveBack(const SeatCommand& command) {
  const Hall* hall = halls_.Of(command.body.event_id).hall.get();
  if (hall == nullptr) {
    return Refused(kEventNotFound, Cat("there is no event \"", command.body.event_id, "\""));
  }
  std::string not_held;
  absl::flat_hash_set<SeatNo> given;
  for (const std::string& seat_id : command.body.seat_ids) {
    const std::optional<Hall::Seat> seat = hall->Find(seat_id);
    const ReservedSeatRow* reserved =
        seat ? rows_.Find(kReservedSeats, hall->event_no(), seat->seat_no) : nullptr;
    if (reserved == nullptr || reserved->reservation_id != command.body.reservation_id) {
      AppendName(not_held, seat_id);
      continue;
    }
    given.insert(seat->seat_no);
  }
  if (!not_held.empty()) {
    return Refused(kSeatNotHeld, Cat("the reservation does not hold ", not_held));
  }
  std::vector<const HeldSeatsRow*> held;
  rows_.ForEach(
      kHeldSeats, [&](const HeldSeatsRow& row) { held.push_back(&row); },
      command.body.reservation_id);
  for (const HeldSeatsRow* row : held) {
    Free(*row, [&](SeatNo seat_no) { return given.contains(seat_no); });
  }
  CommandResult result = Succeeded();
  AddSeatIds(command.body, *result.mutable_result());
  return result;
}

template <class F>
void Batch::Free(const HeldSeatsRow& row, F frees) {
  std::vector<SeatNo> left;
  int32_t freed = 0;
  for (const SeatNo seat_no : ParseSeatNos(row.seat_nos)) {
    if (!frees(seat_no)) {
      left.push_back(seat_no);
      continue;
    }
    const ReservedSeatRow* seat = rows_.Find(kReservedSeats, row.event_no, seat_no);
    if (seat == nullptr || seat->reservation_id != row.reservation_id) continue;
    rows_.Erase(kReservedSeats, *seat);
    ++freed;
  }
  if (freed > 0) AddToCount(row.event_no, -freed);
  if (left.empty()) {
    rows_.Erase(kHeldSeats, row);
  } else if (freed > 0) {
    rows_.Update(kHeldSeats, row).seat_nos = FormatSeatNos(left);
  }
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
            WantHeld(command, round, rows);
            break;
          case CommandKind::kGiveBack:
            WantGiveBack(command, round, halls, rows);
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
