#include "common/process/run_server.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/log.h"
#include "common/process/process_world.h"
#include "common/process/signals.h"
#include "common/text.h"

namespace seatsaga {
namespace {

int ExitWithError(const absl::Status& status) {
  log::Error("cannot_run", {{"code", absl::StatusCodeToString(status.code())}},
             View(status.message()));
  return 1;
}

// Every connection takes two descriptors. A soft limit is for programs that use select().
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Renamed into place, so that a reader never sees half of it.
absl::Status WriteReadyFile(const std::string& path, const std::string& address) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = path + ".tmp";
  std::ofstream(temporary) << address << "\n";
  if (std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(Cat("cannot write --ready-file ", path));
}

void SayServing(const ServerFlags& flags, const std::string& address) {
  if (auto status = WriteReadyFile(flags.ready_file, address); !status.ok()) {
    log::Warn("ready_file", {}, View(status.message()));
  }
  log::Info("serving", {{"address", address}, {"database", flags.database}, {"pid", Cat(getpid())}},
            "ready for calls");
}

int Serve(const std::string& name, const ServerFlags& flags, const RpcServer& server,
          Server& running) {
  if (absl::Status started = running.Start(); !started.ok()) {
    running.Stop(absl::ZeroDuration());
    return ExitWithError(started);
  }
  SayServing(flags, server.address());
  const int signal_number = WaitForStop();
  log::Info("draining", {{"signal", Cat(signal_number)}},
            Cat(name, " finishes its calls in progress, then stops"));
  running.Stop(absl::Seconds(flags.drain_s));
  log::Info("stopped", {}, "everything acknowledged is on disk");
  return signal_number == 0 ? 1 : 0;
}

}  // namespace

std::string Beside(const std::string& database, const std::string& file) {
  return std::filesystem::path(database).parent_path() / file;
}

std::string ServerProgram::StorePath(std::string_view service, const ServerFlags& flags) const {
  return Beside(flags.database, std::string(service) + ".db");
}

int RunServer(ServerProgram& program, int argc, char** argv) {
  const ServerProgram::About& about = program.about();
  BlockStopSignals();
  umask(S_IRWXG | S_IRWXO);  // databases, their logs and sockets are nobody else's
  RaiseDescriptorLimit();
  CommandLine line(about.name, about.description);
  ServerFlags flags;
  AddServerFlags(line, about.port, flags);
  program.AddFlags(line);
  if (const auto exit_status = ParseFlags(line, argc, argv, flags)) return *exit_status;

  ProcessWorld world({.listen = flags.listen,
                      .request_bytes_max = about.request_bytes_max,
                      .streams_max = program.streams_max(),
                      .connections = flags.connection_limits()},
                     [&](std::string_view service) {
                       return service == about.name ? flags.database
                                                    : program.StorePath(service, flags);
                     });
  const auto running = program.Open(world.world(), flags);
  if (!running.ok()) return ExitWithError(running.status());
  return Serve(about.name, flags, world.server(), **running);
}

}  // namespace seatsaga
