// The simulated provider as its callers see it: late answers, latency, and books that last.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "simulated_provider/simulated_gateway.h"
#include "tests/world/test_world.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using seatsaga::testing::Engine;
using seatsaga::testing::TestWorld;
using Kind = GatewayOutcome::Kind;

namespace {

class Company {
 public:
  explicit Company(Engine engine, SimulatedProviderOptions options = {})
      : world(engine), options_(options) {
    Start();
  }
  // Every answer that comes, in order.
  PaymentGateway::Done Note() {
    return PaymentGateway::Done([this](absl::StatusOr<GatewayOutcome> outcome) {
      answers.push_back(outcome.ok() ? outcome->kind : Kind::kUnknown);
    });
  }
  void Charge(const char* token) {
    gateway_->Charge({.key = "k", .amount_minor = 4200, .currency = "EUR", .payment_token = token},
                     Note());
    world.Run();
  }
  void Refund(int64_t amount_minor = 4200, const char* key = "r", const char* currency = "EUR") {
    gateway_->Refund(
        {.key = key, .charge_key = "k", .amount_minor = amount_minor, .currency = currency},
        Note());
    world.Run();
  }
  void Cancel() {
    gateway_->Cancel("k", Note());
    world.Run();
  }
  void Lookup() {
    gateway_->Lookup("k", Note());
    world.Run();
  }
  void Restart() {
    world.Crash("provider");
    provider_.reset();
    Start();
  }
  void Stop() { provider_->Stop(); }

  TestWorld world;
  std::vector<Kind> answers;

 private:
  void Start() {
    provider_ = SimulatedProvider::Open(world.world("provider"), options_).value();
    gateway_ = std::make_unique<SimulatedGateway>(*provider_, "");
    REQUIRE(provider_->Start().ok());
  }

  const SimulatedProviderOptions options_;
  std::unique_ptr<SimulatedProvider> provider_;
  std::unique_ptr<SimulatedGateway> gateway_;
};

using Kinds = std::vector<Kind>;

}  // namespace

TEST_CASE("provider: every caller of a slow charge hears what has become of it by then") {
  Company company(GENERATE(Engine::kModel, Engine::kSqlite));
  company.Charge("tok_slow_400");
  company.Charge("tok_slow_400");
  company.Lookup();
  CHECK(company.answers == Kinds{Kind::kUnknown});  // under way
  SECTION("captured") {
    company.world.Advance(absl::Milliseconds(400));
    CHECK(company.answers == Kinds{Kind::kUnknown, Kind::kCaptured, Kind::kCaptured});
  }
  SECTION("cancelled") {
    company.Cancel();
    company.world.Advance(absl::Milliseconds(400));
    CHECK(company.answers == Kinds{Kind::kUnknown, Kind::kVoided, Kind::kVoided, Kind::kVoided});
  }
  SECTION("given back") {
    company.Refund();
    company.world.Advance(absl::Milliseconds(400));
    CHECK(company.answers ==
          Kinds{Kind::kUnknown, Kind::kRefunded, Kind::kRefunded, Kind::kRefunded});
  }
}

TEST_CASE("provider: a charge that was refunded in part is still captured") {
  Company company(GENERATE(Engine::kModel, Engine::kSqlite));
  company.Charge("tok_slow_400");
  company.Refund(1000);
  company.world.Advance(absl::Milliseconds(400));
  company.Lookup();
  company.Cancel();
  company.Charge("tok_visa");
  CHECK(company.answers ==
        Kinds{Kind::kRefunded, Kind::kCaptured, Kind::kCaptured, Kind::kCaptured, Kind::kCaptured});
}

TEST_CASE("provider: the same refund again moves nothing, and others go on until nothing is left") {
  Company company(GENERATE(Engine::kModel, Engine::kSqlite));
  company.Charge("tok_visa");
  company.Refund(1000);
  company.Restart();
  company.Refund(1000);
  company.Refund(999);
  company.Refund(3201, "another key");
  company.Refund(3200, "another key");
  company.Refund(3200, "another key");
  company.Refund(1, "a third key");
  CHECK(company.answers == Kinds{Kind::kCaptured, Kind::kRefunded, Kind::kRefunded, Kind::kDeclined,
                                 Kind::kDeclined, Kind::kRefunded, Kind::kRefunded,
                                 Kind::kDeclined});
}

TEST_CASE("provider: a refund of nothing, of too much or of other money is declined") {
  Company company(GENERATE(Engine::kModel, Engine::kSqlite));
  company.Charge("tok_visa");
  company.Refund(0);
  company.Refund(-1);
  company.Refund(4201);
  company.Refund(4200, "r", "USD");
  company.Refund(4200);
  CHECK(company.answers == Kinds{Kind::kCaptured, Kind::kDeclined, Kind::kDeclined, Kind::kDeclined,
                                 Kind::kDeclined, Kind::kRefunded});
}

TEST_CASE("provider: with a latency no answer comes sooner") {
  Company company(Engine::kModel, {.latency = absl::Milliseconds(50)});
  company.Charge("tok_visa");
  company.world.Advance(absl::Milliseconds(49));
  CHECK(company.answers.empty());
  company.world.Advance(absl::Milliseconds(1));
  CHECK(company.answers == Kinds{Kind::kCaptured});
}

TEST_CASE("provider: books outlast the process, unless they are in memory") {
  const bool in_memory = GENERATE(false, true);
  Company company(Engine::kSqlite, {.in_memory = in_memory});
  company.Charge("tok_visa");
  company.Restart();
  company.Lookup();
  CHECK(company.answers == Kinds{Kind::kCaptured, in_memory ? Kind::kNotFound : Kind::kCaptured});
}

TEST_CASE("provider: when it stops, callers that still wait know nothing") {
  Company company(Engine::kModel);
  company.Charge("tok_slow_400");
  company.Stop();
  company.Charge("tok_visa");
  CHECK(company.answers == Kinds{Kind::kUnknown, Kind::kUnknown});
}
