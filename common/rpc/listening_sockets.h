#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/listen_address.h"

namespace seatsaga {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  int Release();
  void Close();

 private:
  int fd_ = -1;
};

// The sockets that a server listens on: one for each address that its host name stands for, or one
// Unix socket. What they accept is non-blocking, close-on-exec, sends at once (TCP_NODELAY), and
// notices peers that have vanished. Not thread-safe.
class ListeningSockets {
 public:
  // Bound exclusively, and listening. Unavailable, with what to do, if that fails.
  //
  // A Unix socket may only be used by the server's own user. It is locked by PATH.lock, so a second
  // server is refused, and the socket of one that was killed is replaced.
  static absl::StatusOr<ListeningSockets> Open(const ListenAddress& address);

  ListeningSockets(ListeningSockets&&) = default;
  // Removes its Unix socket, unless another file is there by now.
  ~ListeningSockets();

  const std::vector<Descriptor>& sockets() const { return sockets_; }
  // 0 for a Unix socket.
  int port() const { return port_; }
  bool is_unix() const { return address_.is_unix(); }

 private:
  explicit ListeningSockets(ListenAddress address) : address_(std::move(address)) {}

  absl::Status OpenTcp();
  absl::Status OpenUnix();
  absl::Status TakeLock();
  absl::Status RemoveStaleSocket();
  absl::Status Failed(std::string_view what) const;

  ListenAddress address_;
  std::vector<Descriptor> sockets_;
  int port_ = 0;
  Descriptor lock_;
  unsigned long inode_ = 0;  // of the Unix socket
};

}  // namespace seatsaga
