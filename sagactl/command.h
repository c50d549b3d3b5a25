#pragma once

#include <functional>
#include <ostream>

#include "absl/status/status.h"
#include "sagactl/options.h"
#include "sagactl/services.h"
#include "sagactl/style.h"

namespace CLI {
class App;
}

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
  CLI::App* app;
  std::function<int(Context&)> run;
};

// Prints the error and returns its exit status.
int Fail(Context& context, const absl::Status& status);

// Each adds its subcommand to `app`.
Command AddListCommand(CLI::App& app);
Command AddShowCommand(CLI::App& app);
Command AddWatchCommand(CLI::App& app);
Command AddStatsCommand(CLI::App& app);
Command AddRetryCommand(CLI::App& app);
Command AddCompensateCommand(CLI::App& app);
Command AddAuditCommand(CLI::App& app);
Command AddCompletionCommand(CLI::App& app);

}  // namespace seatsaga::cli
