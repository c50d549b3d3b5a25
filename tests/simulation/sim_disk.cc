#include "tests/simulation/sim_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "common/id.h"
#include "common/sqlite/wal_vfs.h"
#include "common/text.h"

namespace seatsaga::simulation {
namespace {

constexpr int64_t kPageSize = 4096;
// What a disk writes as a whole.
constexpr int64_t kSector = 512;

using Page = std::array<char, kPageSize>;

// --- The bytes of a file

// Pages are shared between what is seen, what is durable and images, and copied when they change.
// Those that were never written take no memory. Bytes behind the end are zero.
class Content {
 public:
  int64_t size() const { return size_; }

  // All within the size.
  void Read(char* out, int64_t size, int64_t at) const {
    ForEachPage(at, at + size, [&](size_t page, int64_t begin, int64_t length) {
      if (pages_[page] == nullptr) {
        memset(out, 0, static_cast<size_t>(length));
      } else {
        memcpy(out, pages_[page]->data() + begin, static_cast<size_t>(length));
      }
      out += length;
    });
  }

  void Write(const char* bytes, int64_t size, int64_t at) {
    if (at + size > size_) Resize(at + size);
    ForEachPage(at, at + size, [&](size_t page, int64_t begin, int64_t length) {
      memcpy(Own(page, length < kPageSize) + begin, bytes, static_cast<size_t>(length));
      bytes += length;
    });
  }

  void Zero(int64_t from, int64_t to) {
    if (to > size_) Resize(to);
    ForEachPage(from, to, [&](size_t page, int64_t begin, int64_t length) {
      if (pages_[page] == nullptr) return;
      if (length == kPageSize) {
        pages_[page] = nullptr;
      } else {
        memset(Own(page, true) + begin, 0, static_cast<size_t>(length));
      }
    });
  }

  void Resize(int64_t size) {
    const int64_t before = std::exchange(size_, size);
    pages_.resize(static_cast<size_t>((size + kPageSize - 1) / kPageSize));
    if (size < before) {
      const int64_t end = std::min(before, static_cast<int64_t>(pages_.size()) * kPageSize);
      ForEachPage(size, end, [&](size_t page, int64_t begin, int64_t length) {
        if (pages_[page] != nullptr)
          memset(Own(page, true) + begin, 0, static_cast<size_t>(length));
      });
    }
  }

  // The ranges that are not only zeros.
  std::vector<std::pair<int64_t, int64_t>> Written() const {
    std::vector<std::pair<int64_t, int64_t>> ranges;
    for (size_t page = 0; page < pages_.size(); ++page) {
      if (pages_[page] == nullptr) continue;
      const int64_t from = static_cast<int64_t>(page) * kPageSize;
      const int64_t to = std::min(from + kPageSize, size_);
      if (!ranges.empty() && ranges.back().second == from) {
        ranges.back().second = to;
      } else {
        ranges.emplace_back(from, to);
      }
    }
    return ranges;
  }

  // Takes the pages of `other` between these bytes.
  void Share(const Content& other, int64_t from, int64_t to) {
    to = std::min(to, size_);
    if (from >= to) return;
    const auto first = pages_.begin() + from / kPageSize;
    const auto last = pages_.begin() + (to + kPageSize - 1) / kPageSize;
    std::copy(other.pages_.begin() + (first - pages_.begin()),
              other.pages_.begin() + (last - pages_.begin()), first);
  }

  friend bool operator==(const Content& a, const Content& b) {
    const auto same = [zeros = Page()](const auto& x, const auto& y) {
      return x == y || (x ? *x : zeros) == (y ? *y : zeros);
    };
    return a.size_ == b.size_ &&
           std::equal(a.pages_.begin(), a.pages_.end(), b.pages_.begin(), same);
  }

 private:
  template <class Visit>
  static void ForEachPage(int64_t from, int64_t to, const Visit& visit) {
    while (from < to) {
      const int64_t begin = from % kPageSize;
      const int64_t length = std::min(to - from, kPageSize - begin);
      visit(static_cast<size_t>(from / kPageSize), begin, length);
      from += length;
    }
  }
  // The page's bytes, to be changed; those it had if `keep`.
  char* Own(size_t page, bool keep) {
    std::shared_ptr<Page>& own = pages_[page];
    if (own == nullptr) {
      own = std::make_shared<Page>();
    } else if (own.use_count() > 1) {
      own = keep ? std::make_shared<Page>(*own) : std::make_shared<Page>();
    }
    return own->data();
  }

  std::vector<std::shared_ptr<Page>> pages_;
  int64_t size_ = 0;
};

// --- Files

// A change of a file's bytes that is not yet durable.
struct Change {
  enum class Kind { kWrite, kZero, kCut };
  Kind kind = Kind::kWrite;
  int64_t from = 0;
  int64_t to = 0;  // of kCut: where the file ended
  std::string bytes = {};
};

// The memory in which the connections to a database find their way through its log.
struct Handle;
struct Shm {
  std::vector<std::unique_ptr<char[]>> regions;
  std::vector<Handle*> users;
};

struct Inode {
  sqlite::FileMark mark;
  Content seen;
  Content durable;
  std::vector<Change> unsynced;
  // A failed sync has lost something that is still seen: what is durable is no longer what is seen
  // after a sync.
  bool diverged = false;
  std::shared_ptr<Shm> shm;
};
using InodeRef = std::shared_ptr<Inode>;
using Names = std::map<std::string, InodeRef>;

// A name that came or went, not yet durable.
struct Renaming {
  std::string path;
  InodeRef inode;  // null: it went
};

std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

void Apply(const Change& change, Content& content) {
  switch (change.kind) {
    case Change::Kind::kWrite:
      return content.Write(change.bytes.data(), change.to - change.from, change.from);
    case Change::Kind::kZero:
      return content.Zero(change.from, change.to);
    case Change::Kind::kCut:
      if (change.from < content.size()) content.Resize(change.from);
  }
}

enum class Io { kRead, kWrite, kSync, kTruncate, kCreate, kDelete };

int ErrorOf(Io io) {
  switch (io) {
    case Io::kRead:
      return SQLITE_IOERR_READ;
    case Io::kWrite:
      return SQLITE_IOERR_WRITE;
    case Io::kSync:
      return SQLITE_IOERR_FSYNC;
    case Io::kTruncate:
      return SQLITE_IOERR_TRUNCATE;
    case Io::kCreate:
      return SQLITE_CANTOPEN;
    case Io::kDelete:
      return SQLITE_IOERR_DELETE;
  }
  return SQLITE_IOERR;
}

// How an I/O goes.
enum class Fate {
  kDone,
  kUnderWay,  // the power fails meanwhile
  kFails,
  kPartly,  // fails when a part of it is done
};

}  // namespace

struct SimDisk::Image::File {
  sqlite::FileMark mark;
  Content content;
};

namespace {

// An open file.
struct Handle : sqlite3_file {
  DiskState* disk = nullptr;
  InodeRef inode;
  std::string path;
  bool dead = false;
  bool delete_on_close = false;
  // SQLite wants a new log or journal to be found after a crash: its folder is synced with it.
  bool sync_folder = false;
  int lock = SQLITE_LOCK_NONE;
  std::shared_ptr<Shm> shm;
  unsigned shm_shared = 0;
  unsigned shm_exclusive = 0;
};

Handle& Self(sqlite3_file* file) { return *static_cast<Handle*>(file); }

}  // namespace

struct DiskState {
  DiskState(std::function<uint64_t()> random_bits, std::function<absl::Time()> wall)
      : random(std::move(random_bits)), now(std::move(wall)), ids(random) {}

  // --- What is asked before each I/O
  bool Off(std::string_view path) const { return off && path.starts_with(off_under); }
  Fate Next(Io io, const std::string& path, bool grows = false);
  int Failed(Io io) const {
    return fault && fault->kind == DiskFault::Kind::kFull ? SQLITE_FULL : ErrorOf(io);
  }

  // --- Files
  InodeRef Find(const std::string& path) const {
    const auto found = names.find(path);
    return found == names.end() ? nullptr : found->second;
  }
  InodeRef NewInode();
  // Null if the I/O fails.
  InodeRef Create(const std::string& path);
  int Delete(const std::string& path, bool sync_folder);
  int ChangeFile(Inode& inode, const std::string& path, Change change);
  int Sync(Inode& inode, const std::string& path);
  void SyncFolder(std::string_view folder);
  // By an operator: null removes.
  void SetName(const std::string& path, InodeRef inode);

  // --- Crashes
  void Kill(std::string_view under);
  void LosePower(CrashMode mode, Random& chance, std::string_view under);
  // What of its unsynced changes becomes durable.
  void KeepSome(Inode& inode, CrashMode mode, Random& chance);
  // Returns whether all of them are kept.
  bool KeepSectors(const Change& change, Content& content, double share, Random& chance);

  const std::function<uint64_t()> random;
  const std::function<absl::Time()> now;
  IdGenerator ids;
  std::string name;
  sqlite3_vfs base{};
  std::unique_ptr<sqlite::WalVfs> wal;

  Names names;
  Names durable_names;
  std::vector<Renaming> renamings;
  std::vector<Handle*> handles;
  std::map<std::string, uint64_t> locks;  // by path, which lock it is
  uint64_t last_lock = 0;

  std::optional<DiskFault> fault;
  bool fault_broke_out = false;
  int64_t power_off_in = 0;  // 0: not at all
  std::string off_under;
  std::function<void()> at_power_off;
  bool off = false;
  bool failed_syncs_lose = true;
  bool syncs_lie = false;
  int64_t log_pages = 1000;
  SimDisk::Counts counts;
};

Fate DiskState::Next(Io io, const std::string& path, bool grows) {
  if (Off(path)) return Fate::kFails;
  if (io != Io::kRead) {
    ++counts.io;
    if (power_off_in > 0 && path.starts_with(off_under) && --power_off_in == 0) {
      off = true;
      at_power_off();
      return Fate::kUnderWay;
    }
  }
  if (!fault || (io == Io::kRead && !fault->reads)) return Fate::kDone;
  if (path.find(fault->path) == std::string::npos) return Fate::kDone;
  if (fault->kind == DiskFault::Kind::kFull && !grows) return Fate::kDone;
  if (!fault_broke_out && --fault->after > 0) return Fate::kDone;
  if (fault_broke_out && !fault->persistent) return Fate::kDone;
  fault_broke_out = true;
  ++counts.faults;
  if (fault->kind == DiskFault::Kind::kFull) ++counts.full;
  return fault->kind != DiskFault::Kind::kError && io == Io::kWrite ? Fate::kPartly : Fate::kFails;
}

InodeRef DiskState::NewInode() {
  auto inode = std::make_shared<Inode>();
  inode->mark.inode = static_cast<int64_t>(random() >> 16);
  inode->mark.birth_ns = absl::ToUnixNanos(now());
  return inode;
}

InodeRef DiskState::Create(const std::string& path) {
  const Fate fate = Next(Io::kCreate, path);
  if (fate == Fate::kFails) return nullptr;
  InodeRef inode = NewInode();
  names[path] = inode;
  renamings.push_back({path, inode});
  return fate == Fate::kDone ? inode : nullptr;
}

int DiskState::Delete(const std::string& path, bool sync_folder) {
  if (Off(path)) return SQLITE_IOERR_DELETE;
  if (Find(path) == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  const Fate fate = Next(Io::kDelete, path);
  if (fate == Fate::kFails) return Failed(Io::kDelete);
  names.erase(path);
  renamings.push_back({path, nullptr});
  if (fate == Fate::kUnderWay) return SQLITE_IOERR_DELETE;
  if (!sync_folder) return SQLITE_OK;
  if (Next(Io::kSync, path) != Fate::kDone) return SQLITE_IOERR_DIR_FSYNC;
  SyncFolder(FolderOf(path));
  return SQLITE_OK;
}

int DiskState::ChangeFile(Inode& inode, const std::string& path, Change change) {
  const Io io = change.kind == Change::Kind::kCut ? Io::kTruncate : Io::kWrite;
  const bool grows = io == Io::kWrite && change.to > inode.seen.size();
  const Fate fate = Next(io, path, grows);
  if (fate == Fate::kFails) return Failed(io);
  if (fate == Fate::kPartly) {
    const auto size = static_cast<uint64_t>(change.to - change.from);
    if (size > 0) change.to = change.from + static_cast<int64_t>(random() % size);
    if (change.kind == Change::Kind::kWrite) {
      change.bytes.resize(static_cast<size_t>(change.to - change.from));
    }
  }
  if (change.from < change.to) {
    Apply(change, inode.seen);
    inode.unsynced.push_back(std::move(change));
  }
  if (fate == Fate::kPartly) return Failed(io);
  return fate == Fate::kDone ? SQLITE_OK : ErrorOf(io);
}

int DiskState::Sync(Inode& inode, const std::string& path) {
  const Fate fate = Next(Io::kSync, path);
  if (fate == Fate::kUnderWay) return SQLITE_IOERR_FSYNC;
  if (fate != Fate::kDone) {
    if (!Off(path) && failed_syncs_lose && !inode.unsynced.empty()) {
      Random chance(random());
      KeepSome(inode, CrashMode::kTorn, chance);
      inode.diverged = true;
    }
    return Failed(Io::kSync);
  }
  ++counts.syncs;
  if (syncs_lie) return SQLITE_OK;
  if (inode.diverged) {
    for (const Change& change : inode.unsynced) Apply(change, inode.durable);
  } else {
    inode.durable.Resize(inode.seen.size());
    for (const Change& change : inode.unsynced) {
      inode.durable.Share(inode.seen, change.from, change.to);
    }
  }
  inode.unsynced.clear();
  return SQLITE_OK;
}

void DiskState::SyncFolder(std::string_view folder) {
  if (syncs_lie) return;
  std::erase_if(renamings, [&](Renaming& renaming) {
    if (FolderOf(renaming.path) != folder) return false;
    if (renaming.inode == nullptr) {
      durable_names.erase(renaming.path);
    } else {
      durable_names[renaming.path] = std::move(renaming.inode);
    }
    return true;
  });
}

void DiskState::SetName(const std::string& path, InodeRef inode) {
  std::erase_if(renamings, [&](const Renaming& renaming) { return renaming.path == path; });
  if (inode == nullptr) {
    names.erase(path);
    durable_names.erase(path);
  } else {
    names[path] = inode;
    durable_names[path] = std::move(inode);
  }
}

void DiskState::Kill(std::string_view under) {
  for (Handle* handle : handles) {
    if (!handle->path.starts_with(under)) continue;
    handle->dead = true;
    handle->lock = SQLITE_LOCK_NONE;
    handle->inode->shm = nullptr;  // its users keep theirs, until they close
  }
  std::erase_if(locks, [&](const auto& lock) { return lock.first.starts_with(under); });
}

bool DiskState::KeepSectors(const Change& change, Content& content, double share, Random& chance) {
  bool all = true;
  int64_t from = change.from;
  while (from < change.to) {
    const int64_t to = std::min(change.to, (from / kSector + 1) * kSector);
    if (chance.NextShare() < share) {
      if (change.kind == Change::Kind::kZero) {
        content.Zero(from, to);
      } else {
        content.Write(change.bytes.data() + (from - change.from), to - from, from);
      }
    } else {
      all = false;
    }
    from = to;
  }
  return all;
}

void DiskState::KeepSome(Inode& inode, CrashMode mode, Random& chance) {
  // Some crashes lose nearly nothing, others nearly everything.
  const double share = mode == CrashMode::kNothing ? 0 : chance.NextShare();
  const bool grows = mode != CrashMode::kNothing && chance.NextShare() < 0.5;
  for (const Change& change : inode.unsynced) {
    const double fate = mode == CrashMode::kNothing ? 1 : chance.NextShare();
    if (mode == CrashMode::kTorn && change.kind != Change::Kind::kCut && fate < 0.7) {
      ++(KeepSectors(change, inode.durable, share, chance) ? counts.kept : counts.torn);
    } else if (mode == CrashMode::kTorn ? fate < 0.85 : fate < share) {
      ++counts.kept;
      Apply(change, inode.durable);
    } else {
      ++counts.lost;
    }
  }
  // A file may be longer although what it was lengthened by is lost.
  if (grows && inode.durable.size() < inode.seen.size()) inode.durable.Resize(inode.seen.size());
  inode.unsynced.clear();
}

void DiskState::LosePower(CrashMode mode, Random& chance, std::string_view under) {
  const double share = mode == CrashMode::kNothing ? 0 : chance.NextShare();
  std::erase_if(renamings, [&](Renaming& renaming) {
    if (!renaming.path.starts_with(under)) return false;
    if (chance.NextShare() >= share) {
      ++counts.lost;
      return true;
    }
    if (renaming.inode == nullptr) {
      durable_names.erase(renaming.path);
    } else {
      durable_names[renaming.path] = std::move(renaming.inode);
    }
    return true;
  });
  const auto is_under = [&](const auto& entry) { return entry.first.starts_with(under); };
  std::erase_if(names, is_under);
  for (const auto& [path, inode] : durable_names) {
    if (!path.starts_with(under)) continue;
    KeepSome(*inode, mode, chance);
    inode->seen = inode->durable;
    inode->diverged = false;
    names[path] = inode;
  }
}

// --- What SQLite calls

namespace {

int Close(sqlite3_file* file) {
  Handle& handle = Self(file);
  DiskState& disk = *handle.disk;
  std::erase(disk.handles, &handle);
  if (handle.shm != nullptr) std::erase(handle.shm->users, &handle);
  if (handle.delete_on_close && !handle.dead && !handle.path.empty()) {
    disk.Delete(handle.path, /*sync_folder=*/false);
  }
  handle.~Handle();
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  const Handle& handle = Self(file);
  if (handle.dead || handle.disk->Next(Io::kRead, handle.path) != Fate::kDone) {
    return SQLITE_IOERR_READ;
  }
  const Content& content = handle.inode->seen;
  const int64_t there = std::clamp<int64_t>(content.size() - at, 0, size);
  content.Read(static_cast<char*>(out), there, at);
  if (there == size) return SQLITE_OK;
  memset(static_cast<char*>(out) + there, 0, static_cast<size_t>(size - there));
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  Handle& handle = Self(file);
  if (handle.dead) return SQLITE_IOERR_WRITE;
  return handle.disk->ChangeFile(
      *handle.inode, handle.path,
      {.kind = Change::Kind::kWrite,
       .from = at,
       .to = at + size,
       .bytes = std::string(static_cast<const char*>(bytes), static_cast<size_t>(size))});
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = Self(file);
  if (handle.dead) return SQLITE_IOERR_TRUNCATE;
  const sqlite3_int64 before = handle.inode->seen.size();
  const auto kind = size < before ? Change::Kind::kCut : Change::Kind::kZero;
  return handle.disk->ChangeFile(
      *handle.inode, handle.path,
      {.kind = kind, .from = std::min(size, before), .to = std::max(size, before)});
}

int Sync(sqlite3_file* file, int /*flags*/) {
  Handle& handle = Self(file);
  if (handle.dead) return SQLITE_IOERR_FSYNC;
  DiskState& disk = *handle.disk;
  if (const int code = disk.Sync(*handle.inode, handle.path); code != SQLITE_OK) return code;
  if (std::exchange(handle.sync_folder, false)) {
    // SQLite does not look at how this ends (unixSync in os_unix.c), so it fails with the file's
    // sync or not at all.
    const auto fault = std::exchange(disk.fault, std::nullopt);
    const Fate fate = disk.Next(Io::kSync, handle.path);
    disk.fault = fault;
    if (fate != Fate::kDone) return SQLITE_IOERR_FSYNC;
    disk.SyncFolder(FolderOf(handle.path));
  }
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const Handle& handle = Self(file);
  if (handle.dead || handle.disk->Off(handle.path)) return SQLITE_IOERR_FSTAT;
  *size = handle.inode->seen.size();
  return SQLITE_OK;
}

// The highest lock that another has on the file.
int LockOfOthers(const Handle& self) {
  int highest = SQLITE_LOCK_NONE;
  for (const Handle* other : self.disk->handles) {
    if (other != &self && other->inode == self.inode) highest = std::max(highest, other->lock);
  }
  return highest;
}

int Lock(sqlite3_file* file, int level) {
  Handle& handle = Self(file);
  if (handle.dead || handle.disk->Off(handle.path)) return SQLITE_IOERR_LOCK;
  if (handle.lock >= level) return SQLITE_OK;
  const int others = LockOfOthers(handle);
  switch (level) {
    case SQLITE_LOCK_SHARED:
      if (others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
      break;
    case SQLITE_LOCK_RESERVED:
      if (others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
      break;
    default:
      if (others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
      if (others >= SQLITE_LOCK_SHARED) {
        handle.lock = SQLITE_LOCK_PENDING;  // until the present readers have gone
        return SQLITE_BUSY;
      }
  }
  handle.lock = level;
  return SQLITE_OK;
}

int Unlock(sqlite3_file* file, int level) {
  Handle& handle = Self(file);
  handle.lock = std::min(handle.lock, level);
  return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* reserved) {
  const Handle& handle = Self(file);
  if (handle.dead) return SQLITE_IOERR_CHECKRESERVEDLOCK;
  *reserved = std::max(handle.lock, LockOfOthers(handle)) >= SQLITE_LOCK_RESERVED ? 1 : 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file* file, int what, void* argument) {
  const Handle& handle = Self(file);
  switch (what) {
    case SQLITE_FCNTL_HAS_MOVED:
      *static_cast<int*>(argument) = handle.disk->Find(handle.path) != handle.inode ? 1 : 0;
      return SQLITE_OK;
    case SQLITE_FCNTL_LOCKSTATE:
      *static_cast<int*>(argument) = handle.lock;
      return SQLITE_OK;
    default:
      return SQLITE_NOTFOUND;
  }
}

// Both as the unix VFS says.
int SectorSize(sqlite3_file* /*file*/) { return 4096; }
int DeviceCharacteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Handle& handle = Self(file);
  *out = nullptr;
  if (handle.dead || handle.disk->Off(handle.path)) return SQLITE_IOERR_SHMMAP;
  if (handle.shm == nullptr) {
    if (handle.inode->shm == nullptr) handle.inode->shm = std::make_shared<Shm>();
    handle.shm = handle.inode->shm;
    handle.shm->users.push_back(&handle);
  }
  auto& regions = handle.shm->regions;
  while (extend != 0 && regions.size() <= static_cast<size_t>(region)) {
    regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));
  }
  if (static_cast<size_t>(region) < regions.size()) {
    *out = regions[static_cast<size_t>(region)].get();
  }
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  Handle& handle = Self(file);
  const unsigned mask = ((1U << count) - 1U) << offset;
  if (handle.shm == nullptr) return SQLITE_IOERR_SHMLOCK;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    handle.shm_shared &= ~mask;
    handle.shm_exclusive &= ~mask;
    return SQLITE_OK;
  }
  if (handle.dead || handle.disk->Off(handle.path)) return SQLITE_IOERR_SHMLOCK;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (const Handle* other : handle.shm->users) {
    if (other == &handle) continue;
    const unsigned theirs = other->shm_exclusive | (exclusive ? other->shm_shared : 0);
    if ((theirs & mask) != 0) return SQLITE_BUSY;
  }
  (exclusive ? handle.shm_exclusive : handle.shm_shared) |= mask;
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file* /*file*/) {}

int ShmUnmap(sqlite3_file* file, int /*delete_it*/) {
  Handle& handle = Self(file);
  if (handle.shm == nullptr) return SQLITE_OK;
  std::erase(handle.shm->users, &handle);
  if (handle.shm->users.empty() && handle.inode->shm == handle.shm) handle.inode->shm = nullptr;
  handle.shm = nullptr;
  handle.shm_shared = handle.shm_exclusive = 0;
  return SQLITE_OK;
}

// Version 2: locked and with shared memory, never mapped.
constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
};

DiskState& DiskOf(sqlite3_vfs* vfs) { return *static_cast<DiskState*>(vfs->pAppData); }

int Open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* flags_out) {
  DiskState& disk = DiskOf(vfs);
  file->pMethods = nullptr;  // nothing to close
  const std::string path = name == nullptr ? "" : name;
  if (disk.Off(path)) return SQLITE_CANTOPEN;
  InodeRef inode = name == nullptr ? disk.NewInode() : disk.Find(path);
  const bool is_new = inode == nullptr;
  if (is_new) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    inode = disk.Create(path);
    if (inode == nullptr) return SQLITE_CANTOPEN;
  } else if (name != nullptr && (flags & SQLITE_OPEN_EXCLUSIVE) != 0) {
    return SQLITE_CANTOPEN;
  }
  constexpr int kJournals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  auto* handle = new (file) Handle;
  handle->pMethods = &kMethods;
  handle->disk = &disk;
  handle->inode = std::move(inode);
  handle->path = path;
  handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  handle->sync_folder = is_new && (flags & kJournals) != 0;
  disk.handles.push_back(handle);
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  return DiskOf(vfs).Delete(path, sync_folder != 0);
}

int Access(sqlite3_vfs* vfs, const char* path, int what, int* result) {
  if (DiskOf(vfs).Off(path)) return SQLITE_IOERR_ACCESS;
  const InodeRef inode = DiskOf(vfs).Find(path);
  // An empty file is none, as the unix VFS has it.
  *result = inode != nullptr && (what != SQLITE_ACCESS_EXISTS || inode->seen.size() > 0) ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs* /*vfs*/, const char* path, int size, char* out) {
  const size_t length = strlen(path) + 1;
  if (length > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  memcpy(out, path, length);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(DiskOf(vfs).random());
  return size;
}

int Sleep(sqlite3_vfs* vfs, int microseconds) {
  ++DiskOf(vfs).counts.sleeps;
  return microseconds;
}

int CurrentTimeInt64(sqlite3_vfs* vfs, sqlite3_int64* out) {
  constexpr int64_t kUnixEpoch = 210'866'760'000'000;  // in milliseconds of SQLite's
  *out = kUnixEpoch + absl::ToUnixMillis(DiskOf(vfs).now());
  return SQLITE_OK;
}

int CurrentTime(sqlite3_vfs* vfs, double* out) {
  sqlite3_int64 milliseconds = 0;
  CurrentTimeInt64(vfs, &milliseconds);
  *out = static_cast<double>(milliseconds) / 86'400'000;
  return SQLITE_OK;
}

int GetLastError(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*out*/) { return 0; }

// One machine's process holds it, until it crashes.
class SimLock final : public sqlite::FileLock {
 public:
  SimLock(DiskState& disk, std::string path, uint64_t number)
      : disk_(disk), path_(std::move(path)), number_(number) {}
  ~SimLock() override {
    const auto held = disk_.locks.find(path_);
    if (held != disk_.locks.end() && held->second == number_) disk_.locks.erase(held);
  }

 private:
  DiskState& disk_;
  const std::string path_;
  const uint64_t number_;
};

}  // namespace

SimDisk::SimDisk(std::function<uint64_t()> random, std::function<absl::Time()> now)
    : state_(std::make_unique<DiskState>(std::move(random), std::move(now))) {
  static std::atomic<int64_t> count = 0;
  state_->name = Cat("sim disk ", ++count);
  state_->base = {.iVersion = 2,
                  .szOsFile = sizeof(Handle),
                  .mxPathname = 512,
                  .zName = state_->name.c_str(),
                  .pAppData = state_.get(),
                  .xOpen = simulation::Open,
                  .xDelete = simulation::Delete,
                  .xAccess = Access,
                  .xFullPathname = FullPathname,
                  .xRandomness = Randomness,
                  .xSleep = Sleep,
                  .xCurrentTime = CurrentTime,
                  .xGetLastError = GetLastError,
                  .xCurrentTimeInt64 = CurrentTimeInt64};
  sqlite3_vfs_register(&state_->base, /*makeDflt=*/0);
  state_->wal = std::make_unique<sqlite::WalVfs>(state_->name.c_str());
}

SimDisk::~SimDisk() {
  state_->wal = nullptr;
  sqlite3_vfs_unregister(&state_->base);
}

void SimDisk::SeedSqlite(uint64_t seed) {
  const auto folded = static_cast<unsigned>(seed ^ (seed >> 32));
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, folded == 0 ? 1U : folded,
                       static_cast<sqlite3*>(nullptr));  // 0 would mean none
}

const char* SimDisk::vfs() const { return state_->base.zName; }
const char* SimDisk::writer_vfs() const { return state_->wal->name(); }

absl::StatusOr<std::unique_ptr<sqlite::FileLock>> SimDisk::TryLock(const std::string& path) {
  if (state_->Off(path)) return absl::UnavailableError("the power is off");
  if (state_->Find(path) == nullptr && state_->Create(path) == nullptr) {
    return absl::UnavailableError("Input/output error");
  }
  const auto [held, locked] = state_->locks.try_emplace(path, state_->last_lock + 1);
  if (!locked) return nullptr;
  return std::make_unique<SimLock>(*state_, path, ++state_->last_lock);
}

sqlite::FileMark SimDisk::Mark(const std::string& path) {
  const InodeRef inode = state_->Find(path);
  return inode == nullptr ? sqlite::FileMark{} : inode->mark;
}

absl::Status SimDisk::Rewrite(const std::string& path) {
  const InodeRef inode = state_->Find(path);
  if (inode == nullptr) return absl::OkStatus();
  int code = SQLITE_OK;
  for (const auto& [from, to] : inode->seen.Written()) {
    if (code != SQLITE_OK) break;
    std::string bytes(static_cast<size_t>(to - from), '\0');
    inode->seen.Read(bytes.data(), to - from, from);
    code = state_->ChangeFile(
        *inode, path,
        {.kind = Change::Kind::kWrite, .from = from, .to = to, .bytes = std::move(bytes)});
  }
  if (code == SQLITE_OK) code = state_->Sync(*inode, path);
  if (code == SQLITE_OK) return absl::OkStatus();
  return absl::UnavailableError(Cat("cannot write ", path, " again: ", sqlite3_errstr(code)));
}

absl::Status SimDisk::ReserveSpace(const std::string& path, int64_t bytes) {
  const InodeRef inode = state_->Find(path);
  if (inode == nullptr || inode->seen.size() >= bytes) return absl::OkStatus();
  int code = state_->ChangeFile(
      *inode, path, {.kind = Change::Kind::kZero, .from = inode->seen.size(), .to = bytes});
  if (code == SQLITE_OK) code = state_->Sync(*inode, path);
  if (code == SQLITE_OK) return absl::OkStatus();
  return absl::UnavailableError(Cat("cannot extend ", path, ": ", sqlite3_errstr(code)));
}

Id SimDisk::NewStoreId() { return state_->ids.Next(state_->now()); }

SimDisk::Image SimDisk::Save() const {
  Image image;
  for (const auto& [path, inode] : state_->names) {
    image.files_[path] = std::make_shared<const Image::File>(Image::File{inode->mark, inode->seen});
  }
  return image;
}

void SimDisk::Load(const Image& image) {
  state_->Kill("");
  state_->names.clear();
  state_->renamings.clear();
  for (const auto& [path, file] : image.files_) {
    auto inode = std::make_shared<Inode>();
    inode->mark = file->mark;
    inode->seen = inode->durable = file->content;
    state_->names[path] = std::move(inode);
  }
  state_->durable_names = state_->names;
}

std::vector<std::string> SimDisk::Paths() const {
  std::vector<std::string> paths;
  for (const auto& entry : state_->names) paths.push_back(entry.first);
  return paths;
}

std::string SimDisk::Read(const std::string& path) const {
  const InodeRef inode = state_->Find(path);
  if (inode == nullptr) return "";
  std::string bytes(static_cast<size_t>(inode->seen.size()), '\0');
  inode->seen.Read(bytes.data(), inode->seen.size(), 0);
  return bytes;
}

void SimDisk::Copy(const SimDisk& disk, const std::string& from, const std::string& to) {
  const InodeRef original = disk.state_->Find(from);
  InodeRef copy = state_->NewInode();
  copy->seen = copy->durable = original->seen;
  state_->SetName(to, std::move(copy));
}

void SimDisk::Move(const std::string& from, const std::string& to) {
  InodeRef inode = state_->Find(from);
  state_->SetName(from, nullptr);
  state_->SetName(to, std::move(inode));
}

void SimDisk::Remove(const std::string& path) { state_->SetName(path, nullptr); }

void SimDisk::Crash(CrashMode mode, Random& random, std::string_view under) {
  state_->Kill(under);
  if (mode != CrashMode::kProcess) state_->LosePower(mode, random, under);
  state_->off = false;
  state_->power_off_in = 0;
}

void SimDisk::PowerOffAt(int64_t n, std::function<void()> then, std::string_view under) {
  state_->power_off_in = n;
  state_->at_power_off = std::move(then);
  state_->off_under = under;
}

void SimDisk::KeepPower() { state_->power_off_in = 0; }

bool SimDisk::off() const { return state_->off; }

void SimDisk::Fail(DiskFault fault) {
  state_->fault = std::move(fault);
  state_->fault_broke_out = false;
}

void SimDisk::Heal() { state_->fault = std::nullopt; }
void SimDisk::set_failed_syncs_lose(bool lose) { state_->failed_syncs_lose = lose; }
int64_t SimDisk::log_pages() const { return state_->log_pages; }
void SimDisk::set_log_pages(int64_t pages) { state_->log_pages = pages; }
void SimDisk::set_syncs_lie(bool lie) { state_->syncs_lie = lie; }
const SimDisk::Counts& SimDisk::counts() const { return state_->counts; }

SimDisk::Image::Image() = default;
SimDisk::Image::~Image() = default;
SimDisk::Image::Image(const Image&) = default;
SimDisk::Image& SimDisk::Image::operator=(const Image&) = default;

bool operator==(const SimDisk::Image& a, const SimDisk::Image& b) {
  return std::equal(a.files_.begin(), a.files_.end(), b.files_.begin(), b.files_.end(),
                    [](const auto& x, const auto& y) {
                      return x.first == y.first && x.second->mark.inode == y.second->mark.inode &&
                             x.second->mark.birth_ns == y.second->mark.birth_ns &&
                             x.second->content == y.second->content;
                    });
}

}  // namespace seatsaga::simulation
