// seatsaga-bench: the load generator. Makes reservations as fast as they are answered, or at a
// given rate, and measures rate, latency and cost.
#include <unistd.h>

#include <cmath>
#include <iostream>

#include "absl/time/clock.h"
#include "bench/command_line.h"
#include "bench/create_halls.h"
#include "bench/load.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "common/rpc/client.h"
#include "common/rpc/io_thread.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr double kDeclinedShare = 0.1;  // in `declines`
constexpr int kHotSeats = 50;
constexpr int kFillersInFlight = 64;
// More than any machine is expected to sell: seats must not run out.
constexpr double kSeatsPerSecondMax = 30'000;

struct Flags {
  std::string target = "127.0.0.1:50051";
  std::string seats;
  std::string scenario = "happy";
  std::vector<std::string> watched;
  LoadPlan plan;
};

void AddFlags(CommandLine& line, Flags& flags) {
  line.Add("--target", flags.target, "Address of reservation_svc");
  line.Add("--seats", flags.seats,
           "Address of seat_svc, where halls are created first; leave out for the null chain");
  line.Add("--scenario", flags.scenario,
           "happy: each reservation has its own seat; declines: the same, but 10 % of the "
           "cards are declined; hot_hall: all want one of the last 50 seats of 50,000")
      .OneOf({"happy", "declines", "hot_hall"});
  AddLoadFlags(line, flags.plan);
  line.Add("--rate", flags.plan.rate_per_s,
           "Open loop: Poisson arrivals per second; latencies count from when requests were due")
      .Between(0.001, 1e6);
  line.Add("--count", flags.plan.count_max, "Stop after that many reservations; 0 for no limit")
      .Between(int64_t{0}, int64_t{1'000'000'000});
  line.Add("--watch", flags.watched,
           "name=pid[:count-file]: a process whose CPU time, writes and fsyncs are reported");
}

int Fail(std::string_view what) {
  std::cerr << "seatsaga-bench: " << what << "\n";
  return kFailure;
}

Halls MakeHalls(const Flags& flags) {
  double seats =
      kSeatsPerSecondMax * absl::ToDoubleSeconds(flags.plan.warmup + flags.plan.duration);
  if (flags.plan.count_max > 0) seats = static_cast<double>(flags.plan.count_max);
  const int event_count = static_cast<int>(std::ceil(seats / Halls::kSeatsPerEvent)) + 1;
  return {Cat("bench-", absl::ToUnixMillis(absl::Now()), "-", getpid()),
          flags.scenario == "hot_hall" ? 1 : event_count};
}

std::unique_ptr<Workload> MakeWorkload(const Flags& flags, const Halls& halls) {
  if (flags.scenario == "hot_hall") return MakeHotHall(halls, kHotSeats);
  return MakeOwnSeats(halls, flags.scenario == "declines" ? kDeclinedShare : 0);
}

absl::Status FillHotHall(RpcChannel& reservation_svc, const Halls& halls) {
  const auto filling = MakeHallFilling(halls, kHotSeats);
  const LoadPlan plan{.in_flight = kFillersInFlight,
                      .warmup = absl::ZeroDuration(),
                      .duration = absl::Seconds(120)};
  const LoadResult result = RunLoad(reservation_svc, *filling, plan, nullptr);
  if (result.unexpected.empty() && result.ran_dry) return absl::OkStatus();
  return absl::InternalError(Cat("cannot fill the hall: ", result.unexpected.empty()
                                                               ? "too slow"
                                                               : result.unexpected.begin()->first));
}

class Bench {
 public:
  explicit Bench(const Flags& flags) : flags_(flags), reservation_svc_(io_, flags.target) {
    io_.Start();
  }

  int Run() {
    auto meter = OpenMeter();
    if (!meter.ok()) return Fail(View(meter.status().message()));
    const Halls halls = MakeHalls(flags_);
    if (auto status = Prepare(halls); !status.ok()) return Fail(View(status.message()));

    const auto workload = MakeWorkload(flags_, halls);
    Report report{.scenario = flags_.scenario, .plan = flags_.plan};
    report.result = RunLoad(reservation_svc_, *workload, flags_.plan, meter->get());
    report.complaints = workload->Complaints();
    if (report.result.ran_dry) report.complaints.push_back("seats ran out before the end");
    std::cout << ToJson(report) << std::endl;
    return report.Ok() ? 0
                       : Fail(
                             "some reservations did not end as expected; see `unexpected` and "
                             "`complaints`");
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
          Cat("cannot create events at seat_svc, ", flags_.seats, ": ", status.message()));
    }
    if (flags_.scenario != "hot_hall") return absl::OkStatus();
    return FillHotHall(reservation_svc_, halls);
  }

  const Flags& flags_;
  IoThread io_;  // stops when it is destroyed, which is after the channel
  RpcChannel reservation_svc_;
};

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-bench",
                   "Makes reservations under load, and prints measurements as JSON.");
  Flags flags;
  AddFlags(line, flags);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (flags.scenario == "hot_hall" && flags.seats.empty()) {
    std::cerr << "seatsaga-bench: hot_hall needs the address of seat_svc: give --seats\n";
    return kUsageError;
  }
  return Bench(flags).Run();
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
