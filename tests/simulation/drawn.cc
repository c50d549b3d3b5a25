#include "tests/simulation/drawn.h"

#include <iterator>
#include <map>
#include <set>
#include <string>

namespace seatsaga::simulation {
namespace {

constexpr std::array<std::string_view, kDrawnCount> kNames{
    "give_backs",       "exchanges",        "swap_validations",  "swap_retries",
    "given_back",       "exchanged_dearer", "exchanged_cheaper", "exchanged_equal",
    "give_back_failed", "exchange_failed",  "changed_twice",     "cancelled_changed",
    "refused_changing", "refused_pending",  "refused_for_seats", "parked_changes"};

int64_t PriceIn(const Hall& hall, const std::string& seat) {
  const auto found = hall.price_minor.find(seat);
  return found == hall.price_minor.end() ? 0 : found->second;
}

class Counting {
 public:
  explicit Counting(const History& history) : history_(history) {}

  DrawnCounts Count() {
    for (const Wish& wish : history_.wishes) CountWish(wish);
    for (const auto& [id, shown] : history_.end.reservations) CountChain(shown);
    for (const auto& [saga, change] : history_.end.changes) {
      if (history_.end.parked.contains(saga)) Add(Drawn::kParkedChanges);
      if (succeeded_.contains(saga)) continue;
      Add(change.swap.take.empty() ? Drawn::kGiveBackFailed : Drawn::kExchangeFailed);
    }
    return counts_;
  }

 private:
  void Add(Drawn drawn) { ++counts_[static_cast<size_t>(drawn)]; }

  void CountWish(const Wish& wish) {
    if (wish.error == "CHANGE_UNDER_WAY") Add(Drawn::kRefusedAsChanging);
    if (wish.error == "NOT_CONFIRMED") Add(Drawn::kRefusedUnconfirmed);
    if (wish.error == "SEAT_NOT_IN_RESERVATION" || wish.error == "SEAT_IN_RESERVATION" ||
        wish.error == "NOTHING_LEFT") {
      Add(Drawn::kRefusedForSeats);
    }
    const bool exchange = wish.kind == Wish::Kind::kExchange;
    if (!exchange && wish.kind != Wish::Kind::kGiveBack) return;
    if (wish.only_validates) return Add(Drawn::kSwapValidations);
    if (!asked_.insert(wish.request_id).second) return Add(Drawn::kSwapRetries);
    Add(exchange ? Drawn::kExchanges : Drawn::kGiveBacks);
  }

  void CountChain(const Shown& shown) {
    int changes = 0;
    const auto& all = history_.end.changes;
    for (auto saga = all.find(shown.saga);
         saga != all.end() && succeeded_.insert(saga->first).second;
         saga = all.find(saga->second.follows)) {
      ++changes;
      Add(OutcomeOf(shown.event, saga->second.swap));
    }
    if (changes > 1) Add(Drawn::kChangedTwice);
    if (changes > 0 && shown.refund_minor) Add(Drawn::kCancelledChanged);
  }

  Drawn OutcomeOf(const std::string& event, const Swap& swap) const {
    if (swap.take.empty()) return Drawn::kGivenBack;
    int64_t more = 0;
    for (const Hall& hall : history_.halls) {
      if (hall.event != event) continue;
      for (const std::string& seat : swap.take) more += PriceIn(hall, seat);
      for (const std::string& seat : swap.give_back) more -= PriceIn(hall, seat);
    }
    return more > 0   ? Drawn::kExchangedDearer
           : more < 0 ? Drawn::kExchangedCheaper
                      : Drawn::kExchangedEqual;
  }

  const History& history_;
  DrawnCounts counts_{};
  std::set<std::string> asked_;
  std::set<std::string> succeeded_;
};

constexpr std::array<std::string_view, kActCount> kActs{
    "pay", "extend", "cancel", "give_back", "exchange", "retry", "compensate"};
constexpr int64_t kRaceMs = 1000;

}  // namespace

std::string_view NameOf(Act act) { return kActs[static_cast<size_t>(act)]; }

RaceCounts CountRaces(const History& history) {
  std::map<std::string, std::multimap<int64_t, Act>> acts;  // of a reservation, by their times
  for (const Wish& wish : history.wishes) {
    if (wish.only_validates) continue;
    acts[wish.reservation_id].emplace(wish.sent_ms, static_cast<Act>(wish.kind));
  }
  for (const Intervention& act : history.interventions) {
    const auto change = history.end.changes.find(act.saga_id);
    const std::string& id =
        change == history.end.changes.end() ? act.saga_id : change->second.reservation_id;
    const bool retry = act.kind == Intervention::Kind::kRetry;
    acts[id].emplace(act.sent_ms, retry ? Act::kRetry : Act::kCompensate);
  }
  RaceCounts races{};
  for (const auto& [id, of_one] : acts) {
    for (auto first = of_one.begin(); first != of_one.end(); ++first) {
      for (auto then = std::next(first);
           then != of_one.end() && then->first - first->first <= kRaceMs; ++then) {
        ++races[static_cast<size_t>(first->second)][static_cast<size_t>(then->second)];
      }
    }
  }
  return races;
}

std::string_view NameOf(Drawn drawn) { return kNames[static_cast<size_t>(drawn)]; }

DrawnCounts CountDrawn(const History& history) { return Counting(history).Count(); }

}  // namespace seatsaga::simulation
