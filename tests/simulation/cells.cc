#include "tests/simulation/cells.h"

#include <fnmatch.h>

#include <algorithm>

#include "common/text.h"
#include "orchestrator/sagas/change_sagas.h"
#include "orchestrator/sagas/reservation_saga.h"
#include "orchestrator/service/orchestrator_node.h"
#include "tests/simulation/text_file.h"

namespace seatsaga::simulation {
namespace {

// Behind the classes of faults.
constexpr size_t kNone = kFaultClassCount;
constexpr size_t kAny = kNone + 1;
constexpr size_t kColumns = kAny + 1;

std::string_view ColumnName(size_t column) {
  if (column == kAny) return "any";
  return column == kNone ? "none" : NameOf(static_cast<FaultClass>(column));
}

bool Matches(const std::string& pattern, const std::string& cell) {
  return !pattern.empty() && fnmatch(pattern.c_str(), cell.c_str(), 0) == 0;
}

}  // namespace

const Transitions& ReservationTransitions() {
  static const auto* const transitions =
      new Transitions(sagas::kReservation.versions.back(), OrchestratorOptions().limits);
  return *transitions;
}

const Transitions& ExchangeTransitions() {
  static const auto* const transitions =
      new Transitions(sagas::kExchange.versions.back(), OrchestratorOptions().limits);
  return *transitions;
}

const Transitions& PartialCancellationTransitions() {
  static const auto* const transitions =
      new Transitions(sagas::kPartialCancellation.versions.back(), OrchestratorOptions().limits);
  return *transitions;
}

const std::vector<std::string>& CellNames() {
  static const auto* const names = [] {
    auto* all = new std::vector<std::string>;
    for (const TransitionName& name : ReservationTransitions().names()) {
      for (size_t column = 0; column < kColumns; ++column) {
        all->push_back(Cat(name.state, " ", name.event, " ", ColumnName(column)));
      }
    }
    return all;
  }();
  return *names;
}

std::vector<size_t> CellsOf(const std::vector<size_t>& transitions, const FaultCounts& faults) {
  std::array<bool, kColumns> happened{};
  for (size_t i = 0; i < kFaultCount; ++i) {
    if (faults[i] > 0) happened[static_cast<size_t>(ClassOf(static_cast<Fault>(i)))] = true;
  }
  happened[kNone] = std::find(happened.begin(), happened.end(), true) == happened.end();
  happened[kAny] = true;
  std::vector<size_t> cells;
  for (const size_t transition : transitions) {
    for (size_t column = 0; column < kColumns; ++column) {
      if (happened[column]) cells.push_back(transition * kColumns + column);
    }
  }
  return cells;
}

absl::StatusOr<UnreachedCells> UnreachedCells::Parse(std::string_view text, std::string_view file) {
  UnreachedCells unreached;
  while (!text.empty()) {
    std::string_view rest = TakeLine(text);
    Line line{.text = std::string(rest)};
    if (!rest.empty() && !rest.starts_with('#')) {
      const std::string_view state = TakeWord(rest);
      const std::string_view event = TakeWord(rest);
      const std::string_view fault = TakeWord(rest);
      if (rest.empty()) {
        return absl::InvalidArgumentError(
            Cat(file, ":", unreached.lines_.size() + 1, ": is not STATE EVENT FAULT and a reason"));
      }
      line.pattern = Cat(state, " ", event, " ", fault);
    }
    unreached.lines_.push_back(std::move(line));
  }
  return unreached;
}

bool UnreachedCells::Lists(const std::string& cell) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const Line& line) { return Matches(line.pattern, cell); });
}

bool UnreachedCells::IsPointless(const Line& line, std::span<const int64_t> counts) {
  if (line.pattern.empty()) return false;
  const std::vector<std::string>& names = CellNames();
  for (size_t cell = 0; cell < names.size(); ++cell) {
    if (counts[cell] == 0 && Matches(line.pattern, names[cell])) return false;
  }
  return true;
}

UnreachedCells::Verdict UnreachedCells::Judge(std::span<const int64_t> counts) const {
  Verdict verdict;
  const std::vector<std::string>& names = CellNames();
  for (size_t cell = 0; cell < names.size(); ++cell) {
    if (counts[cell] == 0 && !Lists(names[cell])) verdict.missing.push_back(names[cell]);
  }
  for (const Line& line : lines_) {
    if (IsPointless(line, counts)) verdict.pointless.push_back(line.pattern);
  }
  return verdict;
}

std::string UnreachedCells::Rewritten(std::span<const int64_t> counts) const {
  std::string text;
  for (const Line& line : lines_) {
    if (!IsPointless(line, counts)) Append(text, line.text, "\n");
  }
  for (const std::string& cell : Judge(counts).missing) Append(text, cell, "\n");
  return text;
}

}  // namespace seatsaga::simulation
