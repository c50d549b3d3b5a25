#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace seatsaga::bench {

// A process to measure from outside.
struct Watched {
  std::string name;  // "seat_svc": the key in reports
  pid_t pid = 0;
  std::string sync_count_file;  // written by libseatsaga_count_sync.so; empty if not preloaded
};

// Parses "name=pid" or "name=pid:/path/of/count/file". InvalidArgument otherwise.
absl::StatusOr<Watched> ParseWatched(const std::string& text);

// What a process has used since it started.
struct Usage {
  absl::Duration cpu;                 // user and system, all threads, those that ended included
  int64_t written_bytes = 0;          // sent to the disk, whole pages (/proc/PID/io write_bytes)
  int64_t resident_bytes = 0;         // of memory, now
  std::optional<int64_t> sync_count;  // fsync and fdatasync calls; unset if nobody counts them
};

// What was used between; the memory is that of `after`.
Usage operator-(const Usage& after, const Usage& before);

// Reads what processes have used; cheap enough to be done beside a measurement. Not thread-safe.
class ProcessMeter {
 public:
  // NotFound when a process does not run, or its count file is not there.
  static absl::StatusOr<std::unique_ptr<ProcessMeter>> Open(std::vector<Watched> processes);
  ~ProcessMeter();

  // By name, of each process. A process that has ended reads as zeros.
  std::map<std::string, Usage> Read() const;

 private:
  struct Entry;
  ProcessMeter();

  std::vector<Entry> entries_;
};

}  // namespace seatsaga::bench
