#include "cluster/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <utility>

#include "common/text.h"

namespace seatsaga::cluster {
namespace {

constexpr int kFirst = 20'000;
constexpr int kBlocks = 3'000;  // up to port 32,000: ephemeral ports begin at 32,768

// An abstract socket name is freed by the system when its process ends, however it ends.
int TryLock(int base) {
  const int lock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = Cat("seatsaga-ports-", base);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (bind(lock, reinterpret_cast<sockaddr*>(&address), size) == 0) return lock;
  close(lock);
  return -1;
}

bool IsFree(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // old connections do not matter
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return free;
}

bool AllFree(int base) {
  for (int port = base; port < base + PortBlock::kSize; ++port) {
    if (!IsFree(port)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<PortBlock> PortBlock::Take() {
  std::random_device random;
  const int start = static_cast<int>(random() % kBlocks);
  for (int i = 0; i < kBlocks; ++i) {
    const int base = kFirst + (start + i) % kBlocks * kSize;
    const int lock = TryLock(base);
    if (lock < 0) continue;
    if (AllFree(base)) return PortBlock(base, lock);
    close(lock);
  }
  return absl::ResourceExhaustedError("no free ports between 20000 and 32000");
}

PortBlock::PortBlock(PortBlock&& other) noexcept
    : base_(other.base_), lock_(std::exchange(other.lock_, -1)) {}

PortBlock& PortBlock::operator=(PortBlock&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(lock_, other.lock_);
  return *this;
}

PortBlock::~PortBlock() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace seatsaga::cluster
