#pragma once

#include <atomic>
#include <cstdint>

namespace seatsaga::bench {

// Names the file that libseatsaga_count_sync.so counts into, in the environment of the process that
// the library is preloaded into.
inline constexpr char kSyncCountVariable[] = "SEATSAGA_SYNC_COUNT_FILE";

// What stands in that file; mapped shared by the counted process and by whoever reads along.
struct SyncCount {
  std::atomic<uint64_t> syncs;  // fsync and fdatasync calls that have returned
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

}  // namespace seatsaga::bench
