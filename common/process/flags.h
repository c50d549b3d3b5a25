#pragma once

#include <string>

#include "absl/time/time.h"

namespace CLI {
class App;
}

namespace seatsaga {

// What every server can be told. Flags win over SEATSAGA_* variables, which win over the --config
// file.
struct ServerFlags {
  std::string listen;
  std::string database;
  std::string ready_file;
  std::string log_format = "text";
  std::string log_level = "info";
  double drain_s = 10;
  size_t queue_max = 8192;
  size_t batch_max = 512;
};

// Adds those flags, --config and --version to `app`; `name` is the service's ("seat_svc"). Give
// flags that only this server has an environment name of the form SEATSAGA_<NAME>.
void AddServerFlags(CLI::App& app, const std::string& name, int default_port, ServerFlags& flags);

// Parses, and sets up logging. On --help, or on wrong arguments (one line that says what to do),
// returns the exit status to leave with; otherwise -1. `post` checks have run.
int ParseFlags(CLI::App& app, const std::string& name, int argc, char** argv, ServerFlags& flags);

}  // namespace seatsaga
