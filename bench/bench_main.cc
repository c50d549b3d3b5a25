// seatsaga-bench: the load generator. Makes reservations as fast as they are answered, or at a
// given rate, and says how fast, how late, and at what cost.
#include <unistd.h>

#include <cmath>
#include <iostream>

#include "absl/time/clock.h"
#include "bench/create_halls.h"
#include "bench/load.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "common/process/command_line.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr int kFailure = 1;
constexpr int kHotSeats = 50;
constexpr int kFillersInFlight = 64;
// More than any machine is expected to sell, so that seats do not run out.
constexpr double kSeatsPerSecondMax = 30'000;

struct Flags {
  std::string target = "127.0.0.1:50051";
  std::string seats;
  std::string scenario = "happy";
  double declined_share = 0.1;
  double warmup_s = 1;
  double duration_s = 5;
  int connections = 1;
  std::vector<std::string> watched;
  std::string output = "text";
  LoadPlan plan;
};

void AddFlags(CommandLine& line, Flags& flags) {
  line.Add("--target", flags.target, "Address of reservation_svc");
  line.Add("--seats", flags.seats,
           "Address of seat_svc, where halls are made first; leave out for a null chain");
  line.Add("--scenario", flags.scenario,
           "happy: each reservation its own seat; declines: some cards are declined; hot_hall: "
           "all want one of the last 50 seats of 50,000")
      .OneOf({"happy", "declines", "hot_hall"});
  line.Add("--declined-share", flags.declined_share, "Share of declined cards in `declines`")
      .Between(0.0, 1.0);
  line.Add("--in-flight", flags.plan.in_flight, "Clients (closed loop), or most at once (open)")
      .Between(1, 100'000);
  line.Add("--rate", flags.plan.rate_per_s,
           "Open loop: Poisson arrivals per second, latencies counted from when they were due")
      .Between(0.001, 1e6)
      .Default("");
  line.Add("--warmup-s", flags.warmup_s, "Seconds before the measurement").Between(0.0, 600.0);
  line.Add("--duration-s", flags.duration_s, "Seconds of measurement").Between(0.01, 3600.0);
  line.Add("--count", flags.plan.count_max, "Stop after so many reservations; 0 for no limit")
      .Between(int64_t{0}, int64_t{1'000'000'000});
  line.Add("--connections", flags.connections, "Connections to spread the calls over")
      .Between(1, 1000);
  line.Add("--watch", flags.watched,
           "name=pid[:count-file]: a process whose CPU, writes and fsyncs to report");
  line.Add("-o,--output", flags.output, "text or json").OneOf({"text", "json"});
}

int Fail(std::string_view what) {
  std::cerr << "seatsaga-bench: " << what << "\n";
  return kFailure;
}

Halls MakeHalls(const Flags& flags) {
  double seats = kSeatsPerSecondMax * (flags.warmup_s + flags.duration_s);
  if (flags.plan.count_max > 0) seats = static_cast<double>(flags.plan.count_max);
  const int event_count = static_cast<int>(std::ceil(seats / Halls::kSeatsPerEvent)) + 1;
  return {Cat("bench-", absl::ToUnixMillis(absl::Now()), "-", getpid()),
          flags.scenario == "hot_hall" ? 1 : event_count};
}

std::unique_ptr<Workload> MakeWorkload(const Flags& flags, const Halls& halls) {
  if (flags.scenario == "hot_hall") return MakeHotHall(halls, kHotSeats);
  return MakeOwnSeats(halls, flags.scenario == "declines" ? flags.declined_share : 0);
}

absl::Status FillHotHall(const std::vector<RpcChannel*>& channels, const Halls& halls) {
  const auto filling = MakeHallFilling(halls, kHotSeats);
  const LoadPlan plan{.in_flight = kFillersInFlight,
                      .warmup = absl::ZeroDuration(),
                      .duration = absl::Seconds(120)};
  const LoadResult result = RunLoad(channels, *filling, plan, nullptr);
  if (result.unexpected.empty() && result.ran_dry) return absl::OkStatus();
  return absl::InternalError(
      Cat("the hall could not be filled: ",
          result.unexpected.empty() ? "too slow" : result.unexpected.begin()->first));
}

class Bench {
 public:
  explicit Bench(const Flags& flags) : flags_(flags) {
    io_.Start();
    for (int i = 0; i < flags.connections; ++i) {
      owned_.push_back(std::make_unique<RpcChannel>(io_, flags.target));
      channels_.push_back(owned_.back().get());
    }
  }
  ~Bench() {
    owned_.clear();
    io_.Stop();
  }

  int Run() {
    auto meter = OpenMeter();
    if (!meter.ok()) return Fail(View(meter.status().message()));
    const Halls halls = MakeHalls(flags_);
    if (auto status = Prepare(halls); !status.ok()) return Fail(View(status.message()));

    const auto workload = MakeWorkload(flags_, halls);
    Report report{.scenario = flags_.scenario, .plan = flags_.plan};
    report.result = RunLoad(channels_, *workload, flags_.plan, meter->get());
    report.complaints = workload->Complaints();
    if (report.result.ran_dry) report.complaints.push_back("seats ran out before the end");
    std::cout << (flags_.output == "json" ? ToJson(report) + "\n" : ToText(report)) << std::flush;
    return report.Ok() ? 0 : Fail("not every reservation ended as it had to");
  }

 private:
  absl::StatusOr<std::unique_ptr<ProcessMeter>> OpenMeter() const {
    std::vector<Watched> processes{{.name = "client", .pid = getpid()}};
    for (const std::string& text : flags_.watched) {
      auto watched = ParseWatched(text);
      if (!watched.ok()) return watched.status();
      processes.push_back(*std::move(watched));
    }
    return ProcessMeter::Open(std::move(processes));
  }

  absl::Status Prepare(const Halls& halls) {
    if (flags_.seats.empty()) return absl::OkStatus();
    RpcChannel seat_svc(io_, flags_.seats);
    if (auto status = CreateHalls(halls, seat_svc); !status.ok()) {
      return absl::UnavailableError(
          Cat("cannot create events at ", flags_.seats, ": ", status.message()));
    }
    if (flags_.scenario != "hot_hall") return absl::OkStatus();
    return FillHotHall(channels_, halls);
  }

  const Flags& flags_;
  IoThread io_;
  std::vector<std::unique_ptr<RpcChannel>> owned_;
  std::vector<RpcChannel*> channels_;
};

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-bench", "Makes reservations under load, and measures them.");
  Flags flags;
  AddFlags(line, flags);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (flags.scenario == "hot_hall" && flags.seats.empty()) {
    std::cerr << "seatsaga-bench: the hot hall needs seat_svc: give --seats\n";
    return kUsageError;
  }
  flags.plan.warmup = absl::Seconds(flags.warmup_s);
  flags.plan.duration = absl::Seconds(flags.duration_s);
  return Bench(flags).Run();
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
