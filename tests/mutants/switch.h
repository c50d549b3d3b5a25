#pragma once

#include <string_view>

#include "tests/mutants/names.h"

// Broken variants of the product, all in one program: which of them is in force is chosen when the
// program starts, by the environment variable SEATSAGA_MUTANT. Without it, every mutated source
// does what the original does. Only programs of tests/mutants link this.
namespace seatsaga::mutants {

namespace internal {

// The number of the mutant that is in force, from 1; 0: none, also before it has been read.
extern const int chosen;

// 0: there is no such mutant.
constexpr int NumberOf(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<int>(i) + 1;
  }
  return 0;
}

void ThereIsNoSuchMutant();  // not constexpr: to call it while compiling is an error

}  // namespace internal

// A mutant's name. One that mutants.toml does not have does not compile.
class Name {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Name(const char* text) : number_(internal::NumberOf(text)) {
    if (number_ == 0) internal::ThereIsNoSuchMutant();
  }
  int number() const { return number_; }

 private:
  int number_;
};

// Whether this mutant is in force. Costs a comparison of two numbers.
inline bool On(Name name) { return name.number() == internal::chosen; }

}  // namespace seatsaga::mutants
