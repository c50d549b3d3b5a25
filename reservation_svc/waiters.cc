#include "reservation_svc/waiters.h"

#include <utility>

namespace seatsaga::reservation {

void Waiters::Add(Waiter waiter) {
  const Id id = waiter.seen.id;
  const auto existing = by_id_.find(id);
  const size_t alike = existing == by_id_.end() ? 0 : existing->second.size();
  if (size_ >= max_ || alike >= kPerReservationMax) {
    waiter.reply.Send(std::move(waiter.seen));
    return;
  }
  by_time_.emplace(waiter.until, id);
  by_id_[id].push_back(std::move(waiter));
  ++size_;
}

std::vector<Waiter> Waiters::Take(const Id& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return {};
  std::vector<Waiter> taken = std::move(found->second);
  by_id_.erase(found);
  for (const Waiter& waiter : taken) by_time_.erase({waiter.until, id});
  size_ -= taken.size();
  return taken;
}

std::vector<Waiter> Waiters::TakeExpired(absl::Time now) {
  std::vector<Waiter> expired;
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const Id id = by_time_.begin()->second;
    for (Waiter& waiter : Take(id)) {
      if (waiter.until <= now) {
        expired.push_back(std::move(waiter));
      } else {
        Add(std::move(waiter));
      }
    }
  }
  return expired;
}

void Waiters::AnswerAll() {
  by_time_.clear();
  size_ = 0;
  for (auto& [id, waiters] : std::exchange(by_id_, {})) {
    for (Waiter& waiter : waiters) waiter.reply.Send(std::move(waiter.seen));
  }
}

}  // namespace seatsaga::reservation
