#include "common/rpc/listening_sockets.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "common/text.h"

namespace seatsaga {
namespace {

// Connections that may wait to be accepted; the system has a bound of its own (somaxconn).
constexpr int kBacklog = 1024;
// A peer that does not acknowledge what we sent, or does not make room for it, is given up.
constexpr int kUnacknowledgedMs = 30'000;
// What the system takes in before gRPC reads it. A fast network needs no more, and gRPC works
// through it even when the client has gone.
constexpr int kWindow = 256 << 10;
constexpr int kKeepaliveIdleS = 60;
constexpr int kKeepaliveIntervalS = 10;
constexpr int kKeepaliveProbes = 3;

constexpr mode_t kOwnerOnly = 0600;

void Set(int fd, int level, int option, int value) {
  // Each of these is a help. A system that lacks one serves all the same.
  (void)setsockopt(fd, level, option, &value, sizeof(value));
}

// What a connection is like, it has from the socket that accepted it.
void SetForConnections(int fd) {
  Set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedMs);
  Set(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, kWindow);
  Set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleS);
  Set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalS);
  Set(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
}

void SetPort(sockaddr_storage& address, int port) {
  const auto in_network_order = htons(static_cast<uint16_t>(port));
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = in_network_order;
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = in_network_order;
  }
}

int PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// Bound and listening; closed, with errno, if that fails.
Descriptor ListenTcp(const addrinfo& found, int port) {
  Descriptor fd(socket(found.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.open()) return fd;
  // A restarted server need not wait for its old connections to be forgotten. On Linux this lets no
  // second server listen.
  Set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (found.ai_family == AF_INET6) {
    const auto& ipv6 = *reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
    Set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, IN6_IS_ADDR_UNSPECIFIED(&ipv6.sin6_addr) ? 0 : 1);
  }
  SetForConnections(fd.get());
  sockaddr_storage address{};
  std::memcpy(&address, found.ai_addr, found.ai_addrlen);
  SetPort(address, port);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), found.ai_addrlen) != 0 ||
      listen(fd.get(), kBacklog) != 0) {
    const int error = errno;
    fd.Close();
    errno = error;
  }
  return fd;
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());  // its length has been checked
  return address;
}

// Whether a server, of whatever kind, listens there.
bool Answers(const std::string& path) {
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = UnixAddress(path);
  return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
         errno == EAGAIN;  // so many wait that it takes no more at present
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int Descriptor::Release() { return std::exchange(fd_, -1); }

void Descriptor::Close() {
  if (open()) close(Release());
}

absl::StatusOr<ListeningSockets> ListeningSockets::Open(const ListenAddress& address) {
  ListeningSockets listener(address);
  const absl::Status opened = address.is_unix() ? listener.OpenUnix() : listener.OpenTcp();
  if (!opened.ok()) return opened;
  return listener;
}

// With errno as the reason.
absl::Status ListeningSockets::Failed(std::string_view what) const {
  const int error = errno;
  std::string_view fix = "choose another address with --listen";
  if (error == EACCES && !address_.is_unix()) fix = "choose a port above 1023 with --listen";
  if (error == EADDRNOTAVAIL) fix = "give an address of this machine with --listen";
  return absl::UnavailableError(Cat("cannot listen on ", address_.ToString(address_.port), ": ",
                                    what, std::strerror(error), "; ", fix));
}

absl::Status ListeningSockets::OpenTcp() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* all = nullptr;
  const int error = getaddrinfo(address_.host.c_str(), "0", &hints, &all);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(all, [](addrinfo* list) {
    if (list != nullptr) freeaddrinfo(list);
  });
  if (error != 0) {
    return absl::UnavailableError(Cat("cannot listen on ", address_.ToString(address_.port),
                                      ": the host is not known (", gai_strerror(error),
                                      "); choose another with --listen"));
  }
  port_ = address_.port;
  for (const addrinfo* found = all; found != nullptr; found = found->ai_next) {
    Descriptor fd = ListenTcp(*found, port_);
    if (!fd.open()) {
      // "localhost" also stands for ::1 on machines without IPv6.
      const bool is_absent = errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL;
      if (is_absent && (found->ai_next != nullptr || !sockets_.empty())) continue;
      return Failed("");
    }
    port_ = PortOf(fd.get());
    sockets_.push_back(std::move(fd));
  }
  return absl::OkStatus();
}

absl::Status ListeningSockets::OpenUnix() {
  if (absl::Status taken = TakeLock(); !taken.ok()) return taken;
  if (absl::Status removed = RemoveStaleSocket(); !removed.ok()) return removed;
  Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const sockaddr_un address = UnixAddress(address_.path);
  // The mode first: there is no moment in which others may connect.
  if (!fd.open() || fchmod(fd.get(), kOwnerOnly) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return Failed("");
  }
  struct stat about {};
  if (stat(address_.path.c_str(), &about) == 0) inode_ = about.st_ino;
  if (listen(fd.get(), kBacklog) != 0) return Failed("");
  sockets_.push_back(std::move(fd));
  return absl::OkStatus();
}

// A lock, because two servers that start at once could each take the other's new socket for stale.
absl::Status ListeningSockets::TakeLock() {
  const std::string path = address_.path + ".lock";
  while (true) {
    Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
    if (!file.open()) return Failed(Cat(path, ": "));
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      errno = EADDRINUSE;
      return Failed("another server runs there: ");
    }
    // Its last owner may have removed it between the two calls: then it locks nothing.
    struct stat locked {};
    struct stat there {};
    if (fstat(file.get(), &locked) == 0 && stat(path.c_str(), &there) == 0 &&
        locked.st_ino == there.st_ino) {
      lock_ = std::move(file);
      return absl::OkStatus();
    }
  }
}

absl::Status ListeningSockets::RemoveStaleSocket() {
  struct stat about {};
  if (lstat(address_.path.c_str(), &about) != 0) return absl::OkStatus();
  if (!S_ISSOCK(about.st_mode)) {
    errno = EEXIST;
    return Failed("what is there is no socket: ");
  }
  if (Answers(address_.path)) {
    errno = EADDRINUSE;
    return Failed("another server runs there: ");
  }
  return unlink(address_.path.c_str()) == 0 ? absl::OkStatus() : Failed("");
}

ListeningSockets::~ListeningSockets() {
  if (!lock_.open()) return;
  struct stat about {};
  if (inode_ != 0 && lstat(address_.path.c_str(), &about) == 0 && about.st_ino == inode_) {
    unlink(address_.path.c_str());
  }
  unlink((address_.path + ".lock").c_str());
}

}  // namespace seatsaga
