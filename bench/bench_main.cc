// seatsaga-bench: the load generator. Makes reservations as fast as they are answered, or at a
// given rate, and measures rate, latency and cost.
#include <unistd.h>

#include <cmath>
#include <iostream>

#include "absl/time/clock.h"
#include "bench/command_line.h"
#include "bench/create_halls.h"
#include "bench/holds.h"
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
// Of `expiring_holds`: all must be made before the first expires.
constexpr double kHoldsPerSecondMin = 2'500;
constexpr absl::Duration kUndoneWithin = absl::Minutes(1);
// More than any machine is expected to sell: seats must not run out.
constexpr double kSeatsPerSecondMax = 30'000;

struct Flags {
  std::string target = "127.0.0.1:50051";
  std::string seats;
  std::string scenario = "happy";
  int holds = 10'000;
  std::vector<std::string> watched;
  LoadPlan plan;

  bool hot_hall() const { return scenario == "hot_hall"; }
  bool expiring_holds() const { return scenario == "expiring_holds"; }
};

void AddFlags(CommandLine& line, Flags& flags) {
  line.Add("--target", flags.target, "Address of reservation_svc");
  line.Add("--seats", flags.seats,
           "Address of seat_svc, where halls are created first; leave out for the null chain");
  line.Add("--scenario", flags.scenario,
           "happy: each reservation has its own seat; declines: the same, but 10 % of the "
           "cards are declined; hot_hall: all want one of the last 50 seats of 50,000; "
           "hold_and_pay: each seat is held, then paid for; expiring_holds: as happy, while holds "
           "made before expire at the moment when the measurement begins")
      .OneOf({"happy", "declines", "hot_hall", "hold_and_pay", "expiring_holds"});
  line.Add("--holds", flags.holds, "Of expiring_holds").Between(1, 1'000'000);
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

// Another one in every run.
std::string EventPrefix() { return Cat("bench-", absl::ToUnixMillis(absl::Now()), "-", getpid()); }

Halls MakeHalls(const Flags& flags) {
  double seats =
      kSeatsPerSecondMax * absl::ToDoubleSeconds(flags.plan.warmup + flags.plan.duration);
  if (flags.plan.count_max > 0) seats = static_cast<double>(flags.plan.count_max);
  const int event_count = static_cast<int>(std::ceil(seats / Halls::kSeatsPerEvent)) + 1;
  return {EventPrefix(), flags.hot_hall() ? 1 : event_count};
}

std::unique_ptr<Workload> MakeWorkload(const Flags& flags, const Halls& halls) {
  if (flags.hot_hall()) return MakeHotHall(halls, kHotSeats);
  if (flags.scenario == "hold_and_pay") return MakeHoldAndPay(halls);
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
  explicit Bench(const Flags& flags)
      : flags_(flags),
        reservation_svc_(io_, flags.target),
        held_(HallsForHolds(Cat(EventPrefix(), "-held"), flags.holds)) {
    io_.Start();
  }

  int Run() {
    auto meter = OpenMeter();
    if (!meter.ok()) return Fail(View(meter.status().message()));
    const Halls halls = MakeHalls(flags_);
    if (auto status = Prepare(halls); !status.ok()) return Fail(View(status.message()));

    const auto workload = MakeWorkload(flags_, halls);
    Report report{.scenario = flags_.scenario, .plan = flags_.plan};
    if (flags_.expiring_holds()) report.plan.warmup = expire_time_ - absl::Now();
    report.result = RunLoad(reservation_svc_, *workload, report.plan, meter->get());
    if (flags_.expiring_holds()) {
      if (auto status = MeasureExpiry(report); !status.ok()) return Fail(View(status.message()));
    }
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
    if (flags_.hot_hall()) return FillHotHall(reservation_svc_, halls);
    if (flags_.expiring_holds()) {
      expire_time_ = absl::Now() + flags_.plan.warmup;
      return MakeHolds(reservation_svc_, seat_svc, held_, flags_.holds, expire_time_);
    }
    return absl::OkStatus();
  }

  absl::Status MeasureExpiry(Report& report) {
    const auto last = AwaitExpired(reservation_svc_, held_, flags_.holds, kUndoneWithin);
    if (!last.ok()) return last.status();
    report.holds = {.count = flags_.holds, .undone = *last - expire_time_};
    return absl::OkStatus();
  }

  const Flags& flags_;
  IoThread io_;  // stops when it is destroyed, which is after the channel
  RpcChannel reservation_svc_;
  const Halls held_;        // of expiring_holds
  absl::Time expire_time_;  // of expiring_holds
};

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-bench",
                   "Makes reservations under load, and prints measurements as JSON.");
  Flags flags;
  AddFlags(line, flags);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if ((flags.hot_hall() || flags.expiring_holds()) && flags.seats.empty()) {
    std::cerr << "seatsaga-bench: " << flags.scenario
              << " needs the address of seat_svc: give --seats\n";
    return kUsageError;
  }
  if (flags.expiring_holds()) {
    // Whatever --warmup-s says: then the holds expire.
    flags.plan.warmup = absl::Seconds(2 + flags.holds / kHoldsPerSecondMin);
  }
  return Bench(flags).Run();
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
