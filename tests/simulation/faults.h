#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// What goes wrong in a run, and how often. Drawn from the run's dice.
namespace seatsaga::simulation {

class Dice;

enum class Fault : uint8_t {
  kLoss,           // a message vanishes
  kReset,          // a connection breaks before a request arrives
  kAnswerLost,     // a connection breaks after the effect
  kDuplicate,      // a request arrives twice
  kSlowMessage,    // a message takes long enough to be overtaken
  kPartition,      // one direction between two processes is cut for a while
  kHalfDead,       // a caller does not hear that the other side has crashed
  kCrash,          // a process dies at any moment, and starts again
  kCrashAgain,     // and dies again while it recovers
  kPause,          // a process stands still past every deadline
  kWallStep,       // a wall clock steps, forwards or backwards
  kSlowClock,      // a monotonic clock runs slow or fast
  kPowerCut,       // a process dies with its machine: what was not synced is lost, torn, reordered
  kPowerCutInIo,   // while an I/O is under way
  kDiskError,      // I/O fails, once or until it is healed
  kDiskFull,       // no file can become longer for a while
  kOpenedAgain,    // a second process opens a store that is in use
  kTakeOver,       // an operator lets a copy of the orchestrator's data take over
  kStoreLost,      // a process cannot reach its store for a while
  kCommitNothing,  // a commit fails
  kCommitInDoubt,  // a commit ends in doubt, applied or not
  kConflict,       // a commit is told that another writer was faster
  kOvertaken,      // another replica was faster indeed
  kFenced,         // an orchestrator is told that another one owns its store
  kCompanyLost,    // a call to the payment company is lost, or its answer
  kCompanyLate,    // the payment company acts after everybody gave up
};
inline constexpr size_t kFaultCount = 26;

std::string_view NameOf(Fault fault);

// What a fault happens to.
enum class FaultClass : uint8_t { kWire, kProcess, kDisk, kCommit, kClock, kCompany };
inline constexpr size_t kFaultClassCount = 6;

FaultClass ClassOf(Fault fault);
std::string_view NameOf(FaultClass fault_class);
std::optional<FaultClass> FindFaultClass(std::string_view name);

// How probable each fault is in a run, from 0 to 1, where it can happen.
class FaultRates {
 public:
  // About two in five kinds are possible in a run, each at its own rate; one run in 16 is calm.
  // Those of the class `without` do not happen, which makes no difference to what is drawn for the
  // others.
  static FaultRates Draw(Dice& dice, std::optional<FaultClass> without);

  double Of(Fault fault) const { return rates_[static_cast<size_t>(fault)]; }
  int kinds() const;

 private:
  std::array<double, kFaultCount> rates_{};
};

// How often each fault happened and made a difference.
using FaultCounts = std::array<int64_t, kFaultCount>;

}  // namespace seatsaga::simulation
