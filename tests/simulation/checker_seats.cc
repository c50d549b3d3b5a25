// Seats: no two hold one at once, and what is seen and left is theirs.
#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {

namespace {

std::string Holder(const std::string& id) { return id.empty() ? "nobody" : id; }

}  // namespace

// No two reservations hold a seat at once.
void Checker::CheckDoubleSales() {
  std::set<std::pair<std::string, std::string>> reported;
  for (const auto& [seat, ids] : facts_.wanted_by) {
    for (auto a = ids.begin(); a != ids.end(); ++a) {
      for (auto b = std::next(a); b != ids.end(); ++b) {
        const Story& first = *FindStory(*a);
        const Story& second = *FindStory(*b);
        const auto held = first.Held(seat);
        const auto also = second.Held(seat);
        if (!held || !also) continue;
        const Moment from = std::max(held->from, also->from);
        const Moment until = std::min(held->until, also->until);
        if (from >= until || !reported.emplace(*a, *b).second) continue;
        Report("seat ", Text(seat), ": sold twice: from ", from,
               until == kNever ? "" : Cat(" to ", until), " both ", *a, " and ", *b,
               " hold it for certain");
      }
    }
  }
}

void Checker::CheckSeatLooks() {
  for (const SeatLook& look : history_.seat_looks) CheckSeatLook(look);
}

void Checker::CheckSeatLook(const SeatLook& look) {
  const Seat seat{look.event, look.seat};
  const When when{"a look at seats", look.sent, look.ended};
  if (!facts_.Exists(seat)) Report("seat ", Text(seat), ": does not exist, but is in ", Text(when));
  if (!look.holder.empty()) {
    const Story* holder = FindStory(look.holder);
    if (holder != nullptr && !holder->MayHaveSeat(seat)) {
      Report("seat ", Text(seat), ": held by ", look.holder, " in ", Text(when),
             ", which never asked for it");
    } else if (holder != nullptr && holder->cancelled && holder->cancelled->ended < look.sent) {
      Report("seat ", Text(seat), ": held by ", look.holder, " in ", Text(when),
             ", but that was CANCELLED in ", Text(*holder->cancelled));
    }
  }
  const auto wanted_by = facts_.wanted_by.find(seat);
  if (wanted_by == facts_.wanted_by.end()) return;
  for (const std::string& id : wanted_by->second) {
    const Story& story = *FindStory(id);
    const auto held = story.Held(seat);
    if (id == look.holder || !held || held->from >= look.sent || look.ended >= held->until) {
      continue;
    }
    Report("seat ", Text(seat), ": held by ", Holder(look.holder), " in ", Text(when), ", while ",
           id, " holds it for certain, from ", held->from,
           held->until == kNever ? " for ever" : Cat(" to ", held->until));
  }
}

// Each seat is free or held by one who may have it; and who must have it, has it.
void Checker::CheckSeatsAtEnd() {
  const auto& seats = history_.end.seats;
  for (const Hall& hall : history_.halls) {
    for (const auto& [seat, price] : hall.price_minor) {
      if (!seats.contains({hall.event, seat})) {
        Report("seat ", hall.event, " ", seat, ": not there at the end");
      }
    }
  }
  for (const auto& [seat, id] : seats) {
    if (!facts_.Exists(seat)) {
      Report("seat ", Text(seat), ": does not exist, but is there at the end");
    }
    if (id.empty()) continue;
    const Story* holder = FindStory(id);
    if (holder == nullptr || holder->at_end == nullptr) continue;  // CheckMentioned has said so
    const Shown& end = *holder->at_end;
    const bool has =
        end.event == seat.first && std::count(end.seats.begin(), end.seats.end(), seat.second) > 0;
    if (!holder->MayHaveSeat(seat)) {
      Report("seat ", Text(seat), ": held at the end by ", id, ", which never asked for it");
    } else if (!has && !facts_.IsParked(id)) {
      Report("seat ", Text(seat), ": held at the end by ", id,
             ", which has other seats: ", SeatsOf(end));
    } else if (holder->at_end->status != Status::kConfirmed && !facts_.IsParked(id)) {
      Report("seat ", Text(seat), ": held at the end by ", id, ", which is ",
             Name(holder->at_end->status), " (", holder->at_end->reason, ")");
    }
  }
  for (const auto& [id, shown] : history_.end.reservations) {
    if (shown.status != Status::kConfirmed && !facts_.IsParked(id)) continue;
    for (const std::string& name : shown.seats) {
      const auto seat = seats.find({shown.event, name});
      if (seat != seats.end() && seat->second != id) {
        ReportOf(id, Name(shown.status), facts_.IsParked(id) ? " and parked" : "",
                 " at the end, but its seat ", shown.event, " ", name, " is held by ",
                 Holder(seat->second));
      }
    }
  }
}

}  // namespace seatsaga::simulation
