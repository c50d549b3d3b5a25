#include "tests/simulation/totals.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "tests/simulation/cells.h"

namespace seatsaga::simulation {

Totals::Totals() : cells_(CellNames().size()) {}

void Totals::Add(const RunResult& run) {
  Sums& sums = sums_[0];
  if (!run.violations.empty()) ++sums.failed;
  if (run.fault_kinds >= 3) ++sums.three_kinds;
  sums.reservations += run.reservations;
  sums.confirmed += run.confirmed;
  sums.crashes += run.crashes;
  sums.messages += run.messages;
  sums.simulated_ms += static_cast<int64_t>(run.simulated_s * 1000);
  for (size_t i = 0; i < kFaultCount; ++i) sums.faults[i] += run.faults[i];
  for (size_t i = 0; i < kDrawnCount; ++i) sums.drawn[i] += run.drawn[i];
  for (size_t i = 0; i < kActCount; ++i) {
    for (size_t j = 0; j < kActCount; ++j) sums.races[i][j] += run.races[i][j];
  }
  for (const size_t cell : CellsOf(run.transitions, run.faults)) ++cells_[cell];
  ++sums.runs;
}

std::vector<int64_t> Totals::CellCounts() const {
  return {cells_.all().begin(), cells_.all().end()};
}

std::vector<std::string> Totals::FaultsThatNeverHappened() const {
  std::vector<std::string> never;
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (sums().faults[i] == 0) never.emplace_back(NameOf(static_cast<Fault>(i)));
  }
  return never;
}

// A row for each act, and in it how often each other one followed.
std::string Totals::RacesText() const {
  std::ostringstream text;
  text << "acts on one reservation within a second (row first, then column):\n  " << std::left
       << std::setw(12) << "";
  for (size_t i = 0; i < kActCount; ++i) text << std::setw(11) << NameOf(static_cast<Act>(i));
  for (size_t i = 0; i < kActCount; ++i) {
    text << "\n  " << std::setw(12) << NameOf(static_cast<Act>(i));
    for (size_t j = 0; j < kActCount; ++j) text << std::setw(11) << sums().races[i][j];
  }
  text << "\n";
  return text.str();
}

std::string Totals::Text(double seconds) const {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << runs() << " runs, " << failed()
       << " with violations; " << sums().reservations << " reservations (" << sums().confirmed
       << " confirmed), " << sums().crashes << " crashes, " << sums().messages << " calls, "
       << static_cast<double>(sums().simulated_ms) / 3.6e6 << " simulated hours; "
       << sums().three_kinds << " runs with three or more kinds of fault; " << seconds << " s, "
       << static_cast<double>(sums().reservations) / seconds << " reservations/s\n";
  for (size_t i = 0; i < kFaultCount; ++i) {
    text << "  " << std::left << std::setw(16) << NameOf(static_cast<Fault>(i)) << sums().faults[i]
         << "\n";
  }
  text << "changes of seats:\n";
  for (size_t i = 0; i < kDrawnCount; ++i) {
    text << "  " << std::left << std::setw(18) << NameOf(static_cast<Drawn>(i)) << sums().drawn[i]
         << "\n";
  }
  text << RacesText();
  const std::vector<int64_t> cells = CellCounts();
  text << "cells: reached " << cells.size() - std::count(cells.begin(), cells.end(), 0) << " of "
       << cells.size() << "\n";
  return text.str();
}

}  // namespace seatsaga::simulation
