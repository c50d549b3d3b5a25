#include "sagactl/audit/source.h"

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

namespace seatsaga::cli {
namespace {

const Id kId = *Id::Parse("00000000-0000-7000-8000-000000000001");

// A saga that completed although its reservation was cancelled.
Snapshot Broken() {
  Snapshot snapshot;
  snapshot.sagas[kId] = {.reservation_id = kId, .state = orchestrator::v1::SAGA_STATE_COMPLETED};
  snapshot.reservations[kId] = {.state = reservation::v1::RESERVATION_STATE_CANCELLED,
                                .saga_id = kId};
  return snapshot;
}

Snapshot WithLedger(int64_t sum) {
  Snapshot snapshot;
  snapshot.ledger_before = snapshot.ledger_after = {{"customers", {{"EUR", sum}}}};
  return snapshot;
}

class FakeSource final : public SnapshotSource {
 public:
  std::vector<Snapshot> reads;  // one for each ReadAll; the last one stays
  std::function<absl::Status(Snapshot&)> refresh = [](Snapshot&) { return absl::OkStatus(); };
  int read_count = 0;
  int refresh_count = 0;
  std::set<Id> ids;

  absl::StatusOr<Snapshot> ReadAll() override {
    const size_t at = std::min(static_cast<size_t>(read_count++), reads.size() - 1);
    return reads[at];
  }
  absl::Status Refresh(Snapshot& snapshot, const std::set<Id>& asked,
                       std::set<std::string> /*events*/) override {
    ++refresh_count;
    ids = asked;
    return refresh(snapshot);
  }
};

TEST_CASE("audit recheck: sound data is read once") {
  FakeSource source;
  source.reads = {Snapshot{}};
  CHECK(AuditConfirmed(source, {})->findings.empty());
  CHECK(source.read_count == 1);
  CHECK(source.refresh_count == 0);
}

TEST_CASE("audit recheck: what is still wrong when read again is reported") {
  FakeSource source;
  source.reads = {Broken()};
  const auto result = AuditConfirmed(source, {});
  REQUIRE(result->findings.size() == 1);
  CHECK(result->findings[0].kind == FindingKind::kStateMismatch);
  CHECK(source.refresh_count == 2);
  CHECK(source.ids == std::set<Id>{kId});
}

TEST_CASE("audit recheck: what was only read at different times is not reported") {
  FakeSource source;
  source.reads = {Broken()};
  const int needed = GENERATE(1, 2);
  source.refresh = [&](Snapshot& snapshot) {
    if (source.refresh_count == needed) {
      snapshot.sagas[kId].state = orchestrator::v1::SAGA_STATE_COMPENSATED;
    }
    return absl::OkStatus();
  };
  CHECK(AuditConfirmed(source, {})->findings.empty());
  CHECK(source.refresh_count == needed);
}

TEST_CASE("audit recheck: what only turns up in the second reading is not reported unconfirmed") {
  FakeSource source;
  source.reads = {Broken()};
  source.refresh = [](Snapshot& snapshot) {
    snapshot.reservations.clear();  // now it is another finding
    return absl::OkStatus();
  };
  CHECK(AuditConfirmed(source, {})->findings.empty());
}

TEST_CASE("audit recheck: sums are confirmed by reading everything again") {
  FakeSource source;
  SECTION("still wrong") {
    source.reads = {WithLedger(1)};
    const auto result = AuditConfirmed(source, {});
    REQUIRE(result->findings.size() == 1);
    CHECK(result->findings[0].kind == FindingKind::kLedgerUnbalanced);
    CHECK(source.read_count == 3);
  }
  SECTION("right the second time") {
    source.reads = {WithLedger(1), WithLedger(0)};
    CHECK(AuditConfirmed(source, {})->findings.empty());
    CHECK(source.read_count == 2);
  }
}

TEST_CASE("audit recheck: an error while reading again is no clean result") {
  FakeSource source;
  source.reads = {Broken()};
  source.refresh = [](Snapshot&) { return absl::UnavailableError("gone"); };
  CHECK(AuditConfirmed(source, {}).status().code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace seatsaga::cli
