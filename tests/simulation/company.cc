#include "tests/simulation/company.h"

#include <utility>

namespace seatsaga::simulation {

using payment::GatewayOutcome;
using Kind = GatewayOutcome::Kind;

namespace {

// After so long a caller gives up, as PaymentGateway asks of an implementation.
constexpr absl::Duration kPatience = absl::Seconds(1);

}  // namespace

void Company::Take(const Line& line, Done done, Act act) {
  const uint64_t call = ++last_call_;
  waiting_.emplace(call, Waiting{&line, std::move(done)});
  const auto answer = [this, call](GatewayOutcome outcome) {
    if (auto waiting = waiting_.extract(call)) waiting.mapped().done.Send(std::move(outcome));
  };
  later_(kPatience, [answer] { answer({}); });  // kUnknown
  absl::Duration arrives = dice_.Between(absl::Microseconds(200), absl::Milliseconds(5));
  bool answers = true;
  if (dice_.Strikes(Fault::kCompanyLost)) {
    if (dice_.Chance(0.5)) return dice_.Count(Fault::kCompanyLost);  // the call itself
    answers = false;
  } else if (dice_.Strikes(Fault::kCompanyLate)) {
    arrives = dice_.Between(absl::Milliseconds(100), absl::Seconds(8));
  }
  later_(arrives, [this, call, act = std::move(act), answer, answers] {
    const int64_t changes = changes_;
    GatewayOutcome outcome = act();
    const bool awaited = waiting_.contains(call);
    if (!awaited && changes_ > changes) dice_.Count(Fault::kCompanyLate);
    if (awaited && !answers) dice_.Count(Fault::kCompanyLost);
    if (!answers) return;
    later_(dice_.Between(absl::Microseconds(200), absl::Milliseconds(5)),
           [answer, outcome = std::move(outcome)]() mutable { answer(std::move(outcome)); });
  });
}

void Company::Become(Book& book, State state) {
  book.state = state;
  ++changes_;
}

GatewayOutcome Company::Say(const Book& book) {
  switch (book.state) {
    case State::kNothing:
      return {Kind::kNotFound, "", ""};
    case State::kCaptured:
      return {Kind::kCaptured, "", book.reference};
    case State::kDeclined:
      return {Kind::kDeclined, book.reason, ""};
    case State::kVoided:
      return {Kind::kVoided, "", ""};
    case State::kRefunded:
      return {Kind::kRefunded, "", book.reference};
  }
  return {};
}

GatewayOutcome Company::Charge(const payment::ChargeRequest& request) {
  Book& book = books_[request.key];
  if (book.state != State::kNothing) return Say(book);
  const CardRule rule = cards.at(request.payment_token);
  if (rule == CardRule::kDeclines) {
    Become(book, State::kDeclined);
    book.reason = "PAYMENT_DECLINED";
    ++book.declines;
  } else {
    Become(book, State::kCaptured);
    book.amount_minor = request.amount_minor;
    book.reference = "company-" + request.key;
    book.refund_refused = rule == CardRule::kRefundRefused;
  }
  return Say(book);
}

GatewayOutcome Company::Refund(const payment::RefundRequest& request) {
  Book& book = books_[request.charge_key];
  const GatewayOutcome refunded{Kind::kRefunded, "", book.reference};
  if (book.refunds.contains(request.key)) return refunded;  // it was sent again
  if (book.state != State::kCaptured) return Say(book);
  if (book.refund_refused) return {Kind::kDeclined, "REFUND_REFUSED", ""};
  if (request.amount_minor > book.amount_minor - book.refunded_minor) {
    return {Kind::kDeclined, "REFUND_EXCEEDS_CHARGE", ""};
  }
  book.refunds.insert(request.key);
  book.refunded_minor += request.amount_minor;
  const bool all = book.refunded_minor == book.amount_minor;
  Become(book, all ? State::kRefunded : State::kCaptured);
  return refunded;
}

GatewayOutcome Company::Lookup(const std::string& charge_key) { return Say(books_[charge_key]); }

GatewayOutcome Company::Cancel(const std::string& charge_key) {
  Book& book = books_[charge_key];
  if (book.state == State::kNothing) Become(book, State::kVoided);
  return Say(book);
}

template <class Request>
void Company::Line::Pass(Done done, GatewayOutcome (Company::*act)(const Request&),
                         Request request) {
  company_.Take(*this, std::move(done), [&company = company_, act, request = std::move(request)] {
    return (company.*act)(request);
  });
}

void Company::Line::Charge(payment::ChargeRequest request, Done done) {
  Pass(std::move(done), &Company::Charge, std::move(request));
}

void Company::Line::Refund(payment::RefundRequest request, Done done) {
  Pass(std::move(done), &Company::Refund, std::move(request));
}

void Company::Line::Lookup(std::string charge_key, Done done) {
  Pass(std::move(done), &Company::Lookup, std::move(charge_key));
}

void Company::Line::Cancel(std::string charge_key, Done done) {
  Pass(std::move(done), &Company::Cancel, std::move(charge_key));
}

void Company::Line::Cut() {
  std::erase_if(company_.waiting_, [this](const auto& call) { return call.second.line == this; });
}

// A key begins with the payment's id.
std::map<std::string, Account> Company::Accounts() const {
  std::map<std::string, Account> accounts;
  for (const auto& [key, book] : books_) {
    if (book.state != State::kCaptured && book.state != State::kRefunded && book.declines == 0) {
      continue;
    }
    Account& account = accounts[key.substr(0, key.find('/'))];
    account.declines += book.declines;
    if (book.state == State::kCaptured || book.state == State::kRefunded) {
      account.captured_minor += book.amount_minor;
      ++account.captures;
    }
    account.refunded_minor += book.refunded_minor;
  }
  return accounts;
}

}  // namespace seatsaga::simulation
