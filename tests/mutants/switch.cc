#include "tests/mutants/switch.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace seatsaga::mutants::internal {
namespace {

constexpr int kWrongArguments = 2;

// A misspelt name must not pass for a mutant that nobody catches.
int ChosenByEnvironment() {
  const char* name = std::getenv("SEATSAGA_MUTANT");
  if (name == nullptr || *name == '\0') return 0;
  if (const int number = NumberOf(name); number != 0) return number;
  std::cerr << "SEATSAGA_MUTANT: there is no mutant " << name << " in tests/mutants/mutants.toml\n";
  _exit(kWrongArguments);
}

}  // namespace

const int chosen = ChosenByEnvironment();

}  // namespace seatsaga::mutants::internal
