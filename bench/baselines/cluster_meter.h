#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/process_meter.h"

namespace seatsaga::bench {

// What a PostgreSQL server uses: the postmaster and all its children together, as "postgres",
// beside this program, as "client". Not thread-safe.
class ClusterMeter {
 public:
  // Of the children that run now; open the connections first. `server` names the postmaster:
  // "PID" or "PID:/count/file"; if it is empty, only this program is measured. InvalidArgument or
  // NotFound when there is no such process.
  static absl::StatusOr<std::unique_ptr<ClusterMeter>> Open(const std::string& server);

  // By process; takes some 40 us for each.
  std::map<std::string, Usage> Read() const { return meter_->Read(); }

  // What was used between two readings. The memory is that of the largest process: added up, the
  // shared buffers would count once for each connection.
  static std::map<std::string, Usage> Used(const std::map<std::string, Usage>& before,
                                           const std::map<std::string, Usage>& after);

 private:
  explicit ClusterMeter(std::unique_ptr<ProcessMeter> meter) : meter_(std::move(meter)) {}

  const std::unique_ptr<ProcessMeter> meter_;
};

}  // namespace seatsaga::bench
