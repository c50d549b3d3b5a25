#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cluster/process.h"
#include "tests/harness/http2_attacker.h"

namespace seatsaga::testing {

// A server of its own process, flooded while an ordinary client calls it.
struct FloodOptions {
  Flood flood = Flood::kRapidReset;
  int connections = 1;
  bool polite = false;
  absl::Duration lasts = absl::Seconds(60);
  // The server cuts no connection.
  bool unbounded = false;
  // When the server needs more than this, the run ends. So the machine survives it.
  int64_t give_up_mib = 2048;
};

struct FloodResult {
  int64_t rss_before_mib = 0;  // resident memory of the server, as all
  int64_t rss_max_mib = 0;
  int64_t calls = 0;   // of the ordinary client, one after the other, during the flood
  int64_t failed = 0;  // of these; each waits at most 10 s
  absl::Duration slowest;
  absl::Duration recovery;   // until its calls were at full speed again; infinite if never
  int64_t attacker_mib = 0;  // sent
  int64_t attacker_cuts = 0;
  bool alive = false;  // the server, at the end
};

// "rapid-reset, 100 connections, polite".
std::string NameOf(const FloodOptions& options);

// `program` is seatsaga-flooded; `folder` is for its files. Unavailable if it does not start.
absl::StatusOr<FloodResult> RunFlood(const std::string& program, const std::string& folder,
                                     const FloodOptions& options);

// What a server must keep to: at most 300 MiB, every call answered within `slowest_max`, full speed
// again within 5 s. Empty if it does, else what is wrong.
std::string Complaint(const FloodResult& result, absl::Duration slowest_max = absl::Seconds(1));

// seatsaga-flooded as a process.
class FloodedServer {
 public:
  // `flags` besides --ready-file; `limit` of open files, both soft and hard, or 0 for ours.
  // Unavailable if it does not start.
  static absl::StatusOr<FloodedServer> Start(const std::string& program, const std::string& folder,
                                             const std::vector<std::string>& flags, int limit = 0);
  const std::string& address() const { return address_; }
  int port() const;
  cluster::Process& process() { return process_; }

 private:
  cluster::Process process_;
  std::string address_;
};

}  // namespace seatsaga::testing
