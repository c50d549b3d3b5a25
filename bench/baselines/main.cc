// seatsaga-bench-postgres: makes reservations with PostgreSQL as a team would without SeatSaga, and
// measures them as seatsaga-bench does.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "bench/baselines/closed_loop.h"
#include "bench/baselines/facts.h"
#include "bench/report.h"
#include "common/process/command_line.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr int kFailure = 1;
constexpr int kEvents = 8;  // where clients do not all want the same one
// More than any machine is expected to sell, so that seats do not run out.
constexpr double kSeatsPerSecondMax = 30'000;
constexpr double kSeatsPerSecondOfClientMax = 5'000;

struct Flags {
  std::string connect;
  std::string scenario = "one_transaction";
  double warmup_s = 1;
  double duration_s = 5;
  double provider_latency_ms = 50;
  std::string decision_log;
  std::string output = "text";
  LoopOptions loop;
};

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const Transaction& transaction : Transactions()) names.emplace_back(transaction.name);
  return names;
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Add("--connect", flags.connect,
           "libpq's parameters of a server to fill with tables, as a superuser, without a "
           "database: 'host=/run/postgresql user=postgres'")
      .Required();
  line.Add("--scenario", flags.scenario,
           "one_transaction: five statements; hot_event: they also count the seat off the one "
           "event's row; ..provider_inside: the payment provider is called in between; "
           "two_phase_commit: over three databases")
      .OneOf(ScenarioNames());
  line.Add("--in-flight", flags.loop.plan.in_flight, "Clients (closed loop)").Between(1, 10'000);
  line.Add("--warmup-s", flags.warmup_s, "Seconds before the measurement").Between(0.0, 600.0);
  line.Add("--duration-s", flags.duration_s, "Seconds of measurement").Between(0.01, 3600.0);
  line.Add("--provider-latency-ms", flags.provider_latency_ms,
           "How long the payment provider takes, where it is called")
      .Between(0.0, 60'000.0);
  line.Add("--decision-log", flags.decision_log,
           "Where two_phase_commit's coordinator keeps its decisions: a file on a disk");
  line.Add("--postmaster", flags.loop.server,
           "pid[:count-file]: the server's process, whose CPU, writes and fsyncs to report");
  line.Add("-o,--output", flags.output, "text or json").OneOf({"text", "json"});
}

int Fail(std::string_view what) {
  std::cerr << "seatsaga-bench-postgres: " << what << "\n";
  return kFailure;
}

const Transaction& TransactionOf(const Flags& flags) {
  return *std::ranges::find(Transactions(), flags.scenario, &Transaction::name);
}

Offer OfferFor(const Flags& flags, const Transaction& transaction) {
  const int in_flight = flags.loop.plan.in_flight;
  const double rate_max = std::min(kSeatsPerSecondMax, in_flight * kSeatsPerSecondOfClientMax);
  const double seats = rate_max * (flags.warmup_s + flags.duration_s) + in_flight;
  const int event_count = transaction.one_event ? 1 : kEvents;
  return {.event_count = event_count,
          .seats_per_event = static_cast<int>(std::ceil(seats / event_count))};
}

int64_t CountOf(const LoadResult& result, const char* outcome) {
  const auto found = result.expected.find(outcome);
  return found == result.expected.end() ? 0 : found->second;
}

int Run(Flags& flags) {
  const Transaction& transaction = TransactionOf(flags);
  std::unique_ptr<DecisionLog> decisions;
  if (transaction.two_phase()) {
    auto opened = DecisionLog::Open(flags.decision_log);
    if (!opened.ok()) return Fail(View(opened.status().message()));
    decisions = *std::move(opened);
    flags.loop.decisions = decisions.get();
  }

  const Tables tables(flags.connect, transaction);
  const Offer offer = OfferFor(flags, transaction);
  if (auto prepared = tables.Prepare(offer); !prepared.ok()) return Fail(View(prepared.message()));
  auto result = RunClosedLoop(tables, offer, flags.loop);
  if (!result.ok()) return Fail(View(result.status().message()));

  Report report{.scenario = flags.scenario, .plan = flags.loop.plan, .result = *std::move(result)};
  if (report.result.unexpected.empty()) {
    report.complaints =
        FindFaults(tables, CountOf(report.result, kConfirmed), CountOf(report.result, kAbandoned));
  }
  if (report.result.ran_dry) report.complaints.emplace_back("seats ran out before the end");
  std::cout << (flags.output == "json" ? ToJson(report) + "\n" : ToText(report)) << std::flush;
  return report.Ok() ? 0 : Fail("not every reservation ended as it had to");
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-bench-postgres",
                   "What SeatSaga is compared with, on a PostgreSQL server.");
  Flags flags;
  AddFlags(line, flags);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (flags.scenario == "two_phase_commit" && flags.decision_log.empty()) {
    std::cerr << "seatsaga-bench-postgres: two_phase_commit needs a --decision-log\n";
    return kUsageError;
  }
  flags.loop.plan.warmup = absl::Seconds(flags.warmup_s);
  flags.loop.plan.duration = absl::Seconds(flags.duration_s);
  flags.loop.provider = absl::Milliseconds(flags.provider_latency_ms);
  return Run(flags);
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
