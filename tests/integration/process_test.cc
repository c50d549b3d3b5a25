// How servers start, refuse to start, and stop.
#include <sqlite3.h>

#include <fstream>
#include <map>
#include <mutex>

#include "common/errors.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

TEST_CASE("a second process on the same database is refused") {
  TestCluster cluster;
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    RefusesToStart(With(cluster->CommandLine(service), "--listen", "127.0.0.1:0"),
                   "another process uses");
  }
}

TEST_CASE("a port in use is refused") {
  TestCluster cluster;
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    const std::string other = cluster->folder() + "/other-" + cluster::ProgramOf(service) + ".db";
    RefusesToStart(With(cluster->CommandLine(service), "--database", other), "cannot listen on");
  }
}

TEST_CASE("a database folder that cannot be used is refused") {
  TestCluster cluster;
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    cluster->Kill(service);
    RefusesToStart(With(cluster->CommandLine(service), "--database", "/proc/no-such-folder/x.db"),
                   "--database");
  }
}

TEST_CASE("a malformed config file is refused") {
  TestCluster cluster;
  const std::string config = cluster->folder() + "/config";
  std::ofstream(config) << "no-such-option=1\n";
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    RefusesToStart({cluster->ProgramPath(cluster::ProgramOf(service)), "--config=" + config},
                   "no-such-option");
  }
}

TEST_CASE("a database of a newer version is refused") {
  TestCluster cluster;
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    REQUIRE(cluster->Stop(service).ok());
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(cluster->DatabaseOf(service).c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, "CREATE TABLE of_tomorrow(id)", nullptr, nullptr, nullptr) ==
          SQLITE_OK);
    sqlite3_close(database);
    RefusesToStart(cluster->CommandLine(service), "of_tomorrow");
  }
}

TEST_CASE("a database of the first release, or of another service, is refused") {
  TestCluster cluster;
  const std::string old = cluster->folder() + "/old.db";
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(old.c_str(), &database) == SQLITE_OK);
  CHECK(sqlite3_exec(database, "CREATE TABLE barrier(id); PRAGMA user_version=1", nullptr, nullptr,
                     nullptr) == SQLITE_OK);
  sqlite3_close(database);
  REQUIRE(cluster->StopAll() == absl::OkStatus());
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    RefusesToStart(With(cluster->CommandLine(service), "--database", old), "SeatSaga 0.1");
    const Service other = service == Service::kSeat ? Service::kPayment : Service::kSeat;
    RefusesToStart(With(cluster->CommandLine(service), "--database", cluster->DatabaseOf(other)),
                   cluster::ProgramOf(other));
  }
}

TEST_CASE("SIGTERM drains every server, which then exits with status 0 and starts again") {
  TestCluster cluster;
  MakeEvent(cluster);
  for (const Service service : cluster::kServices) {
    CAPTURE(cluster::ProgramOf(service));
    const auto ended = cluster->Stop(service);
    REQUIRE(ended.ok());
    CHECK(*ended == cluster::ExitStatus{});
    REQUIRE(cluster->Start(service) == absl::OkStatus());
  }
  const auto reservation =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}));
  CHECK(Outcome(reservation) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("a client that waits when the server drains is answered with what is known") {
  TestCluster cluster;
  MakeEvent(cluster);
  auto request = Reserve(kEvent, {SeatId(0, 1)}, "tok_slow_1000");
  request.mutable_wait()->set_seconds(20);
  absl::StatusOr<reservation::v1::CreateReservationResponse> answer;
  std::thread client([&] { answer = cluster->Call(request, absl::Seconds(25)); });
  const bool stored = WaitUntil([&] {
    const auto list = cluster->Call(reservation::v1::ListReservationsRequest());
    return list.ok() && list->reservations_size() == 1;
  });
  const auto ended = cluster->Stop(Service::kReservation);
  client.join();
  REQUIRE(stored);
  REQUIRE(ended.ok());
  CHECK(*ended == cluster::ExitStatus{});
  INFO(answer.status());
  REQUIRE(answer.ok());
  CHECK(answer->reservation().state() == RESERVATION_STATE_PENDING);

  REQUIRE(cluster->Start(Service::kReservation) == absl::OkStatus());
  CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

// An event that takes long to store.
seat::v1::CreateEventRequest BigEvent(int number) {
  seat::v1::CreateEventRequest request;
  auto* event = request.mutable_event();
  event->set_event_id(Cat("big-", number));
  event->set_display_name("Big");
  event->set_currency("EUR");
  auto* section = event->add_sections();
  section->set_name("all");
  section->set_price_minor(1000);
  for (int row = 1; row <= 100; ++row) {
    auto* added = section->add_rows();
    added->set_name(Cat("r", row));
    added->set_seat_count(1000);
  }
  return request;
}

// Many calls under way at once, without a thread for each.
class Burst {
 public:
  static constexpr int kCalls = 300;

  // Its events have numbers from `first` on.
  explicit Burst(int first) : first_(first) {}

  void Send(Clients& clients) {
    for (int i = first_; i < first_ + kCalls; ++i) {
      clients.ChannelTo(Service::kSeat)
          .Call(seat::kCreateEvent, BigEvent(i), cluster::kHang, [this, i](auto answer) {
            const std::scoped_lock lock(mutex_);
            answers_[i] = answer.status();
          });
    }
  }
  size_t Answered() {
    const std::scoped_lock lock(mutex_);
    return answers_.size();
  }
  // Once all are answered.
  const std::map<int, absl::Status>& answers() const { return answers_; }

 private:
  const int first_;
  std::mutex mutex_;
  std::map<int, absl::Status> answers_;
};

void RequireKept(TestCluster& cluster, const Burst& burst) {
  std::vector<std::string> lost;
  std::vector<std::string> vague;  // errors that do not say that the call may be sent again
  for (const auto& [i, status] : burst.answers()) {
    if (status.ok()) {
      const bool there = cluster::AvailableSeats(cluster.clients(), Cat("big-", i)) == 100'000;
      if (!there) lost.push_back(Cat("big-", i));
    } else if (!absl::IsUnavailable(status) && !absl::IsCancelled(status) &&
               !absl::IsResourceExhausted(status)) {
      vague.push_back(status.ToString());
    }
  }
  CHECK(lost == std::vector<std::string>{});
  CHECK(vague == std::vector<std::string>{});
}

// Drains seat_svc under load. Whether it was heard to say NOT_SERVING before it went.
bool DrainUnderLoad(TestCluster& cluster, int first) {
  Burst burst(first);
  burst.Send(cluster.clients());
  REQUIRE(WaitUntil([&] { return burst.Answered() > 0; }));
  cluster->process(Service::kSeat).Signal(SIGTERM);
  bool not_serving = false;
  REQUIRE(WaitUntil([&] {
    const auto serving = cluster.clients().Serving(Service::kSeat);
    not_serving = serving.ok() && !*serving;
    return not_serving || !cluster->process(Service::kSeat).Running();
  }));
  const auto ended = cluster->process(Service::kSeat).Wait();
  REQUIRE(ended.has_value());
  CHECK(*ended == cluster::ExitStatus{});
  REQUIRE(WaitUntil([&] { return burst.Answered() == Burst::kCalls; }));
  REQUIRE(cluster->Start(Service::kSeat) == absl::OkStatus());
  RequireKept(cluster, burst);
  return not_serving;
}

TEST_CASE("a draining server says NOT_SERVING first, and what it acknowledges is there") {
  TestCluster cluster({{Service::kSeat, {"--batch-max=1"}}});
  constexpr int kTries = 10;  // a quick drain may end between two questions
  bool not_serving = false;
  for (int i = 0; i < kTries && !not_serving; ++i) {
    not_serving = DrainUnderLoad(cluster, i * Burst::kCalls);
  }
  CHECK(not_serving);
}

// Each file, taken away from a server that works, and put back.
TEST_CASE("a server whose files are gone acknowledges nothing, says why, and recovers with them") {
  TestCluster cluster;
  MakeEvent(cluster);
  int seat = 0;
  const auto reserve = [&](std::string_view user) {
    auto request = Reserve(kEvent, {SeatId(seat / 10, seat % 10 + 1)});
    ++seat;
    request.set_user_id(std::string(user));
    return request;
  };
  const std::string database = cluster->DatabaseOf(Service::kReservation);
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    CAPTURE(suffix);
    const std::string file = Cat(database, suffix);
    const std::string aside = Cat(database, ".aside");
    REQUIRE(std::rename(file.c_str(), aside.c_str()) == 0);
    const auto request = reserve("ada");
    const auto refused = cluster::Submit(cluster.clients(), request);
    CHECK(absl::IsUnavailable(refused.status()));
    REQUIRE(WaitUntil([&] {
      const auto serving = cluster.clients().Serving(Service::kReservation);
      return serving.ok() && !*serving;
    }));
    const auto again = cluster::Submit(cluster.clients(), request);
    CHECK(ReasonOf(again.status()) == "STORE_FILES_LOST");
    CHECK(again.status().message().find(database) == std::string::npos);

    REQUIRE(std::rename(aside.c_str(), file.c_str()) == 0);
    REQUIRE(WaitUntil([&] {
      const auto serving = cluster.clients().Serving(Service::kReservation);
      return serving.ok() && *serving;
    }));
    CHECK(Outcome(cluster::ReserveUntilFinal(cluster.clients(), request)) == "CONFIRMED");
  }
  cluster::RequireCleanAudit(*cluster);
}

TEST_CASE("an overloaded server refuses at once, with when to come back, and loses nothing") {
  TestCluster cluster({{Service::kReservation, {"--queue-max=1", "--batch-max=1"}}});
  MakeEvent(cluster);
  constexpr int kCalls = 100;
  std::vector<absl::StatusOr<Reservation>> first(kCalls, absl::UnknownError("none"));
  std::vector<absl::StatusOr<Reservation>> last(kCalls, absl::UnknownError("none"));
  OnThreads(kCalls, [&](int i) {
    const auto n = static_cast<size_t>(i);
    const auto request = Reserve(kEvent, {SeatId(i / 10, i % 10 + 1)});
    first[n] = cluster::Submit(cluster.clients(), request);
    last[n] = cluster::ReserveUntilFinal(cluster.clients(), request);
  });
  int refused = 0;
  for (const auto& answer : first) {
    if (answer.ok()) continue;
    ++refused;
    CHECK(absl::IsResourceExhausted(answer.status()));
    CHECK(ReasonOf(answer.status()) == "OVERLOADED");
    CHECK(RetryDelayOf(answer.status(), absl::ZeroDuration()) > absl::ZeroDuration());
  }
  CHECK(refused > 0);
  for (const auto& answer : last) CHECK(Outcome(answer) == "CONFIRMED");
  cluster::RequireCleanAudit(*cluster);
}

}  // namespace
}  // namespace seatsaga::integration
