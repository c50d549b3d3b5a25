#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/fingerprint.h"
#include "common/sealed_token.h"
#include "payment_svc/gateway_client.h"
#include "payment_svc/payment_handler.h"
#include "payment_svc/payment_reader.h"
#include "payment_svc/schema/migrations.h"
#include "simulated_provider/provider_migrations.h"
#include "simulated_provider/simulated_gateway.h"
#include "tests/support/temp_dir.h"

namespace seatsaga::payment {

// The whole of payment_svc but its threads and its network, with the simulated provider beside it,
// in one thread on a clock that the test moves. Crash() is what SIGKILL leaves: the two databases.
class PaymentWorld {
 public:
  // What a call was answered; empty while it waits.
  using Answer = std::shared_ptr<std::optional<absl::StatusOr<CommandResults>>>;

  explicit PaymentWorld(PaymentLimits limits = {}) : limits_(limits) {
    provider_database_ = Open(dir_.File("provider.db"), kProviderMigrations);
    books_ = std::make_unique<StoredBooks>(*provider_database_);
    provider_ = std::make_unique<SimulatedProvider>(*books_, absl::ZeroDuration());
    Start();
  }

  // What the provider still owes answers to is dropped while there is somebody to take the answers.
  ~PaymentWorld() {
    calls.clear();
    provider_->DropAnswers();
  }

  // --- commands ---
  Id NewSaga() { return ids_.Next(now); }
  PaymentCommand Charge(const Id& saga, std::string_view token, int64_t amount_minor = 4200) {
    std::string& sealed = sealed_[{saga, std::string(token)}];
    if (sealed.empty()) sealed = sealer_.Seal(token, saga);
    PaymentCommand command = Command(saga, CommandKind::kCharge);
    command.amount_minor = amount_minor;
    command.currency = "EUR";
    command.sealed_token = sealed;
    command.key.fingerprint = Fingerprint().Add(amount_minor).Add(sealed).Digest();
    return command;
  }
  PaymentCommand Refund(const Id& saga) { return Command(saga, CommandKind::kRefund); }
  PaymentCommand Probe(const Id& saga) { return Command(saga, CommandKind::kProbe); }

  // --- calls ---
  // Queues a call; Run() or Advance() lets it be worked on.
  Answer Send(std::vector<PaymentCommand> commands) {
    auto answer = std::make_shared<std::optional<absl::StatusOr<CommandResults>>>();
    ExecuteCommands input;
    for (size_t i = 0; i < commands.size(); ++i) commands[i].index = i;
    input.results.resize(commands.size());
    input.commands = std::move(commands);
    input.reply = Reply<CommandResults>(
        [answer](absl::StatusOr<CommandResults> got) { answer->emplace(std::move(got)); });
    inputs_.emplace_back(std::move(input));
    return answer;
  }
  // Sends one command and waits for its answer, which takes at most the long poll.
  CommandResult Do(PaymentCommand command) {
    std::vector<PaymentCommand> one;
    one.push_back(std::move(command));
    const Answer answer = Send(std::move(one));
    Run();
    if (!*answer) Advance(limits_.long_poll);
    return answer->value()->front();
  }

  // --- time ---
  // Works until nothing is left that does not wait for the clock.
  void Run() {
    while (!inputs_.empty() || !calls.empty() || handler->NextWake() <= now ||
           provider_->NextWake() <= now) {
      RunPaymentBatch();
      RunProviderBatch();
    }
  }
  void Advance(absl::Duration by) {
    const absl::Time end = now + by;
    Run();
    while (std::min(handler->NextWake(), provider_->NextWake()) <= end) {
      now = std::max(now, std::min(handler->NextWake(), provider_->NextWake()));
      Run();
    }
    now = end;
  }
  // One batch of payment_svc; what it asks the provider waits in `calls`.
  void RunPaymentBatch() {
    std::vector<PaymentInput> batch = std::exchange(inputs_, {});
    database_->Begin();
    handler->Apply(batch, now, after_);
    const bool failing = std::exchange(fail_next_commit, false);
    if (failing) database_->Execute("an error in the middle of the batch");
    if (database_->Commit().ok()) {
      after_.Run();
    } else {
      after_.Drop();
      Load();
    }
  }
  void RunProviderBatch() {
    std::vector<ProviderCall> batch = std::exchange(calls, {});
    for (const ProviderCall& call : batch) asked.push_back(call.operation);
    provider_database_->Begin();
    provider_->Apply(batch, now, provider_after_);
    if (!provider_database_->Commit().ok()) std::abort();
    provider_after_.Run();
  }

  // payment_svc dies and comes back; what it had sent to the provider arrives there all the same.
  void Crash() {
    handler.reset();
    store_.reset();
    barrier_.reset();
    database_.reset();
    inputs_.clear();
    after_.Drop();
    Start();
  }

  // --- what can be seen ---
  std::optional<Payment> Get(const Id& saga) {
    auto reading = sqlite::Database::OpenReader(dir_.File("payment.db"));
    auto payment = PaymentReader(**reading).Get(saga);
    if (!payment.ok()) return std::nullopt;
    return *payment;
  }
  PaymentState StateOf(const Id& saga) {
    const auto payment = Get(saga);
    return payment ? payment->state : v1::PAYMENT_STATE_UNSPECIFIED;
  }
  // Of the ledger.
  int64_t Balance(std::string_view account) {
    auto reading = sqlite::Database::OpenReader(dir_.File("payment.db"));
    const auto balances = PaymentReader(**reading).Balances();
    for (const AccountBalance& balance : *balances) {
      if (balance.account == account) return balance.balance_minor;
    }
    return 0;
  }
  // What the provider's own books say that it holds for us.
  int64_t HeldByProvider() {
    auto reading = sqlite::Database::OpenReader(dir_.File("provider.db"));
    auto sum =
        (*reading)->Prepare("SELECT COALESCE(SUM(amount_minor),0) FROM charges WHERE state=1");
    sum.Query();
    const int64_t held = sum.Next() ? sum.Int(0) : -1;
    sum.Reset();
    return held;
  }
  // Everything in every file of the folder.
  std::string AllBytes() const {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
  size_t TimesAsked(GatewayOperation operation) const {
    return static_cast<size_t>(std::count(asked.begin(), asked.end(), operation));
  }
  std::string outage_file() const { return dir_.File("outage"); }
  const testing::TempDir& dir() const { return dir_; }
  const TokenSealer& sealer() const { return sealer_; }

  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  bool fail_next_commit = false;
  std::vector<ProviderCall> calls;      // sent to the provider, not arrived yet
  std::vector<GatewayOperation> asked;  // arrived at the provider
  std::unique_ptr<PaymentHandler> handler;

 private:
  static std::unique_ptr<sqlite::Database> Open(const std::string& path,
                                                sqlite::Migrations migrations) {
    auto database = sqlite::Database::OpenWriter(path, migrations);
    if (!database.ok()) std::abort();
    return *std::move(database);
  }

  void Start() {
    database_ = Open(dir_.File("payment.db"), kMigrations);
    store_ = std::make_unique<PaymentStore>(*database_);
    barrier_ = std::make_unique<Barrier>(*database_);
    const int incarnation = ++incarnation_;
    clients_.push_back(std::make_unique<GatewayClient>(gateway_, sealer_));
    clients_.back()->Connect([this, incarnation](ProviderAnswer answer) {
      if (incarnation == incarnation_) inputs_.emplace_back(std::move(answer));
    });
    handler = std::make_unique<PaymentHandler>(*store_, *barrier_, *clients_.back(), limits_);
    Load();
  }
  void Load() {
    database_->Begin();
    if (!handler->Load(now, after_).ok() || !database_->Commit().ok()) std::abort();
    after_.Run();
  }
  PaymentCommand Command(const Id& saga, CommandKind kind) {
    PaymentCommand command;
    command.kind = kind;
    command.key.saga_id = saga;
    command.key.step = "charge_payment";
    command.key.direction = kind == CommandKind::kRefund ? saga::v1::DIRECTION_COMPENSATION
                                                         : saga::v1::DIRECTION_ACTION;
    command.key.fencing_token = 7;
    return command;
  }

  const PaymentLimits limits_;
  testing::TempDir dir_;
  IdGenerator ids_;
  TokenSealer sealer_ = *TokenSealer::FromKey("0123456789abcdef0123456789abcdef");
  absl::flat_hash_map<std::pair<Id, std::string>, std::string> sealed_;
  SimulatedGateway gateway_{[this](ProviderCall&& call) {
                              calls.push_back(std::move(call));
                              return true;
                            },
                            dir_.File("outage")};
  std::unique_ptr<sqlite::Database> provider_database_;
  std::unique_ptr<SimulatedBooks> books_;
  std::unique_ptr<SimulatedProvider> provider_;
  AfterCommit provider_after_;
  std::vector<std::unique_ptr<GatewayClient>> clients_;  // dead ones too: answers still reach them
  int incarnation_ = 0;
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<PaymentStore> store_;
  std::unique_ptr<Barrier> barrier_;
  std::vector<PaymentInput> inputs_;
  AfterCommit after_;
};

}  // namespace seatsaga::payment
