// seatsaga-null-chain: one of the four processes of the null chain.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include "absl/synchronization/mutex.h"
#include "bench/command_line.h"
#include "bench/null_chain.h"
#include "common/process/signals.h"

namespace seatsaga::bench {
namespace {

int Main(int argc, char** argv) {
  BlockStopSignals();
  CLI::App app(
      "seatsaga-null-chain: serves one part of the chain of calls that makes a reservation, "
      "without "
      "doing anything",
      "seatsaga-null-chain");
  NullServerOptions options;
  std::string ready_file;
  const std::map<std::string, Role> roles{{"facade", Role::kFacade},
                                          {"orchestrator", Role::kOrchestrator},
                                          {"seat", Role::kSeat},
                                          {"payment", Role::kPayment}};
  app.add_option("--role", options.role, "facade, orchestrator, seat or payment")
      ->required()
      ->transform(CLI::CheckedTransformer(roles).description(""));
  app.add_option("--listen", options.listen, "host:port or unix:/path")->required();
  app.add_option("--ready-file", ready_file, "Write the address to this file once serving");
  app.add_option("--orchestrator", options.orchestrator, "Whom the facade calls");
  app.add_option("--seats", options.seat, "Whom the orchestrator calls first");
  app.add_option("--payments", options.payment, "Whom the orchestrator calls then");
  app.add_option("--reservations", options.facade, "Whom the orchestrator calls last");
  if (const int status = ParseArguments(app, argc, argv); status >= 0) return status;
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
