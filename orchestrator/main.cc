// orchestrator: one persisted state machine per reservation. Wiring only.
#include <charconv>

#include "common/process/run_server.h"
#include "common/text.h"
#include "orchestrator/service/orchestrator_node.h"

namespace seatsaga {
namespace {

// "reservation=1"
absl::Status ReadVersion(const std::string& text, sagas::Registry::NewestVersions& newest) {
  const size_t equals = text.find('=');
  int version = 0;
  if (equals != std::string::npos) {
    std::from_chars(text.data() + equals + 1, text.data() + text.size(), version);
  }
  if (version < 1) {
    return absl::InvalidArgumentError(Cat("--newest-version: ", text, " is not NAME=NUMBER"));
  }
  newest[text.substr(0, equals)] = version;
  return absl::OkStatus();
}

class OrchestratorProgram final : public ServerProgram {
 public:
  OrchestratorProgram()
      : ServerProgram(
            {.name = "orchestrator",
             .description = "Runs the sagas: one persisted state machine per reservation.",
             .port = 50054}) {}

  void AddFlags(CommandLine& line) override {
    line.Add("--seats", options_.targets.seats, "Address of seat_svc")
        .Environment("SEATSAGA_SEAT_SVC");
    line.Add("--payments", options_.targets.payments, "Address of payment_svc")
        .Environment("SEATSAGA_PAYMENT_SVC");
    line.Add("--reservations", options_.targets.reservations, "Address of reservation_svc")
        .Environment("SEATSAGA_RESERVATION_SVC");
    line.Add("--live-max", options_.live_max,
             "Sagas that may be live at once, holds included; each takes about 1.5 KB of memory")
        .Environment("SEATSAGA_LIVE_MAX")
        .Between(1, 10'000'000);
    line.Add("--events-kept-days", events_kept_days_,
             "Older domain events are erased; a watcher can fall this far behind")
        .Environment("SEATSAGA_EVENTS_KEPT_DAYS")
        .Between(1, 3650);
    line.Add("--attempts-max", options_.limits.attempts_max,
             "Unknown outcomes before a step is undone")
        .Environment("SEATSAGA_ATTEMPTS_MAX")
        .Between(1, 1000);
    line.Add("--backoff-base-ms", backoff_base_ms_, "Longest delay before the first retry")
        .Environment("SEATSAGA_BACKOFF_BASE_MS")
        .Between(1, 60'000);
    line.Add("--backoff-cap-ms", backoff_cap_ms_, "Longest delay before any retry")
        .Environment("SEATSAGA_BACKOFF_CAP_MS")
        .Between(1, 3'600'000);
    line.Add("--newest-version", newest_versions_,
             "NAME=NUMBER: the newest version that new sagas may start with, for use while "
             "participants are updated")
        .Environment("SEATSAGA_NEWEST_VERSION")
        .CommaSeparated();
    line.Add("--take-over", options_.take_over,
             "Run although this data is a copy, or older than what participants have seen. The "
             "reason is recorded. A process that runs on the other data is fenced off")
        .Type("REASON");
  }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                               const ServerFlags& flags) override {
    for (const std::string& text : newest_versions_) {
      if (auto read = ReadVersion(text, options_.newest_versions); !read.ok()) return read;
    }
    options_.limits.backoff.base = absl::Milliseconds(backoff_base_ms_);
    options_.limits.backoff.cap = absl::Milliseconds(backoff_cap_ms_);
    options_.events_kept = absl::Hours(24 * events_kept_days_);
    options_.loop = flags.loop_limits();
    return OrchestratorNode::Open(world, options_);
  }

 private:
  OrchestratorOptions options_;
  int events_kept_days_ = 7;
  int backoff_base_ms_ = 100;
  int backoff_cap_ms_ = 30'000;
  std::vector<std::string> newest_versions_;
};

}  // namespace
}  // namespace seatsaga

int main(int argc, char** argv) {
  return seatsaga::RunServer(seatsaga::OrchestratorProgram(), argc, argv);
}
