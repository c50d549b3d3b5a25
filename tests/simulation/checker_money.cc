// Money, by the books of the payment company; and sagas that wait for a person because of it.
#include <algorithm>
#include <optional>
#include <string>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {

// --- Sagas that wait for a person ---------------------------------------------------------------

// A saga is parked only when the money is not given back. That is undone first: so the reservation
// is not over.
void Checker::CheckParked() {
  for (const auto& [id, parked] : history_.end.parked) {
    if (!parked) continue;
    if (const auto change = history_.end.changes.find(id); change != history_.end.changes.end()) {
      CheckParkedChange(id, change->second);
      continue;
    }
    const Story* story = FindStory(id);
    if (story == nullptr || story->at_end == nullptr) {
      ReportOf(id, "its saga is parked at the end, but it is not there");
      continue;
    }
    const Account account = AccountOf(id);
    const Status status = story->at_end->status;
    const int64_t owed = story->at_end->refund_minor.value_or(account.captured_minor);
    if (!story->bodies.empty() && !facts_.MayHaveCard(*story, CardRule::kRefundRefused)) {
      ReportOf(id, "parked without a cause: no refund for the card ", CardsOf(*story),
               " is refused");
    } else if (owed <= account.refunded_minor) {
      ReportOf(id, "parked without a cause: nothing is left to give back, ", account.captured_minor,
               " captured and ", account.refunded_minor, " refunded");
    } else if (status == Status::kCancelled || status == Status::kHeld ||
               (status == Status::kConfirmed && story->compensated == kNever)) {
      ReportOf(id, "parked without a cause: it is ", Name(status), " already");
    }
  }
}

// The same of a later saga: it may be undone, or past what cannot be undone.
void Checker::CheckParkedChange(const std::string& saga, const ChangeSaga& change) {
  const std::string& id = change.reservation_id;
  const Story* story = FindStory(id);
  if (story == nullptr || story->at_end == nullptr) {
    ReportOf(id, "its saga ", saga, " is parked at the end, but it is not there");
    return;
  }
  const auto refuses = [&](const Change& swap) {
    return facts_.MayBe(swap.asked->card, CardRule::kRefundRefused);
  };
  if (!story->bodies.empty() && !facts_.MayHaveCard(*story, CardRule::kRefundRefused) &&
      std::none_of(story->swaps.begin(), story->swaps.end(), refuses)) {
    ReportOf(id, "saga ", saga, " is parked without a cause: no refund for its cards is refused");
  } else if (story->at_end->status == Status::kCancelled) {
    ReportOf(id, "saga ", saga, " is parked without a cause: it is CANCELLED already");
  }
}

// --- Money --------------------------------------------------------------------------------------

void Checker::CheckAccounts() {
  for (const auto& [id, account] : history_.end.accounts) {
    if (!history_.end.reservations.contains(id) && !history_.end.changes.contains(id)) {
      ReportOf(id, "not there at the end, but the payment company knows it: captured ",
               account.captured_minor, ", refunded ", account.refunded_minor);
    }
  }
}

// By the payment company's own books. CANCELLED keeps only what a cancellation leaves of the price.
void Checker::CheckMoney(const std::string& id, const Story& story) {
  if (!story.chain.empty() || !story.failed.empty()) return CheckSwapMoney(id, story);
  CheckCharges(id, story);
  const Account account = AccountOf(id);
  const int64_t price = facts_.PriceOf(story.what()).value_or(0);
  const int64_t kept = account.captured_minor - account.refunded_minor;
  const Status status = story.at_end->status;
  const std::optional<int64_t>& refund = story.at_end->refund_minor;
  const bool parked = facts_.IsParked(id);
  const int64_t rest = refund ? price - *refund : 0;
  const bool may_keep_rest = status != Status::kConfirmed || parked;
  const bool may_keep_all = status != Status::kCancelled || parked;
  if (!(kept == rest && may_keep_rest) && !(kept == price && may_keep_all)) {
    ReportOf(id, Name(status), parked ? " and parked" : "", " at the end, price ", price,
             refund ? Cat(", refund ", *refund) : "", ", but captured ", account.captured_minor,
             " in ", account.captures, " charges, refunded ", account.refunded_minor);
  }
}

// Each payment is charged once, with effect or not, and at most one with effect.
void Checker::CheckCharges(const std::string& id, const Story& story) {
  const Account account = AccountOf(id);
  const int64_t price = facts_.PriceOf(story.what()).value_or(0);
  if (account.captured_minor != account.captures * price) {
    ReportOf(id, "not charged the price of its seats, ", price, ": captured ",
             account.captured_minor, " in ", account.captures, " charges");
  }
  if (story.confirmed && story.at_end->status != Status::kConfirmed && price > 0 &&
      account.captures == 0) {
    ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but never charged");
  }
  if (story.bodies.empty()) return;  // then we know no card
  const int one = facts_.MayHaveCard(story, CardRule::kDeclines) ? 1 : 0;
  const int declines_max = story.hold() ? facts_.Payments(story, kNever, CardRule::kDeclines) : one;
  if (account.declines > declines_max) {
    ReportOf(id, "declined ", account.declines, " times, but paid for with ", CardsOf(story));
  }
  const int charges_max = story.hold() ? kPaymentsMax : 1;
  if (account.captures > 1 || account.captures + account.declines > charges_max) {
    ReportOf(id, "charged ", account.captures, " times and declined ", account.declines,
             " times, which is too often");
  }
}

}  // namespace seatsaga::simulation
