#include "bench/baselines/cluster_meter.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr char kClient[] = "client";
constexpr char kPostgres[] = "postgres";

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::ifstream file(Cat("/proc/", pid, "/task/", pid, "/children"));
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

void Add(const Usage& usage, Usage& sum) {
  sum.cpu += usage.cpu;
  sum.written_bytes += usage.written_bytes;
  sum.resident_bytes = std::max(sum.resident_bytes, usage.resident_bytes);
  if (usage.sync_count) sum.sync_count = sum.sync_count.value_or(0) + *usage.sync_count;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClusterMeter>> ClusterMeter::Open(const std::string& server) {
  std::vector<Watched> processes{{.name = kClient, .pid = getpid()}};
  if (!server.empty()) {
    auto postmaster = ParseWatched(Cat(kPostgres, "=", server));
    if (!postmaster.ok()) return postmaster.status();
    for (const pid_t child : ChildrenOf(postmaster->pid)) {
      processes.push_back({.name = Cat(kPostgres, " ", child), .pid = child});
    }
    processes.push_back(*std::move(postmaster));
  }
  auto meter = ProcessMeter::Open(std::move(processes));
  if (!meter.ok()) return meter.status();
  return std::unique_ptr<ClusterMeter>(new ClusterMeter(*std::move(meter)));
}

std::map<std::string, Usage> ClusterMeter::Used(const std::map<std::string, Usage>& before,
                                                const std::map<std::string, Usage>& after) {
  std::map<std::string, Usage> sums;
  for (const auto& [name, usage] : after) {
    // Backends whose connections were closed just before may have ended.
    if (usage.cpu == absl::ZeroDuration()) continue;
    Add(usage - before.at(name), sums[name == kClient ? kClient : kPostgres]);
  }
  return sums;
}

}  // namespace seatsaga::bench
