#include "seat_svc/hall_cache.h"

#include <utility>

#include "common/text.h"

namespace seatsaga::seat {

std::shared_ptr<const Hall> HallCache::Find(std::string_view event_id) const {
  const auto it = by_id_.find(AbslView(event_id));
  return it == by_id_.end() ? nullptr : *it->second;
}

void HallCache::Put(std::shared_ptr<const Hall> hall) {
  const auto [it, is_new] = by_id_.try_emplace(AbslView(hall->event_id()), newest_first_.begin());
  if (!is_new) {
    newest_first_.splice(newest_first_.begin(), newest_first_, it->second);
    return;
  }
  rows_ += hall->row_count();
  newest_first_.push_front(std::move(hall));
  it->second = newest_first_.begin();
  while (size() > 1 && (size() > limits_.halls_max || rows_ > limits_.rows_max)) {
    const Hall& oldest = *newest_first_.back();
    rows_ -= oldest.row_count();
    by_id_.erase(AbslView(oldest.event_id()));
    newest_first_.pop_back();
  }
}

void HallCache::Clear() {
  by_id_.clear();
  newest_first_.clear();
  rows_ = 0;
}

}  // namespace seatsaga::seat
