#pragma once

#include <tuple>

#include "common/wire/method.h"
#include "seatsaga/payment/v1/payment.pb.h"

// PaymentService.
namespace seatsaga::payment {

inline constexpr Method<v1::ChargePaymentRequest, v1::ChargePaymentResponse> kChargePayment{
    Listener::kInternal};
inline constexpr Method<v1::RefundPaymentRequest, v1::RefundPaymentResponse> kRefundPayment{
    Listener::kInternal};
inline constexpr Method<v1::ExecutePaymentCommandsRequest, v1::ExecutePaymentCommandsResponse>
    kExecutePaymentCommands{Listener::kInternal};
inline constexpr Method<v1::GetPaymentRequest, v1::GetPaymentResponse> kGetPayment{
    Listener::kAdmin};
inline constexpr Method<v1::ListPaymentsRequest, v1::ListPaymentsResponse> kListPayments{
    Listener::kAdmin};
inline constexpr Method<v1::GetLedgerRequest, v1::GetLedgerResponse> kGetLedger{Listener::kAdmin};

inline constexpr std::tuple kMethods{kChargePayment, kRefundPayment, kExecutePaymentCommands,
                                     kGetPayment,    kListPayments,  kGetLedger};

}  // namespace seatsaga::payment
