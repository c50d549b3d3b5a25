// Changes of seats: partial cancellations and exchanges. Each is a saga of its own, which follows
// the one that changed the reservation last.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {
namespace {

std::vector<std::string> Sorted(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  return all;
}

bool HasAny(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::any_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  });
}

bool HasAll(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  });
}

std::string Lists(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += Cat(text.empty() ? "" : " ", one);
  return text.empty() ? "nothing" : text;
}

std::string Text(const Swap& swap) { return Cat(Lists(swap.give_back), " for ", Lists(swap.take)); }

}  // namespace

void Checker::CheckSwaps(const std::string& id, const Story& story) {
  for (const Seen& seen : story.seen) CheckShownSwap(id, story, seen);
  CheckVersionsRise(id, story);
  CheckRequestedSwaps(id, story);
  CheckSwapCards(id, story);
  CheckSwapFailure(id, story);
  for (const std::string& saga : story.chain) CheckFollows(id, saga);
  for (const std::string& saga : story.failed) CheckFollows(id, saga);
  CheckOneWaits(id, story);
}

int64_t Checker::PaidBackFor(const Story& story, const Swap& swap) const {
  const int64_t more = facts_.DifferenceOf(story.what().event, swap).value_or(0);
  const Hall* hall = facts_.FindHall(story.what().event);
  return more >= 0 || hall == nullptr ? 0 : -more * hall->refund_percent / 100;
}

// What was charged for it, and paid back, by its first saga and so many changes.
Checker::Sums Checker::SumsOf(const Story& story, size_t version) const {
  Sums sums{.charged_minor = facts_.PriceOf(story.what()).value_or(0)};
  for (size_t i = 0; i < version; ++i) {
    const Swap& swap = facts_.SagaOf(story.chain[i]).swap;
    const int64_t more = facts_.DifferenceOf(story.what().event, swap).value_or(0);
    sums.charged_minor += std::max<int64_t>(0, more);
    sums.paid_back_minor += PaidBackFor(story, swap);
  }
  return sums;
}

// --- What is shown ------------------------------------------------------------------------------

// The seats and the payments that it has once the saga that it names has changed it, and the change
// that somebody asked for.
void Checker::CheckShownSwap(const std::string& id, const Story& story, const Seen& seen) {
  const Shown& shown = *seen.shown;
  const std::optional<size_t> version = facts_.VersionOf(shown);
  if (!version) {
    ReportOf(id, "changed last by saga ", shown.saga, " in ", Text(seen.when),
             ", which has not changed it");
    return;
  }
  if (*version > 0 && Sorted(shown.seats) != Sorted(story.versions[*version])) {
    ReportOf(id, "has ", Lists(shown.seats), " in ", Text(seen.when), ", but its changes left ",
             Lists(story.versions[*version]));
  }
  CheckShownPayments(id, story, seen, *version);
  if ((shown.status == Status::kChanging) != shown.change.has_value()) {
    ReportOf(id, Name(shown.status), " in ", Text(seen.when), shown.change ? " with" : " without",
             " a change");
  }
  if (shown.change) CheckShownChange(id, story, seen);
  if (!shown.change_failure.empty() && shown.status != Status::kConfirmed) {
    ReportOf(id, Name(shown.status), " in ", Text(seen.when), " with the change's failure ",
             shown.change_failure);
  }
}

void Checker::CheckShownPayments(const std::string& id, const Story& story, const Seen& seen,
                                 size_t version) {
  const Shown& shown = *seen.shown;
  if (shown.payments.empty()) {
    if (version > 0) ReportOf(id, "changed, but without payments in ", Text(seen.when));
    return;
  }
  Sums sums;
  for (const Paid& paid : shown.payments) {
    sums.charged_minor += paid.amount_minor;
    sums.paid_back_minor += paid.refunded_minor;
    if (paid.refunded_minor > paid.amount_minor || paid.refunded_minor < 0) {
      ReportOf(id, "payment ", paid.id, " of ", paid.amount_minor, " has paid back ",
               paid.refunded_minor, " in ", Text(seen.when));
    }
  }
  const Sums right = SumsOf(story, version);
  if (sums.charged_minor != right.charged_minor || sums.paid_back_minor != right.paid_back_minor) {
    ReportOf(id, "its payments are ", sums.charged_minor, " less ", sums.paid_back_minor, " in ",
             Text(seen.when), ", but its seats and changes make ", right.charged_minor, " less ",
             right.paid_back_minor);
  }
}

void Checker::CheckShownChange(const std::string& id, const Story& story, const Seen& seen) {
  const Swap& swap = *seen.shown->change;
  const bool asked =
      std::any_of(history_.wishes.begin(), history_.wishes.end(), [&](const Wish& wish) {
        return wish.reservation_id == id && wish.swap == swap && wish.sent < seen.when.ended;
      });
  if (!asked) {
    ReportOf(id, "changes ", Text(swap), " in ", Text(seen.when),
             ", which nobody had asked for by then");
  }
  const bool exchange = !swap.take.empty();
  const int64_t right = PaidBackFor(story, swap);
  if (exchange == seen.shown->change_refund_minor.has_value() ||
      (!exchange && *seen.shown->change_refund_minor != right)) {
    ReportOf(id, "a change ", Text(swap), " pays back ",
             seen.shown->change_refund_minor ? Cat(*seen.shown->change_refund_minor) : "?", " in ",
             Text(seen.when), ", but ", exchange ? "it is not known" : Cat(right, " is right"));
  }
}

// A change that has succeeded is not forgotten.
void Checker::CheckVersionsRise(const std::string& id, const Story& story) {
  for (const Seen& later : story.seen) {
    const std::optional<size_t> now = facts_.VersionOf(*later.shown);
    for (const Seen& earlier : story.seen) {
      const std::optional<size_t> before = facts_.VersionOf(*earlier.shown);
      if (!now || !before || *before <= *now || !IsBefore(earlier.when, later.when)) continue;
      ReportOf(id, "changed ", *before, " times by ", Text(earlier.when), ", but ", *now,
               " times in ", Text(later.when));
      return;
    }
  }
}

// --- Sagas and requests -------------------------------------------------------------------------

// Each request that was accepted has one saga, however often it was sent; and no saga is without a
// request.
void Checker::CheckRequestedSwaps(const std::string& id, const Story& story) {
  std::vector<Swap> swaps;
  const auto add = [&swaps](const Swap& swap) {
    if (std::find(swaps.begin(), swaps.end(), swap) == swaps.end()) swaps.push_back(swap);
  };
  std::vector<std::string> sagas = story.chain;
  sagas.insert(sagas.end(), story.failed.begin(), story.failed.end());
  for (const std::string& saga : sagas) add(facts_.SagaOf(saga).swap);
  for (const Change& change : story.swaps) add(change.asked->swap);
  for (const Swap& swap : swaps) {
    const auto made = std::count_if(sagas.begin(), sagas.end(), [&](const std::string& saga) {
      return facts_.SagaOf(saga).swap == swap;
    });
    const auto asked =
        std::count_if(story.swaps.begin(), story.swaps.end(),
                      [&](const Change& change) { return change.asked->swap == swap; });
    const auto accepted = std::count_if(
        story.swaps.begin(), story.swaps.end(),
        [&](const Change& change) { return change.accepted && change.asked->swap == swap; });
    // One that waits for a saga that waits for a person has not begun.
    const bool waits = story.at_end != nullptr && story.at_end->change == swap;
    if (made > asked) {
      ReportOf(id, made, " sagas change ", Text(swap), ", but only ", asked,
               " requests may have asked for that");
    } else if (made + (waits ? 1 : 0) < accepted) {
      ReportOf(id, accepted, " requests for ", Text(swap), " were accepted, but only ", made,
               " sagas have done it");
    }
  }
}

// What costs more is paid for, with a card that may pay.
void Checker::CheckSwapCards(const std::string& id, const Story& story) {
  for (const std::string& saga : story.chain) {
    const Swap& swap = facts_.SagaOf(saga).swap;
    if (facts_.DifferenceOf(story.what().event, swap).value_or(0) <= 0) continue;
    if (!MayHaveSwapCard(story, swap, CardRule::kApproves) &&
        !MayHaveSwapCard(story, swap, CardRule::kRefundRefused)) {
      ReportOf(id, "changed ", Text(swap), ", which costs more, but no card may have paid for it");
    }
  }
}

bool Checker::MayHaveSwapCard(const Story& story, const Swap& swap, CardRule rule) const {
  return std::any_of(story.swaps.begin(), story.swaps.end(), [&](const Change& change) {
    return change.asked->swap == swap && !change.asked->card.empty() &&
           facts_.MayBe(change.asked->card, rule);
  });
}

// A failure is shown if the only changes have failed, and none if all have succeeded; and there is
// a cause for it.
void Checker::CheckSwapFailure(const std::string& id, const Story& story) {
  for (const Seen& seen : story.seen) {
    const std::string& reason = seen.shown->change_failure;
    if (reason.empty()) continue;
    const bool explained =
        std::any_of(story.failed.begin(), story.failed.end(),
                    [&](const std::string& saga) { return MayFail(story, saga, reason); });
    if (!explained) {
      ReportOf(id, "a change failed for ", reason, " in ", Text(seen.when),
               ", for which nothing here gives cause");
    }
  }
  if (story.at_end == nullptr || story.at_end->status != Status::kConfirmed) return;
  if (story.chain.empty() && !story.failed.empty() && story.at_end->change_failure.empty() &&
      !facts_.IsParked(id)) {
    ReportOf(id, "its change failed, but that is not shown at the end");
  }
}

bool Checker::MayFail(const Story& story, const std::string& saga,
                      const std::string& reason) const {
  const Swap& swap = facts_.SagaOf(saga).swap;
  const std::optional<int64_t> more = facts_.DifferenceOf(story.what().event, swap);
  if (reason == "PAYMENT_TOKEN_REQUIRED") {
    return more.value_or(0) > 0 &&
           std::any_of(story.swaps.begin(), story.swaps.end(), [&](const Change& change) {
             return change.asked->swap == swap && change.asked->card.empty();
           });
  }
  if (reason == "SEAT_NOT_FOUND") return !more;
  switch (CauseOf(reason)) {
    case Cause::kDecline:
      return more.value_or(0) > 0 && MayHaveSwapCard(story, swap, CardRule::kDeclines);
    case Cause::kSeats:
      return reason == "SEAT_NOT_AVAILABLE" && !swap.take.empty();
    case Cause::kOperator:
      return std::any_of(history_.interventions.begin(), history_.interventions.end(),
                         [&](const Intervention& act) {
                           return act.saga_id == saga && act.heard != Heard::kNo &&
                                  act.kind == Intervention::Kind::kCompensate;
                         });
    case Cause::kUnknown:
      return true;
    default:
      return false;
  }
}

// It began only when the saga before it was at rest; and what an operator had undone has not
// happened.
void Checker::CheckFollows(const std::string& id, const std::string& saga) {
  const ChangeSaga& change = facts_.SagaOf(saga);
  const auto& changes = history_.end.changes;
  const auto later = changes.find(change.follows);
  const auto first = history_.end.rested_us.find(change.follows);
  const int64_t rested_us = later != changes.end()                  ? later->second.rested_us
                            : first != history_.end.rested_us.end() ? first->second
                                                                    : 0;
  if (change.follows != id && (later == changes.end() || later->second.reservation_id != id)) {
    ReportOf(id, "saga ", saga, " follows ", change.follows, ", which is none of its sagas");
  } else if (change.began_us > 0 && (rested_us == 0 || change.began_us < rested_us)) {
    ReportOf(id, "saga ", saga, " began at ", change.began_us, " us, but the one before it, ",
             change.follows, ", came to rest at ", rested_us);
  }
  const Story* story = FindStory(id);
  if (story == nullptr || !HasAll(story->chain, {saga})) return;
  for (const Intervention& act : history_.interventions) {
    if (act.saga_id == saga && act.heard == Heard::kAnswer &&
        act.kind == Intervention::Kind::kCompensate) {
      ReportOf(id, "saga ", saga, " has changed it, but its compensation was promised by ",
               Text(When{"an operator's call", act.sent, act.ended}));
    }
  }
}

void Checker::CheckOneWaits(const std::string& id, const Story& story) {
  int waiting = history_.end.parked.contains(id) ? 1 : 0;
  for (const auto* sagas : {&story.chain, &story.failed}) {
    for (const std::string& saga : *sagas) waiting += history_.end.parked.contains(saga) ? 1 : 0;
  }
  if (waiting > 1) ReportOf(id, waiting, " of its sagas wait for a person at the end");
}

// --- Refusals -----------------------------------------------------------------------------------

void Checker::CheckSwapRefusal(const Wish& wish, const Story& story) {
  const auto some_version = [&](const auto& fits) {
    return std::any_of(story.versions.begin(), story.versions.end(), fits);
  };
  bool explained = true;
  if (wish.error == "SEAT_NOT_IN_RESERVATION") {
    explained =
        some_version([&](const auto& seats) { return !HasAll(seats, wish.swap.give_back); });
  } else if (wish.error == "SEAT_IN_RESERVATION") {
    explained = some_version([&](const auto& seats) { return HasAny(seats, wish.swap.take); });
  } else if (wish.error == "NOTHING_LEFT") {
    explained = some_version(
        [&](const auto& seats) { return Sorted(seats) == Sorted(wish.swap.give_back); });
  }
  if (!explained) {
    ReportOf(wish.reservation_id, wish.error, " in ", Text(WhenOf(wish)),
             ", but it never had such seats");
  }
}

// --- Money --------------------------------------------------------------------------------------

// Of all its payments together, and of each.
void Checker::CheckSwapMoney(const std::string& id, const Story& story) {
  CheckCharges(id, story);
  Account sum = AccountOf(id);
  for (const std::string& saga : story.chain) {
    const Account account = AccountOf(saga);
    sum.captured_minor += account.captured_minor;
    sum.refunded_minor += account.refunded_minor;
    const Swap& swap = facts_.SagaOf(saga).swap;
    const int64_t more = facts_.DifferenceOf(story.what().event, swap).value_or(0);
    if (account.captured_minor != std::max<int64_t>(0, more)) {
      ReportOf(id, "changed ", Text(swap), ", which costs ", more, " more, but saga ", saga,
               " captured ", account.captured_minor, " in ", account.captures, " charges");
    }
  }
  if (facts_.IsParked(id)) return;
  for (const std::string& saga : story.failed) {
    const Account account = AccountOf(saga);
    if (account.captured_minor != account.refunded_minor) {
      ReportOf(id, "saga ", saga, " has failed, but captured ", account.captured_minor,
               " and refunded ", account.refunded_minor);
    }
  }
  const Sums right = SumsOf(story, story.chain.size());
  const Shown& end = *story.at_end;
  const bool undone = end.status == Status::kCancelled && !end.refund_minor;
  const int64_t paid_back =
      undone ? right.charged_minor : right.paid_back_minor + end.refund_minor.value_or(0);
  if (sum.captured_minor != right.charged_minor || sum.refunded_minor != paid_back) {
    ReportOf(id, Name(end.status), " at the end, price ", end.paid_minor, ", captured ",
             sum.captured_minor, " and refunded ", sum.refunded_minor, " after ",
             story.chain.size(), " changes, but ", right.charged_minor, " and ", paid_back,
             " are right");
  }
  for (const Paid& paid : end.payments) {
    if (const int64_t captured = AccountOf(paid.id).captured_minor; captured != paid.amount_minor) {
      ReportOf(id, "payment ", paid.id, " is shown with ", paid.amount_minor, ", but captured ",
               captured);
    }
  }
}

}  // namespace seatsaga::simulation
