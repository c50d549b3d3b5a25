#include "tests/simulation/checker.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/simulation/checker_facts.h"

namespace seatsaga::simulation {
namespace {

// Why a reservation may be cancelled in a simulation, and what that says of how far it came.
enum class Cause { kSeats, kDecline, kOperator, kUnknown, kNone };

Cause CauseOf(std::string_view reason) {
  static constexpr std::pair<std::string_view, Cause> kCauses[] = {
      {"SEAT_NOT_AVAILABLE", Cause::kSeats},      {"EVENT_NOT_FOUND", Cause::kSeats},
      {"SEAT_NOT_FOUND", Cause::kSeats},          {"PAYMENT_DECLINED", Cause::kDecline},
      {"INSUFFICIENT_FUNDS", Cause::kDecline},    {"CARD_EXPIRED", Cause::kDecline},
      {"INVALID_PAYMENT_TOKEN", Cause::kDecline}, {"CANCELLED_BY_OPERATOR", Cause::kOperator},
      {"OUTCOME_UNKNOWN", Cause::kUnknown},
  };
  for (const auto& [known, cause] : kCauses) {
    if (known == reason) return cause;
  }
  return Cause::kNone;
}

const char* Name(Status status) {
  switch (status) {
    case Status::kPending:
      return "PENDING";
    case Status::kConfirmed:
      return "CONFIRMED";
    case Status::kCancelled:
      return "CANCELLED";
  }
  return "?";
}

// The request and what it asked for, which never change.
std::string Identity(const Shown& shown) {
  std::string text = Cat("request ", shown.request_id, " of ", shown.user, " for ", shown.event);
  for (const std::string& seat : shown.seats) text += Cat(" ", seat);
  return text;
}

// What a creation asked for, as an answer should show it.
Shown Asked(const Creation& creation) {
  return {.request_id = creation.request_id,
          .user = creation.user,
          .event = creation.event,
          .seats = creation.seats};
}

std::string Identity(const Creation& creation) { return Identity(Asked(creation)); }

bool SameIdentity(const Shown& a, const Shown& b) {
  return std::tie(a.request_id, a.user, a.event, a.seats) ==
         std::tie(b.request_id, b.user, b.event, b.seats);
}

std::string Price(int64_t minor, std::string_view currency) { return Cat(minor, " ", currency); }

std::string Holder(const std::string& id) { return id.empty() ? "nobody" : id; }

std::string SeatsOf(const Shown& shown) {
  std::string text = shown.event;
  for (const std::string& seat : shown.seats) text += Cat(" ", seat);
  return text;
}

class Checker {
 public:
  explicit Checker(const History& history) : history_(history), facts_(history) {}

  std::vector<std::string> Run() {
    CheckAnswers();
    CheckRequests();
    for (const auto& [id, story] : facts_.stories) CheckStory(id, story);
    CheckMentioned();
    CheckDoubleSales();
    CheckSeatLooks();
    CheckSeatsAtEnd();
    CheckParked();
    CheckAccounts();
    return std::move(violations_);
  }

 private:
  template <typename... Parts>
  void Report(const Parts&... parts) {
    violations_.push_back(Cat(parts...));
  }
  template <typename... Parts>
  void ReportOf(const std::string& reservation_id, const Parts&... parts) {
    Report("reservation ", reservation_id, ": ", parts...);
  }

  void CheckAnswers();
  void CheckRequests();
  void CheckRequest(const std::string& request_id, const Request& request);

  void CheckStory(const std::string& id, const Story& story);
  void CheckIdentity(const std::string& id, const Story& story);
  void CheckOrigin(const std::string& id, const Story& story);
  void CheckOrder(const std::string& id, const Story& story);
  void CheckContents(const std::string& id, const Story& story);
  void CheckShownPrice(const std::string& id, const Story& story, const Seen& seen);
  void CheckReason(const std::string& id, const Story& story);
  void CheckSeatRefusal(const std::string& id, const Story& story, const std::string& reason);
  void CheckBlocker(const std::string& id, const Story& story);
  void CheckCard(const std::string& id, const Story& story);
  void CheckOperator(const std::string& id, const Story& story);

  void CheckMentioned();
  void CheckDoubleSales();
  void CheckSeatLooks();
  void CheckSeatLook(const SeatLook& look);
  void CheckSeatsAtEnd();
  void CheckParked();
  void CheckAccounts();
  void CheckMoney(const std::string& id, const Story& story);

  const Story* FindStory(const std::string& id) const {
    const auto it = facts_.stories.find(id);
    return it == facts_.stories.end() ? nullptr : &it->second;
  }
  Account AccountOf(const std::string& id) const {
    const auto it = history_.end.accounts.find(id);
    return it == history_.end.accounts.end() ? Account{} : it->second;
  }
  bool MayHaveHeldWhenRefused(const Story& other, const Story& refused) const;

  const History& history_;
  const Facts facts_;
  std::vector<std::string> violations_;
};

// --- Requests and their answers -----------------------------------------------------------------

// An answer is about what was asked.
void Checker::CheckAnswers() {
  for (const Creation& creation : history_.creations) {
    if (creation.heard != Heard::kAnswer || !creation.shown) continue;
    const Shown& shown = *creation.shown;
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
  CheckContents(id, story);
  if (story.cancelled) CheckReason(id, story);
  CheckCard(id, story);
  CheckOperator(id, story);
  if (story.at_end != nullptr) CheckMoney(id, story);
}

void Checker::CheckIdentity(const std::string& id, const Story& story) {
  for (const Seen& seen : story.seen) {
    if (!SameIdentity(*seen.shown, story.what())) {
      ReportOf(id, "was ", Identity(story.what()), " in ", Text(story.seen.front().when),
               ", but is ", Identity(*seen.shown), " in ", Text(seen.when));
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

// PENDING, then CONFIRMED or CANCELLED for ever; CONFIRMED becomes CANCELLED by operators alone.
void Checker::CheckOrder(const std::string& id, const Story& story) {
  for (const Seen& seen : story.seen) {
    const Status status = seen.shown->status;
    if (story.cancelled && IsBefore(*story.cancelled, seen.when) && status != Status::kCancelled) {
      ReportOf(id, "CANCELLED in ", Text(*story.cancelled), ", but ", Name(status), " in ",
               Text(seen.when));
    } else if (story.confirmed && IsBefore(*story.confirmed, seen.when) &&
               status == Status::kPending) {
      ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but PENDING in ", Text(seen.when));
    }
  }
  if (story.confirmed && story.cancelled && story.compensated >= story.cancelled->ended) {
    ReportOf(id, "both CONFIRMED in ", Text(*story.confirmed), " and CANCELLED in ",
             Text(*story.cancelled), ", and no operator had it compensated");
  }
  if (story.at_end != nullptr && story.at_end->status == Status::kPending && !facts_.IsParked(id)) {
    ReportOf(id, "still PENDING at the end, and its saga is not parked");
  }
}

// A reason with each cancellation and with nothing else, always the same; the right price.
void Checker::CheckContents(const std::string& id, const Story& story) {
  const Seen* cancelled = nullptr;
  for (const Seen& seen : story.seen) {
    const Shown& shown = *seen.shown;
    CheckShownPrice(id, story, seen);
    if ((shown.status == Status::kCancelled) == shown.reason.empty()) {
      ReportOf(id, Name(shown.status), " in ", Text(seen.when), " with the reason \"", shown.reason,
               "\"");
    }
    if (shown.status != Status::kCancelled) continue;
    if (cancelled != nullptr && cancelled->shown->reason != shown.reason) {
      ReportOf(id, "cancelled for ", cancelled->shown->reason, " in ", Text(cancelled->when),
               ", but for ", shown.reason, " in ", Text(seen.when));
    }
    cancelled = &seen;
  }
}

void Checker::CheckShownPrice(const std::string& id, const Story& story, const Seen& seen) {
  const Shown& shown = *seen.shown;
  const std::optional<int64_t> sum = facts_.PriceOf(shown);
  const bool confirmed = shown.status == Status::kConfirmed;
  if (confirmed && !sum) {
    ReportOf(id, "CONFIRMED in ", Text(seen.when),
             " with a seat that does not exist: ", SeatsOf(shown));
    return;
  }
  const std::string currency = sum ? facts_.FindHall(shown.event)->currency : "";
  const bool nothing = shown.paid_minor == 0 && shown.currency.empty();
  const bool right = sum && shown.paid_minor == *sum && shown.currency == currency;
  const bool was_confirmed = shown.status == Status::kCancelled && story.compensated != kNever;
  if (confirmed ? right : nothing || (was_confirmed && right)) return;
  ReportOf(id, Name(shown.status), " in ", Text(seen.when), " at ",
           Price(shown.paid_minor, shown.currency), ", but the price of its seats is ",
           Price(sum.value_or(0), currency),
           confirmed ? "" : ", and it is paid only once CONFIRMED");
}

// --- Why it was cancelled -----------------------------------------------------------------------

void Checker::CheckReason(const std::string& id, const Story& story) {
  std::string reason;
  for (const Seen& seen : story.seen) {
    if (seen.shown->status == Status::kCancelled) reason = seen.shown->reason;
  }
  if (reason.empty()) return;  // its own violation
  switch (CauseOf(reason)) {
    case Cause::kSeats:
      return CheckSeatRefusal(id, story, reason);
    case Cause::kDecline:
      if (!facts_.PriceOf(story.what())) {
        ReportOf(id, "cancelled for ", reason,
                 ", but it has no seats to pay for: ", SeatsOf(story.what()), " do not all exist");
      }
      if (!story.bodies.empty() && !facts_.MayHaveCard(story, CardRule::kDeclines)) {
        ReportOf(id, "cancelled for ", reason, ", but the card ", story.bodies.front()->asked->card,
                 " is never declined");
      }
      return;
    case Cause::kOperator:
      if (story.compensated >= story.cancelled->ended) {
        ReportOf(id, "cancelled for ", reason, " in ", Text(*story.cancelled),
                 ", but no operator had it compensated by then");
      }
      return;
    case Cause::kUnknown:
      return;
    case Cause::kNone:
      ReportOf(id, "cancelled for ", reason, ", for which nothing here gives cause");
  }
}

// Its seats were refused: for the reason given, and so it never held one nor was it charged.
void Checker::CheckSeatRefusal(const std::string& id, const Story& story,
                               const std::string& reason) {
  const Shown& what = story.what();
  const bool has_hall = facts_.FindHall(what.event) != nullptr;
  if (reason == "EVENT_NOT_FOUND" && has_hall) {
    ReportOf(id, "cancelled for EVENT_NOT_FOUND, but ", what.event, " exists");
  } else if (reason == "SEAT_NOT_FOUND" && (!has_hall || facts_.PriceOf(what))) {
    ReportOf(id, "cancelled for SEAT_NOT_FOUND, but ",
             has_hall ? "all its seats exist: " : "the event does not exist: ", SeatsOf(what));
  } else if (reason == "SEAT_NOT_AVAILABLE") {
    CheckBlocker(id, story);
  }
  if (story.held) {
    ReportOf(id, "cancelled for ", reason, ", but held a seat in ", Text(*story.held));
  }
  const Account account = AccountOf(id);
  if (account.captures > 0 || account.declines > 0) {
    ReportOf(id, "cancelled for ", reason, ", but charged ", account.captures, " times, declined ",
             account.declines, " times");
  }
}

// Another reservation may have held one of its seats at the time.
void Checker::CheckBlocker(const std::string& id, const Story& story) {
  if (story.bodies.empty()) return;  // its own violation
  for (const std::string& seat : story.what().seats) {
    const auto others = facts_.wanted_by.find({story.what().event, seat});
    if (others == facts_.wanted_by.end()) continue;
    for (const std::string& other : others->second) {
      if (other != id && MayHaveHeldWhenRefused(*FindStory(other), story)) return;
    }
  }
  ReportOf(id, "cancelled for SEAT_NOT_AVAILABLE (asked for at ", story.first_sent, ", seen by ",
           Text(*story.cancelled), "), but no other reservation may have held one of ",
           SeatsOf(story.what()), " in between");
}

bool Checker::MayHaveHeldWhenRefused(const Story& other, const Story& refused) const {
  for (const Seen& seen : other.seen) {
    // It was refused seats itself: it never held any.
    if (seen.shown->status == Status::kCancelled && CauseOf(seen.shown->reason) == Cause::kSeats) {
      return false;
    }
  }
  const Moment over = other.cancelled ? other.cancelled->ended : kNever;
  return other.first_sent < refused.cancelled->ended && refused.first_sent < over;
}

// --- Cards, operators ---------------------------------------------------------------------------

void Checker::CheckCard(const std::string& id, const Story& story) {
  if (story.bodies.empty()) return;
  const bool declines = !facts_.MayHaveCard(story, CardRule::kApproves) &&
                        !facts_.MayHaveCard(story, CardRule::kRefundRefused);
  if (!declines) return;
  const std::string& card = story.bodies.front()->asked->card;
  // What costs nothing is not charged.
  if (story.confirmed && facts_.PriceOf(story.what()) != 0) {
    ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but the card ", card,
             " is always declined");
  }
  if (const int captures = AccountOf(id).captures; captures > 0) {
    ReportOf(id, "charged ", captures, " times, but the card ", card, " is always declined");
  }
}

void Checker::CheckOperator(const std::string& id, const Story& story) {
  if (story.compensate && story.at_end != nullptr && story.at_end->status == Status::kConfirmed &&
      !facts_.IsParked(id)) {
    ReportOf(id, "CONFIRMED at the end, but its compensation was promised by ",
             Text(*story.compensate));
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
    const When when{"a look", look.sent, look.ended};
    const auto mentioned = facts_.mentioned.find(look.reservation_id);
    if (look.heard == Heard::kNo && look.not_found && mentioned != facts_.mentioned.end() &&
        IsBefore(mentioned->second, when)) {
      ReportOf(look.reservation_id, "known from ", Text(mentioned->second), ", but not found by ",
               Text(when));
    }
  }
}

// --- Seats --------------------------------------------------------------------------------------

// No two reservations hold a seat at once.
void Checker::CheckDoubleSales() {
  std::set<std::pair<std::string, std::string>> reported;
  for (const auto& [seat, ids] : facts_.wanted_by) {
    for (auto a = ids.begin(); a != ids.end(); ++a) {
      for (auto b = std::next(a); b != ids.end(); ++b) {
        const Story& first = *FindStory(*a);
        const Story& second = *FindStory(*b);
        const Moment from = std::max(first.held_from, second.held_from);
        const Moment until = std::min(first.held_until, second.held_until);
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
    if (holder != nullptr && !holder->HasSeat(seat)) {
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
    if (id == look.holder || story.held_from >= look.sent || look.ended >= story.held_until) {
      continue;
    }
    Report("seat ", Text(seat), ": held by ", Holder(look.holder), " in ", Text(when), ", while ",
           id, " holds it for certain, from ", story.held_from,
           story.held_until == kNever ? " for ever" : Cat(" to ", story.held_until));
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
    if (!holder->HasSeat(seat)) {
      Report("seat ", Text(seat), ": held at the end by ", id, ", which never asked for it");
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

// --- Sagas that wait for a person ---------------------------------------------------------------

// A saga is parked only when the money is not given back. That is undone first: so the reservation
// is not over.
void Checker::CheckParked() {
  for (const auto& [id, parked] : history_.end.parked) {
    if (!parked) continue;
    const Story* story = FindStory(id);
    if (story == nullptr || story->at_end == nullptr) {
      ReportOf(id, "its saga is parked at the end, but it is not there");
      continue;
    }
    const Account account = AccountOf(id);
    const Status status = story->at_end->status;
    if (!story->bodies.empty() && !facts_.MayHaveCard(*story, CardRule::kRefundRefused)) {
      ReportOf(id, "parked without a cause: no refund for the card ",
               story->bodies.front()->asked->card, " is refused");
    } else if (account.captured_minor <= account.refunded_minor) {
      ReportOf(id, "parked without a cause: nothing is left to give back, ", account.captured_minor,
               " captured and ", account.refunded_minor, " refunded");
    } else if (status == Status::kCancelled ||
               (status == Status::kConfirmed && story->compensated == kNever)) {
      ReportOf(id, "parked without a cause: it is ", Name(status), " already");
    }
  }
}

// --- Money --------------------------------------------------------------------------------------

void Checker::CheckAccounts() {
  for (const auto& [id, account] : history_.end.accounts) {
    if (!history_.end.reservations.contains(id)) {
      ReportOf(id, "not there at the end, but the payment company knows it: captured ",
               account.captured_minor, ", refunded ", account.refunded_minor);
    }
  }
}

// By the payment company's own books.
void Checker::CheckMoney(const std::string& id, const Story& story) {
  const Account account = AccountOf(id);
  const std::optional<int64_t> sum = facts_.PriceOf(story.what());
  const int64_t price = sum.value_or(0);
  const int64_t kept = account.captured_minor - account.refunded_minor;
  const auto books = [&account] {
    return Cat("captured ", account.captured_minor, " in ", account.captures, " charges, refunded ",
               account.refunded_minor);
  };
  if (account.captured_minor != account.captures * price) {
    ReportOf(id, "not charged the price of its seats, ", price, ": ", books());
  }
  const Status status = story.at_end->status;
  const bool may_keep_none = status != Status::kConfirmed || facts_.IsParked(id);
  const bool may_keep_one = status != Status::kCancelled || facts_.IsParked(id);
  if (!(kept == 0 && may_keep_none) && !(kept == price && may_keep_one)) {
    ReportOf(id, Name(status), facts_.IsParked(id) ? " and parked" : "", " at the end, price ",
             price, ", but ", books());
  }
}

}  // namespace

std::vector<std::string> Check(const History& history) { return Checker(history).Run(); }

}  // namespace seatsaga::simulation
