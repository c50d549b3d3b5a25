// The part of PaymentBatch that talks to the provider.
#include <string>
#include <utility>

#include "common/backoff.h"
#include "common/text.h"
#include "payment_svc/payment_batch.h"

namespace seatsaga::payment {
namespace {

// How many answers in a row must settle nothing before an operator should hear of it.
constexpr int kUnknownsWorthALine = 20;

ProviderAsk MakeAsk(const LivePayment& live, uint64_t generation) {
  const Payment& payment = live.payment;
  ProviderAsk ask;
  ask.payment_id = payment.id;
  ask.step = payment.step;
  ask.round = payment.round;
  ask.refund_no = payment.refund_no;
  ask.operation = NextOperation(payment, live.look_first);
  ask.ask_id = live.ask_id;
  ask.generation = generation;
  ask.amount_minor =
      ask.operation == GatewayOperation::kRefund ? RefundMinor(payment) : payment.amount_minor;
  ask.currency = payment.currency;
  if (ask.operation == GatewayOperation::kCharge) ask.sealed_token = payment.sealed_token;
  ask.provider_reference = payment.provider_reference;
  return ask;
}

}  // namespace

void PaymentBatch::Learn(const ProviderAnswer& answer) {
  if (answer.generation != memory_.generation()) return;
  --change_.counters.asks_under_way;
  WatchProvider(answer.outcome);
  Draft* draft = Find(answer.payment_id);
  if (draft == nullptr || draft->live->ask_id != answer.ask_id) return;
  LivePayment& live = *draft->live;
  live.ask_id = 0;
  const PaymentState state_before = live.payment.state;
  const bool captured_before = live.payment.captured;
  std::vector<Transfer> transfers;
  const NextAsk next =
      payment::Learn(live.payment, answer.operation, answer.outcome, tick_.wall, transfers);
  for (Transfer& transfer : transfers) rows_.Insert(kLedger, std::move(transfer));
  if (next == NextAsk::kLater) {
    live.look_first = true;
    // At least half of what the backoff allows, so that an outage does not cause many requests.
    const double jitter = 0.5 + chance_.NextShare() / 2;
    live.ask_at = tick_.now + Backoff(++live.unknown_count, jitter, kAskBackoff);
    return;
  }
  live.look_first = false;
  if (next == NextAsk::kNow) live.ask_at = tick_.now;
  if (next == NextAsk::kNone || live.payment.captured != captured_before) {
    live.unknown_count = 0;
    Changed(*draft, state_before);
    NotifyWaiters(live);
    LogIfNotable(live.payment);
  }
}

// What was due before this batch comes first.
void PaymentBatch::AskProvider() {
  const size_t& under_way = change_.counters.asks_under_way;
  if (under_way >= limits_.asks_max) return;
  memory_.asks().ForEachDue(tick_.now, [&](Mono when, const Id& id) {
    LivePayment& live = *Find(id)->live;
    if (live.ask_at == when) Send(live);
    return under_way < limits_.asks_max;
  });
  for (const auto& [id, draft] : change_.payments) {
    if (under_way >= limits_.asks_max) return;
    if (draft.live->ask_at <= tick_.now) Send(*draft.live);
  }
}

void PaymentBatch::Send(LivePayment& live) {
  live.ask_at = Mono::InfiniteFuture();
  if (!IsLive(live.payment.state)) return;
  live.ask_id = ++change_.counters.last_ask_id;
  ++change_.counters.asks_under_way;
  plan_.sends.push_back(MakeAsk(live, memory_.generation()));
}

void PaymentBatch::WatchProvider(const GatewayOutcome& outcome) {
  int& unknowns = change_.counters.unknowns_in_a_row;
  if (outcome.kind == GatewayOutcome::Kind::kUnknown) {
    if (++unknowns != kUnknownsWorthALine) return;
    plan_.log.push_back({.level = log::Level::kWarn,
                         .event = "provider_not_answering",
                         .message = "the payment provider gives no definite answers; payments "
                                    "wait and are retried"});
    return;
  }
  if (std::exchange(unknowns, 0) < kUnknownsWorthALine) return;
  plan_.log.push_back(
      {.event = "provider_answers_again",
       .message = "the payment provider gives definite answers again; waiting payments go on"});
}

void PaymentBatch::LogIfNotable(const Payment& payment) {
  const bool refunded = !IsLive(payment.state) && payment.refunded_minor > 0;
  const bool refused = payment.reason == kRefundRefused;
  if (!refunded && !refused) return;
  plan_.log.push_back(
      {.level = refunded ? log::Level::kInfo : log::Level::kWarn,
       .event = refunded ? "payment_refunded" : "refund_refused",
       .fields = {{"saga_id", payment.id.ToString()},
                  {"reservation_id", payment.reservation_id.ToString()},
                  {"amount_minor", Cat(refunded ? payment.refunded_minor : RefundMinor(payment))},
                  {"currency", payment.currency}},
       .message = refunded
                      ? "a captured payment was refunded"
                      : "the provider refuses the refund; settle it with the provider, then retry "
                        "the saga"});
}

}  // namespace seatsaga::payment
