// Crashes, races and outages between payment_svc and its provider.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "common/log.h"
#include "tests/unit/payment_svc/world.h"

using namespace seatsaga;
using namespace seatsaga::payment;
using saga::v1::OUTCOME_IN_PROGRESS;
using saga::v1::OUTCOME_REFUSED;
using saga::v1::OUTCOME_SUCCEEDED;
using saga::v1::OUTCOME_UNKNOWN;

TEST_CASE("payment: a charge survives a crash before the provider heard of it") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Send({world.Charge(saga, "tok_visa")});
  world.RunPaymentBatch();
  world.calls.clear();  // lost on the way
  world.Crash();
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_PENDING);
  world.Run();
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.Do(world.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.HeldByProvider() == 4200);
}

TEST_CASE(
    "payment: a charge survives a crash after the provider has charged, and is not charged twice") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Send({world.Charge(saga, "tok_visa")});
  world.RunPaymentBatch();
  world.RunProviderBatch();
  world.Crash();
  CHECK(world.HeldByProvider() == 4200);
  world.Run();
  CHECK(world.Do(world.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.TimesAsked(GatewayOperation::kCharge) == 1);
  CHECK(world.Balance("provider") == 4200);
}

TEST_CASE("payment: a refund survives a crash before and after the provider gave back") {
  for (const bool arrived : {false, true}) {
    PaymentWorld world;
    const Id saga = world.NewSaga();
    world.Do(world.Charge(saga, "tok_visa"));
    world.Send({world.Refund(saga)});
    world.RunPaymentBatch();
    if (arrived) world.RunProviderBatch();
    world.calls.clear();
    world.Crash();
    CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDING);
    world.Run();
    CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
    CHECK(world.Balance("provider") == 0);
    CHECK(world.HeldByProvider() == 0);
  }
}

TEST_CASE("payment: a batch that does not commit is not acknowledged and leaves no trace") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.fail_next_commit = true;
  const auto answer = world.Send({world.Charge(saga, "tok_visa")});
  world.Run();
  REQUIRE(answer->has_value());
  CHECK((*answer)->status().code() == absl::StatusCode::kUnavailable);
  CHECK_FALSE(world.Get(saga).has_value());
  CHECK(world.asked.empty());
  CHECK(world.Do(world.Charge(saga, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: the provider's answer in a batch that does not commit is asked for again") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const auto answer = world.Send({world.Charge(saga, "tok_visa")});
  world.RunPaymentBatch();
  world.RunProviderBatch();
  world.fail_next_commit = true;
  world.Run();
  CHECK((*answer)->status().code() == absl::StatusCode::kUnavailable);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.Balance("provider") == 4200);
  CHECK(world.HeldByProvider() == 4200);
}

TEST_CASE(
    "payment: answers to what was asked before a failed commit do not disturb what is asked now") {
  PaymentWorld world({.asks_max = 1});
  const Id first = world.NewSaga();
  world.Send({world.Charge(first, "tok_visa")});
  world.RunPaymentBatch();
  world.fail_next_commit = true;
  world.Send({world.Charge(world.NewSaga(), "tok_visa")});
  world.RunPaymentBatch();
  CHECK(world.calls.size() == 2);  // about the first: before, and after it was loaded again
  world.Run();
  CHECK(world.StateOf(first) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.Do(world.Charge(world.NewSaga(), "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE(
    "payment: a refund that waits for its turn does not wait longer for the charge's answer") {
  PaymentWorld world({.asks_max = 1});
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_timeout_charged"));
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(world.asked.size() == 1);
  world.Advance(absl::Milliseconds(800));  // the charge's call has ended, unknown
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
}

TEST_CASE("payment: a refund while the charge is under way blocks the charge at the provider") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const auto charge = world.Send({world.Charge(saga, "tok_slow_5000")});
  world.Run();
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  REQUIRE(charge->has_value());
  CHECK((*charge)->value()[0].reason() == "LATE_ACTION");
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  world.Advance(absl::Minutes(1));
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(world.HeldByProvider() == 0);
  CHECK(world.Do(world.Charge(saga, "tok_slow_5000")).reason() == "LATE_ACTION");
}

TEST_CASE("payment: a refund of a charge that the provider took, but did not tell, gives it back") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Do(world.Charge(saga, "tok_timeout_charged"));
  CHECK(world.HeldByProvider() == 4200);
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_REFUNDED);
  CHECK(world.HeldByProvider() == 0);
  CHECK(world.Balance("provider") == 0);
  CHECK(world.asked == std::vector{GatewayOperation::kCharge, GatewayOperation::kCancel,
                                   GatewayOperation::kRefund});
}

TEST_CASE("payment: a charge that reaches the provider after its cancellation is not taken") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  world.Send({world.Charge(saga, "tok_visa")});
  world.RunPaymentBatch();
  std::vector<ProviderCall> late = std::exchange(world.calls, {});
  CHECK(world.Do(world.Refund(saga)).outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  world.calls = std::move(late);
  world.Run();
  CHECK(world.StateOf(saga) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(world.HeldByProvider() == 0);
}

TEST_CASE("payment: charge and refund in one batch end with nothing taken") {
  PaymentWorld world;
  const Id saga = world.NewSaga();
  const auto answer = world.Send({world.Charge(saga, "tok_visa"), world.Refund(saga)});
  world.Run();
  REQUIRE(answer->has_value());
  CHECK((*answer)->value()[0].reason() == "LATE_ACTION");
  CHECK((*answer)->value()[1].outcome() == OUTCOME_SUCCEEDED);
  CHECK(world.HeldByProvider() == 0);
}

TEST_CASE(
    "payment: an outage leaves payments waiting without hammering, and they end once it is over") {
  PaymentWorld world;
  std::ofstream(world.outage_file()) << "x";
  const Id charged = world.NewSaga();
  const Id undone = world.NewSaga();
  CHECK(world.Do(world.Charge(charged, "tok_visa")).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(world.Do(world.Charge(undone, "tok_visa")).outcome() == OUTCOME_IN_PROGRESS);
  CHECK(world.Do(world.Refund(undone)).outcome() == OUTCOME_IN_PROGRESS);
  world.Advance(absl::Minutes(10));
  CHECK(world.StateOf(charged) == v1::PAYMENT_STATE_PENDING);
  CHECK(world.StateOf(undone) == v1::PAYMENT_STATE_REFUNDING);
  CHECK(world.asked.size() < 2 * 600 / 2.5 + 20);
  std::filesystem::remove(world.outage_file());
  world.Advance(absl::Seconds(6));
  CHECK(world.StateOf(charged) == v1::PAYMENT_STATE_CAPTURED);
  CHECK(world.StateOf(undone) == v1::PAYMENT_STATE_CANCELLED);
  CHECK(world.HeldByProvider() == 4200);
}

TEST_CASE("payment: only so many questions are under way at once, and all are asked in the end") {
  PaymentWorld world({.asks_max = 3});
  std::vector<PaymentCommand> commands;
  for (int i = 0; i < 20; ++i) commands.push_back(world.Charge(world.NewSaga(), "tok_visa"));
  const auto answer = world.Send(std::move(commands));
  world.RunPaymentBatch();
  CHECK(world.calls.size() == 3);
  world.RunProviderBatch();
  world.RunPaymentBatch();
  CHECK(world.calls.size() == 3);
  world.Run();
  REQUIRE(answer->has_value());
  CHECK(world.Balance("provider") == 20 * 4200);
}

TEST_CASE("payment: a charge beyond the payments that may wait is unknown, and works later") {
  PaymentWorld world({.live_max = 1});
  const Id first = world.NewSaga();
  const Id second = world.NewSaga();
  const auto answer =
      world.Send({world.Charge(first, "tok_visa"), world.Charge(second, "tok_visa")});
  world.Run();
  CHECK((*answer)->value()[0].outcome() == OUTCOME_SUCCEEDED);
  CHECK((*answer)->value()[1].outcome() == OUTCOME_UNKNOWN);
  CHECK(world.Do(world.Charge(second, "tok_visa")).outcome() == OUTCOME_SUCCEEDED);
}

TEST_CASE("payment: a waiting call is answered with what is known when the service stops") {
  PaymentWorld world;
  const auto answer = world.Send({world.Charge(world.NewSaga(), "tok_slow_5000"),
                                  world.Charge(world.NewSaga(), "tok_declined")});
  world.Run();
  CHECK_FALSE(answer->has_value());
  world.handler->AnswerWaiting();
  REQUIRE(answer->has_value());
  CHECK((*answer)->value()[0].outcome() == OUTCOME_IN_PROGRESS);
  CHECK((*answer)->value()[1].outcome() == OUTCOME_REFUSED);
}

namespace {

// All that this process logs, down to debug, in a file; nothing is logged once it is gone.
class LogToFile {
 public:
  explicit LogToFile(std::string path) : path_(std::move(path)), stderr_(dup(STDERR_FILENO)) {
    FILE* file = std::fopen(path_.c_str(), "w");
    dup2(fileno(file), STDERR_FILENO);
    std::fclose(file);
    if (!seatsaga::log::Setup("unit_tests", seatsaga::log::Format::kText, "debug").ok())
      std::abort();
  }
  ~LogToFile() {
    dup2(stderr_, STDERR_FILENO);
    close(stderr_);
    (void)seatsaga::log::Setup("unit_tests", seatsaga::log::Format::kText, "off");
  }
  std::string Lines() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::string path_;
  const int stderr_;
};

}  // namespace

TEST_CASE("payment: a token is found in no file and no log line, whatever becomes of its charge") {
  const testing::TempDir log_dir;
  const LogToFile log_file(log_dir.File("log"));
  PaymentWorld world;
  const std::vector<std::string> tokens{"tok_approve_CANARY7391", "tok_CANARY7391", "CANARY7391"};
  std::string answers;
  for (const std::string& token : tokens) {
    const Id saga = world.NewSaga();
    answers += world.Do(world.Charge(saga, token)).DebugString();
    answers += world.Do(world.Refund(saga)).DebugString();
    answers += world.Do(world.Probe(saga)).DebugString();
  }
  std::ofstream(world.outage_file()) << "x";
  world.Do(world.Charge(world.NewSaga(), tokens[0]));  // stays PENDING
  world.Advance(absl::Minutes(5));

  const std::string lines = log_file.Lines();
  const std::string bytes = world.AllBytes();
  CHECK(bytes.find("INVALID_PAYMENT_TOKEN") != std::string::npos);  // the scan does see the data
  CHECK(bytes.find("CANARY7391") == std::string::npos);
  CHECK(lines.find("payment_refunded") != std::string::npos);
  CHECK(lines.find("CANARY7391") == std::string::npos);
  CHECK(answers.find("CANARY7391") == std::string::npos);
}
