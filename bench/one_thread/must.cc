#include "bench/one_thread/must.h"

#include <cstdlib>
#include <iostream>

namespace seatsaga::bench {

void Die(std::string_view why) {
  std::cerr << "benchmark: " << why << "\n";
  std::exit(1);
}

}  // namespace seatsaga::bench
