// The checker against a model of SeatSaga in one page, which runs as chance wants: it never accuses
// the model while it is honest, and notices each way in which it can be made dishonest.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/checker.h"
#include "tests/simulation/history.h"

namespace seatsaga::simulation {
namespace {

enum class Lie {
  kNone,
  kForgetsReservation,   // after it was acknowledged
  kForgetsRequestId,     // a retry makes another reservation
  kTakesOtherBody,       // as a retry
  kSellsTwice,           // does not look who holds a seat
  kKeepsMoney,           // does not refund
  kKeepsSeats,           // does not release
  kChargesTwice,         // with effect
  kConfirmsUncharged,    // although declined
  kCancelsFirst,         // before it releases
  kRefusesFreeSeats,     // not available to anyone
  kShowsOldState,        // now and then
  kShowsWrongPrice,      // half of it
  kReopensCancelled,     // and confirms it
  kReleasesConfirmed,    // and sells the seats again
  kForgetsCompensation,  // that it has promised
  kParksIdly,            // instead of finishing
  kHoldsNothing,         // gives the seats of a hold back once a payment is declined
  kTriesForEver,         // to charge a hold
  kTriesOnce,            // to charge a hold
  kLosesPayment,         // that it has accepted
  kChargesUnasked,       // a hold for which nobody has paid
  kForgetsFailure,       // of a payment
  kRefusesRetry,         // of a payment
  kRefusesHeld,          // as if it were not HELD
  kExpiresCharged,       // a hold, instead of confirming it
  kLosesCancellation,    // that it has accepted
  kConfirmsCancelling,   // although its client has cancelled it
  kValidatesInEarnest,   // and cancels it
  kRefundsAll,           // although it shows that it refunds a part
  kRefundsLess,          // a percent less than the terms say
  kForgetsRefund,        // and shows none once CANCELLED
};

class Model {
 public:
  Model(unsigned seed, Lie lie) : random_(seed), lie_(lie), luckless_(seed % 3 == 0) {
    Hall hall{.event = "hamlet", .currency = "EUR", .refund_percent = 75};
    for (int i = 1; i <= 8; ++i) hall.price_minor[std::to_string(i)] = 10 * i;
    history_.halls = {hall};
    history_.cards = {{"visa", CardRule::kApproves},
                      {"broke", CardRule::kDeclines},
                      {"sticky", CardRule::kRefundRefused}};
  }

  History Run() {
    while (now_ < kEnd) Step();
    for (Call& call : calls_) {
      if (Chance(50)) Apply(call);
      Finish(call);
    }
    for (auto& [id, saga] : sagas_) {
      while (saga.step != kOver) Advance(id, saga);
    }
    ReadEnd();
    return std::move(history_);
  }

 private:
  enum SagaStep { kReserve, kHold, kWait, kCharge, kConfirm, kRefund, kRelease, kCancel, kOver };
  struct Saga {
    Shown shown;  // its row, which it may be ahead of
    std::string asked_card;
    std::string card;  // that is charged: of a hold, that of its last payment
    SagaStep step = kReserve;
    std::string reason;
    std::string failure;
    bool paid = false;               // for the present round
    int rounds = 0;                  // how often it was HELD
    std::set<std::string> payments;  // requests
    std::string cancellation;        // request
    bool compensate = false;
    bool parked = false;
  };
  enum class Kind { kCreate, kLook, kSeat, kCompensate, kWish };
  struct Answer {
    Heard heard = Heard::kNothing;
    std::string error;
    bool not_found = false;
    std::optional<Shown> shown;
    std::string holder;
  };
  struct Call {
    Kind kind;
    size_t index;          // in the history
    bool applied = false;  // it has reached the service
    bool over = false;     // the caller waits no more
    Answer answer;
  };

  static constexpr Moment kEnd = 2000;

  bool Chance(int percent) { return Below(100) < percent; }
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool Lies(Lie lie, int percent = 50) { return lie_ == lie && Chance(percent); }

  void Step() {
    ++now_;
    const int what = Below(14);
    if (what < 3) {
      Send();
    } else if (what < 6 && !calls_.empty()) {
      Apply(calls_[static_cast<size_t>(Below(static_cast<int>(calls_.size())))]);
    } else if (what < 9 && !calls_.empty()) {
      const auto at = Below(static_cast<int>(calls_.size()));
      Finish(calls_[static_cast<size_t>(at)]);
      if (Call& call = calls_[static_cast<size_t>(at)]; call.applied || Chance(10)) {
        calls_.erase(calls_.begin() + at);  // else it is still on its way
      }
    } else if (!sagas_.empty()) {
      const auto at = std::next(sagas_.begin(), Below(static_cast<int>(sagas_.size())));
      if (at->second.step != kOver) Advance(at->first, at->second);
    }
  }

  std::string AnyReservation() {
    if (sagas_.empty() || Chance(5)) return "res-nobody";
    return std::next(sagas_.begin(), Below(static_cast<int>(sagas_.size())))->first;
  }

  void Send() {
    const int what = Below(50);
    if (what < 3) {
      SendCreation();
    } else if (what >= 21) {
      SendWish();
    } else if (what < 11) {
      calls_.push_back({Kind::kLook, history_.looks.size()});
      history_.looks.push_back({.reservation_id = AnyReservation(), .sent = now_});
    } else if (what < 18) {
      calls_.push_back({Kind::kSeat, seats_.size()});
      seats_.push_back({"hamlet", std::to_string(1 + Below(8)), "", now_});
    } else {
      calls_.push_back({Kind::kCompensate, history_.interventions.size()});
      history_.interventions.push_back({Intervention::Kind::kCompensate, AnyReservation(), now_});
    }
  }

  void SendCreation() {
    Creation creation;
    if (!history_.creations.empty() && Chance(50)) {
      creation =
          history_
              .creations[static_cast<size_t>(Below(static_cast<int>(history_.creations.size())))];
      creation = {.request_id = creation.request_id,
                  .user = creation.user,
                  .event = creation.event,
                  .seats = creation.seats,
                  .card = creation.card,
                  .hold = creation.hold};
      if (Chance(15) && !creation.hold) creation.card = "broke";
      if (Chance(15)) creation.seats = {"5"};
    } else {
      creation.request_id = "req-" + std::to_string(now_);
      creation.user = "anna";
      creation.event = Chance(97) ? "hamlet" : "macbeth";
      const int first = 1 + Below(8);
      creation.seats = {std::to_string(first)};
      if (Chance(50)) creation.seats.push_back(std::to_string(first + 1));  // 9 does not exist
      creation.hold = Chance(50);
      if (!creation.hold) creation.card = AnyCard();
    }
    creation.sent = now_;
    calls_.push_back({Kind::kCreate, history_.creations.size()});
    history_.creations.push_back(creation);
  }

  std::string AnyCard() { return Chance(70) ? "visa" : Chance(60) ? "broke" : "sticky"; }

  void SendWish() {
    Wish wish;
    if (!history_.wishes.empty() && Chance(40)) {
      const auto any = static_cast<size_t>(Below(static_cast<int>(history_.wishes.size())));
      const Wish& before = history_.wishes[any];
      wish = {.kind = before.kind,
              .reservation_id = before.reservation_id,
              .request_id = before.request_id,
              .card = before.card,
              .only_validates = before.only_validates && Chance(50)};
    } else {
      const int what = Below(12);
      wish.kind = what < 9    ? Wish::Kind::kPay
                  : what < 10 ? Wish::Kind::kExtend
                              : Wish::Kind::kCancel;
      // Mostly one that was just made, because the others may be over.
      const std::string newest = "res-" + std::to_string(std::max(1, made_ - Below(3)));
      wish.reservation_id = Chance(80) ? newest : AnyReservation();
      if (wish.kind != Wish::Kind::kExtend) wish.request_id = "wish-" + std::to_string(now_);
      if (wish.kind == Wish::Kind::kPay) wish.card = luckless_ || Chance(30) ? "broke" : AnyCard();
      wish.only_validates = wish.kind == Wish::Kind::kCancel && Chance(40);
    }
    wish.sent = now_;
    calls_.push_back({Kind::kWish, history_.wishes.size()});
    history_.wishes.push_back(wish);
  }

  // The call reaches the service, which does what it asks, maybe later than anyone waits.
  void Apply(Call& call) {
    if (call.applied) return;
    call.applied = true;
    Answer& answer = call.answer;
    switch (call.kind) {
      case Kind::kCreate:
        answer = Create(history_.creations[call.index]);
        return;
      case Kind::kLook: {
        const auto saga = sagas_.find(history_.looks[call.index].reservation_id);
        answer.not_found = saga == sagas_.end();
        answer.heard = answer.not_found ? Heard::kNo : Heard::kAnswer;
        if (!answer.not_found) answer.shown = Show(saga->second);
        return;
      }
      case Kind::kWish:
        answer = Grant(history_.wishes[call.index]);
        return;
      case Kind::kSeat:
        answer.heard = Heard::kAnswer;
        answer.holder = holders_[seats_[call.index].seat];
        return;
      case Kind::kCompensate: {
        const auto saga = sagas_.find(history_.interventions[call.index].saga_id);
        const bool may = saga != sagas_.end() && saga->second.step < kConfirm;
        answer.heard = may ? Heard::kAnswer : Heard::kNo;
        if (may && !Lies(Lie::kForgetsCompensation)) saga->second.compensate = true;
      }
    }
  }

  Shown Show(const Saga& saga) {
    Shown shown = saga.shown;
    if (Lies(Lie::kShowsOldState)) {
      shown.status = Status::kPending;
      shown.reason = "";
      shown.paid_minor = 0;
      shown.currency = "";
      shown.failure = "";
      shown.refund_minor.reset();
    }
    if (Lies(Lie::kShowsWrongPrice)) shown.paid_minor /= 2;
    if (Lies(Lie::kForgetsRefund) && shown.status == Status::kCancelled) shown.refund_minor.reset();
    if (Lies(Lie::kForgetsFailure)) shown.failure = "";
    return shown;
  }

  Answer Grant(const Wish& wish) {
    if (Chance(5)) return {.heard = Heard::kNo, .error = "OVERLOADED"};
    const auto found = sagas_.find(wish.reservation_id);
    if (found == sagas_.end()) return {.heard = Heard::kNo, .error = "RESERVATION_NOT_FOUND"};
    Saga& saga = found->second;
    const bool cancels = wish.kind == Wish::Kind::kCancel;
    const bool again =
        cancels ? saga.cancellation == wish.request_id : saga.payments.contains(wish.request_id);
    if (again && !Lies(Lie::kRefusesRetry)) return {.heard = Heard::kAnswer, .shown = Show(saga)};
    if (Chance(5) && !again) return {.heard = Heard::kNo, .error = "ETAG_MISMATCH"};
    if (cancels) return CancelFor(wish, saga);
    std::string error = WhyNotHeld(saga, wish.kind);
    if (Lies(Lie::kRefusesHeld)) error = "NOT_HELD";
    if (wish.kind == Wish::Kind::kExtend && error.empty() && saga.step >= kRefund) {
      error = "HOLD_ENDED";  // its row does not know yet why
    }
    if (!error.empty()) return {.heard = Heard::kNo, .error = error};
    if (wish.kind == Wish::Kind::kPay) {
      saga.payments.insert(wish.request_id);
      saga.card = wish.card;
      saga.paid = true;
      saga.shown.failure = "";
      saga.shown.status = Lies(Lie::kLosesPayment) ? Status::kHeld : Status::kPending;
    }
    return {.heard = Heard::kAnswer, .shown = Show(saga)};
  }

  static std::string WhyNotHeld(const Saga& saga, Wish::Kind kind) {
    if (!saga.shown.hold) return "NOT_HELD";
    switch (saga.shown.status) {
      case Status::kPending:
        return saga.rounds > 0 ? "PAYMENT_UNDER_WAY" : "NOT_HELD";
      case Status::kHeld:
        return "";
      case Status::kConfirmed:
      case Status::kChanging:
        return "ALREADY_PAID";
      case Status::kCancelling:
        return "RESERVATION_CANCELLED";
      case Status::kCancelled:
        break;
    }
    const bool expired = saga.shown.reason == "HOLD_EXPIRED" && kind != Wish::Kind::kCancel;
    return expired ? "HOLD_EXPIRED" : "RESERVATION_CANCELLED";
  }

  Answer CancelFor(const Wish& wish, Saga& saga) {
    if (saga.shown.status == Status::kCancelling) {
      return {.heard = Heard::kNo, .error = "CANCELLATION_UNDER_WAY"};
    }
    if (saga.shown.status == Status::kCancelled) {
      return {.heard = Heard::kNo, .error = "RESERVATION_CANCELLED"};
    }
    Saga cancelled = saga;
    Shown& shown = cancelled.shown;
    if (shown.status == Status::kConfirmed) {
      const int percent = history_.halls[0].refund_percent - (Lies(Lie::kRefundsLess) ? 1 : 0);
      shown.refund_minor = PriceOf(saga) * percent / 100;
      if (cancelled.step == kOver) {
        cancelled.step = kRefund;
        cancelled.reason = "CANCELLED_BY_CLIENT";
      }
    }
    shown.status = Status::kCancelling;
    shown.failure = "";
    cancelled.cancellation = wish.request_id;
    const Answer answer{.heard = Heard::kAnswer, .shown = shown};
    if (wish.only_validates && !Lies(Lie::kValidatesInEarnest)) return answer;
    if (!Lies(Lie::kLosesCancellation)) saga = cancelled;
    return answer;
  }

  Answer Create(const Creation& creation) {
    if (Chance(10)) return {.heard = Heard::kNo, .error = "OVERLOADED"};
    for (auto& [id, saga] : sagas_) {
      if (saga.shown.request_id != creation.request_id || Lies(Lie::kForgetsRequestId)) continue;
      const bool same = saga.shown.seats == creation.seats && saga.asked_card == creation.card;
      if (same || Lies(Lie::kTakesOtherBody)) return {.heard = Heard::kAnswer, .shown = Show(saga)};
      return {.heard = Heard::kNo, .error = "REQUEST_ID_REUSED"};
    }
    Saga saga{.asked_card = creation.card, .card = creation.card};
    saga.shown.reservation_id = "res-" + std::to_string(++made_);
    saga.shown.request_id = creation.request_id;
    saga.shown.user = creation.user;
    saga.shown.event = creation.event;
    saga.shown.seats = creation.seats;
    saga.shown.hold = creation.hold;
    if (!Lies(Lie::kForgetsReservation)) sagas_[saga.shown.reservation_id] = saga;
    return {.heard = Heard::kAnswer, .shown = saga.shown};
  }

  // The caller hears the answer, or nothing.
  void Finish(Call& call) {
    if (std::exchange(call.over, true)) return;
    const Answer answer = call.applied && Chance(80) ? call.answer : Answer{};
    const Moment ended = ++now_;
    switch (call.kind) {
      case Kind::kCreate: {
        Creation& creation = history_.creations[call.index];
        creation.ended = ended;
        creation.heard = answer.heard;
        creation.error = answer.error;
        creation.shown = answer.shown;
        return;
      }
      case Kind::kLook: {
        Look& look = history_.looks[call.index];
        look.ended = ended;
        look.heard = answer.heard;
        look.not_found = answer.not_found;
        look.shown = answer.shown;
        return;
      }
      case Kind::kWish: {
        Wish& wish = history_.wishes[call.index];
        wish.ended = ended;
        wish.heard = answer.heard;
        wish.error = answer.error;
        wish.shown = answer.shown;
        return;
      }
      case Kind::kCompensate:
        history_.interventions[call.index].ended = ended;
        history_.interventions[call.index].heard = answer.heard;
        return;
      case Kind::kSeat:
        if (answer.heard != Heard::kAnswer) return;
        seats_[call.index].holder = answer.holder;
        seats_[call.index].ended = ended;
        history_.seat_looks.push_back(seats_[call.index]);
    }
  }

  int64_t PriceOf(const Saga& saga) const {
    int64_t sum = 0;
    for (const std::string& seat : saga.shown.seats) sum += history_.halls[0].price_minor.at(seat);
    return sum;
  }
  void Undo(Saga& saga, SagaStep from, const std::string& reason) {
    saga.step = from == kRelease && lie_ == Lie::kCancelsFirst ? kCancel : from;
    saga.reason = reason;
  }

  // Its client has cancelled it, of which it hears sooner or later; at the latest when its row
  // refuses to be HELD or CONFIRMED.
  bool IsCancelled(const Saga& saga, bool hears_late) {
    if (saga.shown.status != Status::kCancelling) return false;
    return !Lies(Lie::kConfirmsCancelling) && (hears_late || Chance(30));
  }

  void Hold(Saga& saga) {
    if (IsCancelled(saga, true)) return Undo(saga, kRelease, "CANCELLED_BY_CLIENT");
    if (saga.compensate) return Undo(saga, kRelease, "CANCELLED_BY_OPERATOR");
    saga.step = kWait;
    if (Chance(5)) Undo(saga, kRelease, "OUTCOME_UNKNOWN");
    if (saga.shown.status != Status::kPending) return;
    saga.shown.status = Status::kHeld;
    saga.shown.failure = saga.failure;
    saga.shown.paid_minor = PriceOf(saga);
    saga.shown.currency = "EUR";
    saga.paid = false;
    ++saga.rounds;
  }

  void Wait(Saga& saga, bool at_end) {
    if (IsCancelled(saga, at_end)) return Undo(saga, kRelease, "CANCELLED_BY_CLIENT");
    if (saga.compensate) return Undo(saga, kRelease, "CANCELLED_BY_OPERATOR");
    if (at_end ? !saga.paid : Chance(1)) return Undo(saga, kRelease, "HOLD_EXPIRED");
    if (saga.paid || Lies(Lie::kChargesUnasked)) saga.step = kCharge;
    if (saga.step == kCharge && saga.card.empty()) saga.card = "visa";
  }

  // Declined: it is held again, or over.
  void Decline(const std::string& id, Saga& saga) {
    const int tries = lie_ == Lie::kTriesForEver ? 50 : lie_ == Lie::kTriesOnce ? 1 : 5;
    if (!saga.shown.hold || saga.rounds >= tries) return Undo(saga, kRelease, "PAYMENT_DECLINED");
    saga.failure = Chance(50) ? "PAYMENT_DECLINED" : "INSUFFICIENT_FUNDS";
    saga.step = kHold;
    if (Lies(Lie::kHoldsNothing)) Release(id, saga);
  }

  void Advance(const std::string& id, Saga& saga) {
    Account& account = history_.end.accounts[id];
    switch (saga.step) {
      case kReserve:
        return Reserve(id, saga);
      case kHold:
        return Hold(saga);
      case kWait:
        return Wait(saga, now_ >= kEnd);
      case kCharge:
        if (IsCancelled(saga, false)) return Undo(saga, kRelease, "CANCELLED_BY_CLIENT");
        if (saga.compensate) return Undo(saga, kRelease, "CANCELLED_BY_OPERATOR");
        if (saga.card == "broke" && !Lies(Lie::kConfirmsUncharged)) {
          ++account.declines;
          return Decline(id, saga);
        }
        if (saga.card != "broke") {
          account.captures += Lies(Lie::kChargesTwice) ? 2 : 1;
          account.captured_minor = account.captures * PriceOf(saga);
        }
        saga.step = kConfirm;
        if (saga.compensate || Chance(15)) Undo(saga, kRefund, "OUTCOME_UNKNOWN");
        if (saga.shown.hold && Lies(Lie::kExpiresCharged)) Undo(saga, kRefund, "HOLD_EXPIRED");
        return;
      case kConfirm:
        if (IsCancelled(saga, true)) return Undo(saga, kRefund, "CANCELLED_BY_CLIENT");
        if (saga.compensate) return Undo(saga, kRefund, "CANCELLED_BY_OPERATOR");
        saga.shown.status = Status::kConfirmed;
        saga.shown.reason = "";
        saga.shown.paid_minor = PriceOf(saga);
        saga.shown.currency = "EUR";
        saga.step = kOver;
        if (Lies(Lie::kReleasesConfirmed)) Release(id, saga);
        return;
      case kRefund:
        if (saga.card == "sticky" && saga.shown.refund_minor != 0) {
          saga.parked = true;
          saga.step = kOver;
          return;
        }
        if (!Lies(Lie::kKeepsMoney)) {
          account.refunded_minor = Lies(Lie::kRefundsAll)
                                       ? account.captured_minor
                                       : saga.shown.refund_minor.value_or(account.captured_minor);
        }
        saga.step = lie_ == Lie::kCancelsFirst ? kCancel : kRelease;
        return;
      case kRelease:
        if (Lies(Lie::kParksIdly)) {
          saga.parked = true;
          saga.step = kOver;
          return;
        }
        if (saga.shown.status == Status::kCancelled && Chance(90))
          return;  // the lie takes its time
        if (!Lies(Lie::kKeepsSeats)) Release(id, saga);
        saga.step = saga.shown.status == Status::kCancelled ? kOver : kCancel;
        return;
      case kCancel:
        saga.shown.status = Status::kCancelled;
        saga.shown.reason = saga.reason;
        saga.shown.failure = "";
        saga.step = kOver;
        if (lie_ == Lie::kCancelsFirst) saga.step = kRelease;
        if (saga.reason == "PAYMENT_DECLINED" && Lies(Lie::kReopensCancelled)) saga.step = kConfirm;
        return;
      case kOver:
        return;
    }
  }

  void Reserve(const std::string& id, Saga& saga) {
    if (IsCancelled(saga, false)) return Undo(saga, kCancel, "CANCELLED_BY_CLIENT");
    if (saga.compensate) return Undo(saga, kCancel, "CANCELLED_BY_OPERATOR");
    const Hall& hall = history_.halls[0];
    if (saga.shown.event != hall.event) return Undo(saga, kCancel, "EVENT_NOT_FOUND");
    for (const std::string& seat : saga.shown.seats) {
      if (!hall.price_minor.contains(seat)) return Undo(saga, kCancel, "SEAT_NOT_FOUND");
    }
    const bool taken =
        std::any_of(saga.shown.seats.begin(), saga.shown.seats.end(),
                    [this](const std::string& seat) { return !holders_[seat].empty(); });
    if ((taken && !Lies(Lie::kSellsTwice)) || Lies(Lie::kRefusesFreeSeats)) {
      return Undo(saga, kCancel, "SEAT_NOT_AVAILABLE");
    }
    for (const std::string& seat : saga.shown.seats) holders_[seat] = id;
    saga.step = saga.shown.hold ? kHold : kCharge;
    if (Chance(5)) Undo(saga, kRelease, "OUTCOME_UNKNOWN");
  }

  void Release(const std::string& id, const Saga& saga) {
    for (const std::string& seat : saga.shown.seats) {
      if (holders_[seat] == id) holders_[seat] = "";
    }
  }

  void ReadEnd() {
    End& end = history_.end;
    for (const auto& [id, saga] : sagas_) {
      end.reservations[id] = saga.shown;
      end.parked[id] = saga.parked;
    }
    for (const auto& [seat, price] : history_.halls[0].price_minor) {
      end.seats[{"hamlet", seat}] = holders_[seat];
    }
  }

  std::mt19937 random_;
  const Lie lie_;
  const bool luckless_;  // no payment for a hold succeeds
  Moment now_ = 0;
  int made_ = 0;
  History history_;
  std::vector<SeatLook> seats_;  // all that were sent
  std::vector<Call> calls_;      // that are under way
  std::map<std::string, Saga> sagas_;
  std::map<std::string, std::string> holders_;
};

TEST_CASE("checker: an honest model is never accused") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const std::vector<std::string> found = Check(Model(seed, Lie::kNone).Run());
    CAPTURE(seed, found);
    REQUIRE(found.empty());
  }
}

// Not in every run: a lie needs its occasion, and someone who looks at the right moment.
TEST_CASE("checker: every kind of lie is found out") {
  for (int lie = 1; lie <= static_cast<int>(Lie::kForgetsRefund); ++lie) {
    int found = 0;
    for (unsigned seed = 0; seed < 2000 && found < 5; ++seed) {
      if (!Check(Model(seed, static_cast<Lie>(lie)).Run()).empty()) ++found;
    }
    CAPTURE(lie);
    CHECK(found == 5);
  }
}

}  // namespace
}  // namespace seatsaga::simulation
