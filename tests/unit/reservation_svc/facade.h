#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "api/orchestrator.h"
#include "api/reservation.h"
#include "api/saga.h"
#include "common/errors.h"
#include "common/participant/outcome.h"
#include "common/random.h"
#include "common/sealed_token.h"
#include "common/time_proto.h"
#include "reservation_svc/reservation_node.h"
#include "tests/world/test_world.h"

// reservation_svc as its callers see it: requests in, answers out, on either engine.
namespace seatsaga::reservation::testing {

using seatsaga::testing::Engine;
using seatsaga::testing::Pending;
using seatsaga::testing::TestWorld;

inline constexpr char kProcess[] = "reservation_svc";
inline constexpr uint64_t kEpoch = 5;  // in which all partitions are taken

// The same world on other stores, which must outlive it.
inline World OnStores(const World& in, store::Stores& stores) {
  return {.clock = in.clock,
          .executor = in.executor,
          .wire = in.wire,
          .stores = stores,
          .make_worker = in.make_worker,
          .random = in.random,
          .stop = in.stop};
}

// All partitions, for the commands of Confirm and Cancel.
inline saga::v1::TakePartitionsRequest TakeAll() {
  saga::v1::TakePartitionsRequest take;
  take.add_held()->set_last(255);
  take.mutable_token()->set_epoch(kEpoch);
  take.mutable_token()->set_holder(std::string(16, 'h'));
  take.set_store_id("01890a5d-ac96-774b-bcce-b302099a8057");
  take.set_store_counter(1);
  return take;
}

inline Engine AnyEngine() { return GENERATE(Engine::kModel, Engine::kSqlite); }

// Stands for the orchestrator: remembers what it is told, answers when the test says so.
class FakeOrchestrator {
 public:
  explicit FakeOrchestrator(TestWorld& test) : test_(test), world_(test.world("orchestrator")) {
    world_.wire.Serve(orchestrator::kStartSagas,
                      [this](orchestrator::v1::StartSagasRequest& request, const CallContext&,
                             Reply<orchestrator::v1::StartSagasResponse> reply) {
                        calls.push_back(std::move(request));
                        replies_.push_back(std::move(reply));
                      });
    world_.wire.Serve(orchestrator::kSubmitSignals,
                      [this](orchestrator::v1::SubmitSignalsRequest& request, const CallContext&,
                             Reply<orchestrator::v1::SubmitSignalsResponse> reply) {
                        signal_calls.push_back(std::move(request));
                        signal_replies_.push_back(std::move(reply));
                      });
    REQUIRE(world_.wire.Start().ok());
  }

  std::vector<Id> Ids(size_t call) const {
    std::vector<Id> ids;
    for (const auto& saga : calls.at(call).sagas()) ids.push_back(*Id::Parse(saga.saga_id()));
    return ids;
  }
  // Answers a call, and lets the facade take note.
  void Answer(size_t call, const std::vector<Id>& started) {
    orchestrator::v1::StartSagasResponse response;
    for (const Id& id : started) response.add_saga_ids(id.ToString());
    Send(replies_.at(call), std::move(response));
  }
  void AnswerAll(size_t call) { Answer(call, Ids(call)); }
  void Fail(size_t call) { Send(replies_.at(call), UnavailableError("not now")); }

  // The only signal of a call.
  const orchestrator::v1::SagaSignal& SignalOf(size_t call) const {
    REQUIRE(signal_calls.size() > call);
    REQUIRE(signal_calls[call].signals_size() == 1);
    return signal_calls[call].signals(0);
  }
  // Answers all signals of a call alike.
  void AnswerSignals(size_t call, saga::v1::Outcome outcome) {
    Send(signal_replies_.at(call), Results(signal_calls.at(call), outcome));
  }
  // The same, but the facade does not take note yet.
  void AnswerSignalsAlone(size_t call, saga::v1::Outcome outcome) {
    signal_replies_.at(call).Send(Results(signal_calls.at(call), outcome));
  }
  // Answers a call without a single result.
  void AnswerNoSignal(size_t call) {
    Send(signal_replies_.at(call), orchestrator::v1::SubmitSignalsResponse());
  }
  bool SignalPending(size_t call) const { return signal_replies_.at(call).pending(); }
  void FailSignals(size_t call) { Send(signal_replies_.at(call), UnavailableError("not now")); }

  std::vector<orchestrator::v1::StartSagasRequest> calls;
  std::vector<orchestrator::v1::SubmitSignalsRequest> signal_calls;

 private:
  orchestrator::v1::SubmitSignalsResponse Results(
      const orchestrator::v1::SubmitSignalsRequest& request, saga::v1::Outcome outcome) const {
    orchestrator::v1::SubmitSignalsResponse response;
    for (const auto& signal : request.signals()) {
      CommandResult& result = *response.add_results();
      result.set_outcome(outcome);
      if (outcome != saga::v1::OUTCOME_SUCCEEDED || !signal.has_extend_hold()) continue;
      *result.mutable_result()->mutable_expire_time() =
          ToProto(world_.clock.Wall() + FromProto(signal.extend_hold().hold_duration()));
    }
    return response;
  }
  template <class Response>
  void Send(Reply<Response>& reply, std::type_identity_t<absl::StatusOr<Response>> answer) {
    reply.Send(std::move(answer));
    test_.Advance(absl::Milliseconds(5));
  }

  TestWorld& test_;
  const World world_;
  std::vector<Reply<orchestrator::v1::StartSagasResponse>> replies_;
  std::vector<Reply<orchestrator::v1::SubmitSignalsResponse>> signal_replies_;
};

// --- Requests

template <class Request>
Request Waiting(Request request, int seconds) {
  request.mutable_wait()->set_seconds(seconds);
  return request;
}

inline saga::v1::CommandKey KeyOf(const Id& id, std::string step, uint64_t epoch, int round = 1) {
  saga::v1::CommandKey key;
  key.set_saga_id(id.ToString());
  key.set_step(std::move(step));
  key.set_round(round);
  key.set_fencing_epoch(epoch);
  key.set_fencing_holder(std::string(16, 'h'));
  return key;
}
inline v1::ReservationCommand Confirm(const Id& id, int64_t amount_minor = 4200,
                                      uint64_t epoch = kEpoch) {
  v1::ReservationCommand command;
  auto& confirm = *command.mutable_confirm_reservation();
  *confirm.mutable_key() = KeyOf(id, "confirm_reservation", epoch);
  confirm.mutable_price()->set_amount_minor(amount_minor);
  confirm.mutable_price()->set_currency("EUR");
  return command;
}
inline v1::ReservationCommand Cancel(const Id& id, std::string reason = "PAYMENT_DECLINED",
                                     uint64_t epoch = kEpoch) {
  v1::ReservationCommand command;
  auto& cancel = *command.mutable_cancel_reservation();
  *cancel.mutable_key() = KeyOf(id, "create_reservation", epoch);
  cancel.set_reason(std::move(reason));
  cancel.set_message("the bank said no");
  return command;
}

// The event starts a day after `now`; a cancellation 12 h before it gets half of the price back.
inline saga::v1::EventTerms TermsFrom(absl::Time now) {
  saga::v1::EventTerms terms;
  *terms.mutable_start_time() = ToProto(now + absl::Hours(24));
  auto& rule = *terms.add_refund_rules();
  *rule.mutable_before_start() = ToProto(absl::Hours(12));
  rule.set_percent(50);
  return terms;
}
inline v1::ReservationCommand Hold(const Id& id, absl::Time expire_time, int round = 1) {
  v1::ReservationCommand command;
  auto& hold = *command.mutable_hold_reservation();
  *hold.mutable_key() = KeyOf(id, "hold_reservation", kEpoch, round);
  hold.mutable_price()->set_amount_minor(4200);
  hold.mutable_price()->set_currency("EUR");
  *hold.mutable_expire_time() = ToProto(expire_time);
  return command;
}
// The payment of the round before was declined.
inline v1::ReservationCommand HoldAgain(const Id& id, absl::Time expire_time, int round) {
  v1::ReservationCommand command = Hold(id, expire_time, round);
  auto& failure = *command.mutable_hold_reservation()->mutable_payment_failure();
  failure.set_reason("PAYMENT_DECLINED");
  failure.set_message("the bank said no");
  return command;
}

inline Id IdOf(const v1::Reservation& reservation) {
  return *Id::Parse(reservation.reservation_id());
}

// One reservation_svc and its orchestrator.
class Facade {
 public:
  explicit Facade(Engine engine = AnyEngine(), ReservationLimits its_limits = {})
      : test(engine), orchestrator(test), limits(its_limits) {
    Begin();
  }
  // On stores of the test's own.
  explicit Facade(store::Stores& stores)
      : test(Engine::kModel), orchestrator(test), stores_(&stores) {
    Begin();
  }

  // What SIGKILL leaves: the store.
  void Restart() {
    Crash();
    Start();
  }
  void Crash() {
    test.Crash(kProcess);
    node.reset();
  }
  void Start() {
    const World world = test.world(kProcess);
    auto opened = ReservationNode::Open(stores_ == nullptr ? world : OnStores(world, *stores_),
                                        {.orchestrator = "orchestrator", .limits = limits}, sealer);
    REQUIRE(opened.ok());
    node = *std::move(opened);
    REQUIRE(node->Start().ok());
    test.Run();
  }

  Id NewId() { return ids_.Next(test.wall()); }
  v1::CreateReservationRequest NewRequest() {
    v1::CreateReservationRequest request;
    request.set_request_id(NewId().ToString());
    request.set_user_id("ann");
    request.set_event_id("hamlet");
    request.add_items()->set_seat("stalls/A/1");
    request.add_items()->set_seat("stalls/A/2");
    request.set_payment_token("tok_visa");
    return request;
  }

  v1::CreateReservationRequest NewHold(absl::Duration duration = absl::Minutes(15)) {
    v1::CreateReservationRequest request = NewRequest();
    request.clear_payment_token();
    request.set_mode(v1::RESERVATION_MODE_HOLD);
    *request.mutable_hold_duration() = ToProto(duration);
    return request;
  }
  v1::PayReservationRequest NewPayment(const Id& id, std::string token = "tok_visa") {
    v1::PayReservationRequest request;
    request.set_reservation_id(id.ToString());
    request.set_request_id(NewId().ToString());
    request.set_payment_token(std::move(token));
    return request;
  }
  v1::CancelReservationRequest NewCancellation(const Id& id) {
    v1::CancelReservationRequest request;
    request.set_reservation_id(id.ToString());
    request.set_request_id(NewId().ToString());
    return request;
  }
  static v1::ExtendHoldRequest NewExtension(const Id& id, absl::Duration duration) {
    v1::ExtendHoldRequest request;
    request.set_reservation_id(id.ToString());
    *request.mutable_hold_duration() = ToProto(duration);
    return request;
  }

  // --- Calls without their answers: one batch, until test.Run()
  Pending<v1::CreateReservationResponse> SendCreate(const v1::CreateReservationRequest& request,
                                                    absl::Duration deadline = absl::Minutes(1)) {
    return test.Call(kProcess, kCreateReservation, request, {.deadline = deadline});
  }
  Pending<v1::ExecuteReservationCommandsResponse> SendCommands(
      std::vector<v1::ReservationCommand> commands) {
    v1::ExecuteReservationCommandsRequest request;
    for (auto& command : commands) *request.add_commands() = std::move(command);
    return test.Call(kProcess, kExecuteReservationCommands, request);
  }

  Pending<v1::PayReservationResponse> SendPay(const v1::PayReservationRequest& request) {
    return test.Call(kProcess, kPayReservation, request, {.deadline = absl::Minutes(1)});
  }
  Pending<v1::CancelReservationResponse> SendCancel(const v1::CancelReservationRequest& request) {
    return test.Call(kProcess, kCancelReservation, request, {.deadline = absl::Minutes(1)});
  }
  Pending<v1::ExtendHoldResponse> SendExtend(const v1::ExtendHoldRequest& request,
                                             absl::Duration deadline = absl::Minutes(1)) {
    return test.Call(kProcess, kExtendHold, request, {.deadline = deadline});
  }

  // --- Calls with their answers
  absl::StatusOr<v1::Reservation> Pay(const v1::PayReservationRequest& request) {
    return ReservationOf(SendPay(request));
  }
  absl::StatusOr<v1::Reservation> CancelNow(const v1::CancelReservationRequest& request) {
    return ReservationOf(SendCancel(request));
  }
  absl::StatusOr<v1::Reservation> Extend(const v1::ExtendHoldRequest& request) {
    return ReservationOf(SendExtend(request));
  }
  absl::StatusOr<v1::Reservation> Create(const v1::CreateReservationRequest& request) {
    const auto answer = test.CallNow(kProcess, kCreateReservation, request);
    if (!answer.ok()) return answer.status();
    return answer->reservation();
  }
  Id CreateNew() { return IdOf(Create(NewRequest()).value()); }
  // One that is HELD, in round 1.
  Id HoldNew(absl::Duration duration = absl::Minutes(15)) {
    const Id id = IdOf(Create(NewHold(duration)).value());
    REQUIRE(Do(Hold(id, test.wall() + duration)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
    return id;
  }
  // One that is PENDING, because it was paid for.
  Id PayNew() {
    const Id id = HoldNew();
    REQUIRE(Pay(NewPayment(id)).ok());
    return id;
  }
  Id ConfirmNew() {
    const Id id = CreateNew();
    REQUIRE(Do(Confirm(id)).outcome() == saga::v1::OUTCOME_SUCCEEDED);
    return id;
  }
  CommandResult Do(v1::ReservationCommand command) {
    const auto answer = SendCommands({std::move(command)});
    test.Run();
    return (*answer)->results(0);
  }
  v1::Reservation Get(const Id& id) {
    v1::GetReservationRequest request;
    request.set_reservation_id(id.ToString());
    return test.CallNow(kProcess, kGetReservation, request).value().reservation();
  }
  v1::ReservationState StateOf(const Id& id) { return Get(id).state(); }
  int CountPending() {
    v1::ListReservationsRequest request;
    request.set_state(v1::RESERVATION_STATE_PENDING);
    request.set_page_size(1000);
    return test.CallNow(kProcess, kListReservations, request)->reservations_size();
  }

  TestWorld test;
  FakeOrchestrator orchestrator;
  const TokenSealer sealer = TokenSealer::FromKey(std::string(32, 'k')).value();
  ReservationLimits limits;  // from the next start on
  std::unique_ptr<ReservationNode> node;

 private:
  template <class Response>
  absl::StatusOr<v1::Reservation> ReservationOf(const Pending<Response>& answer) {
    test.Run();
    REQUIRE(answer.answered());
    if (!(*answer).ok()) return (*answer).status();
    return (*answer)->reservation();
  }

  void Begin() {
    Start();
    REQUIRE(test.CallNow(kProcess, saga::kTakePartitions, TakeAll()).ok());
  }

  store::Stores* const stores_ = nullptr;
  IdGenerator ids_{[random = Random(7)]() mutable { return random.Next(); }};
};

}  // namespace seatsaga::reservation::testing
