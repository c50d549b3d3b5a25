#include "tests/simulation/checker.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {
namespace {

// What a creation asked for, as an answer should show it.
Shown Asked(const Creation& creation) {
  return {.request_id = creation.request_id,
          .user = creation.user,
          .event = creation.event,
          .seats = creation.seats,
          .hold = creation.hold};
}

std::string Identity(const Creation& creation) { return Identity(Asked(creation)); }

}  // namespace

const char* Name(Status status) {
  switch (status) {
    case Status::kPending:
      return "PENDING";
    case Status::kHeld:
      return "HELD";
    case Status::kConfirmed:
      return "CONFIRMED";
    case Status::kChanging:
      return "CHANGING";
    case Status::kCancelling:
      return "CANCELLING";
    case Status::kCancelled:
      return "CANCELLED";
  }
  return "?";
}

std::string Identity(const Shown& shown) {
  std::string text = Cat("request ", shown.request_id, " of ", shown.user, " for ", shown.event);
  for (const std::string& seat : shown.seats) text += Cat(" ", seat);
  return shown.hold ? text + ", paid for later" : text;
}

bool SameIdentity(const Shown& a, const Shown& b) {
  return std::tie(a.request_id, a.user, a.event, a.seats, a.hold) ==
         std::tie(b.request_id, b.user, b.event, b.seats, b.hold);
}

std::string Price(int64_t minor, std::string_view currency) { return Cat(minor, " ", currency); }

std::string SeatsOf(const Shown& shown) {
  std::string text = shown.event;
  for (const std::string& seat : shown.seats) text += Cat(" ", seat);
  return text;
}

std::vector<std::string> Checker::Run() {
  CheckAnswers();
  CheckRequests();
  CheckWishes();
  for (const auto& [id, story] : facts_.stories) CheckStory(id, story);
  CheckMentioned();
  CheckDoubleSales();
  CheckSeatLooks();
  CheckSeatsAtEnd();
  CheckLimits();
  CheckWatches();
  CheckParked();
  CheckAccounts();
  return std::move(violations_);
}

// --- Requests and their answers -----------------------------------------------------------------

// An answer is about what was asked.
void Checker::CheckAnswers() {
  for (const Creation& creation : history_.creations) {
    if (creation.heard != Heard::kAnswer || !creation.shown) continue;
    const Shown shown = facts_.AsCreated(*creation.shown);
    if (!SameIdentity(Asked(creation), shown)) {
      ReportOf(shown.reservation_id, "the creation sent at ", creation.sent, " was ",
               Identity(creation), ", but its answer shows ", Identity(shown));
    }
  }
  for (const Look& look : history_.looks) {
    if (look.heard == Heard::kAnswer && look.shown &&
        look.shown->reservation_id != look.reservation_id) {
      ReportOf(look.reservation_id, "a look [", look.sent, ", ", look.ended,
               "] was answered with reservation ", look.shown->reservation_id);
    }
  }
}

// One request id, one body, one reservation.
void Checker::CheckRequests() {
  for (const auto& [request_id, request] : facts_.requests) CheckRequest(request_id, request);
  std::map<std::string, std::string> made;  // request id → reservation
  for (const auto& [id, story] : facts_.stories) {
    const std::string& request_id = story.what().request_id;
    const auto [it, is_new] = made.emplace(request_id, id);
    if (!is_new) {
      Report("request ", request_id, ": has two reservations, ", it->second, " (",
             Text(FindStory(it->second)->seen.front().when), ") and ", id, " (",
             Text(story.seen.front().when), ")");
    }
  }
}

void Checker::CheckRequest(const std::string& request_id, const Request& request) {
  const Body* answered = nullptr;
  for (const Body& body : request.bodies) {
    if (body.answered) {
      if (answered != nullptr) {
        Report("request ", request_id, ": two bodies were answered with a reservation, ",
               Identity(*answered->asked), " with ", answered->asked->card, " by ",
               Text(*answered->answered), " and ", Identity(*body.asked), " with ",
               body.asked->card, " by ", Text(*body.answered));
      }
      answered = &body;
    }
    if (!body.reused) continue;
    if (body.answered) {
      Report("request ", request_id, ": its body was accepted (", Text(*body.answered),
             ") and refused as that of another (", Text(*body.reused), ")");
    }
    const bool explained =
        std::any_of(request.bodies.begin(), request.bodies.end(), [&body](const Body& other) {
          return &other != &body && other.first_sent < body.reused->ended;
        });
    if (!explained) {
      Report("request ", request_id, ": REQUEST_ID_REUSED in ", Text(*body.reused),
             ", but no other body may have been accepted by then");
    }
    const auto& left = history_.end.reservations;
    if (std::none_of(left.begin(), left.end(),
                     [&](const auto& row) { return row.second.request_id == request_id; })) {
      Report("request ", request_id, ": REQUEST_ID_REUSED in ", Text(*body.reused),
             " says that it has a reservation, but at the end there is none");
    }
  }
}

// --- One reservation ----------------------------------------------------------------------------

void Checker::CheckStory(const std::string& id, const Story& story) {
  CheckIdentity(id, story);
  CheckOrigin(id, story);
  CheckOrder(id, story);
  CheckEndOfLife(id, story);
  CheckRounds(id, story);
  CheckContents(id, story);
  CheckRefund(id, story);
  CheckChanges(id, story);
  CheckSwaps(id, story);
  if (story.cancelled) CheckReason(id, story);
  CheckCard(id, story);
  CheckOperator(id, story);
  if (story.at_end != nullptr) CheckMoney(id, story);
}

void Checker::CheckIdentity(const std::string& id, const Story& story) {
  for (const Seen& seen : story.seen) {
    const Shown shown = facts_.AsCreated(*seen.shown);
    if (!SameIdentity(shown, story.what())) {
      ReportOf(id, "was ", Identity(story.what()), " in ", Text(story.seen.front().when),
               ", but is ", Identity(shown), " in ", Text(seen.when));
    }
  }
}

// It was asked for, by an attempt that may have made it, and not seen before.
void Checker::CheckOrigin(const std::string& id, const Story& story) {
  const auto mentioned = facts_.mentioned.find(id);
  if (story.bodies.empty()) {
    ReportOf(id, "no creation that may have been accepted asked for it: ", Identity(story.what()),
             ", first seen by ", Text(mentioned->second));
  } else if (mentioned->second.ended < story.first_sent) {
    ReportOf(id, "was seen by ", Text(mentioned->second),
             " before the first creation that may have made it, at ", story.first_sent);
  }
}

// --- Nothing is lost ----------------------------------------------------------------------------

void Checker::CheckMentioned() {
  for (const auto& [id, when] : facts_.mentioned) {
    if (!history_.end.reservations.contains(id)) {
      ReportOf(id, "known from ", Text(when), ", but not there at the end");
    }
  }
  for (const auto& [id, shown] : history_.end.reservations) {
    if (shown.reservation_id != id) {
      ReportOf(id, "the last read shows it as ", shown.reservation_id);
    }
  }
  for (const Look& look : history_.looks) {
    if (look.heard == Heard::kNo && look.not_found) {
      CheckFound(look.reservation_id, {"a look", look.sent, look.ended});
    }
  }
  for (const Wish& wish : history_.wishes) {
    if (wish.error == "RESERVATION_NOT_FOUND") CheckFound(wish.reservation_id, WhenOf(wish));
  }
}

void Checker::CheckFound(const std::string& id, const When& not_found) {
  const auto mentioned = facts_.mentioned.find(id);
  if (mentioned != facts_.mentioned.end() && IsBefore(mentioned->second, not_found)) {
    ReportOf(id, "known from ", Text(mentioned->second), ", but not found by ", Text(not_found));
  }
}

std::vector<std::string> Check(const History& history) { return Checker(history).Run(); }

}  // namespace seatsaga::simulation
