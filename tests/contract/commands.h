#pragma once

#include <ostream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "cluster/clients.h"
#include "cluster/wait.h"
#include "common/errors.h"

// A participant's commands as values, and how they are sent: alone by their unary method, or in the
// participant's batch method.
namespace seatsaga::contract {

using Command = std::variant<seat::v1::ReserveSeatsRequest, seat::v1::ReleaseSeatsRequest,
                             payment::v1::ChargePaymentRequest, payment::v1::RefundPaymentRequest,
                             payment::v1::ProbePayment, reservation::v1::ConfirmReservation,
                             reservation::v1::CancelReservation>;

// Whether the answer to a command comes by its own method or inside a batch, this is what it says.
struct Answer {
  saga::v1::Outcome outcome = saga::v1::OUTCOME_UNSPECIFIED;
  std::string reason;
  friend bool operator==(const Answer&, const Answer&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  return out << saga::v1::Outcome_Name(answer.outcome) << " " << answer.reason;
}

enum class Form { kUnary, kBatch };
inline const char* NameOf(Form form) { return form == Form::kUnary ? "unary" : "batch"; }

inline Answer FromResult(const saga::v1::CommandResult& result) {
  return {result.outcome(), result.reason()};
}

// A unary method says INVALID as a gRPC error; no other error is part of the contract.
inline Answer FromError(const absl::Status& status) {
  if (absl::IsInvalidArgument(status)) return {saga::v1::OUTCOME_INVALID, ReasonOf(status)};
  return {saga::v1::OUTCOME_UNSPECIFIED, status.ToString()};
}

// Which requests have a method of their own.
template <class Request>
concept Unary = requires {
  typename cluster::Method<Request>::Response;
};

inline bool HasUnary(const Command& command) {
  return std::visit([](const auto& request) { return Unary<std::decay_t<decltype(request)>>; },
                    command);
}

inline void AddTo(seat::v1::ExecuteSeatCommandsRequest& batch,
                  const seat::v1::ReserveSeatsRequest& command) {
  *batch.add_commands()->mutable_reserve_seats() = command;
}
inline void AddTo(seat::v1::ExecuteSeatCommandsRequest& batch,
                  const seat::v1::ReleaseSeatsRequest& command) {
  *batch.add_commands()->mutable_release_seats() = command;
}
inline void AddTo(payment::v1::ExecutePaymentCommandsRequest& batch,
                  const payment::v1::ChargePaymentRequest& command) {
  *batch.add_commands()->mutable_charge_payment() = command;
}
inline void AddTo(payment::v1::ExecutePaymentCommandsRequest& batch,
                  const payment::v1::RefundPaymentRequest& command) {
  *batch.add_commands()->mutable_refund_payment() = command;
}
inline void AddTo(payment::v1::ExecutePaymentCommandsRequest& batch,
                  const payment::v1::ProbePayment& command) {
  *batch.add_commands()->mutable_probe_payment() = command;
}
inline void AddTo(reservation::v1::ExecuteReservationCommandsRequest& batch,
                  const reservation::v1::ConfirmReservation& command) {
  *batch.add_commands()->mutable_confirm_reservation() = command;
}
inline void AddTo(reservation::v1::ExecuteReservationCommandsRequest& batch,
                  const reservation::v1::CancelReservation& command) {
  *batch.add_commands()->mutable_cancel_reservation() = command;
}

// One batch of all commands, which are for one participant; their answers in order.
template <class Batch>
std::vector<Answer> SendBatchAs(cluster::Clients& clients, const std::vector<Command>& commands) {
  Batch batch;
  for (const Command& command : commands) {
    std::visit(
        [&](const auto& request) {
          if constexpr (requires { AddTo(batch, request); }) AddTo(batch, request);
        },
        command);
  }
  const auto response = clients.Call(batch);
  if (!response.ok()) return std::vector<Answer>(commands.size(), FromError(response.status()));
  std::vector<Answer> answers;
  for (const auto& result : response->results()) answers.push_back(FromResult(result));
  return answers;
}

inline std::vector<Answer> SendBatch(cluster::Clients& clients,
                                     const std::vector<Command>& commands) {
  switch (commands.front().index()) {
    case 0:
    case 1:
      return SendBatchAs<seat::v1::ExecuteSeatCommandsRequest>(clients, commands);
    case 2:
    case 3:
    case 4:
      return SendBatchAs<payment::v1::ExecutePaymentCommandsRequest>(clients, commands);
    default:
      return SendBatchAs<reservation::v1::ExecuteReservationCommandsRequest>(clients, commands);
  }
}

inline Answer SendUnary(cluster::Clients& clients, const Command& command) {
  return std::visit(
      [&](const auto& request) -> Answer {
        if constexpr (Unary<std::decay_t<decltype(request)>>) {
          const auto response = clients.Call(request);
          return response.ok() ? FromResult(response->result()) : FromError(response.status());
        } else {
          return {saga::v1::OUTCOME_UNSPECIFIED, "no unary method"};
        }
      },
      command);
}

// Sends the command until its outcome is definite: the participant may answer IN_PROGRESS, and then
// the same key is sent again, as the orchestrator does.
inline Answer Send(cluster::Clients& clients, const Command& command, Form form) {
  Answer answer;
  cluster::WaitUntil([&] {
    answer =
        form == Form::kUnary ? SendUnary(clients, command) : SendBatch(clients, {command}).front();
    return answer.outcome != saga::v1::OUTCOME_IN_PROGRESS;
  });
  return answer;
}

}  // namespace seatsaga::contract
