// Watches: a stream shows what becomes of its subject in order, and to the end.
#include <set>
#include <string>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {

namespace {

// Whether a reservation can be `after` some time after it was `before`. PENDING and HELD alternate,
// and so do CONFIRMED and CHANGING.
bool MayFollow(Status before, Status after) {
  switch (before) {
    case Status::kPending:
    case Status::kHeld:
      return true;
    case Status::kConfirmed:
    case Status::kChanging:
      return after >= Status::kConfirmed;
    case Status::kCancelling:
      return after == Status::kCancelling || after == Status::kCancelled;
    case Status::kCancelled:
      return after == Status::kCancelled;
  }
  return false;
}

bool IsFinal(Status status, bool until_cancelled) {
  return status == Status::kCancelled || (status == Status::kConfirmed && !until_cancelled);
}

}  // namespace

void Checker::CheckWatches() {
  std::map<std::string, Status> last;  // of a reservation, in the streams so far
  for (const Watch& watch : history_.watches) {
    CheckWatch(watch);
    CheckWatchAtEnd(watch);
    if (watch.shown.empty()) continue;
    const auto before = last.find(watch.reservation_id);
    if (before != last.end() && !MayFollow(before->second, watch.shown.front().status)) {
      ReportOf(watch.reservation_id, "a new watch shows ", Name(watch.shown.front().status),
               " after one that showed ", Name(before->second));
    }
    last[watch.reservation_id] = watch.shown.back().status;
  }
  for (const SeatWatch& watch : history_.seat_watches) CheckSeatWatch(watch);
}

void Checker::CheckWatch(const Watch& watch) {
  const std::string& id = watch.reservation_id;
  for (size_t i = 0; i < watch.shown.size(); ++i) {
    const Shown& shown = watch.shown[i];
    if (shown.reservation_id != id) ReportOf(id, "its watch shows ", shown.reservation_id);
    if (i == 0) continue;
    const Status before = watch.shown[i - 1].status;
    if (IsFinal(before, watch.until_cancelled)) {
      ReportOf(id, "its watch goes on after ", Name(before));
    }
    if (!MayFollow(before, shown.status)) {
      ReportOf(id, "its watch shows ", Name(shown.status), " after ", Name(before));
    }
  }
  if (watch.finished &&
      (watch.shown.empty() || !IsFinal(watch.shown.back().status, watch.until_cancelled))) {
    ReportOf(id, "its watch has ended, but not with a final state");
  }
}

void Checker::CheckWatchAtEnd(const Watch& watch) {
  const auto end = history_.end.reservations.find(watch.reservation_id);
  if (end == history_.end.reservations.end()) return;  // said elsewhere
  const Status now = end->second.status;
  if (watch.open) {
    if (watch.shown.empty() || watch.shown.back().status != now) {
      ReportOf(watch.reservation_id, "is ", Name(now), " at the end, but its watch ",
               watch.shown.empty() ? "shows nothing"
                                   : Cat("still shows ", Name(watch.shown.back().status)));
    } else if (IsFinal(now, watch.until_cancelled)) {
      ReportOf(watch.reservation_id, "is ", Name(now), " at the end, and its watch does not end");
    }
  } else if (!watch.shown.empty() && !MayFollow(watch.shown.back().status, now)) {
    ReportOf(watch.reservation_id, "its watch showed ", Name(watch.shown.back().status),
             ", but at the end it is ", Name(now));
  }
}

void Checker::CheckSeatWatch(const SeatWatch& watch) {
  std::set<std::string> reserved;
  bool complete = false;
  for (const SeatWatch::Message& message : watch.messages) {
    CheckSeatMessage(watch, message, reserved);
    if (!complete && !message.available.empty()) {
      Report("watch of ", watch.event, ": an available seat in a snapshot");
    }
    if (complete && message.ends_snapshot) Report("watch of ", watch.event, ": a second snapshot");
    complete |= message.ends_snapshot;
  }
  if (!watch.open) return;
  if (!complete) return Report("watch of ", watch.event, ": no snapshot at the end");
  for (const auto& [seat, holder] : history_.end.seats) {
    if (seat.first != watch.event || holder.empty() != reserved.contains(seat.second)) continue;
    Report("seat ", Text(seat), ": ", holder.empty() ? "free" : Cat("held by ", holder),
           " at the end, but a watch shows it ", holder.empty() ? "RESERVED" : "AVAILABLE");
  }
}

void Checker::CheckSeatMessage(const SeatWatch& watch, const SeatWatch::Message& message,
                               std::set<std::string>& reserved) {
  for (const std::string& seat : message.reserved) {
    if (!facts_.Exists({watch.event, seat})) {
      Report("seat ", Text({watch.event, seat}), ": does not exist, but a watch shows it");
    }
    if (!reserved.insert(seat).second) {
      Report("seat ", Text({watch.event, seat}), ": RESERVED twice in a watch");
    }
  }
  for (const std::string& seat : message.available) {
    if (reserved.erase(seat) == 0) {
      Report("seat ", Text({watch.event, seat}), ": AVAILABLE twice in a watch");
    }
  }
}

}  // namespace seatsaga::simulation
