// The part of PaymentHandler that talks with the provider.
#include <utility>

#include "common/log.h"
#include "common/text.h"
#include "payment_svc/payment_handler.h"

namespace seatsaga::payment {
namespace {

// Answers in a row that settled nothing before an operator should hear of it.
constexpr int kUnknownsWorthALine = 20;

ProviderAsk MakeAsk(const Payment& payment, bool look_first) {
  ProviderAsk ask;
  ask.payment_id = payment.id;
  ask.step = payment.step;
  ask.operation = NextOperation(payment, look_first);
  ask.amount_minor = payment.amount_minor;
  ask.currency = payment.currency;
  if (ask.operation == GatewayOperation::kCharge) ask.sealed_token = payment.sealed_token;
  ask.provider_reference = payment.provider_reference;
  return ask;
}

void LogIfNotable(const Payment& payment, AfterCommit& after) {
  const bool refunded = payment.state == v1::PAYMENT_STATE_REFUNDED;
  const bool refused = payment.reason == kRefundRefused;
  if (!refunded && !refused) return;
  after.Then([refunded, id = payment.id, amount = payment.amount_minor,
              currency = payment.currency] {
    const auto fields = {log::Field{"saga_id", id.ToString()},
                         log::Field{"amount_minor", Cat(amount)}, log::Field{"currency", currency}};
    if (refunded) {
      log::Info("payment_refunded", fields, "a captured payment was given back");
    } else {
      log::Warn("refund_refused", fields,
                "the provider refuses to give the money back; settle it, then retry the saga");
    }
  });
}

}  // namespace

void PaymentHandler::Handle(ProviderAnswer& answer, absl::Time now, AfterCommit& after) {
  if (answer.generation != generation_) return;
  asks_.Answered();
  WatchProvider(answer.outcome, after);
  Entry* entry = Find(answer.payment_id);
  if (entry == nullptr || entry->ask_id != answer.ask_id) return;
  entry->ask_id = 0;
  const bool captured_before = entry->payment.captured;
  const NextAsk next = Learn(entry->payment, answer.operation, answer.outcome, now, transfers_);
  if (next == NextAsk::kLater) {
    entry->look_first = true;
    ScheduleAsk(*entry, now + AskBackoff(entry->payment.id, ++entry->unknown_count));
    return;
  }
  entry->look_first = false;
  if (next == NextAsk::kNow) ScheduleAsk(*entry, now);
  if (next == NextAsk::kNone || entry->payment.captured != captured_before) {
    entry->unknown_count = 0;
    Change(*entry);
    NotifyWaiters(*entry, after);
    LogIfNotable(entry->payment, after);
  }
}

void PaymentHandler::ScheduleAsk(Entry& entry, absl::Time when) {
  entry.ask_at = when;
  asks_.Add(when, entry.payment.id);
}

void PaymentHandler::SendAsks(absl::Time now, AfterCommit& after) {
  while (const auto due = asks_.TakeDue(now)) {
    const auto& [when, id] = *due;
    Entry* entry = Find(id);
    if (entry == nullptr || entry->ask_at != when) continue;  // was scheduled anew, or is settled
    entry->ask_at = absl::InfiniteFuture();
    entry->ask_id = ++last_ask_id_;
    asks_.Sent();
    ProviderAsk ask = MakeAsk(entry->payment, entry->look_first);
    ask.ask_id = entry->ask_id;
    ask.generation = generation_;
    after.Then([this, ask = std::move(ask)]() mutable { provider_.Ask(std::move(ask)); });
  }
}

void PaymentHandler::WatchProvider(const GatewayOutcome& outcome, AfterCommit& after) {
  if (outcome.kind == GatewayOutcome::Kind::kUnknown) {
    if (++unknowns_in_a_row_ != kUnknownsWorthALine) return;
    after.Then([] {
      log::Warn("provider_not_answering", {},
                "the payment provider gives no definite answers; payments wait and are retried");
    });
    return;
  }
  if (std::exchange(unknowns_in_a_row_, 0) < kUnknownsWorthALine) return;
  after.Then([] { log::Info("provider_answers_again", {}, "waiting payments go on"); });
}

}  // namespace seatsaga::payment
