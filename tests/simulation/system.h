#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/node/server.h"
#include "common/sealed_token.h"
#include "common/store/model.h"
#include "reservation_svc/user_event_counts.h"
#include "tests/simulation/company.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/storm.h"
#include "tests/world/test_world.h"

namespace seatsaga::simulation {

// The services, by the name under which others call them. It is also the name of their first
// process.
inline constexpr char kSeats[] = "seat_svc";
inline constexpr char kPayments[] = "payment_svc";
inline constexpr char kReservations[] = "reservation_svc";
inline constexpr char kOrchestrator[] = "orchestrator";

// The services and what stands around them, in one world. Starts, crashes and restarts their
// processes.
//
// A run keeps its stores on simulated disks, one machine per process; or in models in memory; or in
// models that two processes of each participant write to at once.
//
// Not thread-safe.
class System {
 public:
  System(Dice& dice, bool lying_disks, std::function<void(const std::string&)> trace);
  ~System();

  testing::TestWorld& world() { return *world_; }
  Company& company() { return company_; }
  Storm& storm() { return storm_; }

  // What one user may have of one event in this run.
  const reservation::UserEventLimits& user_event() const { return user_event_; }

  // Starts everything and waits until it serves.
  void Boot();

  // --- Processes, by name

  // All that should run.
  std::vector<std::string> Processes() const;
  std::vector<std::string> Running() const;
  bool Runs(const std::string& process) const { return Find(process).node != nullptr; }
  // False if it could not start now; it is dead then.
  bool Start(const std::string& process);
  // Kills it; not its machine, unless that has lost its power.
  void Crash(const std::string& process);
  // Processes that asked to be stopped, which their supervisor starts again.
  std::vector<std::string> Stopped() const;
  // The orchestrator that the facade and operators call.
  const std::string& orchestrator() const { return orchestrator_; }

  // --- Trouble

  // Another process opens the store of this one, which runs. Returns false if it may.
  bool OpenAgain(const std::string& process);
  // An operator copies the orchestrator's data to another machine, starts an orchestrator on the
  // copy, and lets the facade call that one. Returns false if that is not possible now. The old one
  // is left as it is: it should be stopped, or at least stand still, when its data is copied.
  bool TakeOver();
  // Whether the process is an orchestrator whose data is outdated.
  bool IsSuperseded(const std::string& process) const;

  // The process' machine loses its power during its next I/O: before, everything is synced. Then it
  // is among Lost until its Crash.
  void CutPower(const std::string& process) { CutPower(process, Fault::kPowerCut, 1); }
  // During one of its next I/Os.
  void CutPowerInIo(const std::string& process);
  std::vector<std::string> Lost() const;
  // Its disk is going to fail or to be full, once or until HealStores.
  void SpoilDisk(const std::string& process, Fault fault);
  // It cannot reach its store until HealStores.
  void Disconnect(const std::string& process);
  void HealStores();
  // Those that were to come with an I/O do not.
  void EndPowerCuts();
  // Adds what happened in the stores to the dice's counts.
  void CountInStores();
  // Whether stores are files on simulated disks; otherwise they are models.
  bool has_disks() const { return storage_ == Storage::kDisks; }

  int64_t crashes() const { return crashes_; }

 private:
  enum class Storage { kDisks, kModels, kSharedModels };
  struct Role;  // of the four: what is its own
  struct Process {
    std::string name;
    const Role* role = nullptr;
    std::string machine;  // whose disk or model it uses
    bool takes_over = false;
    std::unique_ptr<Company::Line> line;  // of payment_svc
    std::unique_ptr<Server> node;         // null while it does not run
  };
  static const std::vector<Role>& Roles();

  bool IsShared(const Role& role) const;
  void Add(const Role& role, const std::string& name, const std::string& machine);
  const Process& Find(const std::string& name) const;
  Process& Find(const std::string& name) {
    return const_cast<Process&>(std::as_const(*this).Find(name));
  }
  void Note(const std::string& line) const {
    if (trace_) trace_(line);
  }
  void DrawCommitFault(const Role& role, testing::CommitFaults& faults);
  void Kill(Process& process);
  void CrashDisk(const Process& process);
  void CutPower(const std::string& process, Fault fault, int64_t io);
  std::unique_ptr<store::Stores> MakeStores(const std::string& process);
  std::unique_ptr<store::Stores> StoresOnDisk(const Process& process);
  std::unique_ptr<SimDisk> MakeDisk();

  Dice& dice_;
  const std::function<void(const std::string&)> trace_;
  Storm storm_;
  const bool lying_disks_;
  const Storage storage_;
  const int64_t log_pages_;
  const reservation::UserEventLimits user_event_;
  std::map<std::string, std::unique_ptr<store::ModelStores>> models_;  // by machine
  std::map<std::string, std::unique_ptr<SimDisk>> disks_;
  std::map<std::string, store::ModelProcess*> connections_;  // of processes to their models
  FaultCounts counted_{};                                    // of what happened in stores
  std::map<std::string, Fault> lost_;  // whose machines have no power, and why
  std::string orchestrator_ = kOrchestrator;
  std::unique_ptr<testing::TestWorld> world_;
  Company company_;
  TokenSealer sealer_;
  std::vector<std::unique_ptr<Process>> processes_;
  int64_t crashes_ = 0;
};

}  // namespace seatsaga::simulation
