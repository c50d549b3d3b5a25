// reservation_svc: the public facade. Wiring only.
#include "common/process/run_server.h"
#include "common/sealed_token.h"
#include "reservation_svc/reservation_node.h"

namespace seatsaga {
namespace {

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
    line.Add(
            "--token-key-file", token_key_file_,
            "Key that seals payment tokens; payment_svc must use the same file; created if it does "
            "not exist")
        .Environment("SEATSAGA_TOKEN_KEY_FILE")
        .Type("FILE")
        .Default("token.key beside the database");
    line.Add("--pending-max", options_.limits.pending_max,
             "PENDING reservations at a time; any more fail with RESOURCE_EXHAUSTED")
        .Environment("SEATSAGA_PENDING_MAX")
        .Between(1, 10'000'000);
  }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                               const ServerFlags& flags) override {
    const auto sealer = TokenSealer::FromKeyFile(
        token_key_file_.empty() ? Beside(flags.database, "token.key") : token_key_file_);
    if (!sealer.ok()) return sealer.status();
    options_.loop = flags.loop_limits();
    return reservation::ReservationNode::Open(world, options_, *sealer);
  }

 private:
  reservation::ReservationOptions options_{.orchestrator = "127.0.0.1:50054"};
  std::string token_key_file_;
};

}  // namespace
}  // namespace seatsaga

int main(int argc, char** argv) {
  return seatsaga::RunServer(seatsaga::ReservationProgram(), argc, argv);
}
