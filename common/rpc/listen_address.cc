#include "common/rpc/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string_view>

#include "absl/strings/numbers.h"
#include "common/text.h"

namespace seatsaga {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr int kPortMax = 65'535;

absl::Status Wrong(const std::string& text, std::string_view why) {
  return absl::InvalidArgumentError(
      Cat("--listen ", text, ": ", why, "; give host:port, [IPv6 address]:port or unix:/path"));
}

absl::StatusOr<ListenAddress> ParseUnix(const std::string& text) {
  std::string path = text.substr(kUnix.size());
  if (path.starts_with("//")) path = path.substr(2);  // unix:///path
  if (path.empty()) return Wrong(text, "the path is missing");
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Wrong(text, Cat("the path has ", path.size(), " bytes, and the system allows ",
                           sizeof(sockaddr_un::sun_path) - 1));
  }
  if (path.find('\0') != std::string::npos) return Wrong(text, "the path contains a zero byte");
  return ListenAddress{.path = std::move(path)};
}

bool IsPort(std::string_view text, int& port) {
  const bool digits = !text.empty() && text.size() <= 5 &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  return digits && absl::SimpleAtoi(AbslView(text), &port) && port <= kPortMax;
}

bool IsIpv6(const std::string& host) {
  // What follows % names an interface.
  in6_addr address;
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

}  // namespace

std::string ListenAddress::ToString(int port_in_use) const {
  if (is_unix()) return Cat(kUnix, path);
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return Cat(is_ipv6 ? "[" : "", host, is_ipv6 ? "]:" : ":", port_in_use);
}

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  if (text.starts_with(kUnix)) return ParseUnix(text);
  if (text.starts_with("unix-abstract:")) {
    return Wrong(text, "abstract sockets have no owner and no mode, so any user could call");
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return Wrong(text, "the port is missing");
  ListenAddress address{.host = text.substr(0, colon)};
  if (!IsPort(std::string_view(text).substr(colon + 1), address.port)) {
    return Wrong(text, Cat("the port must be a number from 0 to ", kPortMax));
  }
  if (address.host.starts_with("[") && address.host.ends_with("]")) {
    address.host = address.host.substr(1, address.host.size() - 2);
    if (!IsIpv6(address.host)) return Wrong(text, "what is in brackets is no IPv6 address");
  } else if (address.host.find(':') != std::string::npos) {
    return Wrong(text, "an IPv6 address needs brackets");
  } else if (address.host.empty()) {
    return Wrong(text, "the host is missing: 0.0.0.0 or [::] listens on every network");
  } else if (address.host.find_first_of("/[]@* ") != std::string::npos) {
    return Wrong(text, "the host is no name and no address");
  }
  return address;
}

}  // namespace seatsaga
