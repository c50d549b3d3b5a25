#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "seat_svc/hall.h"

namespace seatsaga::seat {

// The halls used last, by event id. An event never changes, so a hall is never stale; only one
// whose creation failed to commit must be forgotten (Clear). Not thread-safe.
class HallCache {
 public:
  struct Limits {
    size_t halls_max = 1'000;
    // Over all halls; some tens of MB. The hall put last stays whatever its size.
    size_t rows_max = 500'000;
  };

  HallCache() = default;
  explicit HallCache(Limits limits) : limits_(limits) {}

  // nullptr if it is not here.
  std::shared_ptr<const Hall> Find(std::string_view event_id);
  void Put(std::string_view event_id, std::shared_ptr<const Hall> hall);
  void Clear();
  size_t size() const { return newest_first_.size(); }

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const Hall>>;

  Limits limits_;
  size_t rows_ = 0;
  std::list<Entry> newest_first_;
  absl::flat_hash_map<std::string, std::list<Entry>::iterator> by_id_;
};

}  // namespace seatsaga::seat
