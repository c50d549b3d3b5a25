#include "common/sqlite/wal_space.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/functional/function_ref.h"
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

bool WriteAgain(int fd) {
  std::array<char, size_t{64} * 1024> bytes{};
  for (off_t at = 0;;) {
    const ssize_t size = pread(fd, bytes.data(), bytes.size(), at);
    if (size <= 0) return size == 0;
    if (pwrite(fd, bytes.data(), static_cast<size_t>(size), at) != size) return false;
    at += size;
  }
}

// Nothing is done, and that is fine, if the file is absent. `act` leaves in errno why it fails.
absl::Status WithFile(const std::string& path, std::string_view what,
                      absl::FunctionRef<bool(int fd)> act) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return absl::OkStatus();
  const bool done = act(fd);
  const int error = errno;
  close(fd);
  if (done) return absl::OkStatus();
  return absl::UnavailableError(
      Cat("cannot ", what, " ", path, ": ", strerror(error), "; is the disk full, or damaged?"));
}

}  // namespace

absl::Status RewriteWal(const std::string& wal_path) {
  return WithFile(wal_path, "write again", [](int fd) { return WriteAgain(fd) && fsync(fd) == 0; });
}

absl::Status ReserveWalSpace(const std::string& wal_path, int64_t bytes) {
  return WithFile(wal_path, "extend", [bytes](int fd) {
    struct stat info {};
    return fstat(fd, &info) == 0 && (info.st_size >= bytes || AppendZeros(fd, info.st_size, bytes));
  });
}

}  // namespace seatsaga::sqlite
