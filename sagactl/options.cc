#include "sagactl/options.h"

#include <map>

#include "common/id.h"
#include "common/printable.h"
#include "common/text.h"
#include "sagactl/format.h"

namespace seatsaga::cli {
namespace {

const char* const kGlobalGroup = "Global options";

constexpr std::string_view kGlobalHint =
    "\n\nGlobal options (--orchestrator ADDRESS, --deadline DURATION, -o json, --no-color) may "
    "also follow the command:\nsee sagactl --help.";

void AddAddress(CommandLine& line, ServiceAddress& service) {
  line.Add(std::string(service.flag), service.address, Cat("Address of ", service.name))
      .Environment(service.environment)
      .Check([](const std::string& text) {
        return text.empty() ? std::string("an address is needed") : std::string();
      })
      .Type("ADDRESS")
      .Group(kGlobalGroup);
}

}  // namespace

void AddGlobalOptions(CommandLine& line, GlobalOptions& options) {
  for (ServiceAddress& service : options.services) AddAddress(line, service);
  AddDurationOption(line, "--deadline", options.deadline, "Deadline of each call, such as 10s")
      .Environment("SEATSAGA_DEADLINE")
      .Group(kGlobalGroup);
  const std::map<std::string, Output> outputs{
      {"table", Output::kTable}, {"json", Output::kJson}, {"jsonl", Output::kJsonLines}};
  line.AddParsed(
          "-o,--output",
          [&options, outputs](const std::string& name) { options.output = outputs.at(name); },
          "table (for people), json (one document) or jsonl (one line per item)")
      .OneOf({"table", "json", "jsonl"})
      .Default("table")
      .Type("FORMAT")
      .Group(kGlobalGroup);
  line.AddSwitch("--no-color", options.no_colour,
                 "No colours, even on a terminal (or set NO_COLOR)")
      .Group(kGlobalGroup);
}

CommandLine& AddCommand(CommandLine& line, const std::string& name, const std::string& description,
                        std::string_view footer) {
  CommandLine& command = line.AddCommand(name, description);
  command.Footer(Cat(footer, kGlobalHint));
  return command;
}

Flag AddDurationOption(CommandLine& line, const std::string& name, absl::Duration& target,
                       const std::string& description) {
  Flag flag = line.AddParsed(
      name, [&target](const std::string& text) { target = *ParseDuration(text); }, description);
  flag.Check([](const std::string& text) {
        const auto duration = ParseDuration(text);
        return duration.ok() ? std::string() : std::string(duration.status().message());
      })
      .Type("DURATION");
  if (target > absl::ZeroDuration()) flag.Default(View(absl::FormatDuration(target)));
  return flag;
}

Flag AddIdArgument(CommandLine& line, std::string& target) {
  return line.Add("ID", target, "Id of the reservation; its saga has the same id")
      .Required()
      .Check(CheckId)
      .Type("UUID");
}

std::string CheckId(const std::string& text) {
  if (Id::Parse(text).ok()) return "";
  return Cat("'", Printable(text),
             "' is not an id; ids look like 01890a5d-ac96-774b-bcce-b302099a8057");
}

}  // namespace seatsaga::cli
