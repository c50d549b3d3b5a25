// Why a reservation was cancelled, and the cards and operators that may have been behind it.
#include <algorithm>
#include <string>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {

// --- Why it was cancelled -----------------------------------------------------------------------

void Checker::CheckReason(const std::string& id, const Story& story) {
  std::string reason;
  for (const Seen& seen : story.seen) {
    if (seen.shown->status == Status::kCancelled) reason = seen.shown->reason;
  }
  if (reason.empty()) return;  // its own violation
  // What is CONFIRMED is undone only by people. If by an operator, another cause may have been
  // known before.
  if (story.confirmed && story.compensated >= story.cancelled->ended &&
      CauseOf(reason) != Cause::kClient && story.withdrawn < story.cancelled->ended) {
    ReportOf(id, "cancelled for ", reason, ", but CONFIRMED in ", Text(*story.confirmed));
  }
  switch (CauseOf(reason)) {
    case Cause::kSeats:
      return CheckSeatRefusal(id, story, reason);
    case Cause::kDecline:
      return CheckDecline(id, story, reason);
    case Cause::kClient:
      if (story.withdrawn >= story.cancelled->ended) {
        ReportOf(id, "cancelled for ", reason, " in ", Text(*story.cancelled),
                 ", but its client had not asked for that by then");
      }
      return;
    case Cause::kExpiry:
      return CheckExpiry(id, story);
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
  if (story.priced) {
    ReportOf(id, "cancelled for ", reason, ", but had its seats in ", Text(*story.priced));
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

// Its payments were declined: the only one of a reservation that is paid for at once, or all that
// are tried for a hold.
void Checker::CheckDecline(const std::string& id, const Story& story, const std::string& reason) {
  if (!facts_.PriceOf(story.what())) {
    ReportOf(id, "cancelled for ", reason,
             ", but it has no seats to pay for: ", SeatsOf(story.what()), " do not all exist");
  }
  if (!story.hold()) {
    if (!story.bodies.empty() && !facts_.MayHaveCard(story, CardRule::kDeclines)) {
      ReportOf(id, "cancelled for ", reason, ", but the card ", CardsOf(story),
               " is never declined");
    }
    return;
  }
  if (!story.priced) ReportOf(id, "cancelled for ", reason, ", but it was never held");
  const int declined = facts_.Payments(story, story.cancelled->ended, CardRule::kDeclines);
  if (declined < kPaymentsMax) {
    ReportOf(id, "cancelled for ", reason, ", but only ", declined,
             " payments with a card that may be declined had been sent by then");
  }
  const Account account = AccountOf(id);
  if (account.declines < kPaymentsMax || account.captures > 0) {
    ReportOf(id, "cancelled for ", reason, ", but charged ", account.captures, " times, declined ",
             account.declines, " times");
  }
}

// It was held, and not paid for.
void Checker::CheckExpiry(const std::string& id, const Story& story) {
  if (!story.hold()) {
    ReportOf(id, "cancelled for HOLD_EXPIRED, but it is paid for at once");
    return;
  }
  if (!story.priced) ReportOf(id, "cancelled for HOLD_EXPIRED, but it was never held");
  const Account account = AccountOf(id);
  if (account.captures > 0 || account.declines >= kPaymentsMax) {
    ReportOf(id, "cancelled for HOLD_EXPIRED, but charged ", account.captures, " times, declined ",
             account.declines, " times");
  }
}

// --- Cards, operators ---------------------------------------------------------------------------

std::string Checker::CardsOf(const Story& story) {
  if (!story.hold()) return story.bodies.front()->asked->card;
  std::string text;
  for (const Change& payment : story.payments) {
    text += Cat(text.empty() ? "" : ", ", payment.asked->card);
  }
  return text.empty() ? "none" : text;
}

void Checker::CheckCard(const std::string& id, const Story& story) {
  if (story.bodies.empty()) return;
  const auto may_pay = [&](Moment before) {
    return facts_.MayHaveCard(story, CardRule::kApproves, before) ||
           facts_.MayHaveCard(story, CardRule::kRefundRefused, before);
  };
  const std::string why =
      story.hold()
          ? Cat("no payment that may succeed had been sent by then; cards: ", CardsOf(story))
          : Cat("the card ", CardsOf(story), " is always declined");
  if (story.confirmed) {
    const Moment by = story.confirmed->ended;
    // What costs nothing is not charged, but a hold needs a payment even so.
    const bool free = facts_.PriceOf(story.what()) == 0;
    if (!(free ? !story.hold() || facts_.Payments(story, by) > 0 : may_pay(by))) {
      ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but ", why);
    }
  }
  if (const int captures = AccountOf(id).captures; captures > 0 && !may_pay(kNever)) {
    ReportOf(id, "charged ", captures, " times, but ", why);
  }
}

void Checker::CheckOperator(const std::string& id, const Story& story) {
  if (story.compensate && story.at_end != nullptr && story.at_end->status == Status::kConfirmed &&
      !facts_.IsParked(id)) {
    ReportOf(id, "CONFIRMED at the end, but its compensation was promised by ",
             Text(*story.compensate));
  }
}

}  // namespace seatsaga::simulation
