#pragma once

namespace CLI {
class App;
}

namespace seatsaga::cli {

// Makes the help of `app` and its commands short: CLI11 would print every check and exclusion
// beside each flag. Call once all commands are there.
void TidyHelp(CLI::App& app);

}  // namespace seatsaga::cli
