#pragma once

namespace seatsaga::cli {

// Parses the arguments, runs the command and returns the exit status (exit_code.h).
int RunProgram(int argc, char** argv);

}  // namespace seatsaga::cli
