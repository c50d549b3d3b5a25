// seatsaga-up: the four servers in the foreground, ready to be called. Ctrl-C drains and stops
// them.
#include <signal.h>

#include <iostream>
#include <string>
#include <string_view>

#include "cluster/cluster.h"
#include "cluster/stories.h"
#include "common/process/command_line.h"
#include "common/text.h"

namespace seatsaga::demo {
namespace {

using cluster::Cluster;
using cluster::Service;

constexpr int kDefaultPort = 50051;

struct Flags {
  std::string data_folder = "seatsaga-data";
  int port_base = kDefaultPort;
};

// Blocked in main, before any thread; the servers' own masks are reset when they start.
sigset_t AwaitedSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) {
    sigaddset(&set, signal_number);
  }
  return set;
}

// What sagactl must be told when the ports are not the usual ones.
std::string SagactlFlags(const Cluster& cluster) {
  if (cluster.options().port_base == kDefaultPort) return "";
  return Cat(" --orchestrator ", cluster.Address(Service::kOrchestrator), " --reservations ",
             cluster.Address(Service::kReservation), " --seats ", cluster.Address(Service::kSeat),
             " --payments ", cluster.Address(Service::kPayment));
}

void PrintEndpoints(const Cluster& cluster) {
  std::cout << "\nSeatSaga is up; its data is in " << cluster.folder() << "/.\n\n";
  for (const Service service : cluster::kServices) {
    const std::string_view name = cluster::ProgramOf(service);
    std::cout << "  " << name << std::string(17 - name.size(), ' ') << cluster.Address(service)
              << "\n";
  }
}

void PrintCommands(const Cluster& cluster) {
  const std::string seats = cluster.Address(Service::kSeat);
  const std::string reservations = cluster.Address(Service::kReservation);
  const std::string sagactl = cluster.ProgramPath("sagactl");
  const std::string more = SagactlFlags(cluster);
  std::cout
      << "\nTry, in another terminal (every call needs a deadline):\n\n"
      << "  grpcurl -plaintext -max-time 10 -d '{\"event\": {\"event_id\": \"hamlet\",\n"
      << "      \"display_name\": \"Hamlet\", \"currency\": \"EUR\", \"sections\": [{\"name\": "
         "\"stalls\",\n"
      << "      \"price_minor\": 2500, \"rows\": [{\"name\": \"A\", \"seat_count\": 20}]}]}}' \\\n"
      << "      " << seats << " seatsaga.seat.v1.SeatService/CreateEvent\n\n"
      << "  grpcurl -plaintext -max-time 10 -d '{\"request_id\": \"" << cluster::NewId() << "\",\n"
      << "      \"user_id\": \"alice\", \"event_id\": \"hamlet\",\n"
      << "      \"items\": [{\"seat\": \"stalls/A/1\"}, {\"seat\": \"stalls/A/2\"}],\n"
      << "      \"payment_token\": \"tok_visa\", \"wait\": \"5s\"}' \\\n"
      << "      " << reservations
      << " seatsaga.reservation.v1.ReservationService/CreateReservation\n\n"
      << "  grpcurl -plaintext -max-time 10 -d '{\"reservation_id\": \"ID\"}' \\\n"
      << "      " << reservations
      << " seatsaga.reservation.v1.ReservationService/GetReservation\n\n"
      << "  node_modules/.bin/buf curl --protocol grpc --http2-prior-knowledge --timeout 10s \\\n"
      << "      -d '{\"user_id\": \"alice\"}' \\\n"
      << "      http://" << reservations
      << "/seatsaga.reservation.v1.ReservationService/ListReservations\n\n"
      << "  " << sagactl << " list" << more << "\n"
      << "  " << sagactl << " show ID" << more << "\n"
      << "  " << sagactl << " audit" << more << "\n\n"
      << "Other tokens: tok_declined, tok_slow_3000, tok_timeout_charged. Ctrl-C stops all.\n"
      << std::endl;
}

// Waits for Ctrl-C (nullptr), or until a server has ended by itself: its name.
const char* WaitForStopOrDeath(Cluster& cluster) {
  const sigset_t awaited = AwaitedSignals();
  while (true) {
    int signal_number = 0;
    sigwait(&awaited, &signal_number);
    if (signal_number != SIGCHLD) return nullptr;
    for (const Service service : cluster::kServices) {
      if (!cluster.process(service).Running()) return cluster::ProgramOf(service);
    }
  }
}

int Run(const Flags& flags) {
  Cluster cluster(
      {.folder = flags.data_folder, .port_base = flags.port_base, .logs_to_stderr = true});
  if (auto started = cluster.StartAll(); !started.ok()) {
    std::cerr << "seatsaga-up: " << started.message() << std::endl;
    return 1;
  }
  PrintEndpoints(cluster);
  PrintCommands(cluster);
  const char* died = WaitForStopOrDeath(cluster);
  if (died != nullptr) {
    std::cerr << "seatsaga-up: " << died << " has ended; stopping the others" << std::endl;
  }
  const absl::Status stopped = cluster.StopAll();
  if (!stopped.ok()) std::cerr << "seatsaga-up: " << stopped.message() << std::endl;
  return died == nullptr && stopped.ok() ? 0 : 1;
}

}  // namespace
}  // namespace seatsaga::demo

int main(int argc, char** argv) {
  using namespace seatsaga::demo;
  const sigset_t awaited = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  seatsaga::CommandLine line("seatsaga-up",
                             "SeatSaga's four servers in the foreground, ready to be called.");
  Flags flags;
  line.Add("--data-dir", flags.data_folder, "Folder of databases and the token key");
  line.Add("--port-base", flags.port_base,
           "First of four ports: reservation_svc, seat_svc, payment_svc, orchestrator")
      .Between(1, 65532);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  return Run(flags);
}
