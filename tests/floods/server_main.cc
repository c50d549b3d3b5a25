// seatsaga-flooded: the server that is flooded. Two methods that do nothing, and everything that
// every server of SeatSaga does about connections.
#include <fstream>
#include <iostream>
#include <string>

#include "api/orchestrator.h"
#include "common/process/command_line.h"
#include "common/process/signals.h"
#include "common/rpc/server.h"
#include "common/text.h"

namespace seatsaga {
namespace {

using orchestrator::v1::GetSagaRequest;
using orchestrator::v1::GetSagaResponse;
using orchestrator::v1::ListSagasRequest;
using orchestrator::v1::ListSagasResponse;

constexpr int kSagas = 512;

// About 64 KiB.
ListSagasResponse BigAnswer() {
  ListSagasResponse response;
  for (int i = 0; i < kSagas; ++i) response.add_sagas()->set_saga_id(std::string(124, 'x'));
  return response;
}

void Serve(RpcServer& server) {
  server.Serve(orchestrator::kGetSaga,
               [](GetSagaRequest& request, const CallContext&, Reply<GetSagaResponse> reply) {
                 GetSagaResponse response;
                 response.mutable_saga()->set_saga_id(request.saga_id());
                 reply.Send(std::move(response));
               });
  server.Serve(Plain(orchestrator::kListSagas),
               [answer = BigAnswer()](ListSagasRequest&, const CallContext&,
                                      Reply<ListSagasResponse> reply) { reply.Send(answer); });
}

int Main(int argc, char** argv) {
  BlockStopSignals();
  CommandLine line("seatsaga-flooded",
                   "A server for tests of floods; answers, and stores nothing.");
  RpcServerOptions options{.listen = "127.0.0.1:0"};
  std::string ready_file;
  bool unbounded = false;
  line.Add("--listen", options.listen, "host:port or unix:/path");
  line.Add("--ready-file", ready_file, "Write the address to this file once serving").Required();
  line.Add("--connections-max", options.connections.connections_max, "As every server's");
  line.AddSwitch("--unbounded", unbounded, "Cut no connection, to see what then happens");
  if (const auto exit_status = line.Parse(argc, argv)) return *exit_status;
  options.connections.enforced = !unbounded;
  RpcServer server(options);
  Serve(server);
  if (const absl::Status started = server.Start(); !started.ok()) {
    std::cerr << started.message() << "\n";
    return 1;
  }
  server.SetServing(true);
  std::ofstream(ready_file + ".tmp") << server.address() << "\n";
  std::rename((ready_file + ".tmp").c_str(), ready_file.c_str());
  WaitForStop();
  server.Shutdown(absl::Seconds(1));
  return 0;
}

}  // namespace
}  // namespace seatsaga

int main(int argc, char** argv) { return seatsaga::Main(argc, argv); }
