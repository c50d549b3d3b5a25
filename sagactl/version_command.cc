#include "common/version.h"
#include "sagactl/command.h"
#include "sagactl/exit_code.h"

namespace seatsaga::cli {
namespace {

constexpr std::string_view kFooter = R"(Examples:
  sagactl version

Prints this program's version. Does not call the services.)";

}  // namespace

Command AddVersionCommand(CommandLine& line) {
  return {&AddCommand(line, "version", "Print the version", kFooter), [](Context& context) {
            context.out << VersionLine("sagactl") << "\n";
            return kExitOk;
          }};
}

}  // namespace seatsaga::cli
