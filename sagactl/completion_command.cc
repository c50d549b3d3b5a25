#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>

#include "sagactl/command.h"
#include "sagactl/completion.h"
#include "sagactl/exit_code.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kFooter = R"(Examples:
  source <(sagactl completion bash)          in ~/.bashrc
  source <(sagactl completion zsh)           in ~/.zshrc, after compinit
  sagactl completion fish | source           in ~/.config/fish/config.fish)";

// The fixed sets of values; CLI11 does not tell them.
std::vector<std::string> ValuesOf(const std::string& flag) {
  if (flag == "--output") return {"table", "json", "jsonl"};
  if (flag == "--state") {
    return {"running", "waiting", "compensating", "completed", "compensated", "parked"};
  }
  return {};
}

std::vector<FlagWords> FlagsOf(CLI::App& app) {
  std::vector<FlagWords> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) continue;  // a positional argument
    const std::string name = "--" + option->get_lnames().front();
    flags.push_back(
        {name, option->get_description(), ValuesOf(name), option->get_expected_max() > 0});
  }
  return flags;
}

ProgramWords WordsOf(CLI::App& app) {
  ProgramWords words{.commands = {}, .flags = FlagsOf(app)};
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    CommandWords entry{command->get_name(), command->get_description(), {}, {}};
    if (entry.name == "completion") entry.arguments = {"bash", "zsh", "fish"};
    for (FlagWords& flag : FlagsOf(*command)) {
      if (flag.name != "--help") entry.flags.push_back(std::move(flag));  // already a global one
    }
    words.commands.push_back(std::move(entry));
  }
  return words;
}

}  // namespace

Command AddCompletionCommand(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  auto* completion = app.add_subcommand("completion", "Print completions for a shell");
  completion->add_option("SHELL", *shell, "Which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("bash|zsh|fish");
  completion->footer(std::string(kFooter));
  return {completion, [shell, &app](Context& context) {
            const ProgramWords words = WordsOf(app);
            context.out << (*shell == "bash"  ? BashCompletion(words)
                            : *shell == "zsh" ? ZshCompletion(words)
                                              : FishCompletion(words));
            return kExitOk;
          }};
}

}  // namespace seatsaga::cli
