// reservation_svc: the public facade. Wiring only.
#include "common/process/run_server.h"
#include "common/process/token_key_flags.h"
#include "reservation_svc/reservation_node.h"

namespace seatsaga {
namespace {

constexpr int kHoldSecondsMax = 31 * 86'400;

class ReservationProgram final : public ServerProgram {
 public:
  ReservationProgram()
      : ServerProgram({.name = "reservation_svc",
                       .description = "SeatSaga's public facade: makes reservations and says what "
                                      "became of them.",
                       .port = 50051}) {}

  void AddFlags(CommandLine& line) override {
    line.Add("--orchestrator", options_.orchestrator, "Address of the orchestrator")
        .Environment("SEATSAGA_ORCHESTRATOR")
        .Type("ADDRESS");
    token_keys_.AddTo(line);
    line.Add("--pending-max", options_.limits.pending_max,
             "Reservations that are PENDING or CANCELLING at a time; any more fail with "
             "RESOURCE_EXHAUSTED")
        .Environment("SEATSAGA_PENDING_MAX")
        .Between(1, 10'000'000);
    line.Add("--user-event-holds-max", options_.limits.user_event.holds_max,
             "Unpaid holds that one user may have for one event at a time; any more fail with "
             "USER_EVENT_LIMIT; 0: no limit")
        .Environment("SEATSAGA_USER_EVENT_HOLDS_MAX")
        .Between(0, 1'000'000);
    line.Add("--user-event-seats-max", options_.limits.user_event.seats_max,
             "Seats that one user may have of one event at a time, in reservations that are not "
             "CANCELLED; any more fail with USER_EVENT_LIMIT; 0: no limit")
        .Environment("SEATSAGA_USER_EVENT_SEATS_MAX")
        .Between(0, 1'000'000);
    line.Add("--hold-default-s", hold_default_s_,
             "Seconds that seats are held for a client that does not say how long")
        .Environment("SEATSAGA_HOLD_DEFAULT_S")
        .Between(1, kHoldSecondsMax);
    line.Add("--hold-min-s", hold_min_s_, "Shortest hold that a client may ask for, in seconds")
        .Environment("SEATSAGA_HOLD_MIN_S")
        .Between(1, kHoldSecondsMax);
    line.Add("--hold-max-s", hold_max_s_, "Longest hold that a client may ask for, in seconds")
        .Environment("SEATSAGA_HOLD_MAX_S")
        .Between(1, kHoldSecondsMax);
    AddWatchesFlag(line, watches_max_);
  }
  int streams_max() const override { return watches_max_; }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                               const ServerFlags& flags) override {
    const auto sealer = token_keys_.Read(flags.database);
    if (!sealer.ok()) return sealer.status();
    options_.forget_token_keys = token_keys_.forget;
    if (hold_min_s_ > hold_default_s_ || hold_default_s_ > hold_max_s_) {
      return absl::InvalidArgumentError(
          "--hold-default-s must be between --hold-min-s and --hold-max-s");
    }
    options_.holds = {.otherwise = absl::Seconds(hold_default_s_),
                      .min = absl::Seconds(hold_min_s_),
                      .max = absl::Seconds(hold_max_s_)};
    options_.loop = flags.loop_limits();
    return reservation::ReservationNode::Open(world, options_, *sealer);
  }

 private:
  reservation::ReservationOptions options_{.orchestrator = "127.0.0.1:50054"};
  TokenKeyFlags token_keys_;
  int hold_default_s_ = 600;
  int hold_min_s_ = 10;
  int hold_max_s_ = 3600;
  int watches_max_ = 4096;
};

}  // namespace
}  // namespace seatsaga

int main(int argc, char** argv) {
  return seatsaga::RunServer(seatsaga::ReservationProgram(), argc, argv);
}
