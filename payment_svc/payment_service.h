#pragma once

#include "common/batch_loop.h"
#include "common/read_lane.h"
#include "common/reply.h"
#include "common/rpc/server.h"
#include "payment_svc/payment_input.h"
#include "payment_svc/payment_reader.h"

namespace seatsaga::payment {

// The methods of seatsaga.payment.v1.PaymentService: each checks its request and hands it to the
// batch loop (commands) or the read lane (queries). Handlers run on the server's I/O thread.
class PaymentService {
 public:
  // All must outlive the server. `reader` is the lane's alone.
  PaymentService(BatchLoop<PaymentInput>& loop, ReadLane& lane, PaymentReader& reader)
      : loop_(loop), lane_(lane), reader_(reader) {}

  void Register(RpcServer& server);

 private:
  void Charge(v1::ChargePaymentRequest& request, Reply<v1::ChargePaymentResponse> reply);
  void Refund(v1::RefundPaymentRequest& request, Reply<v1::RefundPaymentResponse> reply);
  void Execute(v1::ExecutePaymentCommandsRequest& request,
               Reply<v1::ExecutePaymentCommandsResponse> reply);
  void Get(v1::GetPaymentRequest& request, Reply<v1::GetPaymentResponse> reply);
  void List(v1::ListPaymentsRequest& request, Reply<v1::ListPaymentsResponse> reply);
  void GetLedger(Reply<v1::GetLedgerResponse> reply);
  // Queues the commands, or answers at once why not.
  void Push(absl::StatusOr<ExecuteCommands> input, Reply<CommandResults> reply);

  BatchLoop<PaymentInput>& loop_;
  ReadLane& lane_;
  PaymentReader& reader_;
};

}  // namespace seatsaga::payment
