// seat_svc: events, their seats, and who holds them. Wiring only.
#include "common/process/run_server.h"
#include "seat_svc/seat_node.h"

namespace seatsaga::seat {
namespace {

class SeatProgram final : public ServerProgram {
 public:
  SeatProgram()
      : ServerProgram(
            {.name = "seat_svc",
             .description = "Owns events and their seats; reserves and releases them for sagas.",
             .port = 50052,
             // 1,000 commands of 20 seats with the longest names.
             .request_bytes_max = 2 << 20}) {}

  void AddFlags(CommandLine& line) override { AddWatchesFlag(line, watches_max_); }
  int streams_max() const override { return watches_max_; }

  absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                               const ServerFlags& flags) override {
    return SeatNode::Open(world, {.limits = flags.loop_limits()});
  }

 private:
  int watches_max_ = 4096;  // people who look at seat maps
};

}  // namespace
}  // namespace seatsaga::seat

int main(int argc, char** argv) {
  return seatsaga::RunServer(seatsaga::seat::SeatProgram(), argc, argv);
}
