#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/sealed_token.h"
#include "common/store/model.h"
#include "orchestrator/service/orchestrator_node.h"
#include "payment_svc/payment_node.h"
#include "reservation_svc/reservation_node.h"
#include "seat_svc/seat_node.h"
#include "tests/simulation/company.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/sim_disk.h"
#include "tests/world/network.h"
#include "tests/world/test_world.h"

namespace seatsaga::simulation {

// The processes of a run, by name.
inline constexpr char kSeats[] = "seat_svc";
inline constexpr char kPayments[] = "payment_svc";
inline constexpr char kReservations[] = "reservation_svc";
inline constexpr char kOrchestrator[] = "orchestrator";
inline const std::vector<std::string> kProcesses{kSeats, kPayments, kReservations, kOrchestrator};

// The network of a run: as bad as the dice say.
class Storm final : public testing::Weather {
 public:
  using Trace = std::function<void(const std::string&)>;
  // `trace` may be null.
  Storm(Dice& dice, std::function<Mono()> now, Trace trace)
      : dice_(dice), now_(std::move(now)), trace_(std::move(trace)) {}

  testing::Fate Of(const testing::NetworkCall& call, testing::Leg leg) override;
  bool NoticesCrash(const testing::NetworkCall& call) override;
  // Nothing arrives that way until then.
  void Cut(const std::string& from, const std::string& to, Mono until);

 private:
  bool IsCut(const std::string& from, const std::string& to);
  static std::string Line(const testing::NetworkCall& call, bool request,
                          const testing::Fate& fate);

  Dice& dice_;
  const std::function<Mono()> now_;
  const Trace trace_;
  std::map<std::pair<std::string, std::string>, Mono> cuts_;
};

// The four services and what stands around them, in one world. Starts, crashes and restarts them.
// Not thread-safe.
class System {
 public:
  System(Dice& dice, uint64_t seed, bool lying_disks,
         std::function<void(const std::string&)> trace);
  ~System();

  testing::TestWorld& world() { return *world_; }
  Company& company() { return company_; }
  Storm& storm() { return storm_; }

  // Starts everything and waits until it serves.
  void Boot();
  // Names of the processes that run now.
  std::vector<std::string> Running() const;
  bool Runs(const std::string& process) const;
  // Kills it, and with `power` its machine.
  void Crash(const std::string& process, bool power = false);
  // The process' machine loses its power during one of its next I/Os. Then it is among Lost until
  // its Crash.
  void CutPowerInIo(const std::string& process);
  std::vector<std::string> Lost() const { return {lost_.begin(), lost_.end()}; }
  // Its disk is going to fail, once or until HealDisks.
  void SpoilDisk(const std::string& process);
  void HealDisks();
  // Whether stores are files on simulated disks; otherwise they are models.
  bool has_disks() const { return has_disks_; }
  // False if it could not start now; it is dead then.
  bool Start(const std::string& process);
  // Processes that asked to be stopped, which their supervisor starts again.
  std::vector<std::string> Stopped() const;

  int64_t crashes() const { return crashes_; }

 private:
  template <class Node>
  bool Begin(const std::string& process, std::unique_ptr<Node>& slot,
             absl::StatusOr<std::unique_ptr<Node>> opened);
  void Destroy(const std::string& process);
  void Note(const std::string& line) const {
    if (trace_) trace_(line);
  }
  void CrashDisk(const std::string& process, bool power);
  std::unique_ptr<store::Stores> MakeStores(const std::string& process);

  Dice& dice_;
  const std::function<void(const std::string&)> trace_;
  Storm storm_;
  const bool lying_disks_;
  const bool has_disks_;
  std::map<std::string, std::unique_ptr<store::ModelStores>> models_;
  std::map<std::string, std::unique_ptr<SimDisk>> disks_;  // one machine per process
  int64_t disk_faults_ = 0;                                // that have been counted
  std::set<std::string> lost_;
  std::unique_ptr<testing::TestWorld> world_;
  Company company_;
  TokenSealer sealer_;
  std::unique_ptr<seat::SeatNode> seats_;
  std::unique_ptr<payment::PaymentNode> payments_;
  std::unique_ptr<reservation::ReservationNode> reservations_;
  std::unique_ptr<OrchestratorNode> orchestrator_;
  int64_t crashes_ = 0;
};

}  // namespace seatsaga::simulation
