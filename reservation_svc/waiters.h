#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "common/clock.h"
#include "common/due_queue.h"
#include "common/id.h"
#include "common/node/logic.h"
#include "reservation_svc/reservation.h"

namespace seatsaga::reservation {

// A client that waits until a reservation is at rest.
struct Waiter {
  Ticket ticket = 0;
  Mono until;
  ReservationPtr seen;  // durable and live, when the wait began
};

// All clients that wait. Plain memory; not thread-safe.
class Waiters {
 public:
  // Only a client that repeats its request for one reservation reaches this.
  static constexpr size_t kPerReservationMax = 16;

  void Add(Waiter waiter) {
    queue_.Add(waiter.until, {waiter.seen->id, waiter.ticket});
    ++size_;
    by_id_[waiter.seen->id].push_back(std::move(waiter));
  }
  // Calls `visit(waiter)` for those that wait for `id`.
  template <class F>
  void ForEachOf(const Id& id, F visit) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    for (const Waiter& waiter : found->second) visit(waiter);
  }
  // Visits those whose time is over, the earliest first; at InfiniteFuture all of them.
  template <class F>
  void ForEachDue(Mono now, F visit) const {
    queue_.ForEachDue(now, [&](Mono, const std::pair<Id, Ticket>& key) {
      ForEachOf(key.first, [&](const Waiter& waiter) {
        if (waiter.ticket == key.second) visit(waiter);
      });
      return true;
    });
  }

  // Removes those that wait for `id`.
  void Remove(const Id& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    for (const Waiter& waiter : found->second) queue_.Remove(waiter.until, {id, waiter.ticket});
    size_ -= found->second.size();
    by_id_.erase(found);
  }
  // Removes and returns those whose time is over.
  std::vector<Waiter> TakeDue(Mono now) {
    std::vector<Waiter> due;
    ForEachDue(now, [&](const Waiter& waiter) { due.push_back(waiter); });
    for (const Waiter& waiter : due) {
      queue_.Remove(waiter.until, {waiter.seen->id, waiter.ticket});
      auto& of_id = by_id_[waiter.seen->id];
      of_id.erase(std::find_if(of_id.begin(), of_id.end(),
                               [&](const Waiter& other) { return other.ticket == waiter.ticket; }));
      if (of_id.empty()) by_id_.erase(waiter.seen->id);
    }
    size_ -= due.size();
    return due;
  }

  Mono NextDue() const { return queue_.NextDue(); }
  size_t size() const { return size_; }
  size_t CountOf(const Id& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? 0 : found->second.size();
  }

 private:
  // Most have one.
  absl::flat_hash_map<Id, absl::InlinedVector<Waiter, 1>> by_id_;
  DueQueue<std::pair<Id, Ticket>> queue_;
  size_t size_ = 0;
};

}  // namespace seatsaga::reservation
