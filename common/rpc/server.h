#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "common/rpc/connections.h"
#include "common/rpc/io_thread.h"
#include "common/wire/wire.h"

// gRPC over one completion queue, without generated service code. This header needs no gRPC header,
// so the code behind it builds fast.
namespace seatsaga {

struct RpcServerOptions {
  // "host:port" (port 0 lets the system choose) or "unix:/path"; common/rpc/listen_address.h.
  std::string listen;
  // Only methods of these listeners are served; others are UNIMPLEMENTED.
  std::set<Listener> listeners = {Listener::kPublic, Listener::kInternal, Listener::kAdmin};
  // A larger request is refused with MESSAGE_TOO_LARGE.
  size_t request_bytes_max = 1 << 20;
  // Streams of one method at once; one more is answered RESOURCE_EXHAUSTED.
  int streams_max = 256;
  // What clients' connections may cost.
  ConnectionLimits connections{};
};

// The wire of a process. Every call needs a deadline (DEADLINE_REQUIRED); streams do not. Handlers
// run on the I/O thread. Construction, Serve and Start: one thread, in this order.
class RpcServer final : public Wire {
 public:
  explicit RpcServer(RpcServerOptions options);
  ~RpcServer() override;

  std::unique_ptr<Channel> Connect(const std::string& target) override;
  void ServeRaw(const MethodInfo& method, RawHandler handler) override;
  void ServeRawStream(const MethodInfo& method, const google::protobuf::Message& prototype,
                      RawStreamHandler handler) override;

  // InvalidArgument or Unavailable, with what to do, if the address cannot be used.
  absl::Status Start() override;
  // What the health service answers, for the server and each of its services. Any thread.
  void SetServing(bool serving) override;
  // Streams are ended first, UNAVAILABLE. Call before the objects that handlers use are destroyed.
  void Shutdown(absl::Duration drain) override;

  // The address in use, once started; 0 is the port of a Unix socket.
  std::string address() const;
  int port() const;
  // Takes the turns of the process' loops. Runs from Start until Shutdown.
  IoThread& io();

 private:
  void AddStandardServices();
  void SetBounds();

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace seatsaga
