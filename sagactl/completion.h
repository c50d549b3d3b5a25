#pragma once

#include <string>
#include <vector>

#include "common/process/command_line.h"

// Shell completions, written from the commands' own description so that they cannot fall behind it.
// Pure; thread-safe.
namespace seatsaga::cli {

using FlagWords = CommandLine::FlagWords;

struct CommandWords {
  std::string name;
  std::string description;
  std::vector<std::string> arguments;  // fixed positional words
  std::vector<FlagWords> flags;        // its own, without the global ones
};

struct ProgramWords {
  std::vector<CommandWords> commands;
  std::vector<FlagWords> flags;
};

std::string BashCompletion(const ProgramWords& program);
std::string ZshCompletion(const ProgramWords& program);
std::string FishCompletion(const ProgramWords& program);

}  // namespace seatsaga::cli
