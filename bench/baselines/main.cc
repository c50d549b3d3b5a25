// seatsaga-bench-postgres: makes reservations on PostgreSQL as a team would without SeatSaga, and
// measures them as seatsaga-bench does.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "bench/baselines/postgres_load.h"
#include "bench/command_line.h"
#include "bench/report.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

constexpr int kEvents = 8;  // unless all clients want the same one
// More than any machine is expected to sell: seats must not run out.
constexpr double kSeatsPerSecondMax = 30'000;
constexpr double kSeatsPerSecondOfClientMax = 5'000;

struct Flags {
  std::string connect;
  std::string scenario = "one_transaction";
  double provider_latency_ms = 50;
  std::string decision_log;
  PostgresLoadOptions load;
};

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names;
  for (const Transaction& transaction : Transactions()) names.emplace_back(transaction.name);
  return names;
}

void AddFlags(CommandLine& line, Flags& flags) {
  line.Add("--connect", flags.connect,
           "libpq's parameters of a server, without a database, as a superuser: "
           "'host=/run/postgresql user=postgres'")
      .Required();
  line.Add("--scenario", flags.scenario,
           "one_transaction: five statements; hot_event: they also count the seat off the one "
           "event's row; ..provider_inside: with a call of the payment provider inside; "
           "two_phase_commit: across three databases")
      .OneOf(ScenarioNames());
  AddLoadFlags(line, flags.load.plan);
  line.Add("--provider-latency-ms", flags.provider_latency_ms,
           "How long a call of the payment provider takes")
      .Between(0.0, 60'000.0);
  line.Add("--decision-log", flags.decision_log,
           "The file, on a disk, that keeps the decisions of two_phase_commit's coordinator");
  line.Add("--postmaster", flags.load.server,
           "pid[:count-file]: the server, whose CPU time, writes and fsyncs are reported");
}

int Fail(std::string_view what) {
  std::cerr << "seatsaga-bench-postgres: " << what << "\n";
  return kFailure;
}

const Transaction& TransactionOf(const Flags& flags) {
  return *std::ranges::find(Transactions(), flags.scenario, &Transaction::name);
}

Offer OfferFor(const Flags& flags, const Transaction& transaction) {
  const LoadPlan& plan = flags.load.plan;
  const double rate_max = std::min(kSeatsPerSecondMax, plan.in_flight * kSeatsPerSecondOfClientMax);
  const double seats =
      rate_max * absl::ToDoubleSeconds(plan.warmup + plan.duration) + plan.in_flight;
  const int event_count = transaction.one_event ? 1 : kEvents;
  return {.event_count = event_count,
          .seats_per_event = static_cast<int>(std::ceil(seats / event_count))};
}

int Run(Flags& flags) {
  const Transaction& transaction = TransactionOf(flags);
  std::unique_ptr<DecisionLog> decisions;
  if (transaction.two_phase()) {
    auto opened = DecisionLog::Open(flags.decision_log);
    if (!opened.ok()) return Fail(View(opened.status().message()));
    decisions = *std::move(opened);
    flags.load.decisions = decisions.get();
  }

  const Tables tables(flags.connect, transaction);
  const Offer offer = OfferFor(flags, transaction);
  if (auto prepared = tables.Prepare(offer); !prepared.ok()) return Fail(View(prepared.message()));
  auto result = RunPostgresLoad(tables, offer, flags.load);
  if (!result.ok()) return Fail(View(result.status().message()));

  Report report{.scenario = flags.scenario, .plan = flags.load.plan, .result = *std::move(result)};
  if (report.result.ran_dry) report.complaints.emplace_back("seats ran out before the end");
  std::cout << ToJson(report) << std::endl;
  return report.Ok()
             ? 0
             : Fail("some reservations did not end as expected; see `unexpected` and `complaints`");
}

int Main(int argc, char** argv) {
  CommandLine line(
      "seatsaga-bench-postgres",
      "Makes reservations on a PostgreSQL server as a team would without SeatSaga, and "
      "prints measurements as JSON.");
  Flags flags;
  AddFlags(line, flags);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  if (flags.scenario == "two_phase_commit" && flags.decision_log.empty()) {
    std::cerr << "seatsaga-bench-postgres: two_phase_commit needs --decision-log\n";
    return kUsageError;
  }
  flags.load.provider = absl::Milliseconds(flags.provider_latency_ms);
  return Run(flags);
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
