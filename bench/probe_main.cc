// seatsaga-bench-probe: measures what needs no load: queries, halls, and the time after a crash.
// Prints one JSON value.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "bench/command_line.h"
#include "bench/hall_probe.h"
#include "bench/holds.h"
#include "bench/in_flight_probe.h"
#include "bench/query_probe.h"
#include "bench/services.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr absl::Duration kEndsWithin = absl::Minutes(1);

struct Flags {
  ServiceAddresses addresses;
  QueryPlan queries;
  std::vector<int> hall_sizes = {50'000};
  int repeat = 1;
  int count = 10'000;
  int hold_s = 3'600;
  int64_t restart_unix_us = 0;
  std::string event_prefix;
};

double Millis(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

absl::StatusOr<Json> Queries(Services& services, const Flags& flags) {
  const auto all = TimeQueries(services, flags.queries);
  if (!all.ok()) return all.status();
  Json rows = Json::array();
  for (const QueryTimes& times : *all) {
    rows.push_back({{"what", times.what},
                    {"page_size", times.page_size},
                    {"rows_each", times.rows_each},
                    {"samples", times.latency.count()},
                    {"p50_ms", Millis(times.latency.Quantile(0.5))},
                    {"p99_ms", Millis(times.latency.Quantile(0.99))},
                    {"max_ms", Millis(times.latency.max())}});
  }
  return rows;
}

// One row per hall.
absl::StatusOr<Json> HallsOf(Services& services, const Flags& flags) {
  Json rows = Json::array();
  for (const int size : flags.hall_sizes) {
    for (int i = 0; i < flags.repeat; ++i) {
      const std::string event_id = Cat(flags.event_prefix, "-", size, "-", i);
      const auto times = TimeHall(services, event_id, size);
      if (!times.ok()) return times.status();
      rows.push_back({{"seats", times->seat_count},
                      {"create_ms", Millis(times->create)},
                      {"read_ms", Millis(times->read)}});
    }
  }
  return rows;
}

absl::StatusOr<Json> InFlight(Services& services, const Flags& flags) {
  auto status = MakeInFlight(services, flags.event_prefix, flags.count, kEndsWithin);
  if (!status.ok()) return status;
  return Json{{"sagas", flags.count}};
}

absl::StatusOr<Json> Hold(Services& services, const Flags& flags) {
  auto status = MakeHolds(services.reservations, services.seats,
                          HallsForHolds(flags.event_prefix, flags.count), flags.count,
                          absl::Now() + absl::Seconds(flags.hold_s));
  if (!status.ok()) return status;
  return Json{{"holds", flags.count}};
}

absl::StatusOr<Json> Finished(Services& services, const Flags& flags) {
  const auto all =
      AwaitFinished(services, absl::FromUnixMicros(flags.restart_unix_us), kEndsWithin);
  if (!all.ok()) return all.status();
  return Json{{"sagas", all->sagas},
              {"completed", all->completed},
              {"charged_once", all->charged_once},
              {"confirmed_once", all->confirmed_once},
              {"moving_s", absl::ToDoubleSeconds(all->moving)},
              {"finished_s", absl::ToDoubleSeconds(all->finished)}};
}

using Probe = absl::StatusOr<Json> (*)(Services&, const Flags&);

void AddAddresses(CommandLine& line, ServiceAddresses& addresses) {
  line.Add("--reservations", addresses.reservations, "Address of reservation_svc");
  line.Add("--seats", addresses.seats, "Address of seat_svc");
  line.Add("--payments", addresses.payments, "Address of payment_svc");
  line.Add("--sagas", addresses.sagas, "Address of the orchestrator");
}

void AddCount(CommandLine& line, const std::string& name, int& count,
              const std::string& description) {
  line.Add(name, count, description).Between(1, 1'000'000);
}

void AddEventPrefix(CommandLine& line, Flags& flags) {
  line.Add("--event-prefix", flags.event_prefix, "What the ids of new events begin with")
      .Required();
}

void AddQueries(CommandLine& line, Flags& flags) {
  AddCount(line, "--samples", flags.queries.samples, "Samples of each query");
}

void AddHalls(CommandLine& line, Flags& flags) {
  line.Add("--sizes", flags.hall_sizes, "Seats, multiples of 1,000")
      .CommaSeparated()
      .Between(1'000, 100'000);
  AddCount(line, "--repeat", flags.repeat, "Halls per size");
  AddEventPrefix(line, flags);
}

void AddInFlight(CommandLine& line, Flags& flags) {
  AddCount(line, "--count", flags.count, "Reservations to leave in flight");
  AddEventPrefix(line, flags);
}

void AddHold(CommandLine& line, Flags& flags) {
  AddCount(line, "--count", flags.count, "Seats to hold");
  AddCount(line, "--hold-s", flags.hold_s, "How long, in seconds");
  AddEventPrefix(line, flags);
}

void AddFinished(CommandLine& line, Flags& flags) {
  line.Add("--restart-unix-us", flags.restart_unix_us,
           "When the servers were started again, in microseconds since 1970")
      .Required();
}

int Run(Probe probe, const Flags& flags) {
  Services services(flags.addresses);
  const auto result = probe(services, flags);
  if (!result.ok()) {
    std::cerr << "seatsaga-bench-probe: " << result.status().message() << "\n";
    return kFailure;
  }
  std::cout << result->dump() << std::endl;
  return 0;
}

int Main(int argc, char** argv) {
  CommandLine line("seatsaga-bench-probe", "Measures what needs no load, and prints it as JSON.");
  Flags flags;
  std::vector<std::pair<const CommandLine*, Probe>> probes;
  AddAddresses(line, flags.addresses);
  const auto add = [&](const char* name, const char* what, void (*add_flags)(CommandLine&, Flags&),
                       Probe run) {
    CommandLine& command = line.AddCommand(name, what);
    add_flags(command, flags);
    probes.emplace_back(&command, run);
  };
  add("queries", "Read single items and random pages of what is stored", AddQueries, Queries);
  add("halls", "Create events, and read their seat lists", AddHalls, HallsOf);
  add("in-flight", "Make reservations, and leave them in flight at a slow provider", AddInFlight,
      InFlight);
  add("hold", "Hold seats that nobody pays for", AddHold, Hold);
  add("finished", "After a restart: wait until all sagas have ended, and report on them",
      AddFinished, Finished);
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  const auto chosen =
      std::ranges::find_if(probes, [](const auto& probe) { return probe.first->chosen(); });
  return Run(chosen->second, flags);
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
