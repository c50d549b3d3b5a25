#include "common/sqlite/wal_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

// A page at a time: larger writes make the kernel cache the file in larger units, and account each
// commit for a whole one of them.
constexpr int64_t kChunk = 4096;

// Zeros are written, because space that is only reserved is still "unwritten" to the file system.
bool AppendZeros(int fd, int64_t from, int64_t to) {
  const std::array<char, kChunk> zeros{};
  while (from < to) {
    const auto size = static_cast<size_t>(std::min(kChunk, to - from));
    const ssize_t written = pwrite(fd, zeros.data(), size, from);
    if (written <= 0) return false;
    from += written;
  }
  return fsync(fd) == 0;
}

}  // namespace

absl::Status ReserveWalSpace(const std::string& wal_path, int64_t bytes) {
  const int fd = open(wal_path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return absl::OkStatus();
  struct stat info {};
  const bool done =
      fstat(fd, &info) == 0 && (info.st_size >= bytes || AppendZeros(fd, info.st_size, bytes));
  const int error = errno;
  close(fd);
  if (done) return absl::OkStatus();
  return absl::UnavailableError(
      Cat("cannot extend ", wal_path, ": ", strerror(error), "; is the disk full?"));
}

}  // namespace seatsaga::sqlite
