#include "common/sqlite/files.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/time/clock.h"
#include "common/sqlite/wal_space.h"
#include "common/sqlite/wal_vfs.h"

namespace seatsaga::sqlite {
namespace {

class RealLock final : public FileLock {
 public:
  explicit RealLock(int fd) : fd_(fd) {}
  ~RealLock() override { close(fd_); }

 private:
  const int fd_;
};

class RealFileSystem final : public Files {
 public:
  const char* vfs() const override { return nullptr; }
  const char* writer_vfs() const override { return wal_vfs_.name(); }

  absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) override {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return absl::UnavailableError(strerror(errno));
    auto lock = std::make_unique<RealLock>(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) return nullptr;
    return lock;
  }

  FileMark Mark(const std::string& path) override {
    struct statx info {};
    if (statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &info) != 0) return {};
    FileMark mark{.inode = static_cast<int64_t>(info.stx_ino)};
    if ((info.stx_mask & STATX_BTIME) != 0) {
      mark.birth_ns = info.stx_btime.tv_sec * 1'000'000'000 + info.stx_btime.tv_nsec;
    }
    return mark;
  }

  absl::Status Rewrite(const std::string& path) override { return RewriteWal(path); }

  absl::Status ReserveSpace(const std::string& path, int64_t bytes) override {
    return ReserveWalSpace(path, bytes);
  }

  Id NewStoreId() override { return IdGenerator().Next(absl::Now()); }

 private:
  const WalVfs wal_vfs_{nullptr};
};

}  // namespace

// Without statistics SQLite does not take a lock at each allocation. It takes this only before its
// first use, of which finding a VFS is one.
Files::Files() {
  [[maybe_unused]] static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

Files& RealFiles() {
  static Files* const files = new RealFileSystem;
  return *files;
}

}  // namespace seatsaga::sqlite
