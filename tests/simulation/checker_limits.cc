// What one user has of one event at a time: never more than the limits, and nobody is refused for
// less.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/simulation/checker_rules.h"

namespace seatsaga::simulation {
namespace {

// For certain, from one moment to another.
struct Span {
  Moment from = kNever;
  Moment until = 0;
  int64_t count = 0;
};

// The most at any moment. The sum only grows where a span begins.
int64_t MostAtOnce(const std::vector<Span>& spans) {
  int64_t most = 0;
  for (const Span& begins : spans) {
    int64_t sum = 0;
    for (const Span& span : spans) {
      if (span.from <= begins.from && begins.from < span.until) sum += span.count;
    }
    most = std::max(most, sum);
  }
  return most;
}

// While a hold is certainly not over: between two looks that show it so.
Span UnpaidOf(const Story& story) {
  Span span{.count = 1};
  if (!story.hold()) return span;
  for (const Seen& seen : story.seen) {
    if (seen.shown->status != Status::kPending && seen.shown->status != Status::kHeld) continue;
    span.from = std::min(span.from, seen.when.ended);
    span.until = std::max(span.until, seen.when.sent);
  }
  return span;
}

// As its changes leave it, at the least.
int64_t LeastSeatsOf(const Story& story) {
  size_t least = story.what().seats.size();
  for (const auto& seats : story.versions) least = std::min(least, seats.size());
  return static_cast<int64_t>(least);
}

// And at the most, with those that an exchange may take before it gives others back.
int64_t MostSeatsOf(const Story& story) {
  size_t most = story.what().seats.size();
  for (const auto& seats : story.versions) most = std::max(most, seats.size());
  size_t more = 0;
  for (const Change& change : story.swaps) more = std::max(more, change.asked->swap.take.size());
  return static_cast<int64_t>(most + more);
}

bool MayBeThere(const Story& story, const When& when) {
  return story.first_sent < when.ended && !(story.cancelled && IsBefore(*story.cancelled, when));
}
bool MayBeUnpaid(const Story& story, const When& when) {
  return story.hold() && MayBeThere(story, when) &&
         !(story.confirmed && IsBefore(*story.confirmed, when)) &&
         !(story.cancelling && IsBefore(*story.cancelling, when));
}

}  // namespace

void Checker::CheckLimits() {
  std::map<UserEvent, std::vector<const Story*>> of;
  for (const auto& [id, story] : facts_.stories) {
    of[{story.what().user, story.what().event}].push_back(&story);
  }
  for (const auto& [who, stories] : of) CheckLimitsOf(who, stories);
  for (const Creation& creation : history_.creations) {
    if (creation.error != "USER_EVENT_LIMIT") continue;
    CheckLimitRefusal(creation, of[{creation.user, creation.event}]);
  }
  for (const Wish& wish : history_.wishes) {
    const Story* story = FindStory(wish.reservation_id);
    if (wish.error != "USER_EVENT_LIMIT" || story == nullptr) continue;
    CheckLimitRefusal(wish, of[{story->what().user, story->what().event}]);
  }
}

void Checker::CheckLimitsOf(const UserEvent& who, const std::vector<const Story*>& stories) {
  std::vector<Span> seats;
  std::vector<Span> holds;
  int64_t seats_at_end = 0;
  for (const Story* story : stories) {
    seats.push_back({story->held_from, story->held_until, LeastSeatsOf(*story)});
    holds.push_back(UnpaidOf(*story));
    const bool there = story->at_end != nullptr && story->at_end->status != Status::kCancelled;
    if (there) seats_at_end += static_cast<int64_t>(story->at_end->seats.size());
  }
  const int64_t seats_most = std::max(seats_at_end, MostAtOnce(seats));
  if (history_.seats_max > 0 && seats_most > history_.seats_max) {
    Report("user ", who.first, ": has ", seats_most, " seats of ", who.second,
           " at once, although the limit is ", history_.seats_max);
  }
  const int64_t holds_most = MostAtOnce(holds);
  if (history_.holds_max > 0 && holds_most > history_.holds_max) {
    Report("user ", who.first, ": has ", holds_most, " unpaid holds for ", who.second,
           " at once, although the limit is ", history_.holds_max);
  }
}

// An exchange for more seats. Its own are among those of the stories.
void Checker::CheckLimitRefusal(const Wish& wish, const std::vector<const Story*>& stories) {
  const When when = WhenOf(wish);
  int64_t seats = 0;
  for (const Story* story : stories) {
    if (MayBeThere(*story, when)) seats += MostSeatsOf(*story);
  }
  seats += static_cast<int64_t>(wish.swap.take.size());
  const bool more = wish.swap.take.size() > wish.swap.give_back.size();
  if (more && history_.seats_max > 0 && seats > history_.seats_max) return;
  ReportOf(wish.reservation_id, "USER_EVENT_LIMIT in ", Text(when), ", but with it there were at ",
           "most ", seats, " seats");
}

// It may have had so much at that time.
void Checker::CheckLimitRefusal(const Creation& creation,
                                const std::vector<const Story*>& stories) {
  const When when{"a creation", creation.sent, creation.ended};
  auto seats = static_cast<int64_t>(creation.seats.size());
  int64_t holds = 1;
  for (const Story* story : stories) {
    if (story->what().request_id == creation.request_id) continue;
    if (MayBeThere(*story, when)) seats += MostSeatsOf(*story);
    if (MayBeUnpaid(*story, when)) ++holds;
  }
  const bool too_many_seats = history_.seats_max > 0 && seats > history_.seats_max;
  const bool too_many_holds = history_.holds_max > 0 && creation.hold && holds > history_.holds_max;
  if (too_many_seats || too_many_holds) return;
  Report("user ", creation.user, ": USER_EVENT_LIMIT in ", Text(when),
         ", but with it there were at most ", seats, " seats and ", holds, " unpaid holds for ",
         creation.event);
}

}  // namespace seatsaga::simulation
