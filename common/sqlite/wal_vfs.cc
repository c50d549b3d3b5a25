#include "common/sqlite/wal_vfs.h"

#include <sqlite3.h>

#include <new>
#include <string>

#include "common/text.h"

namespace seatsaga::sqlite {
namespace {

// More than that goes to the kernel in several calls: SQLite's own file takes no larger write
// (seekAndWriteFd in os_unix.c).
constexpr size_t kPendingMax = (size_t{1} << 17) - 1;

// A log whose last writes are still in memory. They are consecutive: SQLite appends.
struct WalFile : sqlite3_file {
  sqlite3_file* real = nullptr;  // the file of the VFS below, in the memory behind this
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

}  // namespace

// All but the opening of files is that of the VFS below, which asks at most for pAppData of the VFS
// that it is called for.
struct WalVfs::Vfs : sqlite3_vfs {
  Vfs(sqlite3_vfs* below, const char* base)
      : sqlite3_vfs(*below),
        real(below),
        name(base == nullptr ? "seatsaga" : Cat("seatsaga over ", base)) {
    zName = name.c_str();
    pNext = nullptr;
    szOsFile += static_cast<int>(sizeof(WalFile));
    xOpen = Open;
  }

  static int Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* flags_out) {
    sqlite3_vfs* const real = static_cast<Vfs*>(vfs)->real;
    if ((flags & SQLITE_OPEN_WAL) == 0) return real->xOpen(real, name, file, flags, flags_out);
    auto* wal = new (file) WalFile;
    wal->real = reinterpret_cast<sqlite3_file*>(wal + 1);
    const int code = real->xOpen(real, name, wal->real, flags, flags_out);
    if (code != SQLITE_OK) {
      wal->~WalFile();
      file->pMethods = nullptr;  // nothing to close
      return code;
    }
    wal->pMethods = &kMethods;
    return SQLITE_OK;
  }

  sqlite3_vfs* const real;
  const std::string name;
};

WalVfs::WalVfs(const char* base) : vfs_(std::make_unique<Vfs>(sqlite3_vfs_find(base), base)) {
  sqlite3_vfs_register(vfs_.get(), /*makeDflt=*/0);
}

WalVfs::~WalVfs() { sqlite3_vfs_unregister(vfs_.get()); }

const char* WalVfs::name() const { return vfs_->zName; }

}  // namespace seatsaga::sqlite
