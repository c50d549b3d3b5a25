// The null chain, as lean as gRPC allows: generated stubs, one completion queue, and one thread
// that polls it.
#include "bench/null_chain.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "bench/null_chain_messages.h"
#include "seatsaga/orchestrator/v1/orchestrator.grpc.pb.h"
#include "seatsaga/payment/v1/payment.grpc.pb.h"
#include "seatsaga/reservation/v1/reservation.grpc.pb.h"
#include "seatsaga/seat/v1/seat.grpc.pb.h"

namespace seatsaga::bench {
namespace {

constexpr auto kDeadline = std::chrono::seconds(10);
constexpr int kSlotsPerMethod = 64;  // calls of one method that may arrive between two polls

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // SeatSaga leaves these out, so the null chain does, too.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// What the queue hands back.
class Event {
 public:
  virtual ~Event() = default;
  virtual void OnEvent(bool ok) = 0;
};

// One outgoing call. Deletes itself once `done` has run.
template <class Request, class Response>
class OutgoingCall final : public Event {
 public:
  using Done = std::function<void(const grpc::Status&, const Response&)>;

  Request request;

  // `prepare(context, request, queue)` is the stub's PrepareAsync... method.
  template <class Prepare>
  void Start(Prepare prepare, grpc::CompletionQueue* queue, Done done) {
    done_ = std::move(done);
    context_.set_deadline(std::chrono::system_clock::now() + kDeadline);
    reader_ = prepare(&context_, request, queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status_, static_cast<Event*>(this));
  }

  void OnEvent(bool) override {
    done_(status_, response_);
    delete this;
  }

 private:
  Done done_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> reader_;
  Response response_;
  grpc::Status status_;
};

// How calls of one method of a service are received and served.
template <class Request, class Response>
struct Method {
  class Call;
  using Writer = grpc::ServerAsyncResponseWriter<Response>;
  std::function<void(grpc::ServerContext*, Request*, Writer*, void*)> listen;
  std::function<void(Call*)> serve;

  // One call. Deletes itself once its answer was sent.
  class Call final : public Event {
   public:
    explicit Call(const Method& method) : method_(method), writer_(&context_) {
      method_.listen(&context_, &request, &writer_, static_cast<Event*>(this));
    }

    void Finish(const grpc::Status& status) {
      if (status.ok()) null::Answer(request, response_);
      writer_.Finish(response_, status, static_cast<Event*>(this));
    }

    void OnEvent(bool ok) override {
      if (arrived_ || !ok) {
        delete this;
        return;
      }
      arrived_ = true;
      new Call(method_);
      method_.serve(this);
    }

    Request request;

   private:
    const Method& method_;
    grpc::ServerContext context_;
    Writer writer_;
    Response response_;
    bool arrived_ = false;
  };

  void Listen() const {
    for (int i = 0; i < kSlotsPerMethod; ++i) new Call(*this);
  }
};

using Create = Method<null::CreateReservationRequest, null::CreateReservationResponse>;
using Confirm =
    Method<null::ExecuteReservationCommandsRequest, null::ExecuteReservationCommandsResponse>;
using Start = Method<null::StartSagasRequest, null::StartSagasResponse>;
using Reserve = Method<null::ReserveSeatsRequest, null::ReserveSeatsResponse>;
using Charge = Method<null::ChargePaymentRequest, null::ChargePaymentResponse>;

// The service of a role. Listen is called once the server runs.
class RoleService {
 public:
  virtual ~RoleService() = default;
  virtual grpc::Service* service() = 0;
  virtual void Listen() = 0;
};

class Facade final : public RoleService {
 public:
  Facade(const NullServerOptions& options, grpc::ServerCompletionQueue* queue)
      : orchestrator_(
            orchestrator::v1::OrchestratorService::NewStub(Connect(options.orchestrator))) {
    create_.listen = [this, queue](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestCreateReservation(context, request, writer, queue, queue, tag);
    };
    create_.serve = [this, queue](Create::Call* call) {
      auto* outgoing = new OutgoingCall<null::StartSagasRequest, null::StartSagasResponse>;
      null::FillStart(call->request, outgoing->request);
      outgoing->Start(
          [this](auto... arguments) { return orchestrator_->PrepareAsyncStartSagas(arguments...); },
          queue, [call](const grpc::Status& status, const auto&) { call->Finish(status); });
    };
    confirm_.listen = [this, queue](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestExecuteReservationCommands(context, request, writer, queue, queue, tag);
    };
    confirm_.serve = [](Confirm::Call* call) { call->Finish(grpc::Status::OK); };
  }
  grpc::Service* service() override { return &service_; }
  void Listen() override {
    create_.Listen();
    confirm_.Listen();
  }

 private:
  reservation::v1::ReservationService::AsyncService service_;
  const std::unique_ptr<orchestrator::v1::OrchestratorService::Stub> orchestrator_;
  Create create_;
  Confirm confirm_;
};

class Orchestrator final : public RoleService {
 public:
  Orchestrator(const NullServerOptions& options, grpc::ServerCompletionQueue* queue)
      : queue_(queue),
        seat_(seat::v1::SeatService::NewStub(Connect(options.seat))),
        payment_(payment::v1::PaymentService::NewStub(Connect(options.payment))),
        facade_(reservation::v1::ReservationService::NewStub(Connect(options.facade))) {
    start_.listen = [this](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestStartSagas(context, request, writer, queue_, queue_, tag);
    };
    start_.serve = [this](Start::Call* call) { ReserveSeats(call); };
  }
  grpc::Service* service() override { return &service_; }
  void Listen() override { start_.Listen(); }

 private:
  void ReserveSeats(Start::Call* call) {
    auto* outgoing = new OutgoingCall<null::ReserveSeatsRequest, null::ReserveSeatsResponse>;
    null::FillReserve(call->request, outgoing->request);
    outgoing->Start(
        [this](auto... arguments) { return seat_->PrepareAsyncReserveSeats(arguments...); }, queue_,
        [this, call](const grpc::Status& status, const auto& reserved) {
          status.ok() ? ChargePayment(call, reserved) : call->Finish(status);
        });
  }

  void ChargePayment(Start::Call* call, const null::ReserveSeatsResponse& reserved) {
    auto* outgoing = new OutgoingCall<null::ChargePaymentRequest, null::ChargePaymentResponse>;
    null::FillCharge(call->request, reserved, outgoing->request);
    outgoing->Start(
        [this](auto... arguments) { return payment_->PrepareAsyncChargePayment(arguments...); },
        queue_,
        [this, call, reserved](const grpc::Status& status, const auto&) {
          status.ok() ? ConfirmReservation(call, reserved) : call->Finish(status);
        });
  }

  void ConfirmReservation(Start::Call* call, const null::ReserveSeatsResponse& reserved) {
    auto* outgoing = new OutgoingCall<null::ExecuteReservationCommandsRequest,
                                      null::ExecuteReservationCommandsResponse>;
    null::FillConfirm(call->request, reserved, outgoing->request);
    outgoing->Start(
        [this](auto... arguments) {
          return facade_->PrepareAsyncExecuteReservationCommands(arguments...);
        },
        queue_, [call](const grpc::Status& status, const auto&) { call->Finish(status); });
  }

  grpc::ServerCompletionQueue* const queue_;
  orchestrator::v1::OrchestratorService::AsyncService service_;
  const std::unique_ptr<seat::v1::SeatService::Stub> seat_;
  const std::unique_ptr<payment::v1::PaymentService::Stub> payment_;
  const std::unique_ptr<reservation::v1::ReservationService::Stub> facade_;
  Start start_;
};

class Seat final : public RoleService {
 public:
  Seat(const NullServerOptions&, grpc::ServerCompletionQueue* queue) {
    reserve_.listen = [this, queue](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestReserveSeats(context, request, writer, queue, queue, tag);
    };
    reserve_.serve = [](Reserve::Call* call) { call->Finish(grpc::Status::OK); };
  }
  grpc::Service* service() override { return &service_; }
  void Listen() override { reserve_.Listen(); }

 private:
  seat::v1::SeatService::AsyncService service_;
  Reserve reserve_;
};

class Payment final : public RoleService {
 public:
  Payment(const NullServerOptions&, grpc::ServerCompletionQueue* queue) {
    charge_.listen = [this, queue](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestChargePayment(context, request, writer, queue, queue, tag);
    };
    charge_.serve = [](Charge::Call* call) { call->Finish(grpc::Status::OK); };
  }
  grpc::Service* service() override { return &service_; }
  void Listen() override { charge_.Listen(); }

 private:
  payment::v1::PaymentService::AsyncService service_;
  Charge charge_;
};

std::unique_ptr<RoleService> MakeRole(const NullServerOptions& options,
                                      grpc::ServerCompletionQueue* queue) {
  switch (options.role) {
    case Role::kFacade:
      return std::make_unique<Facade>(options, queue);
    case Role::kOrchestrator:
      return std::make_unique<Orchestrator>(options, queue);
    case Role::kSeat:
      return std::make_unique<Seat>(options, queue);
    case Role::kPayment:
      return std::make_unique<Payment>(options, queue);
  }
  return nullptr;
}

class QueueServer final : public NullServer {
 public:
  explicit QueueServer(const NullServerOptions& options) {
    grpc::ServerBuilder builder;
    queue_ = builder.AddCompletionQueue();
    role_ = MakeRole(options, queue_.get());
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
    builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials());
    builder.RegisterService(role_->service());
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) return;
    role_->Listen();
    thread_ = std::thread([this] { Poll(); });
  }

  ~QueueServer() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
    queue_->Shutdown();
    if (thread_.joinable()) {
      thread_.join();
    } else {
      Poll();
    }
  }

  bool started() const { return server_ != nullptr; }

 private:
  void Poll() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) static_cast<Event*>(tag)->OnEvent(ok);
  }

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<RoleService> role_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<NullServer> NullServer::Start(const NullServerOptions& options) {
  auto server = std::make_unique<QueueServer>(options);
  if (!server->started()) return nullptr;
  return server;
}

}  // namespace seatsaga::bench
