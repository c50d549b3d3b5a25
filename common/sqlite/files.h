#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/id.h"

// What stores want of the machine that they are on. Everything goes through here, or through the
// SQLite VFS that it names: so stores run the same on a simulated disk.
namespace seatsaga::sqlite {

// What tells a file from its copy, and survives a restart of the machine.
struct FileMark {
  int64_t inode = 0;
  int64_t birth_ns = 0;  // 0 where the file system does not keep it

  friend bool operator==(const FileMark&, const FileMark&) = default;
};

// Held as long as this lives, and no longer than the process does.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

// Outlives the stores on it. The first one must be made before SQLite is used, which it configures.
class Files {
 public:
  Files();
  virtual ~Files() = default;

  // The SQLite VFS of readers (null: the default one), and over it a WalVfs for writers.
  virtual const char* vfs() const = 0;
  virtual const char* writer_vfs() const = 0;

  // Locks a file, and makes it if it is not there. Null if another has locked it; an error if it
  // cannot be written, which says only why.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> TryLock(const std::string& path) = 0;
  // All 0 if there is no such file.
  virtual FileMark Mark(const std::string& path) = 0;
  // See RewriteWal and ReserveWalSpace.
  virtual absl::Status Rewrite(const std::string& path) = 0;
  virtual absl::Status ReserveSpace(const std::string& path, int64_t bytes) = 0;
  // An id that no other store has.
  virtual Id NewStoreId() = 0;
  // So many pages may a store's log have before a commit empties it (a checkpoint). Twice as many
  // are reserved. Small and often, so that no commit waits long for it.
  virtual int64_t log_pages() const { return 1000; }
};

// Those of this machine. Never freed; thread-safe.
Files& RealFiles();

}  // namespace seatsaga::sqlite
