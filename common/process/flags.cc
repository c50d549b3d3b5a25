#include "common/process/flags.h"

#include <iostream>

#include "common/log.h"
#include "common/text.h"

namespace seatsaga {

void AddServerFlags(CommandLine& line, int default_port, ServerFlags& flags) {
  flags.listen = Cat("127.0.0.1:", default_port);
  flags.database = line.program() + ".db";
  line.AllowConfigFile("SEATSAGA_CONFIG");
  line.Add("--listen", flags.listen, "Address to serve on: host:port or unix:/path")
      .Environment("SEATSAGA_LISTEN");
  line.Add("--database", flags.database, "SQLite file; created if it does not exist")
      .Environment("SEATSAGA_DATABASE");
  line.Add("--ready-file", flags.ready_file,
           "Write the address in use to this file once the server is ready")
      .Environment("SEATSAGA_READY_FILE");
  line.Add("--log-format", flags.log_format, "text or json")
      .Environment("SEATSAGA_LOG_FORMAT")
      .OneOf({"text", "json"});
  line.Add("--log-level", flags.log_level, "debug, info, warn, error or off")
      .Environment("SEATSAGA_LOG_LEVEL")
      .OneOf({"debug", "info", "warn", "error", "off"});
  line.Add("--drain-s", flags.drain_s,
           "Seconds that calls in progress may take to finish after SIGTERM")
      .Environment("SEATSAGA_DRAIN_S")
      .Between(0.0, 3600.0);
  line.Add("--queue-max", flags.queue_max,
           "Requests that may wait; any more fail with RESOURCE_EXHAUSTED")
      .Environment("SEATSAGA_QUEUE_MAX")
      .Between(1, 1'000'000);
  line.Add("--batch-max", flags.batch_max, "Requests that one commit may apply")
      .Environment("SEATSAGA_BATCH_MAX")
      .Between(1, 100'000);
  line.Add("--connections-max", flags.connections_max,
           "Connections that may be open; one more replaces the one that is idle longest, or is "
           "closed")
      .Environment("SEATSAGA_CONNECTIONS_MAX")
      .Between(1, 100'000);
}

void AddWatchesFlag(CommandLine& line, int& watches_max) {
  line.Add("--watches-max", watches_max,
           "Clients that may watch at a time; any more fail with RESOURCE_EXHAUSTED")
      .Environment("SEATSAGA_WATCHES_MAX")
      .Between(1, 100'000);
}

std::optional<int> ParseFlags(CommandLine& line, int argc, char** argv, const ServerFlags& flags) {
  if (const auto exit_status = line.Parse(argc, argv)) return exit_status;
  const auto format = flags.log_format == "json" ? log::Format::kJson : log::Format::kText;
  if (auto status = log::Setup(line.program(), format, flags.log_level); !status.ok()) {
    std::cerr << line.program() << ": " << status.message() << "\n";
    return kUsageError;
  }
  return std::nullopt;
}

}  // namespace seatsaga
