#include "common/rpc/listen_address.h"

#include <catch2/catch.hpp>
#include <string>

namespace seatsaga {
namespace {

// As it is used again, or the error.
std::string Parsed(const std::string& text) {
  const auto address = ParseListenAddress(text);
  return address.ok() ? address->ToString(address->port) : std::string(address.status().message());
}

TEST_CASE("an address to listen on is a host or an address with a port, or a Unix socket") {
  const std::string text = GENERATE("127.0.0.1:50051", "localhost:0", "0.0.0.0:65535", "[::]:1",
                                    "[::1]:50051", "[fe80::1%eth0]:7", "seats.example.com:443",
                                    "unix:/run/seatsaga/seat.socket", "unix:relative.socket");
  CHECK(Parsed(text) == text);
}

TEST_CASE("a Unix address may be written as a URL") {
  CHECK(Parsed("unix:///run/x") == "unix:/run/x");
}

TEST_CASE("an address that cannot be meant is refused, with the reason and the form") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {"127.0.0.1", "the port is missing"},
      {"", "the port is missing"},
      {"127.0.0.1:", "the port must be a number"},
      {"127.0.0.1:http", "the port must be a number"},
      {"127.0.0.1:-1", "the port must be a number"},
      {"127.0.0.1:65536", "from 0 to 65535"},
      {"127.0.0.1:99999", "from 0 to 65535"},
      {"127.0.0.1:4294967297", "from 0 to 65535"},
      {":50051", "the host is missing"},
      {"::1:50051", "needs brackets"},
      {"[127.0.0.1]:50051", "no IPv6 address"},
      {"[]:50051", "no IPv6 address"},
      {"*:50051", "no name and no address"},
      {"http://x:50051", "needs brackets"},
      {"dns:///x:50051", "needs brackets"},
      {"a b:50051", "no name and no address"},
      {"unix:", "the path is missing"},
      {"unix-abstract:x", "any user could call"},
      {"unix:/" + std::string(107, 'x'), "the path has 108 bytes"},
  }));
  CAPTURE(text);
  const std::string error = Parsed(text);
  CHECK_THAT(error, Catch::StartsWith("--listen " + text + ": "));
  CHECK_THAT(error, Catch::Contains(why));
  CHECK_THAT(error, Catch::Contains("give host:port, [IPv6 address]:port or unix:/path"));
}

}  // namespace
}  // namespace seatsaga
