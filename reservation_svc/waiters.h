#pragma once

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/id.h"
#include "common/reply.h"
#include "reservation_svc/reservation.h"

namespace seatsaga::reservation {

// A client that waits for a reservation's final state.
struct Waiter {
  Reservation seen;  // durable and PENDING: the answer if nothing better comes in time
  absl::Time until;
  Reply<Reservation> reply;
};

// All of them, bounded. Writer thread only.
class Waiters {
 public:
  // One client asks again and again for one reservation; nobody needs more of these.
  static constexpr size_t kPerReservationMax = 16;

  explicit Waiters(size_t max) : max_(max) {}

  // Answers at once with what was seen when there are too many.
  void Add(Waiter waiter);
  // Removes those that wait for `id`.
  std::vector<Waiter> Take(const Id& id);
  // Removes those whose time is over.
  std::vector<Waiter> TakeExpired(absl::Time now);
  // Answers all with what they saw.
  void AnswerAll();

  absl::Time NextWake() const {
    return by_time_.empty() ? absl::InfiniteFuture() : by_time_.begin()->first;
  }
  size_t size() const { return size_; }

 private:
  const size_t max_;
  size_t size_ = 0;
  absl::flat_hash_map<Id, std::vector<Waiter>> by_id_;
  std::set<std::pair<absl::Time, Id>> by_time_;  // one entry for waiters alike in both
};

}  // namespace seatsaga::reservation
