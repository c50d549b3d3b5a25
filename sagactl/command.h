#pragma once

#include <functional>
#include <ostream>

#include "absl/status/status.h"
#include "common/process/command_line.h"
#include "sagactl/options.h"
#include "sagactl/services.h"
#include "sagactl/style.h"

namespace seatsaga::cli {

// What a command runs with. Results go to `out`; notes, questions and errors to `err`.
struct Context {
  const GlobalOptions& options;
  Services& services;
  std::ostream& out;
  std::ostream& err;
  Style style;       // of `out`
  bool interactive;  // a person can be asked: stdin and stderr are terminals
};

// A subcommand: its arguments, and what runs once they are parsed. Returns the exit status.
struct Command {
  const CommandLine* line;
  std::function<int(Context&)> run;
};

// Prints the error and returns its exit status.
int Fail(Context& context, const absl::Status& status);

// Each adds its command to `line`.
Command AddListCommand(CommandLine& line);
Command AddShowCommand(CommandLine& line);
Command AddWatchCommand(CommandLine& line);
Command AddStatsCommand(CommandLine& line);
Command AddRetryCommand(CommandLine& line);
Command AddCompensateCommand(CommandLine& line);
Command AddAuditCommand(CommandLine& line);
Command AddCompletionCommand(CommandLine& line);
Command AddVersionCommand(CommandLine& line);

}  // namespace seatsaga::cli
