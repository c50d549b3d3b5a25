#include "bench/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

void AddSeconds(CLI::App& app, const char* name, absl::Duration& value, double least,
                const char* what) {
  app.add_option_function<double>(
         name, [&value](double seconds) { value = absl::Seconds(seconds); }, what)
      ->check(CLI::Range(least, 3600.0))
      ->default_str(Cat(absl::ToInt64Seconds(value)));
}

}  // namespace

void AddLoadFlags(CLI::App& app, LoadPlan& plan) {
  app.add_option("--in-flight", plan.in_flight,
                 "Clients (closed loop), or most reservations at once (open loop)")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  AddSeconds(app, "--warmup-s", plan.warmup, 0, "Seconds before the measurement");
  AddSeconds(app, "--duration-s", plan.duration, 0.01, "Seconds of measurement");
}

int ParseArguments(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    const std::string name = app.get_name();
    std::cerr << name << ": " << error.what() << "; see " << name << " --help\n";
    return kUsageError;
  }
  return -1;
}

}  // namespace seatsaga::bench
