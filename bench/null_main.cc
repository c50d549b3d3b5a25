// seatsaga-null-chain: one of the null chain's four processes.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "bench/null_chain.h"
#include "common/process/command_line.h"
#include "common/process/signals.h"

namespace seatsaga::bench {
namespace {

constexpr int kFailure = 1;

struct RoleName {
  std::string_view name;
  Role role;
};
constexpr RoleName kRoles[] = {{"facade", Role::kFacade},
                               {"orchestrator", Role::kOrchestrator},
                               {"seat", Role::kSeat},
                               {"payment", Role::kPayment}};

int Main(int argc, char** argv) {
  BlockStopSignals();
  CommandLine line("seatsaga-null-chain",
                   "Serves one part of the chain of calls that a reservation is, doing nothing.");
  NullServerOptions options;
  std::string role;
  std::string api;
  std::string ready_file;
  line.Add("--role", role, "facade, orchestrator, seat or payment")
      .OneOf({"facade", "orchestrator", "seat", "payment"})
      .Required();
  line.Add("--api", api, "callback: gRPC's callback API; cq: one completion queue, one thread")
      .OneOf({"callback", "cq"})
      .Required();
  line.Add("--listen", options.listen, "host:port or unix:/path").Required();
  line.Add("--ready-file", ready_file, "Written once it serves");
  line.Add("--orchestrator", options.orchestrator, "Address that the facade calls");
  line.Add("--seats", options.seat, "Address that the orchestrator calls first");
  line.Add("--payments", options.payment, "Address that the orchestrator calls next");
  line.Add("--reservations", options.facade, "Address that the orchestrator calls last");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  options.role = std::ranges::find(kRoles, role, &RoleName::name)->role;
  // As common/rpc does: Debian's Abseil would keep a graph of every lock taken.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto server = api == "callback" ? StartCallbackServer(options) : StartQueueServer(options);
  if (server == nullptr) {
    std::cerr << "seatsaga-null-chain: cannot listen on " << options.listen << "\n";
    return kFailure;
  }
  if (!ready_file.empty()) {
    std::ofstream(ready_file + ".tmp") << options.listen << "\n";
    std::rename((ready_file + ".tmp").c_str(), ready_file.c_str());
  }
  WaitForStop();
  return 0;
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
