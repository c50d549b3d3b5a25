#include "common/rpc/listening_sockets.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "common/text.h"
#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

absl::StatusOr<ListeningSockets> Open(const std::string& text) {
  const auto address = ParseListenAddress(text);
  INFO(address.status());
  REQUIRE(address.ok());
  return ListeningSockets::Open(*address);
}

std::string ErrorOf(const std::string& text) {
  const auto listener = Open(text);
  REQUIRE_FALSE(listener.ok());
  CHECK(absl::IsUnavailable(listener.status()));
  return std::string(listener.status().message());
}

TEST_CASE("port 0 is one that the system chooses, the same for every address of the host") {
  const auto listener = Open(GENERATE("127.0.0.1:0", "localhost:0"));
  REQUIRE(listener.ok());
  CHECK(listener->port() > 0);
  CHECK_FALSE(listener->sockets().empty());
}

TEST_CASE("a port in use is refused, until its owner has gone") {
  std::optional<ListeningSockets> first(*Open("127.0.0.1:0"));
  const std::string address = Cat("127.0.0.1:", first->port());
  CHECK_THAT(ErrorOf(address), Catch::Contains("cannot listen on " + address) &&
                                   Catch::Contains("in use") &&
                                   Catch::Contains("choose another address with --listen"));
  first.reset();
  CHECK(Open(address).ok());
}

TEST_CASE("an address of another machine, or of none, is refused with what to do") {
  CHECK_THAT(ErrorOf("192.0.2.1:0"), Catch::Contains("give an address of this machine"));
  CHECK_THAT(ErrorOf("no-such-host.invalid:1"), Catch::Contains("the host is not known"));
}

TEST_CASE("a Unix socket is its owner's alone, and gone with its server") {
  const testing::TempDir dir;
  const std::string path = dir.File("socket");
  {
    const auto listener = Open("unix:" + path);
    REQUIRE(listener.ok());
    CHECK(listener->port() == 0);
    struct stat about {};
    REQUIRE(stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST_CASE("a second server on a Unix socket is refused, and does the first no harm") {
  const testing::TempDir dir;
  const auto first = Open("unix:" + dir.File("socket"));
  REQUIRE(first.ok());
  CHECK_THAT(ErrorOf("unix:" + dir.File("socket")), Catch::Contains("another server runs there"));
  CHECK(std::filesystem::exists(dir.File("socket")));
  CHECK(std::filesystem::exists(dir.File("socket.lock")));
}

// A socket without a lock, as other programs make them.
class ForeignSocket {
 public:
  explicit ForeignSocket(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    REQUIRE(listen(fd_.get(), 1) == 0);
  }

 private:
  Descriptor fd_;
};

TEST_CASE("the socket of a server that was killed is replaced") {
  const testing::TempDir dir;
  { const ForeignSocket killed(dir.File("socket")); }
  REQUIRE(std::filesystem::exists(dir.File("socket")));
  CHECK(Open("unix:" + dir.File("socket")).ok());
}

TEST_CASE("a Unix socket that answers is in use, whoever made it") {
  const testing::TempDir dir;
  const ForeignSocket other(dir.File("socket"));
  CHECK_THAT(ErrorOf("unix:" + dir.File("socket")), Catch::Contains("another server runs there"));
  CHECK(std::filesystem::exists(dir.File("socket")));
}

TEST_CASE("a file that is no socket is not replaced") {
  const testing::TempDir dir;
  std::ofstream(dir.File("data")) << "precious";
  CHECK_THAT(ErrorOf("unix:" + dir.File("data")), Catch::Contains("no socket"));
  CHECK(std::filesystem::file_size(dir.File("data")) == 8);
}

TEST_CASE("a server does not remove a socket that another has put in the place of its own") {
  const testing::TempDir dir;
  {
    const auto listener = Open("unix:" + dir.File("socket"));
    REQUIRE(listener.ok());
    std::filesystem::rename(dir.File("socket"), dir.File("moved"));
    std::ofstream(dir.File("socket")) << "another's";
  }
  CHECK(std::filesystem::exists(dir.File("socket")));
}

TEST_CASE("a folder that is not there is refused") {
  const testing::TempDir dir;
  CHECK_THAT(ErrorOf("unix:" + dir.File("none/socket")), Catch::Contains("No such file"));
}

}  // namespace
}  // namespace seatsaga
