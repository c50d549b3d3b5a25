#include "tests/simulation/system.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sqlite/lane.h"
#include "orchestrator/service/orchestrator_node.h"
#include "orchestrator/store/tables.h"
#include "payment_svc/payment_node.h"
#include "payment_svc/payment_tables.h"
#include "reservation_svc/reservation.h"
#include "reservation_svc/reservation_node.h"
#include "seat_svc/seat_node.h"
#include "seat_svc/seat_tables.h"
#include "tests/world/faulty_stores.h"

namespace seatsaga::simulation {
namespace {

using store::Committed;
using testing::CommitFaults;

// Pages of a log, small enough that a run fills it many times.
constexpr int64_t kSmallLogMin = 8;
constexpr int64_t kSmallLogMax = 60;
// How long a commit may be on its way to a store that is far away.
constexpr absl::Duration kCommitMax = absl::Milliseconds(40);

// Low, so that users meet them: they make two or three reservations for each hall, of up to three
// seats each.
reservation::UserEventLimits DrawLimits(Dice& dice) {
  if (!dice.Chance(0.3)) return {};
  return {.holds_max = dice.Between(0, 2), .seats_max = dice.Chance(0.7) ? dice.Between(3, 5) : 0};
}

std::string PathOf(std::string_view service) {
  return absl::StrCat("/", std::string(service), ".db");
}

// A disk with an empty store on it.
SimDisk::Image MakeImage(const store::Schema& schema) {
  Random random(7);
  SimDisk disk([&random] { return random.Next(); }, [] { return absl::UnixEpoch(); });
  SimDisk::SeedSqlite(7);
  disk.set_log_pages(kSmallLogMin);
  { (void)sqlite::SqliteStore::Open(PathOf(schema.service), schema, disk); }
  return disk.Save();
}

}  // namespace

// What tells the four apart.
struct System::Role {
  std::string name;
  const store::Schema* schema;
  absl::StatusOr<std::unique_ptr<Server>> (*open)(System&, const World&, const Process&);

  // Made once.
  const SimDisk::Image& image() const {
    static auto* const images = new std::map<std::string, SimDisk::Image>;
    const auto known = images->find(name);
    return known == images->end() ? images->emplace(name, MakeImage(*schema)).first->second
                                  : known->second;
  }
};

const std::vector<System::Role>& System::Roles() {
  static const auto* const roles = new std::vector<Role>{
      {kSeats, &seat::kSchema,
       [](System&, const World& world, const Process&) -> absl::StatusOr<std::unique_ptr<Server>> {
         return seat::SeatNode::Open(world, {});
       }},
      {kPayments, &payment::kSchema,
       [](System& system, const World& world,
          const Process& process) -> absl::StatusOr<std::unique_ptr<Server>> {
         return payment::PaymentNode::Open(world, *process.line, system.sealer_, {});
       }},
      {kReservations, &reservation::kSchema,
       [](System& system, const World& world,
          const Process&) -> absl::StatusOr<std::unique_ptr<Server>> {
         return reservation::ReservationNode::Open(world,
                                                   {.orchestrator = system.orchestrator_,
                                                    .limits = {.user_event = system.user_event_},
                                                    .holds = {.min = absl::Seconds(1)}},
                                                   system.sealer_);
       }},
      {kOrchestrator, &store::kOrchestratorSchema,
       [](System&, const World& world,
          const Process& process) -> absl::StatusOr<std::unique_ptr<Server>> {
         return OrchestratorNode::Open(
             world,
             {.targets = {.seats = kSeats, .payments = kPayments, .reservations = kReservations},
              .take_over = process.takes_over ? "the other machine is lost" : ""});
       }}};
  return *roles;
}

System::System(Dice& dice, bool lying_disks, std::function<void(const std::string&)> trace)
    : dice_(dice),
      trace_(std::move(trace)),
      storm_(
          dice, [this] { return world_->now(); }, trace_),
      lying_disks_(lying_disks),
      storage_(dice.Chance(0.5)   ? Storage::kDisks
               : dice.Chance(0.5) ? Storage::kModels
                                  : Storage::kSharedModels),
      log_pages_(dice.Chance(0.5) ? dice.Between(kSmallLogMin, kSmallLogMax) : 1000),
      user_event_(DrawLimits(dice)),
      world_(std::make_unique<testing::TestWorld>(
          [this](const std::string& process) { return MakeStores(process); }, dice.Seed(), storm_)),
      company_(dice,
               [this](absl::Duration delay, absl::AnyInvocable<void() &&> event) {
                 world_->After(delay, std::move(event));
               }),
      sealer_(*TokenSealer::FromKey(std::string(32, 'k'))) {
  for (const Role& role : Roles()) role.image();  // making them takes numbers of SQLite's
  SimDisk::SeedSqlite(dice_.Seed());
  for (const Role& role : Roles()) {
    Add(role, role.name, role.name);
    if (!IsShared(role)) continue;
    const std::string second = absl::StrCat(role.name, "-2");
    Add(role, second, role.name);
    storm_.Balance(role.name, {role.name, second});
  }
}

System::~System() {
  for (const std::string& name : Running()) {
    world_->Crash(name);
    Process& process = Find(name);
    if (process.line != nullptr) process.line->Cut();
    process.node.reset();
  }
}

// Whether several processes write to one store at once.
bool System::IsShared(const Role& role) const {
  return storage_ == Storage::kSharedModels && role.name != kOrchestrator;
}

void System::Add(const Role& role, const std::string& name, const std::string& machine) {
  auto process = std::make_unique<Process>();
  process->name = name;
  process->role = &role;
  process->machine = machine;
  if (role.name == kPayments) process->line = std::make_unique<Company::Line>(company_);
  processes_.push_back(std::move(process));
  const auto draw = [this, &role](CommitFaults& faults) { DrawCommitFault(role, faults); };
  // Only a store that others use too is far away.
  std::function<absl::Duration()> delay;
  if (IsShared(role)) {
    delay = [this] { return dice_.Between(absl::Microseconds(100), kCommitMax); };
  }
  world_->DrawCommitFaults(name, draw, std::move(delay));
}

void System::DrawCommitFault(const Role& role, CommitFaults& faults) {
  const auto end = [&faults](Committed how, int count = 1, bool applied = false) {
    faults.how = how;
    faults.count = count;
    faults.applied = applied;
  };
  if (dice_.StrikesAndCounts(Fault::kCommitNothing)) {
    end(Committed::kNothing);
  } else if (dice_.StrikesAndCounts(Fault::kCommitInDoubt)) {
    end(Committed::kInDoubt, 1, dice_.Chance(0.5));
  } else if (dice_.StrikesAndCounts(Fault::kConflict)) {
    end(Committed::kConflict, static_cast<int>(dice_.Between(1, 4)));
  } else if (role.name == kOrchestrator && dice_.StrikesAndCounts(Fault::kFenced)) {
    end(Committed::kFenced);
  }
}

void System::Boot() {
  for (const auto& process : processes_) Start(process->name);
  world_->Advance(absl::Seconds(5));
}

const System::Process& System::Find(const std::string& name) const {
  return **std::find_if(processes_.begin(), processes_.end(),
                        [&](const auto& process) { return process->name == name; });
}

std::vector<std::string> System::Processes() const {
  std::vector<std::string> names;
  for (const auto& process : processes_) {
    if (!IsSuperseded(process->name)) names.push_back(process->name);
  }
  return names;
}

std::vector<std::string> System::Running() const {
  std::vector<std::string> running;
  for (const auto& process : processes_) {
    if (process->node != nullptr) running.push_back(process->name);
  }
  return running;
}

std::vector<std::string> System::Stopped() const {
  std::vector<std::string> stopped = Running();
  std::erase_if(stopped, [this](const std::string& name) { return !world_->stopped(name); });
  return stopped;
}

bool System::Start(const std::string& name) {
  Note(absl::StrCat(name, " starts"));
  Process& process = Find(name);
  auto opened = process.role->open(*this, world_->world(name), process);
  if (opened.ok()) process.node = *std::move(opened);
  if (process.node != nullptr && process.node->Start().ok()) return true;
  Note(absl::StrCat(name, " did not start: ", opened.status().message()));
  Kill(process);
  return false;
}

void System::Crash(const std::string& name) {
  Note(absl::StrCat(name, lost_.contains(name) ? " lost its power during an I/O" : " crashes"));
  ++crashes_;
  Kill(Find(name));
}

void System::Kill(Process& process) {
  world_->Crash(process.name);
  if (has_disks()) CrashDisk(process);
  if (process.line != nullptr) process.line->Cut();
  process.node.reset();
}

// Nothing that was acknowledged is lost, whatever is left of the rest.
void System::CrashDisk(const Process& process) {
  const auto power_cut = lost_.extract(process.name);
  Random random(dice_.Seed());
  const CrashMode mode =
      power_cut ? kCrashModes[static_cast<size_t>(dice_.Between(1, 3))] : CrashMode::kProcess;
  SimDisk& disk = *disks_.at(process.machine);
  const auto lost = [&disk] { return disk.counts().lost + disk.counts().torn; };
  const int64_t before = lost();
  disk.Crash(mode, random);
  if (power_cut && power_cut.mapped() == Fault::kPowerCut && lost() > before) {
    dice_.Count(Fault::kPowerCut);
  }
}

std::vector<std::string> System::Lost() const {
  std::vector<std::string> lost;
  for (const auto& [process, fault] : lost_) lost.push_back(process);
  return lost;
}

bool System::OpenAgain(const std::string& name) {
  if (!has_disks() || !Runs(name)) return true;
  const Process& process = Find(name);
  const auto opened = StoresOnDisk(process)->Open(*process.role->schema);
  dice_.Count(Fault::kOpenedAgain);
  Note(absl::StrCat("another process opens the store of ", name, ": ", opened.status().message()));
  return !opened.ok();
}

bool System::IsSuperseded(const std::string& name) const {
  return name != orchestrator_ && Find(name).role->name == kOrchestrator;
}

bool System::TakeOver() {
  if (!has_disks()) return false;
  const Process& old = Find(orchestrator_);
  const Role& role = *old.role;
  const std::string path = PathOf(role.schema->service);
  SimDisk& from = *disks_.at(old.machine);
  if (from.off() || from.Read(path).empty()) return false;
  orchestrator_ = absl::StrCat(role.name, "-", processes_.size());
  Note(absl::StrCat(orchestrator_, " takes over from ", old.name));
  dice_.Count(Fault::kTakeOver);
  auto disk = MakeDisk();
  for (const std::string& file : from.Paths()) {
    if (file == path || file == path + "-wal") disk->Copy(from, file, file);
  }
  disks_[orchestrator_] = std::move(disk);
  Add(role, orchestrator_, orchestrator_);
  processes_.back()->takes_over = true;
  return true;
}

void System::CutPowerInIo(const std::string& process) {
  if (has_disks()) CutPower(process, Fault::kPowerCutInIo, dice_.Between(1, 12));
}

void System::CutPower(const std::string& process, Fault fault, int64_t io) {
  disks_.at(Find(process).machine)->PowerOffAt(io, [this, process, fault] {
    world_->Die(process);
    if (fault == Fault::kPowerCutInIo) dice_.Count(fault);
    lost_.emplace(process, fault);
  });
}

void System::SpoilDisk(const std::string& process, Fault fault) {
  if (!has_disks()) return;
  SimDisk& disk = *disks_.at(Find(process).machine);
  if (fault == Fault::kDiskFull) {
    Note(absl::StrCat("the disk of ", process, " is full"));
    return disk.Fail({.persistent = true, .kind = DiskFault::Kind::kFull});
  }
  Note(absl::StrCat("the disk of ", process, " is going to fail"));
  disk.Fail({.after = dice_.Between(1, 20),
             .persistent = dice_.Chance(0.3),
             .kind = dice_.Chance(0.3) ? DiskFault::Kind::kShortWrite : DiskFault::Kind::kError,
             .reads = dice_.Chance(0.2)});
}

void System::Disconnect(const std::string& process) {
  const auto connection = connections_.find(process);
  if (connection == connections_.end()) return;
  Note(absl::StrCat(process, " cannot reach its store"));
  dice_.Count(Fault::kStoreLost);
  connection->second->faults().SetConnected(false);
}

void System::HealStores() {
  CountInStores();
  for (const auto& [machine, disk] : disks_) disk->Heal();
  for (const auto& [process, connection] : connections_) connection->faults().SetConnected(true);
}

void System::EndPowerCuts() {
  for (const auto& [machine, disk] : disks_) disk->KeepPower();
}

void System::CountInStores() {
  FaultCounts now{};
  int64_t& errors = now[static_cast<size_t>(Fault::kDiskError)];
  int64_t& full = now[static_cast<size_t>(Fault::kDiskFull)];
  int64_t& overtaken = now[static_cast<size_t>(Fault::kOvertaken)];
  for (const auto& [machine, disk] : disks_) {
    errors += disk->counts().faults;
    full += disk->counts().full;
  }
  for (const auto& [machine, models] : models_) overtaken += models->conflicts();
  for (size_t i = 0; i < kFaultCount; ++i) {
    for (; counted_[i] < now[i]; ++counted_[i]) dice_.Count(static_cast<Fault>(i));
  }
}

std::unique_ptr<SimDisk> System::MakeDisk() {
  auto disk =
      std::make_unique<SimDisk>([random = Random(dice_.Seed())]() mutable { return random.Next(); },
                                [this] { return world_->wall(); });
  disk->set_syncs_lie(lying_disks_);
  disk->set_log_pages(log_pages_);
  return disk;
}

std::unique_ptr<store::Stores> System::StoresOnDisk(const Process& process) {
  return std::make_unique<sqlite::SqliteStores>(
      [](std::string_view service) { return PathOf(service); }, *disks_.at(process.machine));
}

std::unique_ptr<store::Stores> System::MakeStores(const std::string& name) {
  const Process& process = Find(name);
  if (has_disks()) {
    auto& disk = disks_[process.machine];
    if (disk == nullptr) {
      disk = MakeDisk();
      disk->Load(process.role->image());
    }
    return StoresOnDisk(process);
  }
  auto& models = models_[process.machine];
  if (models == nullptr) models = std::make_unique<store::ModelStores>();
  using Writers = store::ModelProcess::Writers;
  auto stores = std::make_unique<store::ModelProcess>(
      *models, IsShared(*process.role) ? Writers::kSeveral : Writers::kOne);
  connections_[name] = stores.get();
  return stores;
}

}  // namespace seatsaga::simulation
