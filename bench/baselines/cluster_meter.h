#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/process_meter.h"

namespace seatsaga::bench {

// What a PostgreSQL server uses (the postmaster and all its children together, as "postgres"), and
// what this program uses (as "client"). Not thread-safe.
class ClusterMeter {
 public:
  // Measures the children that run now, so open the connections first. `server` names the
  // postmaster: "PID" or "PID:/count/file". If it is empty, only this program is measured.
  // InvalidArgument or NotFound if there is no such process.
  static absl::StatusOr<std::unique_ptr<ClusterMeter>> Open(const std::string& server);

  // By process. Takes about 40 µs per process.
  std::map<std::string, Usage> Read() const { return meter_->Read(); }

  // What was used between two readings. The memory is that of the largest process, because a sum
  // would count the shared buffers once per connection.
  static std::map<std::string, Usage> Used(const std::map<std::string, Usage>& before,
                                           const std::map<std::string, Usage>& after);

 private:
  explicit ClusterMeter(std::unique_ptr<ProcessMeter> meter) : meter_(std::move(meter)) {}

  const std::unique_ptr<ProcessMeter> meter_;
};

}  // namespace seatsaga::bench
