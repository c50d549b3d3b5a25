#include "sagactl/program.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "sagactl/command.h"
#include "sagactl/exit_code.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kFooter = R"(Examples:
  sagactl list --attention          what needs an operator, and what to do next
  sagactl show ID                   the saga of one reservation, with every attempt
  sagactl audit                     check money, seats and sagas against each other
  sagactl list --help               help for one command

Exit status: 0 success, 1 failure, 2 wrong arguments, 3 audit findings, 64 + code for a gRPC error
(78: a service cannot be reached). An ADDRESS is host:port or unix:/path.)";

std::vector<Command> AddCommands(CommandLine& line) {
  return {AddListCommand(line),  AddShowCommand(line),       AddWatchCommand(line),
          AddStatsCommand(line), AddRetryCommand(line),      AddCompensateCommand(line),
          AddAuditCommand(line), AddCompletionCommand(line), AddVersionCommand(line)};
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
  CommandLine line("sagactl", "Inspects and controls SeatSaga's sagas, one per reservation.");
  line.Footer(kFooter);
  GlobalOptions options;
  AddGlobalOptions(line, options);
  const std::vector<Command> commands = AddCommands(line);
  if (const auto exit_code = line.Parse(argc, argv)) return *exit_code;
  const auto chosen =
      std::ranges::find_if(commands, [](const Command& command) { return command.line->chosen(); });
  return RunCommand(*chosen, options);
}

}  // namespace seatsaga::cli
