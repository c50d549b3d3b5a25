// seatsaga-floods: floods a server in every way, and prints a table.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "cluster/cluster.h"
#include "cluster/scratch.h"
#include "common/process/command_line.h"
#include "common/text.h"
#include "tests/harness/flood_run.h"

namespace seatsaga::testing {
namespace {

struct Options {
  int seconds = 60;
  std::string only;
  bool unbounded = false;
};

std::string Milliseconds(absl::Duration duration) {
  return duration == absl::InfiniteDuration() ? "never"
                                              : Cat(absl::ToInt64Milliseconds(duration), " ms");
}

void PrintRow(const FloodOptions& options, const FloodResult& result) {
  const std::string complaint = Complaint(result);
  std::printf("| %s | %s | %lld | %lld MiB | %s | %lld of %lld | %s | %lld | %s |\n",
              NameOf(options.flood), options.polite ? "yes" : "no",
              static_cast<long long>(options.connections),
              static_cast<long long>(result.rss_max_mib), Milliseconds(result.slowest).c_str(),
              static_cast<long long>(result.failed), static_cast<long long>(result.calls),
              Milliseconds(result.recovery).c_str(), static_cast<long long>(result.attacker_cuts),
              complaint.empty() ? "held" : complaint.c_str());
  std::fflush(stdout);
}

std::vector<FloodOptions> All(const Options& options) {
  std::vector<FloodOptions> all;
  for (const Flood flood : AllFloods()) {
    if (!options.only.empty() && options.only != NameOf(flood)) continue;
    for (const bool polite : {false, true}) {
      for (const int connections : {1, 100}) {
        all.push_back({.flood = flood,
                       .connections = connections,
                       .polite = polite,
                       .lasts = absl::Seconds(options.seconds),
                       .unbounded = options.unbounded});
      }
    }
  }
  return all;
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-floods",
                   "Floods a server in every way, and prints what came of it as a table.");
  Options options;
  line.Add("--seconds", options.seconds, "How long each flood lasts").Between(1, 3600);
  line.Add("--only", options.only, "One kind of flood: rapid-reset, slow-reader ...");
  line.AddSwitch("--unbounded", options.unbounded, "The server cuts nobody");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  const cluster::ScratchFolder folder("floods");
  const std::string program = cluster::DefaultBinFolder() + "/seatsaga-flooded";
  std::printf(
      "| flood | polite | connections | most memory | slowest call | failed | recovery | "
      "cuts | verdict |\n|---|---|---|---|---|---|---|---|---|\n");
  bool held = true;
  for (const FloodOptions& flood : All(options)) {
    const auto result = RunFlood(program, folder.path(), flood);
    if (!result.ok()) {
      std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
      return 1;
    }
    PrintRow(flood, *result);
    held = held && Complaint(*result).empty();
  }
  return held ? 0 : 1;
}

}  // namespace
}  // namespace seatsaga::testing

int main(int argc, char** argv) { return seatsaga::testing::Main(argc, argv); }
