#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "payment_svc/gateway.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/history.h"

namespace seatsaga::simulation {

// The payment company: another firm, which never crashes and remembers what it did by idempotency
// key. Calls to it get lost, and so do its answers, and some take effect after everybody gave up.
// Not thread-safe.
class Company {
 public:
  // The company as one process calls it. To be destroyed after the process' node, and before that
  // told when the process crashes.
  class Line;
  // Runs a function after a while.
  using Later = std::function<void(absl::Duration, absl::AnyInvocable<void() &&>)>;

  // `dice` must outlive this.
  Company(Dice& dice, Later later) : dice_(dice), later_(std::move(later)) {}

  // How each card is to be treated.
  std::map<std::string, CardRule> cards;
  // The books, by payment.
  std::map<std::string, Account> Accounts() const;

 private:
  using Done = payment::PaymentGateway::Done;
  using Act = std::function<payment::GatewayOutcome()>;
  enum class State { kNothing, kCaptured, kDeclined, kVoided, kRefunded };
  struct Book {
    State state = State::kNothing;
    int64_t amount_minor = 0;
    int64_t refunded_minor = 0;     // in all
    std::set<std::string> refunds;  // by their keys
    std::string reference;
    std::string reason;
    bool refund_refused = false;
    int declines = 0;
  };

  // Writes down that something has happened.
  void Become(Book& book, State state);
  payment::GatewayOutcome Charge(const payment::ChargeRequest& request);
  payment::GatewayOutcome Refund(const payment::RefundRequest& request);
  payment::GatewayOutcome Lookup(const std::string& charge_key);
  payment::GatewayOutcome Cancel(const std::string& charge_key);
  // `act` is what the call does to the books when it arrives.
  void Take(const Line& line, Done done, Act act);
  static payment::GatewayOutcome Say(const Book& book);

  Dice& dice_;
  const Later later_;
  std::map<std::string, Book> books_;  // by charge key
  struct Waiting {
    const Line* line;
    Done done;
  };
  std::map<uint64_t, Waiting> waiting_;
  uint64_t last_call_ = 0;
  int64_t changes_ = 0;  // of books
};

class Company::Line final : public payment::PaymentGateway {
 public:
  explicit Line(Company& company) : company_(company) {}
  ~Line() override { Cut(); }

  void Charge(payment::ChargeRequest request, Done done) override;
  void Refund(payment::RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;

  // The caller has crashed: nobody waits for answers any more. Before its node is destroyed.
  void Cut();

 private:
  // The call does `act` to the books when it arrives.
  template <class Request>
  void Pass(Done done, payment::GatewayOutcome (Company::*act)(const Request&), Request request);

  Company& company_;
};

}  // namespace seatsaga::simulation
