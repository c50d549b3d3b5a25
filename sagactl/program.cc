#include "sagactl/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "common/text.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"
#include "sagactl/format.h"
#include "sagactl/help.h"
#include "sagactl/suggest.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kFooter = R"(Examples:
  sagactl list --attention          what needs an operator, and what to do next
  sagactl show ID                   one reservation's saga with every attempt
  sagactl audit                     check money, seats and sagas against each other
  sagactl list --help               more on one command

Exit status: 0 ok, 1 not what was asked for, 2 usage, 3 audit findings, 64 + code for a gRPC error
(78: a service cannot be reached). An ADDRESS is host:port or unix:/path.)";

std::vector<Command> AddCommands(CLI::App& app) {
  return {AddListCommand(app),  AddShowCommand(app),      AddWatchCommand(app),
          AddStatsCommand(app), AddRetryCommand(app),     AddCompensateCommand(app),
          AddAuditCommand(app), AddCompletionCommand(app)};
}

CLI::App* ChosenCommand(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? nullptr : chosen.front();
}

// The first word that was taken for a command and is none.
std::string UnknownCommand(const CLI::App& app) {
  if (ChosenCommand(app) != nullptr) return "";
  for (const std::string& word : app.remaining()) {
    if (!word.starts_with('-')) return word;
  }
  return "";
}

int UsageError(const CLI::App& app, const CLI::ParseError& error,
               const std::vector<Command>& commands) {
  const CLI::App* command = ChosenCommand(app);
  const std::string program = command == nullptr ? "sagactl" : "sagactl " + command->get_name();
  std::string what = error.what();
  if (const std::string word = UnknownCommand(app); !word.empty()) {
    std::vector<std::string> names;
    for (const Command& known : commands) names.push_back(known.app->get_name());
    what = Cat("'", Printable(word), "' is not a command");
    if (const auto nearest = Nearest(word, names))
      Append(what, "; did you mean `sagactl ", *nearest, "`?");
  } else if (command == nullptr && app.remaining().empty() && error.get_name() == "RequiredError") {
    what = "a command is needed";
  }
  std::cerr << program << ": " << what << "\nSee `" << program << " --help`.\n";
  return kExitUsage;
}

int RunCommand(const Command& command, const GlobalOptions& options) {
  Services services(options);
  Context context{.options = options,
                  .services = services,
                  .out = std::cout,
                  .err = std::cerr,
                  .style = DetectStyle(STDOUT_FILENO, options.no_colour),
                  .interactive = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1};
  const int exit_code = command.run(context);
  // A full disk or a closed pipe must not look like a complete answer.
  if (!std::cout.flush() && exit_code == kExitOk) {
    std::cerr << "sagactl: the output could not be written\n";
    return kExitFailure;
  }
  return exit_code;
}

}  // namespace

int RunProgram(int argc, char** argv) {
  CLI::App app{"See and steer the sagas of SeatSaga: one for every reservation.", "sagactl"};
  GlobalOptions options;
  AddGlobalOptions(app, options);
  app.footer(std::string(kFooter));
  app.require_subcommand(1);
  const std::vector<Command> commands = AddCommands(app);
  TidyHelp(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return UsageError(app, error, commands);
  }
  const auto chosen = std::ranges::find(commands, ChosenCommand(app), &Command::app);
  return RunCommand(*chosen, options);
}

}  // namespace seatsaga::cli
