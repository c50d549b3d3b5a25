#pragma once

#include <atomic>
#include <cstdint>

namespace seatsaga::bench {

// The environment variable that names the file that libseatsaga_count_sync.so counts into.
inline constexpr char kSyncCountVariable[] = "SEATSAGA_SYNC_COUNT_FILE";

// The contents of that file, which the counted process and its readers map as shared memory.
struct SyncCount {
  std::atomic<uint64_t> syncs;  // fsync and fdatasync calls that have returned
};
static_assert(std::atomic<uint64_t>::is_always_lock_free);

}  // namespace seatsaga::bench
