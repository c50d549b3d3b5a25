// SeatSaga's own participants, as real processes over gRPC. To add a step: add it to Steps().
#include <google/protobuf/empty.pb.h>

#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "cluster/stories.h"
#include "cluster/wait.h"
#include "common/id.h"
#include "common/rpc/client.h"
#include "common/sealed_token.h"
#include "common/text.h"
#include "tests/contract/participant.h"
#include "tests/contract/seat_step.h"
#include "tests/contract/sender.h"
#include "tests/harness/test_cluster.h"

namespace seatsaga::contract {
namespace {

using cluster::Service;

constexpr const char* kEvent = "hamlet";
constexpr int64_t kPrice = cluster::kSeatPriceMinor;

// Messages are bytes to the table: they travel as the unknown fields of an empty message.
absl::StatusOr<std::string> CallBytes(Channel& channel, const std::string& method,
                                      const std::string& request) {
  google::protobuf::Empty bytes;
  bytes.ParseFromString(request);
  google::protobuf::Empty response;
  absl::Status status;
  absl::Notification done;
  channel.CallRaw({.path = method}, bytes, absl::Seconds(10), &response, [&](absl::Status ended) {
    status = std::move(ended);
    done.Notify();
  });
  done.WaitForNotification();
  if (!status.ok()) return status;
  return response.SerializeAsString();
}

// The participants, without an orchestrator that would send commands of its own.
class Ours final : public Subjects {
 public:
  Ours() : sealer_(TokenSealer::FromKeyFile(cluster_->TokenKeyFile(), /*make=*/false).value()) {
    cluster_->Kill(Service::kOrchestrator);
    event_ = cluster::CreateEvent(clients(), kEvent, 26, 100);
    Serve(seat_, Service::kSeat, "/seatsaga.seat.v1.SeatService/ExecuteSeatCommands");
    Serve(payment_, Service::kPayment,
          "/seatsaga.payment.v1.PaymentService/ExecutePaymentCommands");
    Serve(reservation_, Service::kReservation,
          "/seatsaga.reservation.v1.ReservationService/ExecuteReservationCommands");
  }
  std::vector<Step> Steps() override {
    if (!event_.ok()) return {};  // the table then says that nothing was checked
    return {ReserveSeats(),       ChargePayment(),     ChargePaymentKeptInPart(), HoldReservation(),
            ConfirmReservation(), CreateReservation(), GiveBackSeats(),           ReleaseAllSeats(),
            PayBackPayment(),     RefundEarlier(),     ConfirmChange(),           BeginChange()};
  }

 private:
  cluster::Clients& clients() { return cluster_.clients(); }
  void Serve(Participant& participant, Service service, std::string batch_method) {
    participant.batch_method = std::move(batch_method);
    participant.call = [this, service](const std::string& method, const std::string& request) {
      return CallBytes(clients().ChannelTo(service), method, request);
    };
    participant.wait = [] { absl::SleepFor(absl::Milliseconds(5)); };
    participant.crash = [this, service] {
      cluster_->Kill(service);
      (void)cluster_->Start(service);
    };
  }

  Step ReserveSeats();
  Step ChargePayment();
  Step ChargePaymentKeptInPart();
  Step HoldReservation();
  Step ConfirmReservation();
  Step CreateReservation();
  // Of later sagas of a reservation. Their runs' resource is "SEAT CURRENCY RESERVATION".
  Step GiveBackSeats();
  Step ReleaseAllSeats();
  Step PayBackPayment();
  Step RefundEarlier();
  Step ConfirmChange();
  Step BeginChange();

  // The seat and the currency of a run are its own, so that seat map and ledger show it alone.
  Run FreshRun() {
    const int n = used_++;
    return {.saga_id = cluster::NewId(),
            .resource =
                Cat(cluster::SeatId(n / 100, n % 100 + 1), " ", static_cast<char>('A' + n / 676),
                    static_cast<char>('A' + n / 26 % 26), static_cast<char>('A' + n % 26))};
  }
  static std::string SeatOf(const Run& run) {
    return run.resource.substr(0, run.resource.find(' '));
  }
  static std::string CurrencyOf(const Run& run) {
    return run.resource.substr(run.resource.find(' ') + 1, 3);
  }
  // Of a later saga, or of the first one.
  static std::string ReservationOf(const Run& run) {
    const size_t end = run.resource.find(' ') + 1 + 3;
    return end == run.resource.size() ? run.saga_id : run.resource.substr(end + 1);
  }
  // A later saga of the same reservation.
  static Run LaterRun(const Run& first, std::string saga_id) {
    return {.saga_id = std::move(saga_id), .resource = Cat(first.resource, " ", first.saga_id)};
  }
  // Has a step of a run's first saga done, so that a later one has something to work on.
  void Do(const Step& step, const Run& run);
  Run LaterRunAfter(const Step& step) {
    const Run first = FreshRun();
    Do(step, first);
    return LaterRun(first, cluster::NewId());
  }
  // A reservation that is CHANGING. No seat_svc is asked, so any seat will do.
  Run ChangingReservation();
  // A PENDING reservation; its saga does not start, because no orchestrator runs.
  Run PendingReservation() {
    Run run = FreshRun();
    const auto reservation = cluster::Submit(clients(), cluster::Reserve(kEvent, {SeatOf(run)}));
    if (reservation.ok()) run.saga_id = reservation->reservation_id();
    return run;
  }
  Body Charge(const Run& run, int64_t amount_minor, const char* token);
  static std::function<Body(const Run&)> Refund(std::optional<int64_t> amount_minor);
  static payment::v1::Refunds Refunds(const Run& run, int64_t amount_minor);
  std::string ObservePayment(const Run& run);
  std::string ObserveReservation(const Run& run);

  cluster::TestCluster cluster_;
  TokenSealer sealer_;
  absl::Status event_;
  Participant seat_;
  Participant payment_;
  Participant reservation_;
  int used_ = 0;
  int taken_ = 0;
  // Sealing is random; the same command must have the same bytes.
  std::map<std::string, std::string> sealed_;
};

// --- Seats

Step Ours::ReserveSeats() {
  return ReserveSeatsStep(seat_, [this] { return FreshRun(); },
                          {.event_id = kEvent,
                           .seat_of = SeatOf,
                           .other_seat = "stalls/Z/1",
                           .unknown_seat = "stalls/Z/9999",
                           .list = [this](const seat::v1::ListSeatsRequest& request) {
                             return clients().Call(request);
                           }});
}

// --- Payments

Body Ours::Charge(const Run& run, int64_t amount_minor, const char* token) {
  payment::v1::ChargePaymentRequest request;
  request.mutable_amount()->set_amount_minor(amount_minor);
  request.mutable_amount()->set_currency(CurrencyOf(run));
  std::string& bytes = sealed_[Cat(run.saga_id, token)];
  if (bytes.empty()) bytes = sealer_.Seal(token, Id::Parse(run.saga_id).value_or(Id()))->bytes;
  request.set_sealed_payment_token(bytes);
  return MakeBody(payment::v1::PaymentCommand::kChargePaymentFieldNumber, request,
                  "/seatsaga.payment.v1.PaymentService/ChargePayment");
}

// Of the reservation's first payment.
payment::v1::Refunds Ours::Refunds(const Run& run, int64_t amount_minor) {
  payment::v1::Refunds refunds;
  saga::v1::PaymentPart& part = *refunds.add_refunds();
  part.set_payment_id(ReservationOf(run));
  part.mutable_amount()->set_amount_minor(amount_minor);
  part.mutable_amount()->set_currency(CurrencyOf(run));
  return refunds;
}

// Of this much; unset: of everything.
std::function<Body(const Run&)> Ours::Refund(std::optional<int64_t> amount_minor) {
  return [=](const Run& run) {
    payment::v1::RefundPaymentRequest request;
    request.set_reservation_id(ReservationOf(run));
    if (amount_minor.has_value()) *request.mutable_refunds() = Refunds(run, *amount_minor);
    return MakeBody(payment::v1::PaymentCommand::kRefundPaymentFieldNumber, request,
                    "/seatsaga.payment.v1.PaymentService/RefundPayment");
  };
}

// "CAPTURED, 2500 in the ledger".
std::string Ours::ObservePayment(const Run& run) {
  int64_t balance = 0;
  const auto ledger = clients().Call(payment::v1::GetLedgerRequest());
  if (!ledger.ok()) return ledger.status().ToString();
  for (const auto& account : ledger->balances()) {
    if (account.currency() == CurrencyOf(run) && account.account() == "provider") {
      balance += account.balance_minor();
    }
  }
  const auto payment = cluster::GetPayment(clients(), ReservationOf(run));
  std::string state = "none";
  if (payment.ok()) {
    state = payment::v1::PaymentState_Name(payment->state()).substr(strlen("PAYMENT_STATE_"));
  } else if (!absl::IsNotFound(payment.status())) {
    return payment.status().ToString();
  }
  return Cat(state, ", ", balance, " in the ledger");
}

Step Ours::ChargePayment() {
  const auto charge = [this](int64_t amount, const char* token) {
    return [=, this](const Run& run) { return Charge(run, amount, token); };
  };
  return {.name = "payment_svc: charge_payment",
          .participant = &payment_,
          .step = "charge_payment",
          .prepare = [this] { return FreshRun(); },
          .action = charge(kPrice, "tok_visa"),
          .other_action = charge(kPrice + 1, "tok_visa"),
          .refused_action = charge(kPrice, "tok_declined"),
          .compensation = Refund(std::nullopt),
          .other_compensation = Refund(kPrice),
          .probe =
              [](const Run&) {
                return MakeBody(payment::v1::PaymentCommand::kProbePaymentFieldNumber,
                                payment::v1::ProbePayment());
              },
          .observe = [this](const Run& run) { return ObservePayment(run); },
          .untouched = "none, 0 in the ledger",
          .acted = "CAPTURED, 2500 in the ledger",
          .undone = "REFUNDED, 0 in the ledger"};
}

// A compensation that says how much it undoes.
Step Ours::ChargePaymentKeptInPart() {
  Step step = ChargePayment();
  step.name = "payment_svc: charge_payment, refunded in part";
  step.compensation = Refund(1000);
  step.other_compensation = Refund(1001);
  step.undone = "PARTIALLY_REFUNDED, 1500 in the ledger";
  return step;
}

// --- Reservations

// "CANCELLED SEAT_NOT_AVAILABLE", "CONFIRMED by it".
std::string Ours::ObserveReservation(const Run& run) {
  const auto reservation = cluster::GetReservation(clients(), ReservationOf(run));
  if (!reservation.ok()) return reservation.status().ToString();
  const auto& state = reservation::v1::ReservationState_Name(reservation->state());
  const std::string& reason = reservation->has_change_failure()
                                  ? reservation->change_failure().reason()
                                  : reservation->reason();
  const bool changed = reservation->saga_id() != reservation->reservation_id() &&
                       reservation->saga_id() == run.saga_id;
  return Cat(state.substr(strlen("RESERVATION_STATE_")), reason.empty() ? "" : " ", reason,
             changed ? " by it" : "");
}

// What it does is undone with the creation: no compensation of its own.
Step Ours::HoldReservation() {
  const auto hold = [](int64_t price) {
    return [=](const Run&) {
      reservation::v1::HoldReservation command;
      command.mutable_price()->set_amount_minor(price);
      command.mutable_price()->set_currency("EUR");
      command.mutable_expire_time()->set_seconds(1'800'000'000);
      return MakeBody(reservation::v1::ReservationCommand::kHoldReservationFieldNumber, command);
    };
  };
  return {.name = "reservation_svc: hold_reservation",
          .participant = &reservation_,
          .step = "hold_reservation",
          .prepare = [this] { return PendingReservation(); },
          .action = hold(kPrice),
          .other_action = hold(kPrice + 1),
          .observe = [this](const Run& run) { return ObserveReservation(run); },
          .untouched = "PENDING",
          .acted = "HELD"};
}

// The pivot: no compensation.
Step Ours::ConfirmReservation() {
  const auto confirm = [](int64_t price) {
    return [=](const Run&) {
      reservation::v1::ConfirmReservation command;
      command.mutable_price()->set_amount_minor(price);
      command.mutable_price()->set_currency("EUR");
      return MakeBody(reservation::v1::ReservationCommand::kConfirmReservationFieldNumber, command);
    };
  };
  return {.name = "reservation_svc: confirm_reservation",
          .participant = &reservation_,
          .step = "confirm_reservation",
          .prepare = [this] { return PendingReservation(); },
          .action = confirm(kPrice),
          .other_action = confirm(kPrice + 1),
          .observe = [this](const Run& run) { return ObserveReservation(run); },
          .untouched = "PENDING",
          .acted = "CONFIRMED"};
}

// The facade itself acts, before its saga begins: only the undo.
Step Ours::CreateReservation() {
  const auto cancel = [](const char* reason) {
    return [=](const Run&) {
      reservation::v1::CancelReservation command;
      command.set_reason(reason);
      command.set_message("in words");
      return MakeBody(reservation::v1::ReservationCommand::kCancelReservationFieldNumber, command);
    };
  };
  return {.name = "reservation_svc: create_reservation",
          .participant = &reservation_,
          .step = "create_reservation",
          .prepare = [this] { return PendingReservation(); },
          .compensation = cancel("SEAT_NOT_AVAILABLE"),
          .other_compensation = cancel("PAYMENT_DECLINED"),
          .observe = [this](const Run& run) { return ObserveReservation(run); },
          .untouched = "PENDING",
          .acted = "PENDING",
          .undone = "CANCELLED SEAT_NOT_AVAILABLE"};
}

// --- Later sagas of a reservation

void Ours::Do(const Step& step, const Run& run) {
  const Sender sender(*step.participant);
  const auto fencing = sender.GetFencing();
  if (!fencing.ok()) return;  // the table sees that nothing was done
  const int32_t partition =
      static_cast<unsigned char>(Id::Parse(run.saga_id).value_or(Id()).bytes().back());
  for (const saga::v1::PartitionRange& range : fencing->ranges()) {
    if (partition < range.first() || partition > range.last()) continue;
    const Token token{range.token().epoch(), range.token().holder().front()};
    (void)sender.Send({step.action(run), run.saga_id, step.step, token}, Form::kBatch);
  }
}

Run Ours::ChangingReservation() {
  const Run first = PendingReservation();
  Do(ConfirmReservation(), first);
  const int n = taken_++;
  const auto changing = clients().Call(
      cluster::Exchange(first.saga_id, {SeatOf(first)}, {Cat("boxes/", n / 100, "/", n % 100)}));
  if (!changing.ok()) return first;  // the table sees that it is not CHANGING
  return LaterRun(first, changing->reservation().change().saga_id());
}

Step Ours::GiveBackSeats() {
  const auto give_back = [](const char* seat_id) {
    return [=](const Run& run) {
      seat::v1::GiveBackSeats command;
      command.set_reservation_id(ReservationOf(run));
      command.set_event_id(kEvent);
      command.add_seat_ids(seat_id == nullptr ? SeatOf(run) : seat_id);
      return MakeBody(seat::v1::SeatCommand::kGiveBackSeatsFieldNumber, command);
    };
  };
  const Step reserve = ReserveSeats();
  return {.name = "seat_svc: give_back_seats",
          .participant = &seat_,
          .step = "give_back_seats",
          .prepare = [this, reserve] { return LaterRunAfter(reserve); },
          .action = give_back(nullptr),
          .other_action = give_back("stalls/Z/1"),
          .refused_action = give_back("stalls/Z/1"),  // nobody's
          .observe =
              [reserve](const Run& run) {
                return reserve.observe({ReservationOf(run), run.resource});
              },
          .untouched = "RESERVED by it",
          .acted = "AVAILABLE"};
}

// By a saga that reserved nothing itself.
Step Ours::ReleaseAllSeats() {
  const auto release = [](bool all_seats) {
    return [=](const Run& run) {
      seat::v1::ReleaseSeatsRequest request;
      request.set_reservation_id(ReservationOf(run));
      request.set_all_seats(all_seats);
      return MakeBody(seat::v1::SeatCommand::kReleaseSeatsFieldNumber, request,
                      "/seatsaga.seat.v1.SeatService/ReleaseSeats");
    };
  };
  Step step = GiveBackSeats();
  step.name = "seat_svc: release_seats, all of them";
  step.step = "reserve_seats";
  step.action = step.other_action = step.refused_action = nullptr;
  step.compensation = release(true);
  step.other_compensation = release(false);
  step.acted = "RESERVED by it";
  step.undone = "AVAILABLE";
  return step;
}

Step Ours::PayBackPayment() {
  const auto pay_back = [](int64_t amount_minor) {
    return [=](const Run& run) {
      payment::v1::PayBackPayment command;
      command.set_reservation_id(ReservationOf(run));
      *command.mutable_refunds() = Refunds(run, amount_minor);
      return MakeBody(payment::v1::PaymentCommand::kPayBackPaymentFieldNumber, command);
    };
  };
  const Step charge = ChargePayment();
  return {.name = "payment_svc: pay_back_payment",
          .participant = &payment_,
          .step = "pay_back",
          .prepare = [this, charge] { return LaterRunAfter(charge); },
          .action = pay_back(1000),
          .other_action = pay_back(1001),
          .refused_action = pay_back(kPrice + 1),
          .observe = charge.observe,
          .untouched = "CAPTURED, 2500 in the ledger",
          .acted = "PARTIALLY_REFUNDED, 1500 in the ledger"};
}

// A part of what an earlier saga charged, by one that has charged nothing.
Step Ours::RefundEarlier() {
  Step step = PayBackPayment();
  step.name = "payment_svc: refund_payment, of an earlier saga's charge";
  step.step = "charge_payment";
  step.action = step.other_action = step.refused_action = nullptr;
  step.compensation = Refund(1000);
  step.other_compensation = Refund(1001);
  step.undone = std::exchange(step.acted, step.untouched);
  return step;
}

// The pivot of an exchange: no compensation.
Step Ours::ConfirmChange() {
  const auto confirm = [](int64_t price, const char* currency) {
    return [=](const Run& run) {
      reservation::v1::ConfirmChange command;
      command.set_reservation_id(ReservationOf(run));
      command.mutable_price()->set_amount_minor(price);
      command.mutable_price()->set_currency(currency);
      return MakeBody(reservation::v1::ReservationCommand::kConfirmChangeFieldNumber, command);
    };
  };
  return {.name = "reservation_svc: confirm_change",
          .participant = &reservation_,
          .step = "confirm_change",
          .prepare = [this] { return ChangingReservation(); },
          .action = confirm(kPrice, "EUR"),
          .other_action = confirm(kPrice + 1, "EUR"),
          .refused_action = confirm(kPrice, "USD"),
          .observe = [this](const Run& run) { return ObserveReservation(run); },
          .untouched = "CHANGING",
          .acted = "CONFIRMED by it"};
}

// As with the creation, only the undo.
Step Ours::BeginChange() {
  const auto undo = [](bool of_another) {
    return [=](const Run& run) {
      reservation::v1::CancelReservation command;
      command.set_reservation_id(of_another ? run.saga_id : ReservationOf(run));
      command.set_reason("SEAT_NOT_AVAILABLE");
      return MakeBody(reservation::v1::ReservationCommand::kCancelReservationFieldNumber, command);
    };
  };
  return {.name = "reservation_svc: begin_change",
          .participant = &reservation_,
          .step = "begin_change",
          .prepare = [this] { return ChangingReservation(); },
          .compensation = undo(false),
          .other_compensation = undo(true),
          .observe = [this](const Run& run) { return ObserveReservation(run); },
          .untouched = "CHANGING",
          .acted = "CHANGING",
          .undone = "CONFIRMED SEAT_NOT_AVAILABLE"};
}

}  // namespace

std::unique_ptr<Subjects> StartSubjects() { return std::make_unique<Ours>(); }

}  // namespace seatsaga::contract
