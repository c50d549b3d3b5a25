#include "sagactl/options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "common/id.h"
#include "common/text.h"
#include "sagactl/format.h"

namespace seatsaga::cli {
namespace {

const char* const kGlobalGroup = "Global options";

void AddAddress(CLI::App& app, ServiceAddress& service) {
  app.add_option(std::string(service.flag), service.address, Cat("Address of ", service.name))
      ->envname(std::string(service.environment))
      ->check([](const std::string& text) {
        return text.empty() ? std::string("an address is needed") : std::string();
      })
      ->type_name("ADDRESS")
      ->capture_default_str()
      ->group(kGlobalGroup);
}

}  // namespace

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.fallthrough();
  for (ServiceAddress& service : options.services) AddAddress(app, service);
  AddDurationOption(app, "--deadline", options.deadline, "Deadline of each call, such as 10s")
      ->envname("SEATSAGA_DEADLINE")
      ->group(kGlobalGroup);
  const std::map<std::string, Output> outputs{
      {"table", Output::kTable}, {"json", Output::kJson}, {"jsonl", Output::kJsonLines}};
  app.add_option_function<std::string>(
         "-o,--output",
         [&options, outputs](const std::string& name) { options.output = outputs.at(name); },
         "table (for people), json (one document) or jsonl (a line an item)")
      ->check(CLI::IsMember({"table", "json", "jsonl"}))
      ->default_str("table")
      ->type_name("FORMAT")
      ->group(kGlobalGroup);
  app.add_flag("--no-color", options.no_colour, "No colours, also on a terminal (or set NO_COLOR)")
      ->group(kGlobalGroup);
}

CLI::Option* AddDurationOption(CLI::App& app, const std::string& name, absl::Duration& target,
                               const std::string& description) {
  auto* option = app.add_option_function<std::string>(
      name, [&target](const std::string& text) { target = *ParseDuration(text); }, description);
  option
      ->check([](const std::string& text) {
        const auto duration = ParseDuration(text);
        return duration.ok() ? std::string() : std::string(duration.status().message());
      })
      ->type_name("DURATION");
  if (target > absl::ZeroDuration()) option->default_str(absl::FormatDuration(target));
  return option;
}

CLI::Option* AddIdArgument(CLI::App& app, std::string& target) {
  return app.add_option("ID", target, "Id of the reservation, which is its saga's too")
      ->required()
      ->check(CheckId)
      ->type_name("UUID");
}

std::string CheckId(const std::string& text) {
  if (Id::Parse(text).ok()) return "";
  return Cat("'", Printable(text),
             "' is not an id; ids look like 01890a5d-ac96-774b-bcce-b302099a8057");
}

}  // namespace seatsaga::cli
