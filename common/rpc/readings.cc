#include "common/rpc/readings.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstddef>
#include <memory>

#include "common/text.h"

// tcmalloc's, if the program is linked with it.
extern "C" __attribute__((weak)) int MallocExtension_GetNumericProperty(const char* name,
                                                                        size_t* value);

namespace seatsaga {
namespace {

std::string AddressText(int family, const void* address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, address, text, sizeof(text)) == nullptr ? "" : text;
}

std::string Ipv6Name(const sockaddr_in6& peer) {
  const int port = ntohs(peer.sin6_port);
  if (IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr)) {
    return Cat("ipv4:", AddressText(AF_INET, &peer.sin6_addr.s6_addr[12]), ":", port);
  }
  // As part of a URI: brackets and the sign before an interface's number are escaped.
  std::string host = AddressText(AF_INET6, &peer.sin6_addr);
  if (peer.sin6_scope_id != 0) Append(host, "%25", peer.sin6_scope_id);
  return Cat("ipv6:%5B", host, "%5D:", port);
}

}  // namespace

std::optional<ConnectionAccount::Traffic> ReadTraffic(int fd) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received)) {
    return std::nullopt;
  }
  int waiting = 0;  // received, and not read yet
  if (ioctl(fd, SIOCINQ, &waiting) != 0 || waiting < 0) waiting = 0;
  const auto unread = static_cast<uint64_t>(waiting);
  return ConnectionAccount::Traffic{
      .received = info.tcpi_bytes_received > unread ? info.tcpi_bytes_received - unread : 0,
      .waiting = unread,
      .sent = info.tcpi_bytes_acked};
}

bool IsOver(int fd) {
  constexpr uint8_t kClosed = 7;  // TCP_CLOSE of the system's own tcp_states.h
  tcp_info info{};
  socklen_t size = sizeof(info);
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == kClosed;
}

std::string PeerName(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  if (peer.ss_family == AF_INET6) return Ipv6Name(reinterpret_cast<const sockaddr_in6&>(peer));
  if (peer.ss_family != AF_INET) return "";
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(peer);
  return Cat("ipv4:", AddressText(AF_INET, &ipv4.sin_addr), ":", ntohs(ipv4.sin_port));
}

uint64_t MemoryInUse() {
  size_t bytes = 0;
  if (MallocExtension_GetNumericProperty != nullptr &&
      MallocExtension_GetNumericProperty("generic.current_allocated_bytes", &bytes) != 0) {
    return bytes;
  }
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

uint64_t DescriptorsLeft() {
  rlimit limit{};
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir("/proc/self/fd"), closedir);
  if (open == nullptr || getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  uint64_t used = 0;
  while (readdir(open.get()) != nullptr) ++used;  // with ".", "..", and the folder itself
  return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

}  // namespace seatsaga
