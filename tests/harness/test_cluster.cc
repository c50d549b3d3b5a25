#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "tests/harness/test_cluster.h"

#include <catch2/catch.hpp>
#include <exception>
#include <iostream>
#include <utility>

#include "cluster/audit.h"

namespace seatsaga::cluster {
namespace {

bool g_test_case_failed = false;

// Tells a cluster at its end, which comes before that of its test case, how the test case went so
// far.
class FailureListener final : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    TestEventListenerBase::testCaseStarting(info);
    g_test_case_failed = false;
  }
  bool assertionEnded(const Catch::AssertionStats& stats) override {
    if (!stats.assertionResult.isOk()) g_test_case_failed = true;
    return true;
  }
};
CATCH_REGISTER_LISTENER(FailureListener)

ClusterOptions OptionsFor(const std::string& folder, int port_base, TestCluster::Flags flags) {
  // Short retries. A flag may be given only once: no test sets these.
  auto& orchestrator = flags[Service::kOrchestrator];
  orchestrator.insert(orchestrator.end(), {"--backoff-base-ms=20", "--backoff-cap-ms=500"});
  return {.folder = folder, .port_base = port_base, .flags = std::move(flags)};
}

PortBlock TakePorts() {
  auto ports = PortBlock::Take();
  INFO(ports.status());
  REQUIRE(ports.ok());
  return *std::move(ports);
}

}  // namespace

TestCluster::TestCluster(Flags flags)
    : folder_("test"),
      ports_(TakePorts()),
      cluster_(OptionsFor(folder_.path(), ports_.base(), std::move(flags))) {
  const absl::Status started = cluster_.StartAll();
  INFO(started);
  REQUIRE(started.ok());
}

TestCluster::KeepIfFailed::~KeepIfFailed() {
  if (!g_test_case_failed && std::uncaught_exceptions() == 0) return;
  folder.Keep();
  std::cerr << "databases and logs of the failed test: " << folder.path() << "\n";
}

void RequireCleanAudit(Cluster& cluster) {
  const auto report = AuditQuiescent(cluster);
  INFO(report.status());
  REQUIRE(report.ok());
  REQUIRE(report->findings == std::vector<std::string>{});
}

}  // namespace seatsaga::cluster
