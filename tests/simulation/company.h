#pragma once

#include <functional>
#include <map>
#include <memory>
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
class Company final : public payment::PaymentGateway {
 public:
  // Runs a function after a while.
  using Later = std::function<void(absl::Duration, absl::AnyInvocable<void() &&>)>;

  // `dice` must outlive this.
  Company(Dice& dice, Later later) : dice_(dice), later_(std::move(later)) {}

  void Charge(payment::ChargeRequest request, Done done) override;
  void Refund(payment::RefundRequest request, Done done) override;
  void Lookup(std::string charge_key, Done done) override;
  void Cancel(std::string charge_key, Done done) override;

  // The caller has crashed: nobody waits for answers any more. Before its node is destroyed.
  void ForgetCallers() { waiting_.clear(); }

  // How each card is to be treated.
  std::map<std::string, CardRule> cards;
  // The books, by reservation.
  std::map<std::string, Account> Accounts() const;

 private:
  enum class State { kNothing, kCaptured, kDeclined, kVoided, kRefunded };
  struct Book {
    State state = State::kNothing;
    int64_t amount_minor = 0;
    std::string reference;
    std::string reason;
    bool refund_refused = false;
    int declines = 0;
  };

  // `act` is what the call does to the books when it arrives.
  void Take(Done done, std::function<payment::GatewayOutcome()> act);
  payment::GatewayOutcome Say(const Book& book) const;

  Dice& dice_;
  const Later later_;
  std::map<std::string, Book> books_;  // by charge key
  std::map<uint64_t, Done> waiting_;
  uint64_t last_call_ = 0;
};

}  // namespace seatsaga::simulation
