// seatsaga-null-chain: one of the four processes of the null chain.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "bench/command_line.h"
#include "bench/null_chain.h"
#include "common/process/signals.h"

namespace seatsaga::bench {
namespace {

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
                   "Serves one part of the chain of calls that makes a reservation, without doing "
                   "anything.");
  NullServerOptions options;
  std::string role;
  std::string ready_file;
  line.Add("--role", role, "facade, orchestrator, seat or payment")
      .OneOf({"facade", "orchestrator", "seat", "payment"})
      .Required();
  line.Add("--listen", options.listen, "host:port or unix:/path").Required();
  line.Add("--ready-file", ready_file, "Write the address to this file once serving");
  line.Add("--orchestrator", options.orchestrator, "Whom the facade calls");
  line.Add("--seats", options.seat, "Whom the orchestrator calls first");
  line.Add("--payments", options.payment, "Whom the orchestrator calls then");
  line.Add("--reservations", options.facade, "Whom the orchestrator calls last");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  options.role = std::ranges::find(kRoles, role, &RoleName::name)->role;
  // As in common/rpc: Debian's Abseil would keep a graph of all locks.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const auto server = NullServer::Start(options);
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
