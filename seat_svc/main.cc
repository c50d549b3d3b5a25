// seat_svc: events, their seats, and who holds them.
#include "common/process/run_server.h"
#include "seat_svc/seat_node.h"

namespace {

using namespace seatsaga;  // NOLINT(google-build-using-namespace): the wiring

class SeatProgram final : public ServerProgram {
 public:
  SeatProgram()
      : ServerProgram({.name = "seat_svc",
                       .description = "Owns events and their seats; reserves and releases them.",
                       .port = 50052,
                       // 1,000 commands of 20 seats with the longest names.
                       .request_bytes_max = 2 << 20}) {}

  absl::StatusOr<std::unique_ptr<Service>> Open(const World& world,
                                                const ServerFlags& flags) override {
    return seat::SeatNode::Open(world, {.limits = flags.loop_limits()});
  }
};

}  // namespace

int main(int argc, char** argv) { return seatsaga::RunServer(SeatProgram(), argc, argv); }
