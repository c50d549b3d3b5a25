#pragma once

#include <signal.h>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cluster/clients.h"
#include "cluster/process.h"

namespace seatsaga::cluster {

struct ClusterOptions {
  // The folder of the programs; by default $SEATSAGA_BIN_DIR, else the folder of this program.
  std::string bin_folder;
  // Where databases, logs and the token key go. Made if it does not exist.
  std::string folder;
  // The first of four ports in a row, in the order of kServices.
  int port_base = 0;
  // Added behind the flags that every cluster has.
  std::map<Service, std::vector<std::string>> flags{};
  // Where the servers' logs go; by default into a file of each in `folder`.
  bool logs_to_stderr = false;
};

// The folder of the programs if nobody says otherwise.
std::string DefaultBinFolder();

// The four servers as real processes, which can be killed, stopped and started again on the same
// ports and data. Processes die with the thread that started them: use a Cluster on one long-lived
// thread. Its clients() may be used by any.
class Cluster {
 public:
  // Starts nothing yet.
  explicit Cluster(ClusterOptions options);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Starts all four and waits until clients() reach them. An error holds the last lines of the log.
  absl::Status StartAll();
  // Starts one, with `more` flags behind its own, and waits until clients() reach it.
  absl::Status Start(Service service, const std::vector<std::string>& more = {});

  // SIGKILL, as a crash; returns when it is gone.
  void Kill(Service service) { process(service).Kill(); }
  // SIGTERM; returns how it ended once it has drained, or Internal if it does not end.
  absl::StatusOr<ExitStatus> Stop(Service service);
  // SIGTERM to all four, clients first. Returns the first that did not end with status 0.
  absl::Status StopAll();
  absl::Status Restart(Service service);
  // SIGSTOP and SIGCONT: the process freezes, its connections stay.
  void Pause(Service service) { process(service).Signal(SIGSTOP); }
  void Resume(Service service) { process(service).Signal(SIGCONT); }

  Process& process(Service service) { return processes_[static_cast<size_t>(service)]; }
  Clients& clients() { return *clients_; }
  template <class Request>
  auto Call(const Request& request, absl::Duration deadline = Clients::kDeadline) {
    return clients_->Call(request, deadline);
  }

  const ClusterOptions& options() const { return options_; }
  const std::string& folder() const { return options_.folder; }
  std::string Address(Service service) const;
  std::string DatabaseOf(Service service) const;
  std::string LogOf(Service service) const;
  std::string TokenKeyFile() const;
  // While this file exists, the simulated payment provider cannot be reached.
  std::string OutageFile() const;
  // The path of one of SeatSaga's programs.
  std::string ProgramPath(std::string_view name) const;
  // How a server is started: its program's path and flags.
  std::vector<std::string> CommandLine(Service service) const;
  // Runs sagactl against this cluster.
  absl::StatusOr<Finished> Sagactl(const std::vector<std::string>& arguments);

 private:
  absl::Status Launch(Service service, const std::vector<std::string>& more);
  absl::Status WaitUntilReady(Service service);
  std::string ReadyFileOf(Service service) const;
  std::string LogTail(Service service) const;

  ClusterOptions options_;
  std::unique_ptr<Clients> clients_;
  std::array<Process, std::size(kServices)> processes_;
};

}  // namespace seatsaga::cluster
