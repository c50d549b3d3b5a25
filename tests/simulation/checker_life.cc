// The life of a reservation: the order of its states, and what is shown with each.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {
namespace {

bool IsOver(const Shown& shown) { return shown.status >= Status::kCancelling; }

const std::optional<When>& FirstOf(const Story& story, Status status) {
  if (status == Status::kConfirmed) return story.confirmed;
  return status == Status::kCancelling ? story.cancelling : story.cancelled;
}

std::vector<const Seen*> InOrder(const Story& story) {
  std::vector<const Seen*> seen;
  for (const Seen& one : story.seen) seen.push_back(&one);
  std::stable_sort(seen.begin(), seen.end(),
                   [](const Seen* a, const Seen* b) { return a->when.ended < b->when.ended; });
  return seen;
}

}  // namespace

// PENDING or HELD, then CONFIRMED, CANCELLING, CANCELLED: some may be left out, and none comes
// again after a later one. PENDING and HELD alternate, which CheckRounds looks at, and so do
// CONFIRMED and CHANGING.
void Checker::CheckOrder(const std::string& id, const Story& story) {
  for (const Known& known : story.known) {
    for (const Status later : {Status::kCancelled, Status::kCancelling, Status::kConfirmed}) {
      if (later <= known.status) break;
      const std::optional<When>& first = FirstOf(story, later);
      if (!first || !IsBefore(*first, known.when)) continue;
      ReportOf(id, Name(later), " in ", Text(*first), ", but ", Name(known.status), " in ",
               Text(known.when));
      break;
    }
  }
  for (const Seen& seen : story.seen) {
    if (seen.shown->status == Status::kCancelling && story.withdrawn >= seen.when.ended) {
      ReportOf(id, "CANCELLING in ", Text(seen.when),
               ", but its client had not asked for that by then");
    }
  }
  if (story.confirmed && story.cancelled && story.undone() >= story.cancelled->ended) {
    ReportOf(id, "both CONFIRMED in ", Text(*story.confirmed), " and CANCELLED in ",
             Text(*story.cancelled), ", and nobody had it undone");
  }
}

void Checker::CheckEndOfLife(const std::string& id, const Story& story) {
  if (story.at_end == nullptr || facts_.IsParked(id)) return;
  const Status status = story.at_end->status;
  if (status == Status::kConfirmed || status == Status::kCancelled) return;
  ReportOf(id, "still ", Name(status), " at the end, and its saga is not parked");
}

// HELD, then PENDING while it is paid for, then HELD again if that was declined. Each of these
// rounds needs a payment of its own.
void Checker::CheckRounds(const std::string& id, const Story& story) {
  int paid = 0;      // payments that must have been accepted
  int declined = 0;  // and declined
  const Seen* last = nullptr;
  for (const Seen* seen : InOrder(story)) {
    const Shown& shown = *seen->shown;
    const bool held = shown.status == Status::kHeld;
    const bool pays = shown.status == Status::kPending && shown.hold && HasPrice(shown);
    if (!held && !pays) continue;
    const bool failed = !shown.failure.empty();
    if (held && failed && paid == 0) {
      paid = 1;
      last = seen;
    } else if (last == nullptr ||
               (last->shown->status != shown.status && IsBefore(last->when, seen->when))) {
      if (pays) declined = paid++;  // all before it
      last = seen;
    }
    if (held && failed && last == seen) declined = paid;
    const int possible = facts_.Payments(story, seen->when.ended);
    const int possible_declined = facts_.Payments(story, seen->when.ended, CardRule::kDeclines);
    if (paid > possible || declined > possible_declined) {
      ReportOf(id, Name(shown.status), " in ", Text(seen->when), " after ", paid, " payments and ",
               declined, " declines, but only ", possible, " had been sent by then, ",
               possible_declined, " with a card that may be declined");
      return;
    }
    if (paid > kPaymentsMax || declined >= kPaymentsMax) {
      ReportOf(id, Name(shown.status), " in ", Text(seen->when), " after ", paid, " payments and ",
               declined, " declines, but no more than ", kPaymentsMax, " are tried");
      return;
    }
  }
  if (const int known = AccountOf(id).declines; declined > known) {
    ReportOf(id, "declined ", declined, " times, but the payment company knows of ", known);
  }
}

// A reason with each cancellation and with nothing else, always the same; a failure and a price
// where they belong.
void Checker::CheckContents(const std::string& id, const Story& story) {
  const Seen* cancelled = nullptr;
  for (const Seen& seen : story.seen) {
    const Shown& shown = *seen.shown;
    // What is over does not learn its price any more.
    const bool had_price =
        story.priced && (IsOver(shown) || (shown.hold && IsBefore(*story.priced, seen.when)));
    CheckShownPrice(id, story, seen, had_price);
    CheckFailure(id, story, seen);
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

// What is HELD is a hold; once a payment for it was declined, it says why.
void Checker::CheckFailure(const std::string& id, const Story& story, const Seen& seen) {
  const Shown& shown = *seen.shown;
  const bool held = shown.status == Status::kHeld;
  if (held && !shown.hold) {
    ReportOf(id, "HELD in ", Text(seen.when), ", but it is paid for at once");
  } else if (!held && !shown.failure.empty()) {
    ReportOf(id, Name(shown.status), " in ", Text(seen.when), " with the failure ", shown.failure);
  } else if (!shown.failure.empty() && CauseOf(shown.failure) != Cause::kDecline) {
    ReportOf(id, "HELD in ", Text(seen.when), " with the failure ", shown.failure,
             ", for which no payment is declined");
  } else if (held && shown.failure.empty() && story.paid && IsBefore(*story.paid, seen.when)) {
    ReportOf(id, "paid for in ", Text(*story.paid), ", but HELD without a failure in ",
             Text(seen.when));
  }
}

// The right price: of a hold once it was HELD, of another once it was CONFIRMED, and ever after.
void Checker::CheckShownPrice(const std::string& id, const Story& story, const Seen& seen,
                              bool had_price) {
  const Shown& shown = *seen.shown;
  const std::optional<int64_t> sum = facts_.PriceOf(shown);
  const bool has_seats = shown.status == Status::kHeld || shown.status == Status::kConfirmed ||
                         shown.status == Status::kChanging;
  if (has_seats && !sum) {
    ReportOf(id, Name(shown.status), " in ", Text(seen.when),
             " with a seat that does not exist: ", SeatsOf(shown));
    return;
  }
  const std::string currency = sum ? facts_.FindHall(shown.event)->currency : "";
  const bool right = sum && shown.paid_minor == *sum && shown.currency == currency;
  const bool must = has_seats || had_price || shown.refund_minor;
  const bool may = must || shown.hold || (IsOver(shown) && story.compensated != kNever);
  if (HasPrice(shown) ? right && may : !must) return;
  ReportOf(id, Name(shown.status), " in ", Text(seen.when), " at ",
           Price(shown.paid_minor, shown.currency), ", but the price of its seats is ",
           Price(sum.value_or(0), currency), may ? "" : ", and it is paid only once CONFIRMED");
}

// A refund is decided when the client cancels what is CONFIRMED, and shown from then on.
void Checker::CheckRefund(const std::string& id, const Story& story) {
  const Seen* with = nullptr;
  const Seen* without = nullptr;
  for (const Seen& seen : story.seen) {
    CheckShownRefund(id, story, seen);
    if (IsOver(*seen.shown)) (seen.shown->refund_minor ? with : without) = &seen;
  }
  if (with != nullptr && without != nullptr) {
    ReportOf(id, "a refund is shown in ", Text(with->when), ", but none in ", Text(without->when));
  }
}

void Checker::CheckShownRefund(const std::string& id, const Story& story, const Seen& seen) {
  const Shown& shown = *seen.shown;
  if (shown.refund_minor) {
    CheckRefundAmount(id, seen);
    if (!IsOver(shown)) {
      ReportOf(id, Name(shown.status), " in ", Text(seen.when), " with a refund");
    } else if (story.withdrawn >= seen.when.ended) {
      ReportOf(id, "a refund is shown in ", Text(seen.when),
               ", but its client had not cancelled it by then");
    }
    return;
  }
  // An operator has it undone without a refund, but that is never CANCELLING.
  const bool by_client =
      shown.status == Status::kCancelling ||
      (shown.status == Status::kCancelled && story.compensated >= seen.when.ended);
  if (by_client && story.confirmed && story.withdrawn < seen.when.ended) {
    ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but ", Name(shown.status),
             " without a refund in ", Text(seen.when));
  }
}

void Checker::CheckRefundAmount(const std::string& id, const Seen& seen) {
  const Shown& shown = *seen.shown;
  const std::optional<int64_t> price = facts_.PriceOf(shown);
  if (!price) return;  // its price is a violation of its own
  const int percent = facts_.FindHall(shown.event)->refund_percent;
  const int64_t right = *price * percent / 100;
  if (*shown.refund_minor != right) {
    ReportOf(id, "a refund of ", *shown.refund_minor, " in ", Text(seen.when), ", but ", percent,
             " percent of ", *price, " are ", right);
  }
}

}  // namespace seatsaga::simulation
