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

ProgramWords WordsOf(const CommandLine& program) {
  ProgramWords words{.commands = {}, .flags = program.Words()};
  for (const auto& command : program.commands()) {
    CommandWords entry{command->name(), command->description(), {}, {}};
    for (CommandLine::FlagWords& word : command->Words()) {
      if (word.positional) {
        for (std::string& value : word.values) entry.arguments.push_back(std::move(value));
      } else if (word.name != "--help") {  // already a global one
        entry.flags.push_back(std::move(word));
      }
    }
    words.commands.push_back(std::move(entry));
  }
  return words;
}

}  // namespace

Command AddCompletionCommand(CommandLine& line) {
  auto shell = std::make_shared<std::string>();
  CommandLine& completion =
      AddCommand(line, "completion", "Print completions for a shell", kFooter);
  completion.Add("SHELL", *shell, "Which shell")
      .Required()
      .OneOf({"bash", "zsh", "fish"})
      .Type("bash|zsh|fish");
  return {&completion, [shell, &line](Context& context) {
            const ProgramWords words = WordsOf(line);
            context.out << (*shell == "bash"  ? BashCompletion(words)
                            : *shell == "zsh" ? ZshCompletion(words)
                                              : FishCompletion(words));
            return kExitOk;
          }};
}

}  // namespace seatsaga::cli
