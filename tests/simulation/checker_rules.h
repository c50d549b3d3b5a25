#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/checker_facts.h"
#include "tests/simulation/history.h"

// The checker's rules: each function says which of them a history breaks. They are in one file per
// subject: checker.cc (requests, what is lost), checker_life.cc (states, and what is shown with
// them), checker_wishes.cc, checker_swaps.cc (changes of seats), checker_reasons.cc,
// checker_seats.cc, checker_limits.cc, checker_watches.cc, checker_money.cc.
namespace seatsaga::simulation {

const char* Name(Status status);
// The request and what it asked for, which never change.
std::string Identity(const Shown& shown);
bool SameIdentity(const Shown& a, const Shown& b);
std::string Price(int64_t minor, std::string_view currency);
std::string SeatsOf(const Shown& shown);

class Checker {
 public:
  explicit Checker(const History& history) : history_(history), facts_(history) {}

  std::vector<std::string> Run();

 private:
  template <typename... Parts>
  void Report(const Parts&... parts) {
    violations_.push_back(Cat(parts...));
  }
  template <typename... Parts>
  void ReportOf(const std::string& reservation_id, const Parts&... parts) {
    Report("reservation ", reservation_id, ": ", parts...);
  }

  // checker.cc
  void CheckAnswers();
  void CheckRequests();
  void CheckRequest(const std::string& request_id, const Request& request);
  void CheckStory(const std::string& id, const Story& story);
  void CheckIdentity(const std::string& id, const Story& story);
  void CheckOrigin(const std::string& id, const Story& story);
  void CheckMentioned();
  void CheckFound(const std::string& id, const When& not_found);

  // checker_life.cc
  void CheckOrder(const std::string& id, const Story& story);
  void CheckEndOfLife(const std::string& id, const Story& story);
  void CheckRounds(const std::string& id, const Story& story);
  void CheckFailure(const std::string& id, const Story& story, const Seen& seen);
  void CheckContents(const std::string& id, const Story& story);
  void CheckShownPrice(const std::string& id, const Story& story, const Seen& seen, bool had_price);
  void CheckRefund(const std::string& id, const Story& story);
  void CheckShownRefund(const std::string& id, const Story& story, const Seen& seen);
  void CheckRefundAmount(const std::string& id, const Seen& seen);

  // checker_wishes.cc
  void CheckWishes();
  void CheckWishAnswer(const Wish& wish);
  void CheckSwapAnswer(const Wish& wish);
  void CheckValidation(const Wish& wish, const Story& story);
  void CheckRefusal(const Wish& wish, const Story* story);
  void CheckOthers(const Wish& wish, const std::vector<Change>& changes);
  void CheckChanges(const std::string& id, const Story& story);

  // checker_swaps.cc
  struct Sums {
    int64_t charged_minor = 0;
    int64_t paid_back_minor = 0;
  };
  void CheckSwaps(const std::string& id, const Story& story);
  int64_t PaidBackFor(const Story& story, const Swap& swap) const;
  Sums SumsOf(const Story& story, size_t version) const;
  void CheckShownSwap(const std::string& id, const Story& story, const Seen& seen);
  void CheckShownPayments(const std::string& id, const Story& story, const Seen& seen,
                          size_t version);
  void CheckShownChange(const std::string& id, const Story& story, const Seen& seen);
  void CheckVersionsRise(const std::string& id, const Story& story);
  void CheckRequestedSwaps(const std::string& id, const Story& story);
  void CheckSwapCards(const std::string& id, const Story& story);
  bool MayHaveSwapCard(const Story& story, const Swap& swap, CardRule rule) const;
  void CheckSwapFailure(const std::string& id, const Story& story);
  bool MayFail(const Story& story, const std::string& saga, const std::string& reason) const;
  void CheckFollows(const std::string& id, const std::string& saga);
  void CheckOneWaits(const std::string& id, const Story& story);
  void CheckSwapRefusal(const Wish& wish, const Story& story);
  void CheckSwapMoney(const std::string& id, const Story& story);

  // checker_reasons.cc
  void CheckReason(const std::string& id, const Story& story);
  void CheckSeatRefusal(const std::string& id, const Story& story, const std::string& reason);
  void CheckBlocker(const std::string& id, const Story& story);
  bool MayHaveHeldWhenRefused(const Story& other, const Story& refused) const;
  void CheckDecline(const std::string& id, const Story& story, const std::string& reason);
  void CheckExpiry(const std::string& id, const Story& story);
  void CheckCard(const std::string& id, const Story& story);
  void CheckOperator(const std::string& id, const Story& story);

  // checker_seats.cc
  void CheckDoubleSales();
  void CheckSeatLooks();
  void CheckSeatLook(const SeatLook& look);
  void CheckSeatsAtEnd();

  // checker_limits.cc
  using UserEvent = std::pair<std::string, std::string>;
  void CheckLimits();
  void CheckLimitsOf(const UserEvent& who, const std::vector<const Story*>& stories);
  void CheckLimitRefusal(const Creation& creation, const std::vector<const Story*>& stories);
  void CheckLimitRefusal(const Wish& wish, const std::vector<const Story*>& stories);

  // checker_watches.cc
  void CheckWatches();
  void CheckWatch(const Watch& watch);
  void CheckWatchAtEnd(const Watch& watch);
  void CheckSeatWatch(const SeatWatch& watch);
  void CheckSeatMessage(const SeatWatch& watch, const SeatWatch::Message& message,
                        std::set<std::string>& reserved);

  // checker_money.cc
  void CheckParked();
  void CheckParkedChange(const std::string& saga, const ChangeSaga& change);
  void CheckAccounts();
  void CheckMoney(const std::string& id, const Story& story);
  void CheckCharges(const std::string& id, const Story& story);

  const Story* FindStory(const std::string& id) const {
    const auto it = facts_.stories.find(id);
    return it == facts_.stories.end() ? nullptr : &it->second;
  }
  // Of one payment: a reservation's first one has its id, another that of its saga.
  Account AccountOf(const std::string& id) const {
    const auto it = history_.end.accounts.find(id);
    return it == history_.end.accounts.end() ? Account{} : it->second;
  }
  // The cards that it may have been paid for with.
  static std::string CardsOf(const Story& story);

  const History& history_;
  const Facts facts_;
  std::vector<std::string> violations_;
};

}  // namespace seatsaga::simulation
