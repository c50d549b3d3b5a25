// Who commands the sagas: a second orchestrator, an older one, and calls that no orchestrator of
// ours makes. docs/adr/0013-fencing-names-a-process.md.
#include <filesystem>
#include <limits>

#include "common/errors.h"
#include "common/id.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

constexpr Service kParticipants[] = {Service::kReservation, Service::kSeat, Service::kPayment};
constexpr uint64_t kHugeEpoch = std::numeric_limits<uint64_t>::max();

// The sagas' partitions at `participant`, as one range: nothing here takes them apart.
saga::v1::PartitionRange HeldAt(TestCluster& cluster, Service participant) {
  const auto answer = cluster.clients().Call(participant, saga::v1::GetFencingRequest());
  INFO(answer.status());
  REQUIRE(answer.ok());
  REQUIRE(answer->ranges_size() == 1);
  return answer->ranges(0);
}

// Its databases' files.
void CopyStore(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-wal"}) {
    std::error_code ignored;  // the log is not there after a clean stop
    std::filesystem::remove(to + "-wal", ignored);
    if (!std::filesystem::exists(from + suffix)) continue;
    // In place: the file that is there stays the same file.
    std::filesystem::copy_file(from + suffix, to + suffix,
                               std::filesystem::copy_options::overwrite_existing);
  }
}

// An orchestrator on a copy of the data of the cluster's, taken while that one is paused.
struct SecondOrchestrator {
  explicit SecondOrchestrator(TestCluster& cluster)
      : database(cluster->folder() + "/second.db"),
        log(cluster->folder() + "/second.log"),
        ready_file(cluster->folder() + "/second.ready") {
    cluster->Pause(Service::kOrchestrator);
    CopyStore(cluster->DatabaseOf(Service::kOrchestrator), database);
    cluster->Resume(Service::kOrchestrator);
    argv = cluster->CommandLine(Service::kOrchestrator);
    argv = With(argv, "--listen", "127.0.0.1:0");
    argv = With(argv, "--database", database);
    argv = With(argv, "--ready-file", ready_file);
  }

  const std::string database;
  const std::string log;
  const std::string ready_file;
  std::vector<std::string> argv;
  cluster::Process process;
};

bool SaysInItsLog(TestCluster& cluster, std::string_view text) {
  return cluster::ReadFile(cluster->LogOf(Service::kOrchestrator)).find(text) != std::string::npos;
}

// Waits for the orchestrator to end by itself, with an error.
void RequireStopsByItself(TestCluster& cluster) {
  const auto ended = cluster->process(Service::kOrchestrator).Wait();
  REQUIRE(ended.has_value());
  CHECK(*ended == cluster::ExitStatus{.code = 1});
}

void RequireReserves(TestCluster& cluster, int seat) {
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(),
                                           Reserve(kEvent, {SeatId(0, seat)}))) == "CONFIRMED");
}

TEST_CASE("an orchestrator on a copy of the data is refused, and fences nobody off") {
  TestCluster cluster;
  MakeEvent(cluster);
  RequireReserves(cluster, 1);
  const SecondOrchestrator second(cluster);
  const std::string before = HeldAt(cluster, Service::kSeat).SerializeAsString();

  // However often it is started, as supervisors do.
  for (int i = 0; i < 3; ++i) RefusesToStart(second.argv, "is a copy of store");

  CHECK(HeldAt(cluster, Service::kSeat).SerializeAsString() == before);
  RequireReserves(cluster, 2);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an orchestrator takes over with --take-over, and the one before stops by itself") {
  TestCluster cluster;
  MakeEvent(cluster);
  RequireReserves(cluster, 1);
  SecondOrchestrator second(cluster);
  const auto before = HeldAt(cluster, Service::kSeat).token();

  auto argv = second.argv;
  argv.push_back("--take-over=the first one's machine is lost");
  auto started = cluster::Process::Start(argv, {second.log, second.log});
  REQUIRE(started.ok());
  second.process = *std::move(started);
  REQUIRE(WaitUntil([&] {
    return std::all_of(std::begin(kParticipants), std::end(kParticipants), [&](Service service) {
      return HeldAt(cluster, service).token().epoch() > before.epoch();
    });
  }));

  // The first one does not know yet. It learns when it commands.
  const auto request = Reserve(kEvent, {SeatId(0, 2)});
  const std::string id = SubmitOne(cluster, request);
  RequireStopsByItself(cluster);
  CHECK(SaysInItsLog(cluster, "another orchestrator has taken over"));
  CHECK(SaysInItsLog(cluster, Cat("seat_svc (", cluster->Address(Service::kSeat), ")")));
  const auto after = HeldAt(cluster, Service::kSeat).token();
  for (const auto& token : {before, after}) {
    const std::string holder = Id::FromBytes(token.holder()).value().ToString();
    CHECK(SaysInItsLog(cluster, Cat("epoch ", token.epoch(), " of process ", holder)));
  }
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "PENDING");

  // Its data is the older one now, however often it is started.
  for (int i = 0; i < 3; ++i) {
    RefusesToStart(cluster->CommandLine(Service::kOrchestrator), "data is outdated");
  }

  // The second one's data moves to where the first one's was, and everything goes on.
  second.process.Signal(SIGTERM);
  REQUIRE(second.process.Wait() == cluster::ExitStatus{});
  for (const char* suffix : {"", "-wal"}) {
    const std::string database = cluster->DatabaseOf(Service::kOrchestrator);
    std::filesystem::remove(database + suffix);
    if (std::filesystem::exists(second.database + suffix)) {
      std::filesystem::rename(second.database + suffix, database + suffix);
    }
  }
  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
  REQUIRE(cluster->Restart(Service::kReservation) == absl::OkStatus());
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a paused orchestrator commands nothing after another has taken over") {
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  MakeEvent(cluster);
  const auto request = Reserve(kEvent, {SeatId(0, 1)}, "tok_slow_1000");
  const std::string id = SubmitOne(cluster, request);
  REQUIRE(WaitUntilSagaIsAt(cluster, id, "charge_payment"));
  SecondOrchestrator second(cluster);
  cluster->Pause(Service::kOrchestrator);
  auto argv = second.argv;
  argv.push_back("--take-over=the first one hangs");
  auto started = cluster::Process::Start(argv, {second.log, second.log});
  REQUIRE(started.ok());
  second.process = *std::move(started);

  // The saga was in the copy: it ends under the second one.
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster->Resume(Service::kOrchestrator);
  RequireStopsByItself(cluster);
  CHECK(SaysInItsLog(cluster, "another orchestrator has taken over"));
  CHECK(Outcome(cluster::GetReservation(cluster.clients(), id)) == "CONFIRMED");
  const auto payment = cluster::GetPayment(cluster.clients(), id);
  REQUIRE(payment.ok());
  CHECK(payment->state() == payment::v1::PAYMENT_STATE_CAPTURED);
  CHECK(cluster::AvailableSeats(cluster.clients(), kEvent) == 99);
}

TEST_CASE("an older backup that was copied over the data is refused, unless an operator insists") {
  TestCluster cluster;
  MakeEvent(cluster);
  const std::string database = cluster->DatabaseOf(Service::kOrchestrator);
  const std::string backup = database + ".backup";
  REQUIRE(cluster->Stop(Service::kOrchestrator).ok());
  CopyStore(database, backup);
  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
  RequireReserves(cluster, 1);
  const auto held = HeldAt(cluster, Service::kSeat);
  REQUIRE(cluster->Stop(Service::kOrchestrator).ok());
  CopyStore(backup, database);

  // However often it is started, as supervisors do.
  for (int i = 0; i < 3; ++i) {
    const std::string error =
        RefusesToStart(cluster->CommandLine(Service::kOrchestrator), "data is outdated");
    CHECK(error.find("_svc (127.0.0.1:") != std::string::npos);
    CHECK(error.find("--take-over") != std::string::npos);
    CHECK(error.find(Cat(" opening ", held.store_counter(), " of store ", held.store_id())) !=
          std::string::npos);
    CHECK(error.find("this is opening ") != std::string::npos);
  }
  CHECK(HeldAt(cluster, Service::kSeat).SerializeAsString() == held.SerializeAsString());

  REQUIRE(cluster->Start(Service::kOrchestrator, {"--take-over=this backup is all we have"}) ==
          absl::OkStatus());
  RequireReserves(cluster, 2);
  // Once is enough.
  REQUIRE(cluster->Restart(Service::kOrchestrator) == absl::OkStatus());
  RequireReserves(cluster, 3);
}

// --- Calls that no orchestrator of ours makes
// -----------------------------------------------------

// Somebody takes all partitions of a participant, as they are held now.
absl::Status TakeAs(TestCluster& cluster, Service participant, uint64_t epoch) {
  saga::v1::TakePartitionsRequest request;
  *request.add_held() = HeldAt(cluster, participant);
  request.mutable_token()->set_epoch(epoch);
  request.mutable_token()->set_holder(std::string(Id::kSize, 'x'));
  request.set_store_id(cluster::NewId());
  request.set_store_counter(1);
  return cluster.clients().Call(participant, request).status();
}

// The answer to a command of somebody's.
saga::v1::CommandResult Release(TestCluster& cluster, uint64_t epoch) {
  seat::v1::ReleaseSeatsRequest request;
  *request.mutable_key() = cluster::KeyOf(cluster::NewId(), "reserve_seats");
  request.mutable_key()->set_fencing_epoch(epoch);
  const auto answer = cluster->Call(request);
  INFO(answer.status());
  REQUIRE(answer.ok());
  return answer->result();
}

TEST_CASE("tokens that nobody has taken, and huge epochs, are refused and lock nobody out") {
  TestCluster cluster;
  MakeEvent(cluster);
  RequireReserves(cluster, 1);
  for (const Service participant : kParticipants) {
    CAPTURE(cluster::ProgramOf(participant));
    const auto held = HeldAt(cluster, participant);
    for (const uint64_t epoch : {kHugeEpoch, held.token().epoch() + 2'000'000}) {
      const absl::Status refused = TakeAs(cluster, participant, epoch);
      CHECK(absl::IsFailedPrecondition(refused));
      CHECK(ReasonOf(refused) == "FENCING_TOKEN_CHANGED");
    }
    CHECK(HeldAt(cluster, participant).SerializeAsString() == held.SerializeAsString());
  }
  const std::pair<uint64_t, const char*> commands[] = {{1, "STALE_FENCING_TOKEN"},
                                                       {1'000, "FENCING_TOKEN_NOT_TAKEN"},
                                                       {kHugeEpoch, "FENCING_TOKEN_NOT_TAKEN"}};
  for (const auto& [epoch, reason] : commands) {
    const auto result = Release(cluster, epoch);
    CAPTURE(epoch, result.message());
    CHECK(result.outcome() == saga::v1::OUTCOME_REFUSED);
    CHECK(result.reason() == reason);
  }
  // The orchestrator goes on, and so does its successor.
  RequireReserves(cluster, 2);
  REQUIRE(cluster->Restart(Service::kOrchestrator) == absl::OkStatus());
  RequireReserves(cluster, 3);
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a stranger who takes the partitions stops the orchestrator, but not its successor") {
  TestCluster cluster;
  MakeEvent(cluster);
  RequireReserves(cluster, 1);
  // As far above the other participants as it may, more than once.
  for (int i = 0; i < 3; ++i) {
    const uint64_t epoch = HeldAt(cluster, Service::kSeat).token().epoch();
    REQUIRE(TakeAs(cluster, Service::kSeat, epoch + 1'000'000) == absl::OkStatus());
  }
  const auto request = Reserve(kEvent, {SeatId(0, 2)});
  SubmitOne(cluster, request);
  RequireStopsByItself(cluster);
  CHECK(SaysInItsLog(cluster, "another orchestrator has taken over"));

  REQUIRE(cluster->Start(Service::kOrchestrator) == absl::OkStatus());
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
