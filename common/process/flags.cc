#include "common/process/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/text.h"

namespace seatsaga {
namespace {

constexpr int kUsageError = 2;

bool IsGiven(const std::vector<std::string>& arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == flag || argument.starts_with(flag + "=");
  });
}

// The command line, and for flags that are not on it their environment variables: CLI11 by itself
// lets the config file win over the environment.
std::vector<std::string> Arguments(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::vector<std::string> given = arguments;
  for (const CLI::Option* option : app.get_options()) {
    const std::string variable = option->get_envname();
    const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0' || IsGiven(given, option->get_name())) continue;
    arguments.push_back(Cat(option->get_name(), "=", value));
  }
  return arguments;
}

}  // namespace

void AddServerFlags(CLI::App& app, const std::string& name, int default_port, ServerFlags& flags) {
  flags.listen = Cat("127.0.0.1:", default_port);
  flags.database = name + ".db";
  app.set_config("--config", "", "Read options from this file (lines of name=value)")
      ->envname("SEATSAGA_CONFIG");
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.add_option("--listen", flags.listen, "Address to serve on: host:port or unix:/path")
      ->envname("SEATSAGA_LISTEN")
      ->capture_default_str();
  app.add_option("--database", flags.database, "SQLite file; made if it does not exist")
      ->envname("SEATSAGA_DATABASE")
      ->capture_default_str();
  app.add_option("--ready-file", flags.ready_file,
                 "Write the address in use to this file once serving")
      ->envname("SEATSAGA_READY_FILE");
  app.add_option("--log-format", flags.log_format, "text or json")
      ->envname("SEATSAGA_LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level, "debug, info, warn, error or off")
      ->envname("SEATSAGA_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.add_option("--drain-s", flags.drain_s, "On SIGTERM, seconds to let calls in progress finish")
      ->envname("SEATSAGA_DRAIN_S")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--queue-max", flags.queue_max,
                 "Requests that may wait; more are RESOURCE_EXHAUSTED")
      ->envname("SEATSAGA_QUEUE_MAX")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--batch-max", flags.batch_max, "Requests applied in one commit")
      ->envname("SEATSAGA_BATCH_MAX")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
}

int ParseFlags(CLI::App& app, const std::string& name, int argc, char** argv, ServerFlags& flags) {
  try {
    std::vector<std::string> arguments = Arguments(app, argc, argv);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    std::cerr << name << ": " << error.what() << "; see " << name << " --help\n";
    return kUsageError;
  }
  const auto format = flags.log_format == "json" ? log::Format::kJson : log::Format::kText;
  if (auto status = log::Setup(name, format, flags.log_level); !status.ok()) {
    std::cerr << name << ": " << status.message() << "\n";
    return kUsageError;
  }
  return -1;
}

}  // namespace seatsaga
