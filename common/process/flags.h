#pragma once

#include <optional>
#include <string>

#include "common/node/loop.h"
#include "common/process/command_line.h"
#include "common/rpc/connections.h"

namespace seatsaga {

// The flags of every server. Flags win over SEATSAGA_* variables, which win over the --config
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
  int connections_max = ConnectionLimits().connections_max;

  ConnectionLimits connection_limits() const { return {.connections_max = connections_max}; }
  LoopLimits loop_limits() const { return {.queue_max = queue_max, .batch_max = batch_max}; }
};

// Adds those flags and --config. Give flags that only this server has an environment name of the
// form SEATSAGA_<NAME>.
void AddServerFlags(CommandLine& line, int default_port, ServerFlags& flags);

// Adds --watches-max, for servers whose clients watch something.
void AddWatchesFlag(CommandLine& line, int& watches_max);

// Parses, and sets up logging. Returns an exit status to leave with, as CommandLine::Parse does, or
// nothing if the program should run.
std::optional<int> ParseFlags(CommandLine& line, int argc, char** argv, const ServerFlags& flags);

}  // namespace seatsaga
