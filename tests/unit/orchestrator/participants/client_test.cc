// The orchestrator's calls, against a participant that is played by the test.
#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/outcome.h"
#include "common/rpc/server.h"
#include "common/text.h"
#include "orchestrator/participants/batch_client.h"
#include "orchestrator/participants/grpc_participants.h"
#include "orchestrator/participants/request_builders.h"
#include "orchestrator/sagas/reservation_saga.h"

namespace seatsaga::participants {
namespace {

using Request = PaymentBatch::Request;
using Response = PaymentBatch::Response;

// The results that came back, by their attempt number.
class Results {
 public:
  ResultSink Sink() {
    return [this](std::vector<CallResult> results, bool /*hurried*/) {
      const absl::MutexLock lock(&mutex_);
      for (CallResult& result : results) {
        ++count_;
        by_attempt_[result.attempt] = std::move(result);
      }
    };
  }
  void WaitFor(int count) {
    const absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return count_ >= count; };
    mutex_.Await(absl::Condition(&enough));
    REQUIRE(count_ == count);
  }
  CallResult operator[](int attempt) {
    const absl::MutexLock lock(&mutex_);
    REQUIRE(by_attempt_.contains(attempt));
    return by_attempt_[attempt];
  }

 private:
  absl::Mutex mutex_;
  int count_ = 0;
  std::map<int, CallResult> by_attempt_;
};

// payment_svc as the script says, and a client of it.
class World {
 public:
  using Script = std::function<void(Request&, Reply<Response>)>;

  explicit World(Script script, CallQueueLimits limits = {})
      : server_({.listen = "127.0.0.1:0"}), script_(std::move(script)) {
    server_.Handle<Request, Response>(PaymentBatch::kMethod,
                                      [this](Request& request, Reply<Response> reply, absl::Time) {
                                        {
                                          const absl::MutexLock lock(&mutex_);
                                          batches_.push_back(request.commands_size());
                                        }
                                        script_(request, std::move(reply));
                                      });
    REQUIRE(server_.Start().ok());
    io_.Start();
    client.emplace(io_, Cat("127.0.0.1:", server_.port()), limits, Follows::kCalls, 7,
                   results.Sink());
  }
  ~World() {
    server_.Shutdown(absl::InfinitePast());
    io_.Stop();
    client.reset();
  }
  void WaitForBatches(size_t count) {
    const absl::MutexLock lock(&mutex_);
    const auto enough = [&] { return batches_.size() >= count; };
    mutex_.Await(absl::Condition(&enough));
  }
  std::vector<int> batches() {
    const absl::MutexLock lock(&mutex_);
    return batches_;
  }

  Results results;

 private:
  absl::Mutex mutex_;
  std::vector<int> batches_;
  RpcServer server_;
  IoThread io_;
  Script script_;

 public:
  std::optional<BatchClient<PaymentBatch>> client;
};

CallRequest Charge(int attempt, absl::Duration deadline = absl::Seconds(30)) {
  CallRequest request;
  std::string id(16, '\0');
  id[15] = static_cast<char>(attempt);
  request.saga_id = *Id::FromBytes(id);
  request.command.kind = core::CallKind::kAction;
  request.command.call = sagas::Call::kChargePayment;
  request.command.attempt = attempt;
  request.command.deadline = absl::Now() + deadline;
  request.step_name = "charge_payment";
  request.facts = std::make_shared<const sagas::SagaFacts>();
  return request;
}

std::vector<CallRequest> Charges(int first, int last, absl::Duration deadline = absl::Seconds(30)) {
  std::vector<CallRequest> requests;
  for (int i = first; i <= last; ++i) requests.push_back(Charge(i, deadline));
  return requests;
}

// A result for each command that names its saga.
Response AnswerEach(const Request& request) {
  Response response;
  for (const auto& command : request.commands()) {
    *response.add_results() = Refused("R", command.charge_payment().saga_id());
  }
  return response;
}

TEST_CASE("each call gets the result of its own command, in one RPC, with the fencing token") {
  World world([](Request& request, Reply<Response> reply) {
    for (const auto& command : request.commands()) {
      if (command.charge_payment().fencing_token() != 7) return;  // drops the reply
    }
    reply.Send(AnswerEach(request));
  });
  world.client->Send(Charges(1, 5));
  world.results.WaitFor(5);
  for (int i = 1; i <= 5; ++i) {
    const CallResult result = world.results[i];
    REQUIRE(result.outcome == core::Outcome::kRefused);
    REQUIRE(result.message == result.saga_id.ToString());
    REQUIRE(result.saga_id == Charge(i).saga_id);
  }
  REQUIRE(world.batches() == std::vector<int>{5});
}

TEST_CASE("calls made while enough RPCs are out gather into the next one") {
  absl::Mutex mutex;
  std::vector<std::pair<Request, Reply<Response>>> kept;
  World world(
      [&](Request& request, Reply<Response> reply) {
        const absl::MutexLock lock(&mutex);
        kept.emplace_back(request, std::move(reply));
      },
      {.rpcs_in_flight_max = 1, .batch_max = 4});
  const auto answer_next = [&] {
    std::vector<std::pair<Request, Reply<Response>>> now;
    {
      const absl::MutexLock lock(&mutex);
      mutex.Await(absl::Condition(
          +[](decltype(kept)* k) { return !k->empty(); }, &kept));
      now.swap(kept);
    }
    for (auto& [request, reply] : now) reply.Send(AnswerEach(request));
  };
  world.client->Send(Charges(1, 1));
  world.WaitForBatches(1);
  world.client->Send(Charges(2, 4));
  world.client->Send(Charges(5, 7));
  for (int i = 0; i < 3; ++i) answer_next();
  world.results.WaitFor(7);
  REQUIRE(world.batches() == std::vector<int>{1, 4, 2});
}

TEST_CASE("a participant that is busy is asked again with the same key until it knows") {
  std::atomic<int> asked = 0;
  World world([&](Request& request, Reply<Response> reply) {
    Response response = AnswerEach(request);
    const int time = ++asked;
    if (time < 4) *response.mutable_results(0) = InProgress();
    reply.Send(std::move(response));
  });
  world.client->Send(Charges(1, 2));
  world.results.WaitFor(2);
  REQUIRE(world.results[1].message == Charge(1).saga_id.ToString());
  REQUIRE(world.results[2].message == Charge(2).saga_id.ToString());
  REQUIRE(world.batches() == std::vector<int>{2, 1, 1, 1});
}

TEST_CASE("a participant that stays busy until the attempt's deadline leaves it unknown") {
  World world([](Request& request, Reply<Response> reply) {
    Response response;
    for (int i = 0; i < request.commands_size(); ++i) *response.add_results() = InProgress();
    reply.Send(std::move(response));
  });
  world.client->Send(Charges(1, 1, absl::Milliseconds(60)));
  world.results.WaitFor(1);
  REQUIRE(world.results[1].outcome == core::Outcome::kUnknown);
  REQUIRE(world.results[1].reason == "DEADLINE_EXCEEDED");
  REQUIRE(world.batches().size() > 1);
}

TEST_CASE("a gRPC error leaves every call of the batch unknown") {
  World world([](Request&, Reply<Response> reply) { reply.Send(OverloadedError()); });
  world.client->Send(Charges(1, 3));
  world.results.WaitFor(3);
  for (int i = 1; i <= 3; ++i) {
    REQUIRE(world.results[i].outcome == core::Outcome::kUnknown);
    REQUIRE(world.results[i].reason == "RESOURCE_EXHAUSTED");
  }
}

TEST_CASE("a participant that does not answer leaves the calls unknown at their deadline") {
  std::vector<Reply<Response>> kept;
  World world([&](Request&, Reply<Response> reply) { kept.push_back(std::move(reply)); });
  world.client->Send(Charges(1, 2, absl::Milliseconds(30)));
  world.results.WaitFor(2);
  REQUIRE(world.results[1].outcome == core::Outcome::kUnknown);
  REQUIRE(world.results[2].reason == "DEADLINE_EXCEEDED");
  for (auto& reply : kept) reply.Send(Response());
}

TEST_CASE("another number of results than commands leaves every call unknown") {
  const int surplus = GENERATE(-1, 1);
  World world([&](Request& request, Reply<Response> reply) {
    Response response = AnswerEach(request);
    if (surplus > 0) *response.add_results() = Succeeded();
    if (surplus < 0) response.mutable_results()->RemoveLast();
    reply.Send(std::move(response));
  });
  world.client->Send(Charges(1, 3));
  world.results.WaitFor(3);
  for (int i = 1; i <= 3; ++i) REQUIRE(world.results[i].outcome == core::Outcome::kUnknown);
}

TEST_CASE("after an error the next calls go out again") {
  std::atomic<bool> broken = true;
  World world(
      [&](Request& request, Reply<Response> reply) {
        if (!broken) reply.Send(AnswerEach(request));
      },
      {.rpcs_in_flight_max = 1, .batch_max = 4});
  world.client->Send(Charges(1, 1));
  world.results.WaitFor(1);
  broken = false;
  world.client->Send(Charges(2, 2));
  world.results.WaitFor(2);
  REQUIRE(world.results[2].outcome == core::Outcome::kRefused);
}

TEST_CASE("each call goes to the participant that it is for") {
  RpcServer server({.listen = "127.0.0.1:0"});
  server.Handle<SeatBatch::Request, SeatBatch::Response>(
      SeatBatch::kMethod, [](auto& request, auto reply, absl::Time) {
        SeatBatch::Response response;
        for (const auto& command : request.commands()) {
          *response.add_results() =
              Refused(command.has_reserve_seats() ? "RESERVE" : "RELEASE", "");
        }
        reply.Send(std::move(response));
      });
  server.Handle<Request, Response>(
      PaymentBatch::kMethod, [](auto& request, auto reply, absl::Time) {
        Response response;
        for (const auto& command : request.commands()) {
          *response.add_results() = Refused(command.has_charge_payment()   ? "CHARGE"
                                            : command.has_refund_payment() ? "REFUND"
                                                                           : "PROBE",
                                            "");
        }
        reply.Send(std::move(response));
      });
  server.Handle<ReservationBatch::Request, ReservationBatch::Response>(
      ReservationBatch::kMethod, [](auto& request, auto reply, absl::Time) {
        ReservationBatch::Response response;
        for (const auto& command : request.commands()) {
          *response.add_results() =
              Refused(command.has_confirm_reservation() ? "CONFIRM" : "CANCEL", "");
        }
        reply.Send(std::move(response));
      });
  REQUIRE(server.Start().ok());
  Results results;
  const std::string target = Cat("127.0.0.1:", server.port());
  const auto participants = ConnectParticipants(
      server.io(), {.seats = target, .payments = target, .reservations = target}, 7,
      results.Sink());
  const std::vector<std::pair<sagas::Call, std::string>> expected = {
      {sagas::Call::kReserveSeats, "RESERVE"},       {sagas::Call::kChargePayment, "CHARGE"},
      {sagas::Call::kConfirmReservation, "CONFIRM"}, {sagas::Call::kCancelReservation, "CANCEL"},
      {sagas::Call::kRefundPayment, "REFUND"},       {sagas::Call::kReleaseSeats, "RELEASE"},
      {sagas::Call::kProbePayment, "PROBE"}};
  std::vector<CallRequest> requests;
  for (size_t i = 0; i < expected.size(); ++i) {
    requests.push_back(Charge(static_cast<int>(i)));
    requests.back().command.call = expected[i].first;
  }
  participants->Send(std::move(requests));
  results.WaitFor(static_cast<int>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    REQUIRE(results[static_cast<int>(i)].reason == expected[i].second);
  }
  server.Shutdown(absl::Now());
}

}  // namespace
}  // namespace seatsaga::participants
