#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/store/rows.h"
#include "common/text.h"
#include "seat_svc/event_rows.h"
#include "seat_svc/hall_cache.h"

namespace seatsaga::seat {

// The halls that one batch needs, from memory or from the events' rows. Lives for one Want or
// Decide. Not thread-safe.
class BatchHalls {
 public:
  struct Entry {
    std::shared_ptr<const Hall> hall;  // nullptr: no such event, or its row is not read yet
    bool count_wanted = false;
  };

  // Both must outlive this.
  BatchHalls(const HallCache& cache, const store::Rows& rows) : cache_(cache), rows_(rows) {}

  // The reference is valid until the next call. `event_id` must outlive this.
  Entry& Of(std::string_view event_id) {
    if (last_ != nullptr && event_id == last_id_) return *last_;
    const auto [it, is_new] = entries_.try_emplace(AbslView(event_id));
    if (is_new) Find(event_id, it->second);
    last_id_ = event_id;
    last_ = &it->second;
    return *last_;
  }

  // All halls, in the order of their ids, which decides which one the cache forgets first.
  std::vector<std::shared_ptr<const Hall>> Take() {
    std::vector<std::shared_ptr<const Hall>> halls;
    // any order: they are sorted next
    for (auto& [event_id, entry] : entries_) {
      if (entry.hall != nullptr) halls.push_back(std::move(entry.hall));
    }
    std::sort(halls.begin(), halls.end(),
              [](const auto& a, const auto& b) { return a->event_id() < b->event_id(); });
    return halls;
  }

 private:
  void Find(std::string_view event_id, Entry& entry) const {
    entry.hall = cache_.Find(event_id);
    if (entry.hall != nullptr) return;
    const EventRow* row = rows_.Find(kEvents, event_id);
    if (row != nullptr) entry.hall = ToHall(*row);
  }

  const HallCache& cache_;
  const store::Rows& rows_;
  absl::flat_hash_map<absl::string_view, Entry> entries_;
  std::string_view last_id_;
  Entry* last_ = nullptr;
};

}  // namespace seatsaga::seat
