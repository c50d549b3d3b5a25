#include "tests/simulation/checker_facts.h"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace seatsaga::simulation {
namespace {

void KeepFirst(std::optional<When>& first, const When& when) {
  if (!first || when.ended < first->ended) first = when;
}

bool SameBody(const Creation& a, const Creation& b) {
  return std::tie(a.user, a.event, a.seats, a.card, a.hold) ==
         std::tie(b.user, b.event, b.seats, b.card, b.hold);
}

bool Matches(const Creation& asked, const Shown& shown) {
  return std::tie(asked.user, asked.event, asked.seats, asked.hold) ==
         std::tie(shown.user, shown.event, shown.seats, shown.hold);
}

bool Contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

std::vector<std::string> Sorted(std::vector<std::string> all) {
  std::sort(all.begin(), all.end());
  return all;
}

// `seats` without some, and with others.
std::vector<std::string> Changed(const std::vector<std::string>& seats,
                                 const std::vector<std::string>& without,
                                 const std::vector<std::string>& with) {
  std::vector<std::string> changed;
  for (const std::string& seat : seats) {
    if (!Contains(without, seat)) changed.push_back(seat);
  }
  changed.insert(changed.end(), with.begin(), with.end());
  return changed;
}

Change& ChangeOf(const Wish& wish, std::vector<Change>& changes) {
  for (Change& change : changes) {
    if (change.asked->request_id == wish.request_id) return change;
  }
  changes.push_back({.asked = &wish});
  return changes.back();
}

// Errors that only one who looked at the reservation can give.
bool SaysThatItExists(const std::string& error) {
  static constexpr std::string_view kErrors[] = {"NOT_HELD",
                                                 "HOLD_EXPIRED",
                                                 "HOLD_ENDED",
                                                 "ALREADY_PAID",
                                                 "PAYMENT_UNDER_WAY",
                                                 "RESERVATION_CANCELLED",
                                                 "CANCELLATION_UNDER_WAY",
                                                 "EVENT_STARTED",
                                                 "NOT_CONFIRMED",
                                                 "CHANGE_UNDER_WAY",
                                                 "SEAT_NOT_IN_RESERVATION",
                                                 "SEAT_IN_RESERVATION",
                                                 "NOTHING_LEFT",
                                                 "ETAG_MISMATCH"};
  return std::find(std::begin(kErrors), std::end(kErrors), error) != std::end(kErrors);
}

}  // namespace

Cause CauseOf(std::string_view reason) {
  static constexpr std::pair<std::string_view, Cause> kCauses[] = {
      {"SEAT_NOT_AVAILABLE", Cause::kSeats},      {"EVENT_NOT_FOUND", Cause::kSeats},
      {"SEAT_NOT_FOUND", Cause::kSeats},          {"PAYMENT_DECLINED", Cause::kDecline},
      {"INSUFFICIENT_FUNDS", Cause::kDecline},    {"CARD_EXPIRED", Cause::kDecline},
      {"INVALID_PAYMENT_TOKEN", Cause::kDecline}, {"CANCELLED_BY_CLIENT", Cause::kClient},
      {"HOLD_EXPIRED", Cause::kExpiry},           {"CANCELLED_BY_OPERATOR", Cause::kOperator},
      {"OUTCOME_UNKNOWN", Cause::kUnknown},
  };
  for (const auto& [known, cause] : kCauses) {
    if (known == reason) return cause;
  }
  return Cause::kNone;
}

When WhenOf(const Wish& wish) {
  static constexpr const char* kNames[] = {"a payment", "an extension", "a cancellation",
                                           "a partial cancellation", "an exchange"};
  return {kNames[static_cast<int>(wish.kind)], wish.sent, wish.ended};
}

std::string Text(const When& when) {
  return when.sent == kNever ? when.by : Cat(when.by, " [", when.sent, ", ", when.ended, "]");
}

bool Story::HasSeat(const Seat& seat) const {
  return what().event == seat.first &&
         std::count(what().seats.begin(), what().seats.end(), seat.second) > 0;
}

bool Story::MayHaveSeat(const Seat& seat) const {
  return HasSeat(seat) || (what().event == seat.first &&
                           std::any_of(swaps.begin(), swaps.end(), [&](const Change& swap) {
                             return Contains(swap.asked->swap.take, seat.second);
                           }));
}

std::optional<Story::Span> Story::Held(const Seat& seat) const {
  if (what().event != seat.first) return std::nullopt;
  if (const auto span = seat_spans.find(seat.second); span != seat_spans.end()) {
    return span->second;
  }
  if (!HasSeat(seat)) return std::nullopt;
  return Span{held_from, held_until};
}

std::string Text(const Seat& seat) { return Cat(seat.first, " ", seat.second); }

Body& Request::BodyOf(const Creation& creation) {
  for (Body& body : bodies) {
    if (SameBody(*body.asked, creation)) return body;
  }
  bodies.push_back({.asked = &creation});
  return bodies.back();
}

std::vector<const Body*> Request::Accepted() const {
  std::vector<const Body*> answered;
  std::vector<const Body*> possible;
  for (const Body& body : bodies) {
    if (body.answered) answered.push_back(&body);
    if (body.first_sent != kNever && !body.reused) possible.push_back(&body);
  }
  return answered.empty() ? possible : answered;
}

Facts::Facts(const History& history) : history_(history) {
  for (const Hall& hall : history.halls) halls[hall.event] = &hall;
  ReadChains();
  ReadCreations();
  ReadLooks();
  ReadWishes();
  ReadEnd();
  ReadChanges();
  ReadInterventions();
  ReadHolders();
  for (auto& [id, story] : stories) Conclude(id, story);
}

const Hall* Facts::FindHall(const std::string& event) const {
  const auto it = halls.find(event);
  return it == halls.end() ? nullptr : it->second;
}

bool Facts::Exists(const Seat& seat) const {
  const Hall* hall = FindHall(seat.first);
  return hall != nullptr && hall->price_minor.contains(seat.second);
}

std::optional<int64_t> Facts::PriceOf(const Shown& shown) const {
  const Hall* hall = FindHall(shown.event);
  if (hall == nullptr) return std::nullopt;
  int64_t sum = 0;
  for (const std::string& seat : shown.seats) {
    const auto price = hall->price_minor.find(seat);
    if (price == hall->price_minor.end()) return std::nullopt;
    sum += price->second;
  }
  return sum;
}

bool Facts::IsParked(const std::string& reservation_id) const {
  return std::any_of(
      history_.end.parked.begin(), history_.end.parked.end(), [&](const auto& parked) {
        const auto change = history_.end.changes.find(parked.first);
        const bool first = change == history_.end.changes.end();
        return parked.second &&
               (first ? parked.first : change->second.reservation_id) == reservation_id;
      });
}

std::optional<int64_t> Facts::DifferenceOf(const std::string& event, const Swap& swap) const {
  const auto less = PriceOf({.event = event, .seats = swap.give_back});
  const auto more = PriceOf({.event = event, .seats = swap.take});
  if (!less || !more) return std::nullopt;
  return *more - *less;
}

// From the saga that changed a reservation last back to its first one.
void Facts::ReadChains() {
  for (const auto& [id, shown] : history_.end.reservations) {
    std::vector<std::string>& chain = chains_[id];
    const auto& changes = history_.end.changes;
    for (auto saga = changes.find(shown.saga);
         saga != changes.end() && chain.size() <= changes.size();
         saga = changes.find(saga->second.follows)) {
      chain.insert(chain.begin(), saga->first);
    }
  }
}

std::optional<size_t> Facts::VersionOf(const Shown& shown) const {
  if (shown.saga.empty() || shown.saga == shown.reservation_id) return 0;
  const auto chain = chains_.find(shown.reservation_id);
  if (chain == chains_.end()) return std::nullopt;
  const auto found = std::find(chain->second.begin(), chain->second.end(), shown.saga);
  if (found == chain->second.end()) return std::nullopt;
  return static_cast<size_t>(found - chain->second.begin()) + 1;
}

Shown Facts::AsCreated(const Shown& shown) const {
  Shown created = shown;
  const size_t version = VersionOf(shown).value_or(0);
  if (version == 0) return created;
  for (size_t i = version; i > 0; --i) {
    const Swap& swap = SagaOf(chains_.at(shown.reservation_id)[i - 1]).swap;
    created.seats = Changed(created.seats, swap.take, swap.give_back);
  }
  // In the order of its creation, which its changes have forgotten.
  for (const Creation& creation : history_.creations) {
    if (creation.request_id == shown.request_id &&
        Sorted(creation.seats) == Sorted(created.seats)) {
      created.seats = creation.seats;
    }
  }
  return created;
}

bool Facts::MayBe(const std::string& card, CardRule rule) const {
  const auto known = history_.cards.find(card);
  return known == history_.cards.end() || known->second == rule;
}

int Facts::Payments(const Story& story, Moment before, std::optional<CardRule> rule) const {
  return static_cast<int>(
      std::count_if(story.payments.begin(), story.payments.end(), [&](const Change& payment) {
        return payment.first_sent < before && (!rule || MayBe(payment.asked->card, *rule));
      }));
}

bool Facts::MayHaveCard(const Story& story, CardRule rule, Moment before) const {
  if (story.hold()) return Payments(story, before, rule) > 0;
  return std::any_of(story.bodies.begin(), story.bodies.end(),
                     [&](const Body* body) { return MayBe(body->asked->card, rule); });
}

void Facts::ReadCreations() {
  for (const Creation& creation : history_.creations) {
    const When when{"a creation", creation.sent, creation.ended};
    Body& body = requests[creation.request_id].BodyOf(creation);
    if (creation.heard != Heard::kNo) body.first_sent = std::min(body.first_sent, creation.sent);
    if (creation.heard == Heard::kNo && creation.error == "REQUEST_ID_REUSED") {
      KeepFirst(body.reused, when);
    }
    if (creation.heard == Heard::kAnswer && creation.shown) {
      KeepFirst(body.answered, when);
      Show(*creation.shown, when);
    }
  }
}

void Facts::ReadLooks() {
  for (const Look& look : history_.looks) {
    if (look.heard == Heard::kAnswer && look.shown) {
      Show(*look.shown, {"a look", look.sent, look.ended});
    }
  }
}

void Facts::ReadWishes() {
  for (const Wish& wish : history_.wishes) {
    const When when = WhenOf(wish);
    if (wish.heard == Heard::kAnswer || SaysThatItExists(wish.error)) {
      Mention(wish.reservation_id, when);
    }
    // What a validation shows is what would be.
    if (wish.heard == Heard::kAnswer && wish.shown && !wish.only_validates) {
      Show(*wish.shown, when);
    }
  }
}

void Facts::ReadChanges() {
  for (const Wish& wish : history_.wishes) {
    const auto it = stories.find(wish.reservation_id);
    if (it == stories.end()) continue;
    Story& story = it->second;
    ReadRefusal(wish, story);
    const bool swaps = wish.kind == Wish::Kind::kGiveBack || wish.kind == Wish::Kind::kExchange;
    if (wish.only_validates && wish.shown && (swaps || wish.shown->refund_minor)) {
      KeepFirst(story.confirmed, WhenOf(wish));
      KeepFirst(story.priced, WhenOf(wish));
    }
    if (wish.kind == Wish::Kind::kExtend || wish.only_validates || wish.heard == Heard::kNo) {
      continue;
    }
    const bool pays = wish.kind == Wish::Kind::kPay;
    if (pays && !story.hold()) continue;
    Change& change = ChangeOf(wish, pays    ? story.payments
                                    : swaps ? story.swaps
                                            : story.cancellations);
    change.first_sent = std::min(change.first_sent, wish.sent);
    if (!pays && !swaps) story.withdrawn = std::min(story.withdrawn, wish.sent);
    if (wish.heard != Heard::kAnswer) continue;
    KeepFirst(change.accepted, WhenOf(wish));
  }
}

// What the refusal of a wish says of the reservation.
void Facts::ReadRefusal(const Wish& wish, Story& story) {
  const When when = WhenOf(wish);
  const auto know = [&](Status status) { story.known.push_back({status, when}); };
  if (wish.error == "ALREADY_PAID") {
    know(Status::kConfirmed);
    KeepFirst(story.confirmed, when);
    KeepFirst(story.priced, when);
  } else if (wish.error == "PAYMENT_UNDER_WAY") {
    know(Status::kPending);
    KeepFirst(story.paid, when);
    KeepFirst(story.priced, when);
  } else if (wish.error == "CHANGE_UNDER_WAY") {
    know(Status::kChanging);
    KeepFirst(story.confirmed, when);
    KeepFirst(story.priced, when);
  } else if (wish.error == "SEAT_NOT_IN_RESERVATION" || wish.error == "SEAT_IN_RESERVATION" ||
             wish.error == "NOTHING_LEFT") {
    know(Status::kConfirmed);
    KeepFirst(story.confirmed, when);
    KeepFirst(story.priced, when);
  } else if ((wish.error == "NOT_HELD" && story.hold()) || wish.error == "NOT_CONFIRMED") {
    know(Status::kPending);
  } else if (wish.error == "RESERVATION_CANCELLED") {
    KeepFirst(story.cancelling, when);  // or CANCELLED already
  } else if (wish.error == "CANCELLATION_UNDER_WAY") {
    know(Status::kCancelling);
    KeepFirst(story.cancelling, when);
  } else if (wish.error == "HOLD_EXPIRED" && story.hold() && wish.kind != Wish::Kind::kCancel) {
    KeepFirst(story.cancelling, when);
    KeepFirst(story.cancelled, when);
  }
}

void Facts::ReadEnd() {
  for (const auto& [id, shown] : history_.end.reservations) {
    Show(shown, {});
    if (const auto story = stories.find(id); story != stories.end()) story->second.at_end = &shown;
  }
}

void Facts::ReadInterventions() {
  for (const Intervention& intervention : history_.interventions) {
    const When when{"an operator's call", intervention.sent, intervention.ended};
    // That of a later saga leaves the reservation as it was before.
    if (history_.end.changes.contains(intervention.saga_id)) continue;
    if (intervention.heard == Heard::kAnswer) Mention(intervention.saga_id, when);
    const auto story = stories.find(intervention.saga_id);
    if (story == stories.end() || intervention.kind != Intervention::Kind::kCompensate) continue;
    if (intervention.heard != Heard::kNo) {
      story->second.compensated = std::min(story->second.compensated, intervention.sent);
    }
    if (intervention.heard == Heard::kAnswer) KeepFirst(story->second.compensate, when);
  }
}

void Facts::ReadHolders() {
  const auto hold = [this](const std::string& id, const Seat& seat, const When& when) {
    if (id.empty()) return;
    Mention(id, when);
    const auto it = stories.find(id);
    if (it == stories.end()) return;
    Story& story = it->second;
    if (!story.HasSeat(seat)) return;
    // Its other seats say nothing of one that was exchanged for, or never given back.
    const bool taken = std::any_of(story.chain.begin(), story.chain.end(), [&](const auto& saga) {
      return Contains(SagaOf(saga).swap.take, seat.second);
    });
    if (taken) return;
    KeepFirst(story.held, when);
    story.held_from = std::min(story.held_from, when.ended);
    story.held_until = std::max(story.held_until, when.sent);
  };
  for (const SeatLook& look : history_.seat_looks) {
    hold(look.holder, {look.event, look.seat}, {"a look at seats", look.sent, look.ended});
  }
  for (const auto& [seat, holder] : history_.end.seats) hold(holder, seat, {});
}

void Facts::Mention(const std::string& reservation_id, const When& when) {
  const auto [it, is_new] = mentioned.try_emplace(reservation_id, when);
  if (!is_new && when.ended < it->second.ended) it->second = when;
}

void Facts::Show(const Shown& shown, const When& when) {
  Mention(shown.reservation_id, when);
  const auto [it, is_new] = stories.try_emplace(shown.reservation_id);
  Story& story = it->second;
  if (is_new) {
    story.original = AsCreated(shown);
    story.versions = {story.original.seats};
    if (const auto chain = chains_.find(shown.reservation_id); chain != chains_.end()) {
      story.chain = chain->second;
    }
    for (const std::string& saga : story.chain) {
      const Swap& swap = SagaOf(saga).swap;
      story.versions.push_back(Changed(story.versions.back(), swap.give_back, swap.take));
    }
    for (const auto& [saga, change] : history_.end.changes) {
      if (change.reservation_id == shown.reservation_id && !Contains(story.chain, saga)) {
        story.failed.push_back(saga);
      }
    }
  }
  story.seen.push_back({&shown, when});
  story.known.push_back({shown.status, when});
  const Status status = shown.status;
  const bool was_confirmed =
      status == Status::kConfirmed || status == Status::kChanging || shown.refund_minor;
  if (was_confirmed) KeepFirst(story.confirmed, when);
  if (status >= Status::kCancelling) KeepFirst(story.cancelling, when);
  if (status == Status::kCancelled) KeepFirst(story.cancelled, when);
  const bool was_held = status == Status::kHeld || (shown.hold && HasPrice(shown));
  if (was_held || was_confirmed) KeepFirst(story.priced, when);
  const bool is_paid_for = status == Status::kPending && HasPrice(shown);
  if (shown.hold && (is_paid_for || !shown.failure.empty())) KeepFirst(story.paid, when);
}

void Facts::Conclude(const std::string& id, Story& story) {
  const Shown& what = story.what();
  if (const auto request = requests.find(what.request_id); request != requests.end()) {
    for (const Body* body : request->second.Accepted()) {
      if (Matches(*body->asked, what)) story.bodies.push_back(body);
    }
  }
  for (const Body* body : story.bodies) {
    story.first_sent = std::min(story.first_sent, body->first_sent);
  }
  for (const std::string& seat : what.seats) {
    if (Exists({what.event, seat})) wanted_by[{what.event, seat}].insert(id);
  }
  for (const Change& swap : story.swaps) {
    for (const std::string& seat : swap.asked->swap.take) {
      if (Exists({what.event, seat})) wanted_by[{what.event, seat}].insert(id);
    }
  }
  ConcludeSeats(id, story);
}

// Who was HELD or CONFIRMED had its seats by then. It gives them back when it is undone, which
// begins with the cause that is shown as the reason, and not while a payment is charged.
void Facts::ConcludeSeats(const std::string& id, Story& story) {
  const auto not_before = [&story](Moment moment) {
    story.held_until = std::max(story.held_until, moment);
  };
  if (story.priced) story.held_from = std::min(story.held_from, story.priced->ended);
  if (story.confirmed) not_before(story.undone());
  for (const Seen& seen : story.seen) {
    if (seen.shown->status != Status::kCancelled) continue;
    const Cause cause = CauseOf(seen.shown->reason);
    if (cause == Cause::kClient) not_before(story.withdrawn);
    if (cause == Cause::kOperator) not_before(story.compensated);
  }
  // Of the payments that were declined, the last was not sent before as many may have been.
  std::vector<Moment> declined;
  for (const Change& payment : story.payments) {
    if (MayBe(payment.asked->card, CardRule::kDeclines)) declined.push_back(payment.first_sent);
  }
  std::sort(declined.begin(), declined.end());
  const auto account = history_.end.accounts.find(id);
  const int count = account == history_.end.accounts.end() ? 0 : account->second.declines;
  if (count > 0 && count <= static_cast<int>(declined.size())) {
    not_before(declined[static_cast<size_t>(count) - 1]);
  }
  ConcludeSpans(story);
}

// When a change like this may have been asked for first.
Moment Facts::FirstAsked(const Story& story, const Swap& swap) const {
  Moment first = kNever;
  for (const Change& change : story.swaps) {
    if (change.asked->swap == swap) first = std::min(first, change.first_sent);
  }
  return first;
}

// Of seats that changes have taken or given back. A seat that it had twice was not its own all the
// time: of that nothing is certain. One that it gave back once it kept until then, and one that it
// took is certain while it is shown with it: it may have held the same seat before, for an exchange
// that failed.
void Facts::ConcludeSpans(Story& story) {
  std::map<std::string, int> had;  // how often
  for (const std::string& seat : story.versions.front()) ++had[seat];
  for (const std::string& saga : story.chain) {
    const Swap& swap = SagaOf(saga).swap;
    for (const std::string& seat : swap.take) {
      ++had[seat];
      story.seat_spans[seat];
    }
    for (const std::string& seat : swap.give_back) {
      Story::Span& span = story.seat_spans[seat];
      if (!Contains(story.versions.front(), seat)) continue;
      span = {story.held_from, std::min(story.held_until, FirstAsked(story, swap))};
    }
  }
  for (auto& [seat, span] : story.seat_spans) {
    if (had[seat] > 1) {
      span = {};
      continue;
    }
    for (const Seen& seen : story.seen) {
      const Status status = seen.shown->status;
      if ((status == Status::kConfirmed || status == Status::kChanging) &&
          Contains(seen.shown->seats, seat)) {
        span.from = std::min(span.from, seen.when.ended);
        span.until = std::max(span.until, seen.when.sent);
      }
    }
  }
}

}  // namespace seatsaga::simulation
