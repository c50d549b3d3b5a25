#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/random.h"
#include "common/sqlite/files.h"

namespace seatsaga::simulation {

struct DiskState;

// What a crash leaves of that which was written, created and deleted and not synced.
enum class CrashMode {
  kProcess,  // all of it: the machine goes on, and a later crash may still lose it
  kNothing,  // nothing
  kSome,     // of each write all or nothing, whatever became of the ones before it
  kTorn,     // of each write any of its sectors
};
inline constexpr CrashMode kCrashModes[] = {CrashMode::kProcess, CrashMode::kNothing,
                                            CrashMode::kSome, CrashMode::kTorn};

// How I/O fails.
struct DiskFault {
  enum class Kind {
    kError,       // it does nothing
    kShortWrite,  // of a write a part is done; others do nothing
    kFull,        // only what makes a file longer counts and fails; a part of it is done
  };
  int64_t after = 1;        // the how manieth I/O from now fails
  bool persistent = false;  // and all after it, until Heal
  Kind kind = Kind::kError;
  bool reads = false;     // reads count and fail, too
  std::string path = {};  // only I/O of files whose path contains this
};

// The disk of a machine: files in memory, which the stores of common/sqlite read and write through
// a SQLite VFS and sqlite::Files. It knows of each file what a process sees and what is durable,
// and so what a loss of power may leave. No threads, time or chance but those that it is given.
//
// I/O is what changes a file or makes a change durable: a write, a truncation, a creation, a
// deletion, and a sync of a file or of a folder. Reads are none, unless a fault says so.
//
// Not thread-safe. Outlives everything that is open on it.
class SimDisk final : public sqlite::Files {
 public:
  class Image;

  SimDisk(std::function<uint64_t()> random, std::function<absl::Time()> now);
  ~SimDisk() override;
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  // SQLite draws the salts of its logs from a generator of its own, one for this process: at the
  // beginning of a run that is to give the same bytes each time.
  static void SeedSqlite(uint64_t seed);

  const char* vfs() const override;
  const char* writer_vfs() const override;
  absl::StatusOr<std::unique_ptr<sqlite::FileLock>> TryLock(const std::string& path) override;
  sqlite::FileMark Mark(const std::string& path) override;
  absl::Status Rewrite(const std::string& path) override;
  absl::Status ReserveSpace(const std::string& path, int64_t bytes) override;
  Id NewStoreId() override;
  int64_t log_pages() const override;

  // --- What an operator does. Durable at once; no I/O in the sense above.

  // Every file as a process sees it. Whoever has one open when another image is loaded has crashed.
  Image Save() const;
  void Load(const Image& image);
  std::vector<std::string> Paths() const;
  // "" if there is no such file.
  std::string Read(const std::string& path) const;
  // The copy is another file: its mark differs. `from` must be there, on this disk or on another.
  void Copy(const std::string& from, const std::string& to) { Copy(*this, from, to); }
  void Copy(const SimDisk& disk, const std::string& from, const std::string& to);
  void Move(const std::string& from, const std::string& to);
  void Remove(const std::string& path);

  // --- Crashes. `under` is what the paths of the process' files start with, if others share the
  // disk.

  // Whoever has a file open can do nothing with it any more but close it. Ends PowerOffAt.
  void Crash(CrashMode mode, Random& random, std::string_view under = "");
  // The n-th I/O from now is under way when the power fails: a sync has not ended, anything else
  // may have been done or not. It and all after it fail until Crash. `then` is called at that
  // moment, inside SQLite: it may note things, no more.
  void PowerOffAt(
      int64_t n, std::function<void()> then = [] {}, std::string_view under = "");
  // The power does not fail after all, if it has not yet.
  void KeepPower();
  bool off() const;

  // --- Trouble

  void Fail(DiskFault fault);
  void Heal();
  // Small logs make a short run come to their ends.
  void set_log_pages(int64_t pages);
  // After a failed sync the writes before it may be lost for good, in part or wholly, although
  // processes still see them and later syncs succeed: as Linux does it. Otherwise the next sync
  // makes up for it.
  void set_failed_syncs_lose(bool lose);
  // A disk that says it has synced and has not: only to see that a test would notice.
  void set_syncs_lie(bool lie);

  // --- What happened

  struct Counts {
    int64_t io = 0;
    int64_t syncs = 0;   // that succeeded, of files
    int64_t faults = 0;  // I/O that failed
    int64_t full = 0;    // of which because the disk was full
    // What became of writes, creations and deletions that a crash or a failed sync caught.
    int64_t kept = 0;
    int64_t torn = 0;
    int64_t lost = 0;
    int64_t sleeps = 0;  // of somebody who waited for a lock
  };
  const Counts& counts() const;

 private:
  const std::unique_ptr<DiskState> state_;
};

// The files of a disk at rest. A value; copies share their bytes.
class SimDisk::Image {
 public:
  Image();
  ~Image();
  Image(const Image&);
  Image& operator=(const Image&);

  // Whether paths, marks and bytes are the same.
  friend bool operator==(const Image& a, const Image& b);

 private:
  friend class SimDisk;
  struct File;
  std::map<std::string, std::shared_ptr<const File>> files_;
};

}  // namespace seatsaga::simulation
