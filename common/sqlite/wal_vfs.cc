#include "common/sqlite/wal_vfs.h"

#include <sqlite3.h>

#include <new>
#include <string>

namespace seatsaga::sqlite {
namespace {

// More than that goes to the kernel in several calls: SQLite's own file takes no larger write
// (seekAndWriteFd in os_unix.c).
constexpr size_t kPendingMax = (size_t{1} << 17) - 1;

// A log whose last writes are still in memory. They are consecutive: SQLite appends.
struct WalFile : sqlite3_file {
  sqlite3_file* real = nullptr;  // the default VFS' file, in the memory behind this
  std::string pending;           // to be written at `pending_at`
  sqlite3_int64 pending_at = 0;
};

WalFile& Self(sqlite3_file* file) { return *static_cast<WalFile*>(file); }

// On an error what was pending is forgotten, as SQLite forgets the transaction.
int Flush(WalFile& wal) {
  if (wal.pending.empty()) return SQLITE_OK;
  const int code = wal.real->pMethods->xWrite(wal.real, wal.pending.data(),
                                              static_cast<int>(wal.pending.size()), wal.pending_at);
  wal.pending.clear();
  return code;
}

// Does to the real file what `method` does.
template <auto method, class... Args>
int PassOn(sqlite3_file* file, Args... args) {
  sqlite3_file* const real = Self(file).real;
  return (real->pMethods->*method)(real, args...);
}

template <auto method, class... Args>
int AfterFlush(sqlite3_file* file, Args... args) {
  if (const int code = Flush(Self(file)); code != SQLITE_OK) return code;
  return PassOn<method>(file, args...);
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  WalFile& wal = Self(file);
  const auto added = static_cast<size_t>(size);
  const bool appends = at == wal.pending_at + static_cast<sqlite3_int64>(wal.pending.size());
  if (!appends || wal.pending.size() + added > kPendingMax) {
    if (const int code = Flush(wal); code != SQLITE_OK) return code;
  }
  if (wal.pending.empty()) wal.pending_at = at;
  wal.pending.append(static_cast<const char*>(bytes), added);
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  WalFile& wal = Self(file);
  const int flushed = Flush(wal);
  const int closed = wal.real->pMethods->xClose(wal.real);
  wal.~WalFile();
  return flushed == SQLITE_OK ? closed : flushed;
}

using Methods = sqlite3_io_methods;
// Version 1: a log is neither locked nor mapped.
constexpr Methods kMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = AfterFlush<&Methods::xRead>,
    .xWrite = Write,
    .xTruncate = AfterFlush<&Methods::xTruncate>,
    .xSync = AfterFlush<&Methods::xSync>,
    .xFileSize = AfterFlush<&Methods::xFileSize>,
    .xLock = PassOn<&Methods::xLock>,
    .xUnlock = PassOn<&Methods::xUnlock>,
    .xCheckReservedLock = PassOn<&Methods::xCheckReservedLock>,
    .xFileControl = AfterFlush<&Methods::xFileControl>,
    .xSectorSize = PassOn<&Methods::xSectorSize>,
    .xDeviceCharacteristics = PassOn<&Methods::xDeviceCharacteristics>,
};

sqlite3_vfs* Default() {
  static sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  return vfs;
}

int Open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags,
         int* flags_out) {
  if ((flags & SQLITE_OPEN_WAL) == 0) {
    return Default()->xOpen(Default(), name, file, flags, flags_out);
  }
  auto* wal = new (file) WalFile;
  wal->real = reinterpret_cast<sqlite3_file*>(wal + 1);
  const int code = Default()->xOpen(Default(), name, wal->real, flags, flags_out);
  if (code != SQLITE_OK) {
    wal->~WalFile();
    file->pMethods = nullptr;  // nothing to close
    return code;
  }
  wal->pMethods = &kMethods;
  return SQLITE_OK;
}

// All but the opening of files is the default's, whose functions do not ask which VFS they are of.
sqlite3_vfs MakeVfs() {
  sqlite3_vfs vfs = *Default();
  vfs.zName = "seatsaga";
  vfs.pNext = nullptr;
  vfs.szOsFile += static_cast<int>(sizeof(WalFile));
  vfs.xOpen = Open;
  return vfs;
}

}  // namespace

const char* WalVfs() {
  static sqlite3_vfs vfs = MakeVfs();
  [[maybe_unused]] static const int registered = sqlite3_vfs_register(&vfs, /*makeDflt=*/0);
  return vfs.zName;
}

}  // namespace seatsaga::sqlite
