#include "common/process/serve.h"

#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "common/log.h"
#include "common/process/signals.h"
#include "common/text.h"

namespace seatsaga {
namespace {

// The address with the port that the system chose.
std::string AddressInUse(const std::string& listen, int port) {
  if (absl::StartsWith(listen, "unix:")) return listen;
  return Cat(listen.substr(0, listen.rfind(':')), ":", port);
}

// Renamed into place, so that a reader never sees half of it.
absl::Status WriteReadyFile(const std::string& path, const std::string& address) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = path + ".tmp";
  std::ofstream(temporary) << address << "\n";
  if (std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(Cat("cannot write --ready-file ", path));
}

}  // namespace

int ExitWithError(const absl::Status& status) {
  log::Error("cannot_run", {{"code", absl::StatusCodeToString(status.code())}},
             View(status.message()));
  return 1;
}

int Serve(const std::string& name, const ServerFlags& flags, RpcServer& server, ServeSteps steps) {
  absl::Status started = server.Start();
  if (started.ok()) started = steps.start();
  if (!started.ok()) {
    steps.stop();
    return ExitWithError(started);
  }
  const std::string address = AddressInUse(flags.listen, server.port());
  server.SetServing(true);
  if (auto status = WriteReadyFile(flags.ready_file, address); !status.ok()) {
    log::Warn("ready_file", {}, View(status.message()));
  }
  log::Info("serving", {{"address", address}, {"database", flags.database}, {"pid", Cat(getpid())}},
            "ready for calls");
  const int signal_number = WaitForStop();
  log::Info("draining", {{"signal", Cat(signal_number)}},
            Cat("finishing ", name, "'s calls in progress"));
  server.SetServing(false);
  steps.stop();
  server.Shutdown(absl::Now() + absl::Seconds(flags.drain_s));
  log::Info("stopped", {}, "everything acknowledged is on disk");
  return signal_number == 0 ? 1 : 0;
}

}  // namespace seatsaga
