#include "bench/command_line.h"

#include <string>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

void AddSeconds(CommandLine& line, const char* name, absl::Duration& value, double least,
                const char* what) {
  line.AddParsed(
          name, [&value](const std::string& text) { value = absl::Seconds(std::stod(text)); }, what)
      .Between(least, 3600.0)
      .Default(Cat(absl::ToInt64Seconds(value)));
}

}  // namespace

void AddLoadFlags(CommandLine& line, LoadPlan& plan) {
  line.Add("--in-flight", plan.in_flight,
           "Clients (closed loop), or most reservations at once (open loop)")
      .Between(1, 100'000);
  AddSeconds(line, "--warmup-s", plan.warmup, 0, "Seconds before the measurement");
  AddSeconds(line, "--duration-s", plan.duration, 0.01, "Seconds of measurement");
}

}  // namespace seatsaga::bench
