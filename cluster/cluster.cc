#include "cluster/cluster.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/text.h"

namespace seatsaga::cluster {
namespace {

constexpr size_t kLogTailBytes = 2000;

}  // namespace

std::string DefaultBinFolder() {
  const char* folder = std::getenv("SEATSAGA_BIN_DIR");
  if (folder != nullptr && *folder != '\0') return folder;
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().string();
}

Cluster::Cluster(ClusterOptions options) : options_(std::move(options)) {
  if (options_.bin_folder.empty()) options_.bin_folder = DefaultBinFolder();
  std::error_code ignored;  // a server says what is wrong with the folder
  std::filesystem::create_directories(options_.folder, ignored);
  clients_ = std::make_unique<Clients>(options_.port_base);
}

absl::Status Cluster::StartAll() {
  for (const Service service : kServices) {
    if (auto status = Launch(service, {}); !status.ok()) return status;
  }
  for (const Service service : kServices) {
    if (auto status = WaitUntilReady(service); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Cluster::Start(Service service, const std::vector<std::string>& more) {
  if (auto status = Launch(service, more); !status.ok()) return status;
  return WaitUntilReady(service);
}

absl::StatusOr<ExitStatus> Cluster::Stop(Service service) {
  process(service).Signal(SIGTERM);
  const auto ended = process(service).Wait();
  if (ended.has_value()) return *ended;
  return absl::InternalError(Cat(ProgramOf(service), " does not end on SIGTERM"));
}

absl::Status Cluster::StopAll() {
  absl::Status first;
  for (const Service service :
       {Service::kReservation, Service::kOrchestrator, Service::kSeat, Service::kPayment}) {
    if (!process(service).Running()) continue;
    const auto ended = Stop(service);
    if (!ended.ok()) {
      first.Update(ended.status());
    } else if (*ended != ExitStatus{}) {
      first.Update(absl::InternalError(Cat(ProgramOf(service), ": ", ended->ToString())));
    }
  }
  return first;
}

absl::Status Cluster::Restart(Service service) {
  if (process(service).Running()) {
    if (auto ended = Stop(service); !ended.ok()) return ended.status();
  }
  return Start(service);
}

std::string Cluster::Address(Service service) const {
  return Cat("127.0.0.1:", options_.port_base + static_cast<int>(service));
}

std::string Cluster::DatabaseOf(Service service) const {
  return Cat(options_.folder, "/", ProgramOf(service), ".db");
}

std::string Cluster::LogOf(Service service) const {
  return Cat(options_.folder, "/", ProgramOf(service), ".log");
}

std::string Cluster::TokenKeyFile() const { return options_.folder + "/token.key"; }

std::string Cluster::OutageFile() const { return options_.folder + "/provider-outage"; }

std::string Cluster::ProgramPath(std::string_view name) const {
  return Cat(options_.bin_folder, "/", name);
}

std::string Cluster::ReadyFileOf(Service service) const {
  return Cat(options_.folder, "/", ProgramOf(service), ".ready");
}

std::vector<std::string> Cluster::CommandLine(Service service) const {
  std::vector<std::string> argv = {ProgramPath(ProgramOf(service)), "--listen=" + Address(service),
                                   "--database=" + DatabaseOf(service),
                                   "--ready-file=" + ReadyFileOf(service)};
  switch (service) {
    case Service::kReservation:
      argv.push_back("--orchestrator=" + Address(Service::kOrchestrator));
      argv.push_back("--token-key-file=" + TokenKeyFile());
      break;
    case Service::kSeat:
      break;
    case Service::kPayment:
      argv.push_back("--token-key-file=" + TokenKeyFile());
      argv.push_back("--provider-outage-file=" + OutageFile());
      break;
    case Service::kOrchestrator:
      argv.push_back("--reservations=" + Address(Service::kReservation));
      argv.push_back("--seats=" + Address(Service::kSeat));
      argv.push_back("--payments=" + Address(Service::kPayment));
      break;
  }
  if (const auto more = options_.flags.find(service); more != options_.flags.end()) {
    argv.insert(argv.end(), more->second.begin(), more->second.end());
  }
  return argv;
}

absl::StatusOr<Finished> Cluster::Sagactl(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv = {
      ProgramPath("sagactl"), "--orchestrator=" + Address(Service::kOrchestrator),
      "--reservations=" + Address(Service::kReservation), "--seats=" + Address(Service::kSeat),
      "--payments=" + Address(Service::kPayment)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunToEnd(argv);
}

absl::Status Cluster::Launch(Service service, const std::vector<std::string>& more) {
  std::vector<std::string> argv = CommandLine(service);
  argv.insert(argv.end(), more.begin(), more.end());
  std::error_code ignored;
  std::filesystem::remove(ReadyFileOf(service), ignored);  // of the process before
  ProcessOutput output;
  if (!options_.logs_to_stderr) output = {LogOf(service), LogOf(service)};
  auto started = Process::Start(argv, output);
  if (!started.ok()) return started.status();
  process(service) = *std::move(started);
  return absl::OkStatus();
}

absl::Status Cluster::WaitUntilReady(Service service) {
  const std::string ready_file = ReadyFileOf(service);
  const bool settled =
      WaitUntil([&] { return std::filesystem::exists(ready_file) || !process(service).Running(); });
  std::error_code ignored;
  std::filesystem::remove(ready_file, ignored);
  // A connection of ours that broke when the server went comes back only after its own backoff.
  const bool reached = settled && WaitUntil([&] {
                         return clients_->Serving(service).ok() || !process(service).Running();
                       });
  if (reached && process(service).Running()) return absl::OkStatus();
  const auto ended = process(service).Wait(absl::ZeroDuration());
  return absl::UnavailableError(Cat(ProgramOf(service), " does not start (",
                                    ended.has_value() ? ended->ToString() : "hangs", ")\n",
                                    LogTail(service)));
}

std::string Cluster::LogTail(Service service) const {
  const std::string log = ReadFile(LogOf(service));
  return log.substr(log.size() - std::min(log.size(), kLogTailBytes));
}

}  // namespace seatsaga::cluster
