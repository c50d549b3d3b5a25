#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/errors.h"
#include "common/time_proto.h"
#include "tests/integration/support.h"

// What clients do to a reservation after its creation: requests, careful sending, and the money.
namespace seatsaga::integration {

using reservation::v1::CancelReservationRequest;
using reservation::v1::CreateReservationRequest;
using reservation::v1::ExtendHoldRequest;
using reservation::v1::PayReservationRequest;
using reservation::v1::RESERVATION_STATE_CANCELLING;
using reservation::v1::RESERVATION_STATE_HELD;

using cluster::Cancel;
using cluster::CancelSeats;
using cluster::Exchange;
using cluster::Hold;
using cluster::IsUnderWay;
using cluster::Pay;

inline ExtendHoldRequest Extend(std::string_view id, absl::Duration hold_duration) {
  ExtendHoldRequest request;
  request.set_reservation_id(std::string(id));
  *request.mutable_hold_duration() = ToProto(hold_duration);
  return request;
}

// When an event starts, and what its terms pay back.
struct Terms {
  absl::Duration starts_in;                                  // zero: not known
  std::vector<std::pair<absl::Duration, int>> refund_rules;  // before the start, percentage
};

// An event like MakeEvent's with such terms.
inline void MakeEventWith(TestCluster& cluster, std::string_view event_id, const Terms& terms,
                          int rows = 1, int64_t price_minor = cluster::kSeatPriceMinor) {
  seat::v1::Event event = cluster::PlainEvent(event_id, rows, 10);
  event.mutable_sections(0)->set_price_minor(price_minor);
  if (terms.starts_in > absl::ZeroDuration()) {
    *event.mutable_start_time() = ToProto(absl::Now() + terms.starts_in);
  }
  for (const auto& [before_start, percent] : terms.refund_rules) {
    auto* rule = event.add_refund_rules();
    *rule->mutable_before_start() = ToProto(before_start);
    rule->set_percent(percent);
  }
  const absl::Status created = cluster::CreateEvent(cluster.clients(), event);
  INFO(created);
  REQUIRE(created.ok());
}

// Sends the same request until the service answers it. `lost` counts calls that it did not answer.
template <class Request>
absl::StatusOr<Reservation> SendUntilAnswered(Clients& clients, const Request& request,
                                              std::atomic<int>* lost = nullptr) {
  absl::StatusOr<api::ResponseOf<Request>> answer = absl::UnknownError("not sent");
  WaitUntil(
      [&] {
        answer = clients.Call(request);
        if (!cluster::MayRetry(answer.status())) return true;
        if (lost != nullptr) ++*lost;
        return false;
      },
      absl::Seconds(60));
  if (!answer.ok()) return answer.status();
  return answer->reservation();
}

// Sends the same request until its saga has nothing more to do for it: the reservation is HELD,
// CONFIRMED or CANCELLED. Not for extensions, which wait for nothing.
template <class Request>
absl::StatusOr<Reservation> SendUntilSettled(Clients& clients, Request request,
                                             std::atomic<int>* lost = nullptr) {
  *request.mutable_wait() = ToProto(absl::Seconds(5));
  absl::StatusOr<Reservation> answer = absl::UnknownError("not sent");
  WaitUntil(
      [&] {
        answer = SendUntilAnswered(clients, request, lost);
        return !answer.ok() || !IsUnderWay(*answer);
      },
      absl::Seconds(60));
  return answer;
}

// Makes a reservation that is HELD; its id.
inline std::string HoldOne(TestCluster& cluster, const CreateReservationRequest& request) {
  const auto held = SendUntilSettled(cluster.clients(), request);
  INFO(held.status());
  REQUIRE(Outcome(held) == "HELD");
  return held->reservation_id();
}

inline std::string OutcomeOf(TestCluster& cluster, std::string_view id) {
  return Outcome(cluster::GetReservation(cluster.clients(), id));
}

inline bool WaitUntilOutcome(TestCluster& cluster, std::string_view id, std::string_view outcome) {
  return WaitUntil([&] { return OutcomeOf(cluster, id) == outcome; });
}

// What is the matter with a request that must be refused: "FAILED_PRECONDITION NOT_HELD".
inline std::string Refusal(const absl::Status& status) {
  return Cat(absl::StatusCodeToString(status.code()), " ", ReasonOf(status));
}

// What we keep of the reservation's payment, by GetPayment.
inline int64_t KeptMinor(TestCluster& cluster, std::string_view id) {
  const auto payment = cluster::GetPayment(cluster.clients(), id);
  if (absl::IsNotFound(payment.status())) return 0;
  INFO(payment.status());
  REQUIRE(payment.ok());
  switch (payment->state()) {
    case payment::v1::PAYMENT_STATE_CAPTURED:
    case payment::v1::PAYMENT_STATE_REFUNDED:
    case payment::v1::PAYMENT_STATE_PARTIALLY_REFUNDED:
      return payment->amount().amount_minor() - payment->refunded().amount_minor();
    default:
      return 0;
  }
}

// What one account of payment_svc's ledger holds: "provider" or "customers".
inline int64_t LedgerBalance(TestCluster& cluster, std::string_view account) {
  const auto ledger = cluster->Call(payment::v1::GetLedgerRequest());
  INFO(ledger.status());
  REQUIRE(ledger.ok());
  for (const auto& balance : ledger->balances()) {
    if (balance.account() == account) return balance.balance_minor();
  }
  return 0;
}

// The ledger holds this much of the customers' money, and nothing else.
inline void RequireLedger(TestCluster& cluster, int64_t kept_minor) {
  CHECK(LedgerBalance(cluster, "provider") == kept_minor);
  CHECK(LedgerBalance(cluster, "customers") == -kept_minor);
}

// Sends the same request from so many clients at once; each repeats it until it is answered.
template <class Request>
std::vector<absl::StatusOr<Reservation>> SendAtOnce(Clients& clients, const Request& request,
                                                    int senders, std::atomic<int>& lost) {
  std::vector<absl::StatusOr<Reservation>> answers(static_cast<size_t>(senders),
                                                   absl::UnknownError("not sent"));
  OnThreads(senders, [&](int i) {
    answers[static_cast<size_t>(i)] = SendUntilAnswered(clients, request, &lost);
  });
  return answers;
}

}  // namespace seatsaga::integration
