// A consumer follows the events while clients reserve and the orchestrator is killed again and
// again. In the end it must have seen, once and in order, what each reservation's history implies.
#include <random>
#include <string>
#include <vector>

#include "tests/harness/closed_loop.h"
#include "tests/harness/event_reader.h"
#include "tests/integration/support.h"
#include "tests/support/implied_events.h"

namespace seatsaga::integration {
namespace {

using cluster::ClosedLoop;
using cluster::EventReader;

constexpr int kClients = 32;
constexpr int kKills = 12;
constexpr int kEndedBetweenKills = 60;
constexpr int kRows = 26;
constexpr int kSeatsARow = 1000;

// Most pay; some are declined, some want a seat that is taken.
reservation::v1::CreateReservationRequest Next(std::mt19937& random, int number) {
  const auto kind = random() % 8;
  if (kind == 0) return Reserve(kEvent, {SeatId(0, 1)});
  const std::string seat = SeatId(number / kSeatsARow % kRows, number % kSeatsARow + 1);
  return Reserve(kEvent, {seat}, kind == 1 ? "tok_declined" : "tok_visa");
}

// What the reader has of the reservation, if it is not what its history implies.
std::string Mistake(TestCluster& cluster, const EventReader& reader, const std::string& id) {
  const auto saga = cluster::GetSaga(cluster.clients(), id);
  if (!saga.ok()) return saga.status().ToString();
  const auto told = reader.told().find(id);
  const auto implied = testing::ImpliedEvents(*saga).names();
  if (told != reader.told().end() && told->second == implied) return "";
  std::string mistake = Cat(id, ": told");
  if (told != reader.told().end()) {
    for (const auto& name : told->second) Append(mistake, " ", name);
  }
  Append(mistake, "; implied");
  for (const auto& name : implied) Append(mistake, " ", name);
  return mistake;
}

TEST_CASE("a consumer of the events misses none and sees none twice, however often kill -9 hits") {
  const unsigned seed = SeedOf(20261128);
  std::mt19937 random(seed);
  TestCluster cluster({{Service::kOrchestrator, {"--attempts-max=50"}}});
  REQUIRE(cluster::CreateEvent(cluster.clients(), kEvent, kRows, kSeatsARow).ok());
  EventReader reader(cluster->Address(Service::kOrchestrator));
  int made = 1;  // the first seat is the one that some want and is taken
  ClosedLoop loop(cluster.clients(), kClients, [&] { return Next(random, made++); });
  for (int i = 0; i < kKills; ++i) {
    const int64_t moment = loop.ended() + kEndedBetweenKills;
    REQUIRE(WaitUntil([&] { return loop.ended() >= moment; }));
    cluster->Kill(Service::kOrchestrator);
    REQUIRE(cluster->Start(Service::kOrchestrator).ok());
  }
  const auto load = loop.Finish();
  cluster::RequireCleanAudit(*cluster);

  // A second reader says how many there are.
  EventReader late(cluster->Address(Service::kOrchestrator));
  REQUIRE(WaitUntil(
      [&] { return late.events_read() > 0 && reader.events_read() == late.events_read(); }));
  reader.Stop();
  late.Stop();
  CHECK(reader.streams_opened() >= kKills);
  CHECK(reader.wrong() == std::vector<std::string>{});
  CHECK(late.wrong() == std::vector<std::string>{});
  CHECK(reader.told() == late.told());
  std::vector<std::string> mistakes;
  for (const auto& one : load) {
    REQUIRE(one.final_state.ok());
    auto mistake = Mistake(cluster, reader, one.final_state->reservation.reservation_id());
    if (!mistake.empty() && mistakes.size() < 5) mistakes.push_back(std::move(mistake));
  }
  CHECK(mistakes == std::vector<std::string>{});
}

}  // namespace
}  // namespace seatsaga::integration
