#include "payment_svc/payment_service.h"

#include <optional>
#include <string>
#include <utility>

#include "common/errors.h"
#include "common/page_token.h"
#include "common/text.h"
#include "common/validation.h"
#include "payment_svc/payment_requests.h"

namespace seatsaga::payment {
namespace {

constexpr int kPageSize = 50;
constexpr int kPageSizeMax = 1000;

std::string Method(std::string_view name) {
  return Cat("seatsaga.payment.v1.PaymentService/", name);
}

// A reply to a unary method, as the reply of a batch of one.
template <class Response>
Reply<CommandResults> AsBatchOfOne(Reply<Response> reply) {
  return Reply<CommandResults>(
      [reply = std::move(reply)](absl::StatusOr<CommandResults> results) mutable {
        auto result = OneResult(std::move(results));
        if (!result.ok()) return reply.Send(result.status());
        Response response;
        *response.mutable_result() = *std::move(result);
        reply.Send(std::move(response));
      });
}

absl::StatusOr<v1::ListPaymentsResponse> ToResponse(absl::StatusOr<PaymentPage> page,
                                                    const std::string& scope) {
  if (!page.ok()) return page.status();
  v1::ListPaymentsResponse response;
  for (const Payment& payment : page->payments) *response.add_payments() = ToProto(payment);
  if (page->next) response.set_next_page_token(MakePageToken(scope, page->next->bytes()));
  return response;
}

}  // namespace

void PaymentService::Register(RpcServer& server) {
  server.Handle<v1::ChargePaymentRequest, v1::ChargePaymentResponse>(
      Method("ChargePayment"),
      [this](auto& request, auto reply, absl::Time) { Charge(request, std::move(reply)); });
  server.Handle<v1::RefundPaymentRequest, v1::RefundPaymentResponse>(
      Method("RefundPayment"),
      [this](auto& request, auto reply, absl::Time) { Refund(request, std::move(reply)); });
  server.Handle<v1::ExecutePaymentCommandsRequest, v1::ExecutePaymentCommandsResponse>(
      Method("ExecutePaymentCommands"),
      [this](auto& request, auto reply, absl::Time) { Execute(request, std::move(reply)); });
  server.Handle<v1::GetPaymentRequest, v1::GetPaymentResponse>(
      Method("GetPayment"),
      [this](auto& request, auto reply, absl::Time) { Get(request, std::move(reply)); });
  server.Handle<v1::ListPaymentsRequest, v1::ListPaymentsResponse>(
      Method("ListPayments"),
      [this](auto& request, auto reply, absl::Time) { List(request, std::move(reply)); });
  server.Handle<v1::GetLedgerRequest, v1::GetLedgerResponse>(
      Method("GetLedger"), [this](auto&, auto reply, absl::Time) { GetLedger(std::move(reply)); });
}

void PaymentService::Charge(v1::ChargePaymentRequest& request,
                            Reply<v1::ChargePaymentResponse> reply) {
  FieldErrors errors;
  PaymentCommand command = ParseCharge(request, errors);
  Push(OneCommand(std::move(command), errors), AsBatchOfOne(std::move(reply)));
}

void PaymentService::Refund(v1::RefundPaymentRequest& request,
                            Reply<v1::RefundPaymentResponse> reply) {
  FieldErrors errors;
  PaymentCommand command = ParseRefund(request, errors);
  Push(OneCommand(std::move(command), errors), AsBatchOfOne(std::move(reply)));
}

void PaymentService::Execute(v1::ExecutePaymentCommandsRequest& request,
                             Reply<v1::ExecutePaymentCommandsResponse> reply) {
  Push(ParseBatch(request),
       Reply<CommandResults>(
           [reply = std::move(reply)](absl::StatusOr<CommandResults> results) mutable {
             if (!results.ok()) return reply.Send(results.status());
             v1::ExecutePaymentCommandsResponse response;
             for (CommandResult& result : *results) *response.add_results() = std::move(result);
             reply.Send(std::move(response));
           }));
}

void PaymentService::Push(absl::StatusOr<ExecuteCommands> input, Reply<CommandResults> reply) {
  if (!input.ok()) return reply.Send(input.status());
  input->reply = std::move(reply);
  PaymentInput queued = *std::move(input);
  if (loop_.TryPush(std::move(queued))) return;
  std::get<ExecuteCommands>(queued).reply.Send(loop_.Refusal());
}

void PaymentService::Get(v1::GetPaymentRequest& request, Reply<v1::GetPaymentResponse> reply) {
  FieldErrors errors;
  const std::optional<Id> id = CheckId("payment_id", request.payment_id(), errors);
  if (!id) return reply.Send(errors.ToStatus());
  lane_.Answer(std::move(reply), [this, id = *id]() -> absl::StatusOr<v1::GetPaymentResponse> {
    const absl::StatusOr<Payment> payment = reader_.Get(id);
    if (!payment.ok()) return payment.status();
    v1::GetPaymentResponse response;
    *response.mutable_payment() = ToProto(*payment);
    return response;
  });
}

void PaymentService::List(v1::ListPaymentsRequest& request, Reply<v1::ListPaymentsResponse> reply) {
  FieldErrors errors;
  const int page_size = CheckPageSize(request.page_size(), kPageSize, kPageSizeMax, errors);
  if (!v1::PaymentState_IsValid(request.state())) {
    errors.Add("state", "is not a payment state of this version");
  }
  std::string scope = Cat("ListPayments/", static_cast<int>(request.state()));
  const std::string cursor = ReadPageToken(scope, request.page_token(), errors);
  if (!errors.empty()) return reply.Send(errors.ToStatus());
  std::optional<Id> after;
  if (const auto id = Id::FromBytes(cursor); id.ok()) after = *id;
  lane_.Answer(std::move(reply), [this, after, page_size, state = request.state(),
                                  scope = std::move(scope)] {
    return ToResponse(reader_.List(after, static_cast<size_t>(page_size), state), scope);
  });
}

void PaymentService::GetLedger(Reply<v1::GetLedgerResponse> reply) {
  lane_.Answer(std::move(reply), [this]() -> absl::StatusOr<v1::GetLedgerResponse> {
    const absl::StatusOr<std::vector<AccountBalance>> balances = reader_.Balances();
    if (!balances.ok()) return balances.status();
    v1::GetLedgerResponse response;
    for (const AccountBalance& balance : *balances) {
      v1::AccountBalance& proto = *response.add_balances();
      proto.set_account(balance.account);
      proto.set_currency(balance.currency);
      proto.set_balance_minor(balance.balance_minor);
    }
    return response;
  });
}

}  // namespace seatsaga::payment
