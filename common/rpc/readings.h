#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/rpc/connections.h"

// What the system knows about connections and this process. Thread-safe.
namespace seatsaga {

// Nothing for a socket that is not TCP: the system counts no bytes of Unix sockets.
std::optional<ConnectionAccount::Traffic> ReadTraffic(int fd);

// Whether a TCP connection is over on both sides, so that nothing can be sent on it.
bool IsOver(int fd);

// How gRPC names the client of a TCP connection ("ipv4:127.0.0.1:40312"), and no other one that is
// open. Empty if it is not TCP, or the client has gone.
std::string PeerName(int fd);

// Bytes that this process has allocated and not freed.
uint64_t MemoryInUse();

// Descriptors that this process may open besides those that are open; 0 if that is not known.
uint64_t DescriptorsLeft();

}  // namespace seatsaga
