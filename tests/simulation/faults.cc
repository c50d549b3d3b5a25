#include "tests/simulation/faults.h"

#include <algorithm>

namespace seatsaga::simulation {
namespace {

struct Kind {
  std::string_view name;
  double rate_max;  // of one message, commit, call, or chance to happen
};

constexpr std::array<Kind, kFaultCount> kKinds{{
    {"loss", 0.05},
    {"reset", 0.08},
    {"answer_lost", 0.08},
    {"duplicate", 0.15},
    {"slow_message", 0.2},
    {"partition", 0.6},
    {"half_dead", 0.7},
    {"crash", 0.9},
    {"crash_again", 0.6},
    {"pause", 0.5},
    {"wall_step", 0.6},
    {"slow_clock", 0.6},
    {"power_cut", 0.8},
    {"power_cut_in_io", 0.8},
    {"disk_error", 0.5},
    {"disk_full", 0.7},
    {"opened_again", 0.5},
    {"take_over", 0.9},
    {"store_lost", 0.6},
    {"commit_nothing", 0.05},
    {"commit_in_doubt", 0.05},
    {"conflict", 0.1},
    {"overtaken", 0},  // where two replicas write to one store, and whenever
                       // they do
    {"fenced", 0.02},
    {"company_lost", 0.3},
    {"company_late", 0.3},
}};

}  // namespace

std::string_view NameOf(Fault fault) { return kKinds[static_cast<size_t>(fault)].name; }

FaultRates FaultRates::Draw(Random& random) {
  FaultRates rates;
  if (random.Next() % 16 == 0) return rates;
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (random.NextShare() < 0.4) rates.rates_[i] = kKinds[i].rate_max * random.NextShare();
  }
  return rates;
}

int FaultRates::kinds() const {
  return static_cast<int>(
      std::count_if(rates_.begin(), rates_.end(), [](double rate) { return rate > 0; }));
}

}  // namespace seatsaga::simulation
