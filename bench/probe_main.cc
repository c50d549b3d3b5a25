// seatsaga-bench-probe: measures what needs no load: queries, halls, and the time after a crash.
// Prints one JSON value.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/command_line.h"
#include "bench/hall_probe.h"
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

void AddAddresses(CLI::App& app, ServiceAddresses& addresses) {
  app.add_option("--reservations", addresses.reservations, "Address of reservation_svc")
      ->capture_default_str();
  app.add_option("--seats", addresses.seats, "Address of seat_svc")->capture_default_str();
  app.add_option("--payments", addresses.payments, "Address of payment_svc")->capture_default_str();
  app.add_option("--sagas", addresses.sagas, "Address of the orchestrator")->capture_default_str();
}

CLI::Option* AddCount(CLI::App& app, const std::string& name, int& count,
                      const std::string& description) {
  return app.add_option(name, count, description)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
}

void AddEventPrefix(CLI::App& app, Flags& flags) {
  app.add_option("--event-prefix", flags.event_prefix, "What the ids of new events begin with")
      ->required();
}

void AddQueries(CLI::App& app, Flags& flags) {
  AddCount(app, "--samples", flags.queries.samples, "Samples of each query");
}

void AddHalls(CLI::App& app, Flags& flags) {
  app.add_option("--sizes", flags.hall_sizes, "Seats, multiples of 1,000")
      ->delimiter(',')
      ->check(CLI::Range(1'000, 100'000))
      ->capture_default_str();
  AddCount(app, "--repeat", flags.repeat, "Halls per size");
  AddEventPrefix(app, flags);
}

void AddInFlight(CLI::App& app, Flags& flags) {
  AddCount(app, "--count", flags.count, "Reservations to leave in flight");
  AddEventPrefix(app, flags);
}

void AddFinished(CLI::App& app, Flags& flags) {
  app.add_option("--restart-unix-us", flags.restart_unix_us,
                 "When the servers were started again, in microseconds since 1970")
      ->required();
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
  CLI::App app("seatsaga-bench-probe: measures what needs no load, and prints it as JSON",
               "seatsaga-bench-probe");
  Flags flags;
  Probe probe = nullptr;
  AddAddresses(app, flags.addresses);
  app.require_subcommand(1)->fallthrough();
  const auto add = [&](const char* name, const char* what, void (*add_flags)(CLI::App&, Flags&),
                       Probe run) {
    CLI::App* command = app.add_subcommand(name, what);
    add_flags(*command, flags);
    command->callback([&probe, run] { probe = run; });
  };
  add("queries", "Read single items and random pages of what is stored", AddQueries, Queries);
  add("halls", "Create events, and read their seat lists", AddHalls, HallsOf);
  add("in-flight", "Make reservations, and leave them in flight at a slow provider", AddInFlight,
      InFlight);
  add("finished", "After a restart: wait until all sagas have ended, and report on them",
      AddFinished, Finished);
  if (const int status = ParseArguments(app, argc, argv); status >= 0) return status;
  return Run(probe, flags);
}

}  // namespace
}  // namespace seatsaga::bench

int main(int argc, char** argv) { return seatsaga::bench::Main(argc, argv); }
