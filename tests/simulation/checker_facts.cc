#include "tests/simulation/checker_facts.h"

#include <algorithm>
#include <tuple>

namespace seatsaga::simulation {
namespace {

void KeepFirst(std::optional<When>& first, const When& when) {
  if (!first || when.ended < first->ended) first = when;
}

bool SameBody(const Creation& a, const Creation& b) {
  return std::tie(a.user, a.event, a.seats, a.card) == std::tie(b.user, b.event, b.seats, b.card);
}

bool Matches(const Creation& asked, const Shown& shown) {
  return std::tie(asked.user, asked.event, asked.seats) ==
         std::tie(shown.user, shown.event, shown.seats);
}

}  // namespace

std::string Text(const When& when) {
  return when.sent == kNever ? when.by : Cat(when.by, " [", when.sent, ", ", when.ended, "]");
}

bool Story::HasSeat(const Seat& seat) const {
  return what().event == seat.first &&
         std::count(what().seats.begin(), what().seats.end(), seat.second) > 0;
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
  ReadCreations();
  ReadLooks();
  ReadEnd();
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
  const auto it = history_.end.parked.find(reservation_id);
  return it != history_.end.parked.end() && it->second;
}

bool Facts::MayHaveCard(const Story& story, CardRule rule) const {
  return std::any_of(story.bodies.begin(), story.bodies.end(), [&](const Body* body) {
    const auto card = history_.cards.find(body->asked->card);
    return card == history_.cards.end() || card->second == rule;
  });
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

void Facts::ReadEnd() {
  for (const auto& [id, shown] : history_.end.reservations) {
    Show(shown, {});
    if (const auto story = stories.find(id); story != stories.end()) story->second.at_end = &shown;
  }
}

void Facts::ReadInterventions() {
  for (const Intervention& intervention : history_.interventions) {
    const When when{"an operator's call", intervention.sent, intervention.ended};
    if (intervention.heard == Heard::kAnswer) Mention(intervention.reservation_id, when);
    const auto story = stories.find(intervention.reservation_id);
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
  Story& story = stories[shown.reservation_id];
  story.seen.push_back({&shown, when});
  if (shown.status == Status::kConfirmed) KeepFirst(story.confirmed, when);
  if (shown.status == Status::kCancelled) KeepFirst(story.cancelled, when);
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
  for (const Seen& seen : story.seen) {
    if (seen.shown->status != Status::kConfirmed) continue;
    // It holds them from the pivot on, for ever or until an operator may have had it undone.
    if (story.compensated != kNever && seen.when.ended >= story.compensated) continue;
    story.held_from = std::min(story.held_from, seen.when.ended);
    story.held_until = std::max(story.held_until, story.compensated);
  }
  for (const std::string& seat : what.seats) {
    if (Exists({what.event, seat})) wanted_by[{what.event, seat}].insert(id);
  }
}

}  // namespace seatsaga::simulation
