#include "payment_svc/payment_memory.h"

#include <utility>

namespace seatsaga::payment {

void PaymentMemory::Remember(Change&& change) {
  counters_ = change.counters;
  for (auto& [id, draft] : change.payments) {
    const auto known = live_.find(id);
    if (known != live_.end()) asks_.Remove(known->second->ask_at, id);
    if (IsLive(draft.live->payment.state)) {
      asks_.Add(draft.live->ask_at, id);
      live_[id] = std::move(draft.live);
    } else if (known != live_.end()) {
      live_.erase(known);
    }
  }
  for (auto& [ticket, call] : change.calls) {
    if (call.open == 0) {
      polls_.Remove(call.due, ticket);
      calls_.erase(ticket);
    } else {
      polls_.Add(call.due, ticket);
      calls_[ticket] = std::move(call);
    }
  }
}

void PaymentMemory::Reset() {
  live_.clear();
  calls_.clear();
  asks_.Clear();
  polls_.Clear();
  counters_.asks_under_way = 0;
  ++generation_;
}

void PaymentMemory::AddLive(Payment payment, Mono ask_at) {
  const Id id = payment.id;
  auto live = std::make_unique<LivePayment>();
  live->payment = std::move(payment);
  live->ask_at = ask_at;
  live->look_first = true;
  asks_.Add(ask_at, id);
  live_[id] = std::move(live);
}

const LivePayment* PaymentMemory::Find(const Id& id) const {
  const auto it = live_.find(id);
  return it == live_.end() ? nullptr : it->second.get();
}

const WaitingCall* PaymentMemory::FindCall(Ticket ticket) const {
  const auto it = calls_.find(ticket);
  return it == calls_.end() ? nullptr : &it->second;
}

}  // namespace seatsaga::payment
