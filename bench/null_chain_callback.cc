// The null chain as a team would write it first: generated stubs, gRPC's callback API.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <utility>

#include "bench/null_chain.h"
#include "bench/null_chain_messages.h"
#include "seatsaga/orchestrator/v1/orchestrator.grpc.pb.h"
#include "seatsaga/payment/v1/payment.grpc.pb.h"
#include "seatsaga/reservation/v1/reservation.grpc.pb.h"
#include "seatsaga/seat/v1/seat.grpc.pb.h"

namespace seatsaga::bench {
namespace {

constexpr auto kDeadline = std::chrono::seconds(10);

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // What SeatSaga leaves out, so does the floor.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// One outgoing call's context and messages.
template <class Request, class Response>
struct Ask {
  Ask() { context.set_deadline(std::chrono::system_clock::now() + kDeadline); }
  grpc::ClientContext context;
  Request request;
  Response response;
};

// Answers at once.
template <class Request, class Response>
grpc::ServerUnaryReactor* AnswerNow(grpc::CallbackServerContext* context, const Request* request,
                                    Response* response) {
  auto* reactor = context->DefaultReactor();
  null::Answer(*request, *response);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

class Facade final : public reservation::v1::ReservationService::CallbackService {
 public:
  explicit Facade(const std::string& orchestrator)
      : orchestrator_(orchestrator::v1::OrchestratorService::NewStub(Connect(orchestrator))) {}

  grpc::ServerUnaryReactor* CreateReservation(grpc::CallbackServerContext* context,
                                              const null::CreateReservationRequest* request,
                                              null::CreateReservationResponse* response) override {
    auto* reactor = context->DefaultReactor();
    auto* ask = new Ask<null::StartSagasRequest, null::StartSagasResponse>;
    null::FillStart(*request, ask->request);
    orchestrator_->async()->StartSagas(&ask->context, &ask->request, &ask->response,
                                       [=](grpc::Status status) {
                                         delete ask;
                                         if (status.ok()) null::Answer(*request, *response);
                                         reactor->Finish(status);
                                       });
    return reactor;
  }

  grpc::ServerUnaryReactor* ExecuteReservationCommands(
      grpc::CallbackServerContext* context, const null::ExecuteReservationCommandsRequest* request,
      null::ExecuteReservationCommandsResponse* response) override {
    return AnswerNow(context, request, response);
  }

 private:
  const std::unique_ptr<orchestrator::v1::OrchestratorService::Stub> orchestrator_;
};

class Orchestrator final : public orchestrator::v1::OrchestratorService::CallbackService {
 public:
  explicit Orchestrator(const NullServerOptions& options)
      : seat_(seat::v1::SeatService::NewStub(Connect(options.seat))),
        payment_(payment::v1::PaymentService::NewStub(Connect(options.payment))),
        facade_(reservation::v1::ReservationService::NewStub(Connect(options.facade))) {}

  grpc::ServerUnaryReactor* StartSagas(grpc::CallbackServerContext* context,
                                       const null::StartSagasRequest* request,
                                       null::StartSagasResponse* response) override {
    // The last callback deletes the saga, maybe before this method returns.
    auto* reactor = context->DefaultReactor();
    auto* saga = new Saga{.reactor = reactor, .start = request, .response = response};
    null::FillReserve(*request, saga->reserve.request);
    seat_->async()->ReserveSeats(
        &saga->reserve.context, &saga->reserve.request, &saga->reserve.response,
        [=, this](grpc::Status status) { Charge(saga, std::move(status)); });
    return reactor;
  }

 private:
  struct Saga {
    grpc::ServerUnaryReactor* reactor;
    const null::StartSagasRequest* start;
    null::StartSagasResponse* response;
    Ask<null::ReserveSeatsRequest, null::ReserveSeatsResponse> reserve{};
    Ask<null::ChargePaymentRequest, null::ChargePaymentResponse> charge{};
    Ask<null::ExecuteReservationCommandsRequest, null::ExecuteReservationCommandsResponse>
        confirm{};
  };

  void Charge(Saga* saga, grpc::Status status) {
    if (!status.ok()) return End(saga, status);
    null::FillCharge(*saga->start, saga->reserve.response, saga->charge.request);
    payment_->async()->ChargePayment(
        &saga->charge.context, &saga->charge.request, &saga->charge.response,
        [=, this](grpc::Status charged) { Confirm(saga, std::move(charged)); });
  }

  void Confirm(Saga* saga, grpc::Status status) {
    if (!status.ok()) return End(saga, status);
    null::FillConfirm(*saga->start, saga->reserve.response, saga->confirm.request);
    facade_->async()->ExecuteReservationCommands(
        &saga->confirm.context, &saga->confirm.request, &saga->confirm.response,
        [=](grpc::Status confirmed) { End(saga, confirmed); });
  }

  static void End(Saga* saga, const grpc::Status& status) {
    const std::unique_ptr<Saga> owned(saga);
    if (status.ok()) null::Answer(*saga->start, *saga->response);
    saga->reactor->Finish(status);
  }

  const std::unique_ptr<seat::v1::SeatService::Stub> seat_;
  const std::unique_ptr<payment::v1::PaymentService::Stub> payment_;
  const std::unique_ptr<reservation::v1::ReservationService::Stub> facade_;
};

class Seat final : public seat::v1::SeatService::CallbackService {
  grpc::ServerUnaryReactor* ReserveSeats(grpc::CallbackServerContext* context,
                                         const null::ReserveSeatsRequest* request,
                                         null::ReserveSeatsResponse* response) override {
    return AnswerNow(context, request, response);
  }
};

class Payment final : public payment::v1::PaymentService::CallbackService {
  grpc::ServerUnaryReactor* ChargePayment(grpc::CallbackServerContext* context,
                                          const null::ChargePaymentRequest* request,
                                          null::ChargePaymentResponse* response) override {
    return AnswerNow(context, request, response);
  }
};

std::unique_ptr<grpc::Service> MakeService(const NullServerOptions& options) {
  switch (options.role) {
    case Role::kFacade:
      return std::make_unique<Facade>(options.orchestrator);
    case Role::kOrchestrator:
      return std::make_unique<Orchestrator>(options);
    case Role::kSeat:
      return std::make_unique<Seat>();
    case Role::kPayment:
      return std::make_unique<Payment>();
  }
  return nullptr;
}

class CallbackServer final : public NullServer {
 public:
  CallbackServer(std::unique_ptr<grpc::Service> service, std::unique_ptr<grpc::Server> server)
      : service_(std::move(service)), server_(std::move(server)) {}
  ~CallbackServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

 private:
  const std::unique_ptr<grpc::Service> service_;
  const std::unique_ptr<grpc::Server> server_;
};

}  // namespace

std::unique_ptr<NullServer> StartCallbackServer(const NullServerOptions& options) {
  auto service = MakeService(options);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials());
  builder.RegisterService(service.get());
  auto server = builder.BuildAndStart();
  if (server == nullptr) return nullptr;
  return std::make_unique<CallbackServer>(std::move(service), std::move(server));
}

}  // namespace seatsaga::bench
