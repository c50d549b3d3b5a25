// seatsaga-demo: a small story of reservations on four real servers, and an audit of it. Exit
// status 0 only if every fact holds.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>

#include "cluster/ports.h"
#include "cluster/scratch.h"
#include "common/process/command_line.h"
#include "common/text.h"
#include "demo/narrator.h"
#include "demo/story.h"

namespace seatsaga::demo {
namespace {

constexpr int kStoppedByUser = 130;

// On Ctrl-C the servers die with this process; only the folder is left to remove.
void CleanUpOnCtrlC(const std::string& folder) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::thread([stop, folder] {
    int signal_number = 0;
    sigwait(&stop, &signal_number);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    _exit(kStoppedByUser);
  }).detach();
}

int Fail(const absl::Status& status) {
  std::cerr << "seatsaga-demo: " << status.message() << "\n";
  return 1;
}

int Run() {
  cluster::ScratchFolder folder("demo");
  CleanUpOnCtrlC(folder.path());
  const auto ports = cluster::PortBlock::Take();
  if (!ports.ok()) return Fail(ports.status());
  cluster::Cluster cluster({.folder = folder.path(),
                            .port_base = ports->base(),
                            .flags = {{cluster::Service::kReservation, {"--hold-min-s=1"}}}});
  std::cout << "SeatSaga demo: four servers on ports " << ports->base() << "-"
            << ports->base() + cluster::PortBlock::kSize - 1 << ", data in " << folder.path()
            << std::endl;
  if (auto started = cluster.StartAll(); !started.ok()) {
    folder.Keep();
    return Fail(started);
  }

  Narrator narrator(Story::kSteps);
  Story story(cluster, narrator);
  story.Play();
  AuditTheStory(cluster, narrator);
  std::cout << "\n";
  story.Summary();
  const absl::Status stopped = cluster.StopAll();
  if (!stopped.ok()) narrator.Fact(false, "all servers drain and stop", stopped.ToString());

  if (narrator.all_hold()) {
    narrator.End("Every fact holds.");
    return 0;
  }
  folder.Keep();
  narrator.End(
      Cat(narrator.failed(), " of the facts do not hold. Logs and databases: ", folder.path()));
  return 1;
}

}  // namespace
}  // namespace seatsaga::demo

int main(int argc, char** argv) {
  seatsaga::CommandLine line(
      "seatsaga-demo",
      "Starts the four servers on free ports in a scratch folder, plays a story of reservations, "
      "and audits the result. Exit status 0 only if every fact holds.");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  return seatsaga::demo::Run();
}
