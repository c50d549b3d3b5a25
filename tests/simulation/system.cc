#include "tests/simulation/system.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sqlite/lane.h"
#include "orchestrator/store/tables.h"
#include "payment_svc/payment_tables.h"
#include "reservation_svc/reservation.h"
#include "seat_svc/seat_tables.h"
#include "tests/world/faulty_stores.h"

namespace seatsaga::simulation {
namespace {

using store::Committed;
using testing::CommitFaults;
using testing::Fate;
using testing::Leg;
using testing::NetworkCall;

std::string PathOf(std::string_view service) {
  return absl::StrCat("/", std::string(service), ".db");
}

// A disk with the process' empty store on it, made once.
SimDisk::Image MakeImage(const store::Schema& schema) {
  Random random(7);
  SimDisk disk([&random] { return random.Next(); }, [] { return absl::UnixEpoch(); });
  SimDisk::SeedSqlite(7);
  { (void)sqlite::SqliteStore::Open(PathOf(schema.service), schema, disk); }
  return disk.Save();
}

const SimDisk::Image& MigratedImage(const std::string& process) {
  static const auto* const images = new std::map<std::string, SimDisk::Image>{
      {kSeats, MakeImage(seat::kSchema)},
      {kPayments, MakeImage(payment::kSchema)},
      {kReservations, MakeImage(reservation::kSchema)},
      {kOrchestrator, MakeImage(store::kOrchestratorSchema)}};
  return images->at(process);
}

}  // namespace

// --- Storm

Fate Storm::Of(const NetworkCall& call, Leg leg) {
  const bool request = leg == Leg::kRequest;
  const std::string& from = request ? call.caller->process : call.to;
  const std::string& to = request ? call.to : call.caller->process;
  Fate fate{.delay = dice_.Between(absl::Microseconds(50), absl::Milliseconds(2))};
  if (IsCut(from, to)) {
    dice_.Count(Fault::kPartition);
    fate.kind = Fate::Kind::kVanishes;
  } else if (dice_.Strikes(Fault::kLoss)) {
    dice_.Count(Fault::kLoss);
    fate.kind = Fate::Kind::kVanishes;
  } else if (const Fault reset = request ? Fault::kReset : Fault::kAnswerLost;
             dice_.Strikes(reset)) {
    dice_.Count(reset);
    fate.kind = Fate::Kind::kReset;
  } else if (dice_.Strikes(Fault::kSlowMessage)) {
    dice_.Count(Fault::kSlowMessage);
    fate.delay = dice_.Between(absl::Milliseconds(5), absl::Seconds(3));
  }
  if (request && fate.kind == Fate::Kind::kArrives && dice_.Strikes(Fault::kDuplicate)) {
    dice_.Count(Fault::kDuplicate);
    fate.again = dice_.Between(absl::Microseconds(1), absl::Seconds(5));
  }
  if (trace_) trace_(Line(call, request, fate));
  return fate;
}

std::string Storm::Line(const NetworkCall& call, bool request, const Fate& fate) {
  std::string line = absl::StrCat(call.caller->process, request ? " -> " : " <- ", call.to, " ",
                                  call.method->descriptor->name());
  switch (fate.kind) {
    case Fate::Kind::kVanishes:
      return line + " vanishes";
    case Fate::Kind::kReset:
      return line + " meets a broken connection";
    case Fate::Kind::kArrives:
      break;
  }
  if (fate.again != absl::InfiniteDuration()) line += " twice";
  return absl::StrCat(line, " in ", absl::FormatDuration(fate.delay));
}

bool Storm::NoticesCrash(const NetworkCall& /*call*/) {
  if (!dice_.Strikes(Fault::kHalfDead)) return true;
  dice_.Count(Fault::kHalfDead);
  return false;
}

void Storm::Cut(const std::string& from, const std::string& to, Mono until) {
  cuts_[{from, to}] = until;
}

bool Storm::IsCut(const std::string& from, const std::string& to) {
  if (dice_.healed || cuts_.empty()) return false;
  const auto cut = cuts_.find({from, to});
  return cut != cuts_.end() && cut->second > now_();
}

// --- System

System::System(Dice& dice, uint64_t seed, bool lying_disks,
               std::function<void(const std::string&)> trace)
    : dice_(dice),
      trace_(std::move(trace)),
      storm_(
          dice, [this] { return world_->now(); }, trace_),
      lying_disks_(lying_disks),
      has_disks_(dice.Chance(0.5)),
      world_(std::make_unique<testing::TestWorld>(
          [this](const std::string& process) { return MakeStores(process); }, dice.Next(), storm_)),
      company_(dice,
               [this](absl::Duration delay, absl::AnyInvocable<void() &&> event) {
                 world_->After(delay, std::move(event));
               }),
      sealer_(*TokenSealer::FromKey(std::string(32, 'k'))) {
  SimDisk::SeedSqlite(seed);
  for (const std::string& process : kProcesses) {
    world_->DrawCommitFaults(process, [this](CommitFaults& faults) {
      if (dice_.Strikes(Fault::kCommitNothing)) {
        dice_.Count(Fault::kCommitNothing);
        faults.count = 1;
        faults.how = Committed::kNothing;
        faults.applied = false;
      } else if (dice_.Strikes(Fault::kCommitInDoubt)) {
        dice_.Count(Fault::kCommitInDoubt);
        faults.count = 1;
        faults.how = Committed::kInDoubt;
        faults.applied = dice_.Chance(0.5);
      } else if (dice_.Strikes(Fault::kConflict)) {
        dice_.Count(Fault::kConflict);
        faults.count = static_cast<int>(dice_.Between(1, 4));
        faults.how = Committed::kConflict;
        faults.applied = false;
      }
    });
  }
}

System::~System() {
  company_.ForgetCallers();
  for (const std::string& process : Running()) {
    world_->Crash(process);
    Destroy(process);
  }
}

void System::Boot() {
  for (const std::string& process : kProcesses) Start(process);
  world_->Advance(absl::Seconds(5));
}

bool System::Runs(const std::string& process) const {
  if (process == kSeats) return seats_ != nullptr;
  if (process == kPayments) return payments_ != nullptr;
  if (process == kReservations) return reservations_ != nullptr;
  return orchestrator_ != nullptr;
}

std::vector<std::string> System::Running() const {
  std::vector<std::string> running;
  for (const std::string& process : kProcesses) {
    if (Runs(process)) running.push_back(process);
  }
  return running;
}

std::vector<std::string> System::Stopped() const {
  std::vector<std::string> stopped;
  for (const std::string& process : Running()) {
    if (world_->stopped(process)) stopped.push_back(process);
  }
  return stopped;
}

template <class Node>
bool System::Begin(const std::string& process, std::unique_ptr<Node>& slot,
                   absl::StatusOr<std::unique_ptr<Node>> opened) {
  if (opened.ok() && (*opened)->Start().ok()) {
    slot = *std::move(opened);
    return true;
  }
  Note(absl::StrCat(process, " did not start: ", opened.status().message()));
  world_->Crash(process);
  if (has_disks_) CrashDisk(process, lost_.erase(process) > 0);
  return false;
}

bool System::Start(const std::string& process) {
  Note(absl::StrCat(process, " starts"));
  const World world = world_->world(process);
  if (process == kSeats) return Begin(process, seats_, seat::SeatNode::Open(world, {}));
  if (process == kPayments) {
    return Begin(process, payments_, payment::PaymentNode::Open(world, company_, sealer_, {}));
  }
  if (process == kReservations) {
    return Begin(
        process, reservations_,
        reservation::ReservationNode::Open(world, {.orchestrator = kOrchestrator}, sealer_));
  }
  return Begin(
      process, orchestrator_,
      OrchestratorNode::Open(
          world,
          {.targets = {.seats = kSeats, .payments = kPayments, .reservations = kReservations}}));
}

void System::Crash(const std::string& process, bool power) {
  const bool lost = lost_.erase(process) > 0;
  Note(absl::StrCat(process, lost ? " lost its power during an I/O" : " crashes",
                    power ? " with its machine" : ""));
  ++crashes_;
  world_->Crash(process);
  if (has_disks_) CrashDisk(process, power || lost);
  if (process == kPayments) company_.ForgetCallers();
  Destroy(process);
}

// Nothing that was acknowledged is lost, whatever is left of the rest.
void System::CrashDisk(const std::string& process, bool power) {
  Random random(dice_.Next());
  const CrashMode mode =
      power ? kCrashModes[static_cast<size_t>(dice_.Between(1, 3))] : CrashMode::kProcess;
  disks_.at(process)->Crash(mode, random);
}

void System::CutPowerInIo(const std::string& process) {
  if (!has_disks_ || !Runs(process)) return;
  disks_.at(process)->PowerOffAt(dice_.Between(1, 12), [this, process] {
    world_->Die(process);
    dice_.Count(Fault::kPowerCutInIo);
    lost_.insert(process);
  });
}

void System::SpoilDisk(const std::string& process) {
  if (!has_disks_) return;
  Note(absl::StrCat("the disk of ", process, " is going to fail"));
  disks_.at(process)->Fail(
      {.after = dice_.Between(1, 20),
       .persistent = dice_.Chance(0.3),
       .kind = dice_.Chance(0.3) ? DiskFault::Kind::kShortWrite : DiskFault::Kind::kError,
       .reads = dice_.Chance(0.2)});
}

void System::HealDisks() {
  int64_t faults = 0;
  for (const auto& [process, disk] : disks_) {
    disk->Heal();
    faults += disk->counts().faults;
  }
  for (; disk_faults_ < faults; ++disk_faults_) dice_.Count(Fault::kDiskError);
}

std::unique_ptr<store::Stores> System::MakeStores(const std::string& process) {
  if (!has_disks_) {
    auto& models = models_[process];
    if (models == nullptr) models = std::make_unique<store::ModelStores>();
    return std::make_unique<store::ModelProcess>(*models, store::ModelProcess::Writers::kOne);
  }
  auto& disk = disks_[process];
  disk =
      std::make_unique<SimDisk>([this] { return dice_.Next(); }, [this] { return world_->wall(); });
  disk->Load(MigratedImage(process));
  disk->set_syncs_lie(lying_disks_);
  return std::make_unique<sqlite::SqliteStores>(
      [](std::string_view service) { return PathOf(service); }, *disk);
}

void System::Destroy(const std::string& process) {
  if (process == kSeats) seats_.reset();
  if (process == kPayments) payments_.reset();
  if (process == kReservations) reservations_.reset();
  if (process == kOrchestrator) orchestrator_.reset();
}

}  // namespace seatsaga::simulation
