#include "bench/workload.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/text.h"
#include "common/time_proto.h"

namespace seatsaga::bench {
namespace {

constexpr int kWaitS = 10;  // for the final state; PENDING is an unexpected outcome
constexpr int kUsers = 10'000;
constexpr int kSeatsPerReservationMax = 20;
constexpr char kGoodToken[] = "tok_visa";
constexpr char kDeclinedToken[] = "tok_declined";

// How an answer reads in reports.
std::string OutcomeOf(const Answer& answer) {
  if (!answer.ok()) {
    return Cat(absl::StatusCodeToString(answer.status().code()), ": ", answer.status().message());
  }
  switch (answer->state()) {
    case reservation::v1::RESERVATION_STATE_CONFIRMED:
      return "CONFIRMED";
    case reservation::v1::RESERVATION_STATE_CANCELLED:
      return Cat("CANCELLED ", answer->reason());
    case reservation::v1::RESERVATION_STATE_HELD:
      return "HELD";
    case reservation::v1::RESERVATION_STATE_PENDING:
      return Cat("PENDING after ", kWaitS, " s");
    default:
      return "reservation without a state";
  }
}

bool Confirmed(const Answer& answer) {
  return answer.ok() && answer->state() == reservation::v1::RESERVATION_STATE_CONFIRMED;
}

bool Held(const Answer& answer) {
  return answer.ok() && answer->state() == reservation::v1::RESERVATION_STATE_HELD;
}

// What all scenarios' requests have in common.
class RequestMaker {
 public:
  CreateRequest Make(const std::string& event_id) {
    CreateRequest request;
    request.set_request_id(ids_.Next(absl::Now()).ToString());
    request.set_user_id(Cat("user-", absl::Uniform(random_, 0, kUsers)));
    request.set_event_id(event_id);
    request.set_payment_token(kGoodToken);
    request.mutable_wait()->set_seconds(kWaitS);
    return request;
  }
  PayRequest MakePayment(const std::string& reservation_id) {
    PayRequest request;
    request.set_reservation_id(reservation_id);
    request.set_request_id(ids_.Next(absl::Now()).ToString());
    request.set_payment_token(kGoodToken);
    request.mutable_wait()->set_seconds(kWaitS);
    return request;
  }
  absl::InsecureBitGen& random() { return random_; }

 private:
  IdGenerator ids_;
  absl::InsecureBitGen random_;
};

void LeavePaymentForLater(CreateRequest& request) {
  request.clear_payment_token();
  request.set_mode(reservation::v1::RESERVATION_MODE_HOLD);
}

class OwnSeats : public Workload {
 public:
  OwnSeats(Halls halls, double declined_share)
      : halls_(std::move(halls)), declined_share_(declined_share) {}

  bool Next(Operation& operation) override {
    if (!halls_.HasMore()) return false;
    Halls::Place place = halls_.Next();
    operation.request = maker_.Make(place.event_id);
    operation.request.add_items()->set_seat(std::move(place.seat_id));
    operation.declined = absl::Bernoulli(maker_.random(), declined_share_);
    if (operation.declined) operation.request.set_payment_token(kDeclinedToken);
    return true;
  }

  Verdict Judge(const Operation& operation, const Answer& answer) override {
    Verdict verdict{.outcome = OutcomeOf(answer)};
    if (operation.declined) {
      verdict.expected = verdict.outcome == "CANCELLED PAYMENT_DECLINED";
    } else if (Confirmed(answer)) {
      const auto& price = answer->price();
      verdict.expected =
          price.amount_minor() == Halls::kPriceMinor && price.currency() == Halls::kCurrency;
      if (!verdict.expected) verdict.outcome = "CONFIRMED at a wrong price";
    }
    return verdict;
  }

 protected:
  RequestMaker& maker() { return maker_; }

 private:
  Halls halls_;
  const double declined_share_;
  RequestMaker maker_;
};

class Unfinished final : public OwnSeats {
 public:
  explicit Unfinished(Halls halls) : OwnSeats(std::move(halls), /*declined_share=*/0) {}

  bool Next(Operation& operation) override {
    const bool more = OwnSeats::Next(operation);
    operation.request.clear_wait();
    return more;
  }

  Verdict Judge(const Operation&, const Answer& answer) override {
    const bool pending =
        answer.ok() && answer->state() == reservation::v1::RESERVATION_STATE_PENDING;
    if (pending) return {.outcome = "PENDING", .expected = true};
    return {.outcome = OutcomeOf(answer)};
  }
};

class HoldAndPay final : public OwnSeats {
 public:
  explicit HoldAndPay(Halls halls) : OwnSeats(std::move(halls), /*declined_share=*/0) {}

  bool Next(Operation& operation) override {
    const bool more = OwnSeats::Next(operation);
    LeavePaymentForLater(operation.request);
    return more;
  }

  std::optional<PayRequest> PaymentAfter(const Answer& answer) override {
    if (!Held(answer) || answer->has_payment_failure()) return std::nullopt;
    return maker().MakePayment(answer->reservation_id());
  }
};

class Holding final : public OwnSeats {
 public:
  Holding(Halls halls, absl::Time expire_time)
      : OwnSeats(std::move(halls), /*declined_share=*/0), expire_time_(expire_time) {}

  bool Next(Operation& operation) override {
    const bool more = OwnSeats::Next(operation);
    LeavePaymentForLater(operation.request);
    *operation.request.mutable_hold_duration() = ToProto(expire_time_ - absl::Now());
    return more;
  }

  Verdict Judge(const Operation&, const Answer& answer) override {
    return {.outcome = OutcomeOf(answer), .expected = Held(answer)};
  }

 private:
  const absl::Time expire_time_;
};

class HotHall final : public Workload {
 public:
  HotHall(Halls halls, int hot_seats)
      : halls_(std::move(halls)), wins_(static_cast<size_t>(hot_seats)) {}

  bool Next(Operation& operation) override {
    const auto hot_seats = static_cast<int>(wins_.size());
    operation.hot_seat = absl::Uniform(maker_.random(), 0, hot_seats);
    operation.request = maker_.Make(halls_.EventId(0));
    operation.request.add_items()->set_seat(
        Halls::SeatId(Halls::kSeatsPerEvent - hot_seats + operation.hot_seat));
    return true;
  }

  Verdict Judge(const Operation& operation, const Answer& answer) override {
    Verdict verdict{.outcome = OutcomeOf(answer)};
    if (Confirmed(answer)) {
      verdict.expected = ++wins_[static_cast<size_t>(operation.hot_seat)] == 1;
      if (!verdict.expected) verdict.outcome = "CONFIRMED although the seat was sold";
    } else {
      verdict.expected = verdict.outcome == "CANCELLED SEAT_NOT_AVAILABLE";
    }
    return verdict;
  }

  std::vector<std::string> Complaints() const override {
    const auto unsold = std::count(wins_.begin(), wins_.end(), 0);
    if (unsold == 0) return {};
    return {Cat(unsold, " of the contended seats were never won")};
  }

 private:
  Halls halls_;
  std::vector<int> wins_;
  RequestMaker maker_;
};

class HallFilling final : public Workload {
 public:
  HallFilling(Halls halls, int hot_seats)
      : halls_(std::move(halls)), end_(Halls::kSeatsPerEvent - hot_seats) {}

  bool Next(Operation& operation) override {
    if (next_ == end_) return false;
    operation.request = maker_.Make(halls_.EventId(0));
    for (int i = 0; i < kSeatsPerReservationMax && next_ < end_; ++i) {
      operation.request.add_items()->set_seat(Halls::SeatId(next_++));
    }
    return true;
  }

  Verdict Judge(const Operation&, const Answer& answer) override {
    return {.outcome = OutcomeOf(answer), .expected = Confirmed(answer)};
  }

 private:
  Halls halls_;
  const int end_;
  int next_ = 0;
  RequestMaker maker_;
};

}  // namespace

std::unique_ptr<Workload> MakeOwnSeats(Halls halls, double declined_share) {
  return std::make_unique<OwnSeats>(std::move(halls), declined_share);
}

std::unique_ptr<Workload> MakeUnfinished(Halls halls) {
  return std::make_unique<Unfinished>(std::move(halls));
}

std::unique_ptr<Workload> MakeHoldAndPay(Halls halls) {
  return std::make_unique<HoldAndPay>(std::move(halls));
}

std::unique_ptr<Workload> MakeHolding(Halls halls, absl::Time expire_time) {
  return std::make_unique<Holding>(std::move(halls), expire_time);
}

std::unique_ptr<Workload> MakeHotHall(Halls halls, int hot_seats) {
  return std::make_unique<HotHall>(std::move(halls), hot_seats);
}

std::unique_ptr<Workload> MakeHallFilling(Halls halls, int hot_seats) {
  return std::make_unique<HallFilling>(std::move(halls), hot_seats);
}

}  // namespace seatsaga::bench
