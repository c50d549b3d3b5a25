// Payments, extensions, changes of seats and cancellations: their answers, and the reasons why they
// are refused.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {
namespace {

// The reasons of errors that say something of the reservation, and what may be refused so. Nothing
// may be refused as REQUEST_ID_REUSED, because every retry has the same body; nor as
// EVENT_STARTED, because no run lasts so long.
struct Refusal {
  std::string_view error;
  bool of_payment;  // or of an extension
  bool of_cancellation;
  bool of_swap = false;  // of a change of seats
};
constexpr Refusal kRefusals[] = {
    {"NOT_HELD", true, false},
    {"HOLD_EXPIRED", true, false},
    {"HOLD_ENDED", true, false},
    {"ALREADY_PAID", true, false},
    {"PAYMENT_UNDER_WAY", true, false},
    {"RESERVATION_CANCELLED", true, true, true},
    {"NOT_CONFIRMED", false, false, true},
    {"CHANGE_UNDER_WAY", false, true, true},
    {"SEAT_NOT_IN_RESERVATION", false, false, true},
    {"SEAT_IN_RESERVATION", false, false, true},
    {"NOTHING_LEFT", false, false, true},
    {"USER_EVENT_LIMIT", false, false, true},
    {"TOO_MANY_SEATS", false, false, false},
    {"TOO_MANY_CHANGES", false, false, false},
    {"CANCELLATION_UNDER_WAY", false, true},
    {"ETAG_MISMATCH", true, true, true},
    {"EVENT_STARTED", false, false},
    {"REQUEST_ID_REUSED", false, false},
};

bool IsSwap(const Wish& wish) {
  return wish.kind == Wish::Kind::kGiveBack || wish.kind == Wish::Kind::kExchange;
}

const Refusal* FindRefusal(const std::string& error) {
  for (const Refusal& refusal : kRefusals) {
    if (refusal.error == error) return &refusal;
  }
  return nullptr;  // such as OVERLOADED, which says nothing of the reservation
}

}  // namespace

void Checker::CheckWishes() {
  for (const Wish& wish : history_.wishes) {
    if (wish.heard == Heard::kAnswer && wish.shown) {
      CheckWishAnswer(wish);
    } else if (FindRefusal(wish.error) != nullptr) {
      CheckRefusal(wish, FindStory(wish.reservation_id));
    }
  }
}

// What an answer shows as it would be is not looked at elsewhere.
void Checker::CheckWishAnswer(const Wish& wish) {
  const std::string& id = wish.reservation_id;
  const When when = WhenOf(wish);
  const Shown& shown = *wish.shown;
  if (shown.reservation_id != id) {
    ReportOf(id, Text(when), " was answered with reservation ", shown.reservation_id);
    return;
  }
  if (IsSwap(wish)) return CheckSwapAnswer(wish);
  if (wish.kind == Wish::Kind::kCancel) {
    if (shown.status < Status::kCancelling) {
      ReportOf(id, Text(when), " was accepted, but it is ", Name(shown.status));
    }
    if (const Story* story = FindStory(id); wish.only_validates && story != nullptr) {
      CheckValidation(wish, *story);
    }
    return;
  }
  if (!shown.hold) {
    ReportOf(id, Text(when), " was accepted, but it is paid for at once");
  } else if (wish.kind == Wish::Kind::kPay &&
             (!HasPrice(shown) || (shown.status == Status::kHeld && shown.failure.empty()))) {
    ReportOf(id, Text(when), " was accepted, but it is ", Name(shown.status),
             HasPrice(shown) ? " without a failure" : " without a price");
  }
}

// CHANGING, or what has become of it since.
void Checker::CheckSwapAnswer(const Wish& wish) {
  const Shown& shown = *wish.shown;
  if (shown.status < Status::kConfirmed) {
    ReportOf(wish.reservation_id, Text(WhenOf(wish)), " was accepted, but it is ",
             Name(shown.status));
  }
  const Story* story = FindStory(wish.reservation_id);
  if (!wish.only_validates || story == nullptr) return;
  CheckValidation(wish, *story);
  CheckShownSwap(wish.reservation_id, *story, {&shown, WhenOf(wish)});
  if (shown.status == Status::kChanging && shown.change != wish.swap) {
    ReportOf(wish.reservation_id, Text(WhenOf(wish)), " shows another change than it asked for");
  }
}

void Checker::CheckValidation(const Wish& wish, const Story& story) {
  const std::string& id = wish.reservation_id;
  const Seen seen{&*wish.shown, WhenOf(wish)};
  const Shown shown = facts_.AsCreated(*seen.shown);
  if (!SameIdentity(shown, story.what())) {
    ReportOf(id, "is ", Identity(story.what()), ", but would be ", Identity(shown), " in ",
             Text(seen.when));
  }
  const bool had_price = story.priced && IsBefore(*story.priced, seen.when);
  CheckShownPrice(id, story, seen, had_price);
  if (IsSwap(wish)) return;
  if (seen.shown->refund_minor) {
    CheckRefundAmount(id, seen);
  } else if (story.confirmed && IsBefore(*story.confirmed, seen.when) &&
             story.compensated == kNever) {
    ReportOf(id, "CONFIRMED in ", Text(*story.confirmed), ", but there would be no refund in ",
             Text(seen.when));
  }
}

void Checker::CheckRefusal(const Wish& wish, const Story* story) {
  const std::string& id = wish.reservation_id;
  const When when = WhenOf(wish);
  const Refusal& refusal = *FindRefusal(wish.error);
  const bool cancels = wish.kind == Wish::Kind::kCancel;
  const bool may = IsSwap(wish) ? refusal.of_swap
                   : cancels    ? refusal.of_cancellation
                                : refusal.of_payment;
  if (!may) {
    ReportOf(id, wish.error, " in ", Text(when), ", which is no reason to refuse it");
    return;
  }
  if (story == nullptr) return;  // CheckMentioned says so
  if (wish.error == "PAYMENT_UNDER_WAY") CheckOthers(wish, story->payments);
  if (wish.error == "CHANGE_UNDER_WAY") CheckOthers(wish, story->swaps);
  if (IsSwap(wish)) CheckSwapRefusal(wish, *story);
  if (wish.error == "CANCELLATION_UNDER_WAY") CheckOthers(wish, story->cancellations);
  if (wish.error == "NOT_HELD" && story->hold() && story->priced &&
      IsBefore(*story->priced, when)) {
    ReportOf(id, "NOT_HELD in ", Text(when), ", but it was by ", Text(*story->priced));
  }
  if (wish.error == "HOLD_EXPIRED") {
    const bool otherwise = story->at_end != nullptr && story->at_end->reason != "HOLD_EXPIRED";
    if (!story->hold() || otherwise) {
      ReportOf(id, "HOLD_EXPIRED in ", Text(when), ", but it has not expired");
    }
  }
  // Its saga knows more than its row.
  if (wish.error == "HOLD_ENDED" && (!story->hold() || wish.kind != Wish::Kind::kExtend)) {
    ReportOf(id, "HOLD_ENDED in ", Text(when), ", but only an extension can hear that of a hold");
  }
}

// Who is told that another request was faster is told so because of another request.
void Checker::CheckOthers(const Wish& wish, const std::vector<Change>& changes) {
  const bool explained = std::any_of(changes.begin(), changes.end(), [&wish](const Change& change) {
    // A validation may come after the cancellation that has its request id.
    const bool other = change.asked->request_id != wish.request_id || wish.only_validates;
    return other && change.first_sent < wish.ended;
  });
  if (!explained) {
    ReportOf(wish.reservation_id, wish.error, " in ", Text(WhenOf(wish)),
             ", but no other request may be under way");
  }
}

// Who is accepted stays so, and who comes too late is not accepted.
void Checker::CheckChanges(const std::string& id, const Story& story) {
  const auto check = [&](const std::vector<Change>& changes, int accepted_max,
                         const std::optional<When>& too_late) {
    int accepted = 0;
    for (const Change& change : changes) {
      if (!change.accepted) continue;
      if (++accepted == accepted_max + 1) {
        ReportOf(id, "more than ", accepted_max, " were accepted, the last in ",
                 Text(*change.accepted));
      }
      if (too_late && too_late->ended < change.first_sent) {
        ReportOf(id, Text(*change.accepted), " was accepted, but came after ", Text(*too_late),
                 ", when it was too late");
      }
      for (const Wish& wish : history_.wishes) {
        if (wish.request_id == change.asked->request_id && !wish.only_validates &&
            FindRefusal(wish.error) != nullptr && IsBefore(*change.accepted, WhenOf(wish))) {
          ReportOf(id, Text(*change.accepted), " was accepted, but its retry refused in ",
                   Text(WhenOf(wish)), " as ", wish.error);
        }
      }
    }
  };
  std::optional<When> settled = story.confirmed;
  if (story.cancelling && (!settled || story.cancelling->ended < settled->ended)) {
    settled = story.cancelling;
  }
  check(story.payments, kPaymentsMax, settled);
  check(story.swaps, kSwapsMax, story.cancelling);
  check(story.cancellations, 1, story.cancelling);
}

}  // namespace seatsaga::simulation
