// The checker against a model of SeatSaga in one page, which runs as chance wants: it never accuses
// the model while it is honest, and notices each way in which it can be made dishonest.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
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
};

class Model {
 public:
  Model(unsigned seed, Lie lie) : random_(seed), lie_(lie) {
    Hall hall{.event = "hamlet", .currency = "EUR"};
    for (int i = 1; i <= 5; ++i) hall.price_minor[std::to_string(i)] = 10 * i;
    history_.halls = {hall};
    history_.cards = {{"visa", CardRule::kApproves},
                      {"broke", CardRule::kDeclines},
                      {"sticky", CardRule::kRefundRefused}};
  }

  History Run() {
    while (now_ < 1000) Step();
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
  enum SagaStep { kReserve, kCharge, kConfirm, kRefund, kRelease, kCancel, kOver };
  struct Saga {
    Shown shown;
    std::string card;
    SagaStep step = kReserve;
    std::string reason;
    bool compensate = false;
    bool parked = false;
  };
  enum class Kind { kCreate, kLook, kSeat, kCompensate };
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

  bool Chance(int percent) { return Below(100) < percent; }
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool Lies(Lie lie, int percent = 50) { return lie_ == lie && Chance(percent); }

  void Step() {
    ++now_;
    const int what = Below(10);
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
    const int what = Below(20);
    if (what < 4) {
      SendCreation();
    } else if (what < 11) {
      calls_.push_back({Kind::kLook, history_.looks.size()});
      history_.looks.push_back({.reservation_id = AnyReservation(), .sent = now_});
    } else if (what < 19) {
      calls_.push_back({Kind::kSeat, seats_.size()});
      seats_.push_back({"hamlet", std::to_string(1 + Below(5)), "", now_});
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
                  .card = creation.card};
      if (Chance(15)) creation.card = "broke";
      if (Chance(15)) creation.seats = {"5"};
    } else {
      creation.request_id = "req-" + std::to_string(now_);
      creation.user = "anna";
      creation.event = Chance(97) ? "hamlet" : "macbeth";
      const int first = 1 + Below(5);
      creation.seats = {std::to_string(first)};
      if (Chance(50)) creation.seats.push_back(std::to_string(first + 1));  // 6 does not exist
      creation.card = Chance(70) ? "visa" : Chance(60) ? "broke" : "sticky";
    }
    creation.sent = now_;
    calls_.push_back({Kind::kCreate, history_.creations.size()});
    history_.creations.push_back(creation);
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
      case Kind::kSeat:
        answer.heard = Heard::kAnswer;
        answer.holder = holders_[seats_[call.index].seat];
        return;
      case Kind::kCompensate: {
        const auto saga = sagas_.find(history_.interventions[call.index].reservation_id);
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
    }
    if (Lies(Lie::kShowsWrongPrice)) shown.paid_minor /= 2;
    return shown;
  }

  Answer Create(const Creation& creation) {
    if (Chance(10)) return {.heard = Heard::kNo, .error = "OVERLOADED"};
    for (auto& [id, saga] : sagas_) {
      if (saga.shown.request_id != creation.request_id || Lies(Lie::kForgetsRequestId)) continue;
      const bool same = saga.shown.seats == creation.seats && saga.card == creation.card;
      if (same || Lies(Lie::kTakesOtherBody)) return {.heard = Heard::kAnswer, .shown = Show(saga)};
      return {.heard = Heard::kNo, .error = "REQUEST_ID_REUSED"};
    }
    Saga saga{.card = creation.card};
    saga.shown.reservation_id = "res-" + std::to_string(++made_);
    saga.shown.request_id = creation.request_id;
    saga.shown.user = creation.user;
    saga.shown.event = creation.event;
    saga.shown.seats = creation.seats;
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

  void Advance(const std::string& id, Saga& saga) {
    Account& account = history_.end.accounts[id];
    switch (saga.step) {
      case kReserve:
        return Reserve(id, saga);
      case kCharge:
        if (saga.compensate) return Undo(saga, kRelease, "CANCELLED_BY_OPERATOR");
        if (saga.card == "broke" && !Lies(Lie::kConfirmsUncharged)) {
          ++account.declines;
          return Undo(saga, kRelease, "PAYMENT_DECLINED");
        }
        if (saga.card != "broke") {
          account.captures += Lies(Lie::kChargesTwice) ? 2 : 1;
          account.captured_minor = account.captures * PriceOf(saga);
        }
        saga.step = kConfirm;
        if (saga.compensate || Chance(15)) Undo(saga, kRefund, "OUTCOME_UNKNOWN");
        return;
      case kConfirm:
        if (saga.compensate) return Undo(saga, kRefund, "CANCELLED_BY_OPERATOR");
        saga.shown.status = Status::kConfirmed;
        saga.shown.reason = "";
        saga.shown.paid_minor = PriceOf(saga);
        saga.shown.currency = "EUR";
        saga.step = kOver;
        if (Lies(Lie::kReleasesConfirmed)) Release(id, saga);
        return;
      case kRefund:
        if (saga.card == "sticky") {
          saga.parked = true;
          saga.step = kOver;
          return;
        }
        if (!Lies(Lie::kKeepsMoney)) account.refunded_minor = account.captured_minor;
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
        saga.step = kOver;
        if (lie_ == Lie::kCancelsFirst) saga.step = kRelease;
        if (saga.reason == "PAYMENT_DECLINED" && Lies(Lie::kReopensCancelled)) saga.step = kConfirm;
        return;
      case kOver:
        return;
    }
  }

  void Reserve(const std::string& id, Saga& saga) {
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
    saga.step = kCharge;
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
  Moment now_ = 0;
  int made_ = 0;
  History history_;
  std::vector<SeatLook> seats_;  // all that were sent
  std::vector<Call> calls_;      // that are under way
  std::map<std::string, Saga> sagas_;
  std::map<std::string, std::string> holders_;
};

TEST_CASE("checker: an honest model is never accused") {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const std::vector<std::string> found = Check(Model(seed, Lie::kNone).Run());
    CAPTURE(seed, found);
    REQUIRE(found.empty());
  }
}

// Not in every run: a lie needs its occasion, and someone who looks at the right moment.
TEST_CASE("checker: every kind of lie is found out") {
  for (int lie = 1; lie <= static_cast<int>(Lie::kParksIdly); ++lie) {
    int found = 0;
    for (unsigned seed = 0; seed < 100; ++seed) {
      if (!Check(Model(seed, static_cast<Lie>(lie)).Run()).empty()) ++found;
    }
    CAPTURE(lie);
    CHECK(found >= 5);
  }
}

}  // namespace
}  // namespace seatsaga::simulation
