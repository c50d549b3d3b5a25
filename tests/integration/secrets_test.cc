// No file holds a payment token: no database, WAL, log or backup of them (invariant I13).
#include <filesystem>

#include "absl/strings/escaping.h"
#include "tests/integration/support.h"

namespace seatsaga::integration {
namespace {

std::vector<std::string> FilesHolding(const std::string& folder,
                                      const std::vector<std::string>& needles) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string content = cluster::ReadFile(entry.path().string());
    for (const std::string& needle : needles) {
      if (content.find(needle) != std::string::npos) found.push_back(entry.path().string());
    }
  }
  return found;
}

TEST_CASE("no database, WAL or log holds a payment token") {
  TestCluster cluster({{Service::kReservation, {"--log-level=debug"}},
                       {Service::kSeat, {"--log-level=debug"}},
                       {Service::kPayment, {"--log-level=debug"}},
                       {Service::kOrchestrator, {"--log-level=debug"}}});
  MakeEvent(cluster);
  const std::string approved = "tok_approve_CANARYkq7x";
  const std::string unknown = "tok_CANARYzz93";
  const std::string card = "4242424242424242";
  const auto paid = cluster::ReserveUntilFinal(
      cluster.clients(), Reserve(kEvent, {SeatId(0, 1)}, approved, "user-of-the-canary"));
  CHECK(Outcome(paid) == "CONFIRMED");
  const auto declined =
      cluster::ReserveUntilFinal(cluster.clients(), Reserve(kEvent, {SeatId(0, 2)}, unknown));
  CHECK(Outcome(declined) == "CANCELLED INVALID_PAYMENT_TOKEN");
  const auto refused = cluster::Submit(cluster.clients(), Reserve(kEvent, {SeatId(0, 3)}, card));
  CHECK(absl::IsInvalidArgument(refused.status()));
  CHECK(refused.status().ToString().find(card) == std::string::npos);
  // One more is sealed in the databases while its saga is held up.
  cluster->Pause(Service::kPayment);
  const std::string held = SubmitOne(cluster, Reserve(kEvent, {SeatId(0, 4)}, approved));
  REQUIRE(WaitUntilSagaIsAt(cluster, held, "charge_payment"));

  const std::vector<std::string> canaries = {"CANARYkq7x", "CANARYzz93", card,
                                             absl::BytesToHexString("CANARYkq7x")};
  CHECK(FilesHolding(cluster->folder(), canaries) == std::vector<std::string>{});
  // The search does find what is there.
  CHECK(!FilesHolding(cluster->folder(), {"user-of-the-canary"}).empty());

  cluster->Resume(Service::kPayment);
  cluster::RequireCleanAudit(*cluster);
  CHECK(FilesHolding(cluster->folder(), canaries) == std::vector<std::string>{});
}

}  // namespace
}  // namespace seatsaga::integration
