#include "tests/simulation/faults.h"

#include <algorithm>

#include "tests/simulation/dice.h"

namespace seatsaga::simulation {
namespace {

using enum FaultClass;

struct Kind {
  std::string_view name;
  FaultClass fault_class;
  double rate_max;  // of one message, commit, call, or chance to happen
};

constexpr std::array<Kind, kFaultCount> kKinds{{
    {"loss", kWire, 0.05},
    {"reset", kWire, 0.08},
    {"answer_lost", kWire, 0.08},
    {"duplicate", kWire, 0.15},
    {"slow_message", kWire, 0.2},
    {"partition", kWire, 0.6},
    {"half_dead", kWire, 0.7},
    {"crash", kProcess, 0.9},
    {"crash_again", kProcess, 0.6},
    {"pause", kProcess, 0.5},
    {"wall_step", kClock, 0.6},
    {"slow_clock", kClock, 0.6},
    {"power_cut", kDisk, 0.8},
    {"power_cut_in_io", kDisk, 0.8},
    {"disk_error", kDisk, 0.5},
    {"disk_full", kDisk, 0.7},
    {"opened_again", kProcess, 0.5},
    {"take_over", kProcess, 0.9},
    {"store_lost", kCommit, 0.6},
    {"commit_nothing", kCommit, 0.05},
    {"commit_in_doubt", kCommit, 0.05},
    {"conflict", kCommit, 0.1},
    {"overtaken", kCommit, 0},  // wherever two replicas write to one store
    {"fenced", kCommit, 0.02},
    {"company_lost", kCompany, 0.3},
    {"company_late", kCompany, 0.3},
}};

constexpr std::array<std::string_view, kFaultClassCount> kClassNames{
    "wire", "process", "disk", "commit", "clock", "company"};

}  // namespace

std::string_view NameOf(Fault fault) { return kKinds[static_cast<size_t>(fault)].name; }

FaultClass ClassOf(Fault fault) { return kKinds[static_cast<size_t>(fault)].fault_class; }

std::string_view NameOf(FaultClass fault_class) {
  return kClassNames[static_cast<size_t>(fault_class)];
}

std::optional<FaultClass> FindFaultClass(std::string_view name) {
  const auto* const found = std::find(kClassNames.begin(), kClassNames.end(), name);
  if (found == kClassNames.end()) return std::nullopt;
  return static_cast<FaultClass>(found - kClassNames.begin());
}

FaultRates FaultRates::Draw(Dice& dice, std::optional<FaultClass> without) {
  constexpr int64_t kSteps = 1000;
  FaultRates rates;
  if (dice.Between(0, 15) == 0) return rates;
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (!dice.Chance(0.4, kKinds[i].name)) continue;
    rates.rates_[i] = kKinds[i].rate_max * static_cast<double>(dice.Between(1, kSteps)) / kSteps;
    if (kKinds[i].fault_class == without) rates.rates_[i] = 0;
  }
  return rates;
}

int FaultRates::kinds() const {
  return static_cast<int>(
      std::count_if(rates_.begin(), rates_.end(), [](double rate) { return rate > 0; }));
}

}  // namespace seatsaga::simulation
