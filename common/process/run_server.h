#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/node/server.h"
#include "common/node/world.h"
#include "common/process/command_line.h"
#include "common/process/flags.h"
#include "common/rpc/server.h"

namespace seatsaga {

// What is particular to one server program. Its main.cc is this and RunServer:
//
//   class SeatProgram final : public ServerProgram {
//    public:
//     SeatProgram() : ServerProgram({.name = "seat_svc", .description = ..., .port = 50052}) {}
//     absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
//                                                   const ServerFlags& flags) override {
//       return seat::SeatNode::Open(world, {.limits = flags.loop_limits()});
//     }
//   };
//
//   int main(int argc, char** argv) { return RunServer(SeatProgram(), argc, argv); }
class ServerProgram {
 public:
  struct About {
    std::string name;         // "seat_svc"; also of its store
    std::string description;  // for --help
    int port = 0;             // used unless --listen is given
    // A larger request is refused with MESSAGE_TOO_LARGE.
    size_t request_bytes_max = 1 << 20;
  };

  explicit ServerProgram(About about) : about_(std::move(about)) {}
  virtual ~ServerProgram() = default;
  const About& about() const { return about_; }

  // Adds the flags that only this server has, with environment names of the form SEATSAGA_<NAME>.
  virtual void AddFlags(CommandLine& /*line*/) {}
  // Makes the server; errors say what to do. `world` outlives it.
  virtual absl::StatusOr<std::unique_ptr<Server>> Open(const World& world,
                                                       const ServerFlags& flags) = 0;
  // Streams of one method that clients may hold open at once. Called once the flags are read.
  virtual int streams_max() const { return RpcServerOptions().streams_max; }
  // The SQLite file of a store that the program opens beside its own.
  virtual std::string StorePath(std::string_view service, const ServerFlags& flags) const;

 private:
  const About about_;
};

// Runs a server process: reads the flags, opens the world and the service, logs that it serves,
// waits for SIGTERM and drains. Returns the exit status: 0 after a clean drain or --help, 1 after
// an error (logged in one line), 2 after a usage error.
int RunServer(ServerProgram& program, int argc, char** argv);
inline int RunServer(ServerProgram&& program, int argc, char** argv) {
  return RunServer(program, argc, argv);
}

// "token.key" in the folder of `database`: the default path of the key file.
std::string Beside(const std::string& database, const std::string& file);

}  // namespace seatsaga
