// orchestrator: one persisted state machine per reservation.
#include "common/process/run_server.h"
#include "orchestrator/service/orchestrator_node.h"

namespace {

using namespace seatsaga;  // NOLINT(google-build-using-namespace): the wiring

class OrchestratorProgram final : public ServerProgram {
 public:
  OrchestratorProgram()
      : ServerProgram({.name = "orchestrator",
                       .description = "Keeps one persisted state machine per reservation.",
                       .port = 50054}) {}

  void AddFlags(CommandLine& line) override {
    line.Add("--seats", options_.targets.seats, "Address of seat_svc")
        .Environment("SEATSAGA_SEAT_SVC");
    line.Add("--payments", options_.targets.payments, "Address of payment_svc")
        .Environment("SEATSAGA_PAYMENT_SVC");
    line.Add("--reservations", options_.targets.reservations, "Address of reservation_svc")
        .Environment("SEATSAGA_RESERVATION_SVC");
    line.Add("--live-max", options_.live_max, "Sagas that may be live at once")
        .Environment("SEATSAGA_LIVE_MAX")
        .Between(1, 10'000'000);
    line.Add("--attempts-max", options_.limits.attempts_max,
             "Unknown outcomes before a step is undone")
        .Environment("SEATSAGA_ATTEMPTS_MAX")
        .Between(1, 1000);
    line.Add("--backoff-base-ms", backoff_base_ms_, "The first retry comes within this time")
        .Environment("SEATSAGA_BACKOFF_BASE_MS")
        .Between(1, 60'000);
    line.Add("--backoff-cap-ms", backoff_cap_ms_, "Retries come at least this often")
        .Environment("SEATSAGA_BACKOFF_CAP_MS")
        .Between(1, 3'600'000);
    line.Add("--reservation-version-max", reservation_version_max_,
             "New reservations run on this version of their saga at most; 0: the newest. Hold a new "
             "version back until every participant knows its commands")
        .Environment("SEATSAGA_RESERVATION_VERSION_MAX")
        .Between(0, 1000);
    line.Add("--take-over", options_.take_over,
             "Go on although this data may be a copy, or older than what the participants have seen. "
             "The reason is recorded");
  }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                                const ServerFlags& flags) override {
    options_.limits.backoff = {.base = absl::Milliseconds(backoff_base_ms_),
                               .cap = absl::Milliseconds(backoff_cap_ms_)};
    if (reservation_version_max_ > 0) {
      options_.newest_versions["reservation"] = reservation_version_max_;
    }
    options_.loop = flags.loop_limits();
    return OrchestratorNode::Open(world, options_);
  }

 private:
  OrchestratorOptions options_;
  int backoff_base_ms_ = 100;
  int backoff_cap_ms_ = 30'000;
  int reservation_version_max_ = 0;
};

}  // namespace

int main(int argc, char** argv) { return seatsaga::RunServer(OrchestratorProgram(), argc, argv); }
