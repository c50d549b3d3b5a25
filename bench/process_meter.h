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
  std::string name;  // the key in reports, such as "seat_svc"
  pid_t pid = 0;
  std::string sync_count_file;  // written by libseatsaga_count_sync.so; empty if not preloaded
};

// Parses "name=pid" or "name=pid:/path/of/count/file". InvalidArgument for anything else.
absl::StatusOr<Watched> ParseWatched(const std::string& text);

// What a process has used since it started.
struct Usage {
  absl::Duration cpu;                 // user and system, of all threads, also those that ended
  int64_t written_bytes = 0;          // sent to the disk, whole pages (/proc/PID/io write_bytes)
  int64_t resident_bytes = 0;         // of memory, now
  std::optional<int64_t> sync_count;  // fsync and fdatasync calls; unset if not counted
};

// What was used in between; the memory is that of `after`.
Usage operator-(const Usage& after, const Usage& before);

// Reads what processes have used, cheaply enough for use during a measurement. Not thread-safe.
class ProcessMeter {
 public:
  // NotFound if a process or its count file does not exist.
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
