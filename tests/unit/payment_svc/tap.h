#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "payment_svc/gateway.h"

namespace seatsaga::payment {

// On the way between payment_svc and its provider: notes what arrives there, and holds or loses it,
// or the answers. Not thread-safe.
class Tap final : public PaymentGateway {
 public:
  struct Arrival {
    GatewayOperation operation;
    std::string key;
    absl::Time time;
  };

  explicit Tap(std::function<absl::Time()> clock) : clock_(std::move(clock)) {}
  // Before the first call.
  void Connect(PaymentGateway& provider) { provider_ = &provider; }

  void Charge(ChargeRequest request, Done done) override {
    const std::string key = request.key;
    Pass(
        GatewayOperation::kCharge, key,
        [this, request = std::move(request)](Done wrapped) mutable {
          provider_->Charge(std::move(request), std::move(wrapped));
        },
        std::move(done));
  }
  void Refund(RefundRequest request, Done done) override {
    const std::string key = request.key;
    refunds.push_back(request.amount_minor);
    Pass(
        GatewayOperation::kRefund, key,
        [this, request = std::move(request)](Done wrapped) mutable {
          provider_->Refund(std::move(request), std::move(wrapped));
        },
        std::move(done));
  }
  void Lookup(std::string key, Done done) override {
    Pass(
        GatewayOperation::kLookup, key,
        [this, key](Done wrapped) { provider_->Lookup(key, std::move(wrapped)); }, std::move(done));
  }
  void Cancel(std::string key, Done done) override {
    Pass(
        GatewayOperation::kCancel, key,
        [this, key](Done wrapped) { provider_->Cancel(key, std::move(wrapped)); }, std::move(done));
  }

  using Deed = absl::AnyInvocable<void() &&>;
  // Held calls do not arrive until they are let go; the answers to those that have arrived neither.
  bool hold_calls = false;
  bool hold_answers = false;
  std::vector<Deed> calls;
  std::vector<Deed> answers;
  std::vector<Arrival> arrivals;
  std::vector<int64_t> refunds;  // the amounts that were asked for

  static void LetGo(std::vector<Deed> held) {
    for (Deed& deed : held) std::move(deed)();
  }
  // What has been held, and nothing more is.
  void LetGoOfAll() {
    hold_calls = hold_answers = false;
    LetGo(std::exchange(calls, {}));
    LetGo(std::exchange(answers, {}));
  }

  std::vector<GatewayOperation> asked() const {
    std::vector<GatewayOperation> operations;
    for (const Arrival& arrival : arrivals) operations.push_back(arrival.operation);
    return operations;
  }
  size_t TimesAsked(GatewayOperation operation) const {
    const auto all = asked();
    return static_cast<size_t>(std::count(all.begin(), all.end(), operation));
  }

 private:
  template <class Call>
  void Pass(GatewayOperation operation, std::string key, Call call, Done done) {
    Deed arrive = [this, operation, key = std::move(key), call = std::move(call),
                   done = std::move(done)]() mutable {
      arrivals.push_back({operation, key, clock_()});
      call(Done([this, done = std::move(done)](absl::StatusOr<GatewayOutcome> outcome) mutable {
        Deed answer = [done = std::move(done), outcome = std::move(outcome)]() mutable {
          done.Send(std::move(outcome));
        };
        if (hold_answers) return answers.push_back(std::move(answer));
        std::move(answer)();
      }));
    };
    if (hold_calls) return calls.push_back(std::move(arrive));
    std::move(arrive)();
  }

  const std::function<absl::Time()> clock_;
  PaymentGateway* provider_ = nullptr;
};

}  // namespace seatsaga::payment
