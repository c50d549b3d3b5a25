#include "sagactl/help.h"

#include <CLI/CLI.hpp>
#include <string>

#include "common/text.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kGlobalHint =
    "\n\nGlobal options may follow too (--orchestrator ADDRESS, --deadline DURATION, -o json, "
    "--no-color):\nsee sagactl --help.";

// "UUID", without the checks that CLI11 puts behind it. For a flag, which takes no value, a blank:
// an empty text would bring CLI11's own back.
std::string TypeOf(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return " ";
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

// "Deadline of each call (default 10s; SEATSAGA_DEADLINE)".
std::string DescriptionOf(const CLI::Option& option) {
  std::string more;
  if (!option.get_default_str().empty()) Append(more, "default ", option.get_default_str());
  if (!option.get_envname().empty()) {
    Append(more, more.empty() ? "" : "; ", option.get_envname());
  }
  if (more.empty()) return option.get_description();
  return Cat(option.get_description(), " (", more, ")");
}

}  // namespace

void TidyHelp(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    option->option_text(TypeOf(*option));
    option->description(DescriptionOf(*option));
  }
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    TidyHelp(*command);
    command->footer(Cat(command->get_footer(), kGlobalHint));
  }
}

}  // namespace seatsaga::cli
