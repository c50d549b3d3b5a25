#pragma once

#include <list>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "seat_svc/hall.h"

namespace seatsaga::seat {

// The most recently used halls, by event id. An event never changes, so a hall is never stale. Not
// thread-safe.
class HallCache {
 public:
  struct Limits {
    size_t halls_max = 1'000;
    // Rows of all halls together: some tens of MB. The hall that was put last stays whatever its
    // size.
    size_t rows_max = 500'000;
  };

  HallCache() = default;
  explicit HallCache(Limits limits) : limits_(limits) {}

  // nullptr if it is not here. Only Put counts as a use.
  std::shared_ptr<const Hall> Find(std::string_view event_id) const;
  // Records that the hall was used, and keeps it if it was not here.
  void Put(std::shared_ptr<const Hall> hall);
  void Clear();
  size_t size() const { return newest_first_.size(); }

 private:
  using List = std::list<std::shared_ptr<const Hall>>;

  Limits limits_;
  size_t rows_ = 0;
  List newest_first_;
  // Keys are views into the halls.
  absl::flat_hash_map<absl::string_view, List::iterator> by_id_;
};

}  // namespace seatsaga::seat
