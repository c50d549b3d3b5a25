#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/payment.h"
#include "common/sealed_token.h"
#include "payment_svc/payment_node.h"
#include "simulated_provider/simulated_gateway.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/payment_svc/tap.h"
#include "tests/world/test_world.h"

namespace seatsaga::payment {

using seatsaga::testing::Engine;
using seatsaga::testing::Pending;
using seatsaga::testing::TestWorld;

// A message of a command, with the key that every test uses unless it says otherwise.
template <class Message>
Message WithKey(const Id& saga, int32_t round) {
  Message message;
  message.mutable_key()->set_saga_id(saga.ToString());
  message.mutable_key()->set_step("charge_payment");
  message.mutable_key()->set_round(round);
  return message;
}

// payment_svc, and the simulated provider as another process, in a test's world.
class Payments {
 public:
  using Answer = Pending<v1::ExecutePaymentCommandsResponse>;

  // `stores`: payment_svc's and the provider's; null for the world's.
  explicit Payments(Engine engine, PaymentLimits limits = {}, store::Stores* stores = nullptr)
      : world(engine), limits_(limits), stores_(stores) {
    provider = SimulatedProvider::Open(WorldOf("simulated_provider"), {}).value();
    gateway_ = std::make_unique<SimulatedGateway>(*provider, outage_file());
    tap.Connect(*gateway_);
    if (!provider->Start().ok()) std::abort();
    Start();
  }

  // --- commands ---
  Id NewSaga() { return ids_.Next(world.wall()); }
  v1::PaymentCommand Charge(const Id& saga, std::string_view token, int64_t amount_minor = 4200,
                            int32_t round = 1) {
    std::string& sealed = sealed_[{saga, std::string(token)}];
    if (sealed.empty()) sealed = sealer.Seal(token, saga)->bytes;
    v1::PaymentCommand command;
    auto& charge = *command.mutable_charge_payment();
    charge = WithKey<v1::ChargePaymentRequest>(saga, round);
    charge.mutable_amount()->set_amount_minor(amount_minor);
    charge.mutable_amount()->set_currency("EUR");
    charge.set_sealed_payment_token(sealed);
    return command;
  }
  static v1::PaymentCommand Refund(const Id& saga, int32_t round = 1) {
    v1::PaymentCommand command;
    *command.mutable_refund_payment() = WithKey<v1::RefundPaymentRequest>(saga, round);
    return command;
  }
  static v1::PaymentCommand RefundPart(const Id& saga, int64_t amount_minor, int32_t round = 1,
                                       std::string_view currency = "EUR") {
    v1::PaymentCommand command = Refund(saga, round);
    AddPart(saga, amount_minor, currency, *command.mutable_refund_payment()->mutable_refunds());
    return command;
  }
  // For good, of any payments: an action of another saga.
  static v1::PaymentCommand PayBack(const Id& saga, const Id& reservation,
                                    const std::vector<std::pair<Id, int64_t>>& parts) {
    v1::PaymentCommand command;
    v1::PayBackPayment& pay_back = *command.mutable_pay_back_payment();
    pay_back = WithKey<v1::PayBackPayment>(saga, 1);
    pay_back.mutable_key()->set_step("pay_back");
    pay_back.set_reservation_id(reservation.ToString());
    pay_back.mutable_refunds();
    for (const auto& [payment, amount_minor] : parts) {
      AddPart(payment, amount_minor, "EUR", *pay_back.mutable_refunds());
    }
    return command;
  }
  // Nothing if the amount is 0.
  static void AddPart(const Id& payment, int64_t amount_minor, std::string_view currency,
                      v1::Refunds& refunds) {
    if (amount_minor == 0) return;
    saga::v1::PaymentPart& part = *refunds.add_refunds();
    part.set_payment_id(payment.ToString());
    part.mutable_amount()->set_amount_minor(amount_minor);
    part.mutable_amount()->set_currency(std::string(currency));
  }
  static v1::PaymentCommand Probe(const Id& saga, int32_t round = 1) {
    v1::PaymentCommand command;
    *command.mutable_probe_payment() = WithKey<v1::ProbePayment>(saga, round);
    return command;
  }

  // --- calls ---
  // Run and Advance of the world bring the answer.
  Answer Send(const std::vector<v1::PaymentCommand>& commands) {
    v1::ExecutePaymentCommandsRequest request;
    for (const v1::PaymentCommand& command : commands) *request.add_commands() = command;
    return world.Call("payment_svc", kExecutePaymentCommands, request);
  }
  // The answer to one command, which comes after the long poll at the latest.
  CommandResult Do(const v1::PaymentCommand& command) {
    v1::ExecutePaymentCommandsRequest request;
    *request.add_commands() = command;
    const auto response = world.CallNow("payment_svc", kExecutePaymentCommands, request);
    if (!response.ok() || response->results_size() != 1) return {};
    return response->results(0);
  }

  // --- accidents ---
  void Start() {
    node = PaymentNode::Open(WorldOf("payment_svc"), tap, sealer, {.payments = limits_}).value();
    if (!node->Start().ok()) std::abort();
  }
  // payment_svc dies and comes back; what it had sent to the provider arrives there all the same.
  void Crash() {
    world.Crash("payment_svc");
    node.reset();
    Start();
  }
  void FailNextCommit() { world.FailNextCommits("payment_svc", 1, store::Committed::kNothing); }

  // --- what can be seen ---
  std::optional<v1::Payment> Get(const Id& saga) {
    v1::GetPaymentRequest request;
    request.set_payment_id(saga.ToString());
    const auto response = world.CallNow("payment_svc", kGetPayment, request);
    if (!response.ok()) return std::nullopt;
    return response->payment();
  }
  PaymentState StateOf(const Id& saga) {
    const auto payment = Get(saga);
    return payment ? payment->state() : v1::PAYMENT_STATE_UNSPECIFIED;
  }
  // Of the ledger.
  int64_t Balance(std::string_view account) {
    const auto response = world.CallNow("payment_svc", kGetLedger, {});
    for (const v1::AccountBalance& balance : response->balances()) {
      if (balance.account() == account) return balance.balance_minor();
    }
    return 0;
  }
  // What the provider's own books say that it holds for us.
  int64_t HeldByProvider() {
    int64_t held = 0;
    const absl::Status read = provider->store().Query([&](store::Snapshot& snapshot) {
      snapshot.Visit(store::Scan{.table = &kCharges.info()}, [&](const store::RowView& row) {
        const ChargeRecord record = kCharges.Load(row);
        if (record.state == ChargeRecord::State::kCaptured) {
          held += record.amount_minor - record.refunded_minor;
        }
        return true;
      });
    });
    return read.ok() ? held : -1;
  }
  std::vector<GatewayOperation> asked() const { return tap.asked(); }
  size_t TimesAsked(GatewayOperation operation) const { return tap.TimesAsked(operation); }
  std::string outage_file() const { return dir_.File("outage"); }

  TestWorld world;
  const TokenSealer sealer = *TokenSealer::FromKey("0123456789abcdef0123456789abcdef");
  Tap tap{[this] { return world.wall(); }};
  std::unique_ptr<SimulatedProvider> provider;
  std::unique_ptr<PaymentNode> node;

 private:
  World WorldOf(const std::string& process) {
    const World given = world.world(process);
    return {given.clock,       given.executor, given.wire, stores_ ? *stores_ : given.stores,
            given.make_worker, given.random,   given.stop};
  }

  const PaymentLimits limits_;
  store::Stores* const stores_;
  const seatsaga::testing::TempDir dir_;
  std::unique_ptr<SimulatedGateway> gateway_;
  IdGenerator ids_;
  std::map<std::pair<Id, std::string>, std::string> sealed_;
};

}  // namespace seatsaga::payment
