#include "seat_svc/hall_cache.h"

#include "common/text.h"

namespace seatsaga::seat {

std::shared_ptr<const Hall> HallCache::Find(std::string_view event_id) {
  const auto it = by_id_.find(AbslView(event_id));
  if (it == by_id_.end()) return nullptr;
  newest_first_.splice(newest_first_.begin(), newest_first_, it->second);
  return it->second->second;
}

void HallCache::Put(std::string_view event_id, std::shared_ptr<const Hall> hall) {
  if (Find(event_id) != nullptr) return;
  rows_ += hall->row_count();
  newest_first_.emplace_front(event_id, std::move(hall));
  by_id_.emplace(std::string(event_id), newest_first_.begin());
  while (size() > 1 && (size() > limits_.halls_max || rows_ > limits_.rows_max)) {
    const Entry& oldest = newest_first_.back();
    rows_ -= oldest.second->row_count();
    by_id_.erase(oldest.first);
    newest_first_.pop_back();
  }
}

void HallCache::Clear() {
  by_id_.clear();
  newest_first_.clear();
  rows_ = 0;
}

}  // namespace seatsaga::seat
