#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace seatsaga {

// Where a server is to listen, as --listen gives it:
//   127.0.0.1:50051   [::1]:50051   localhost:50051   0.0.0.0:50051   [::]:50051 unix:/run/x.socket
// Port 0 lets the system choose. [::] also takes IPv4.
struct ListenAddress {
  std::string host;  // without brackets; empty for a Unix socket
  int port = 0;
  std::string path;  // of a Unix socket; empty otherwise

  bool is_unix() const { return !path.empty(); }
  // In the form above, with this port.
  std::string ToString(int port_in_use) const;
};

// Checks the form only. InvalidArgument, with the form that is expected.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

}  // namespace seatsaga
