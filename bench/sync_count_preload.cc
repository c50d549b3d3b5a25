// libseatsaga_count_sync.so: preloaded into a server (LD_PRELOAD), it counts the server's fsync and
// fdatasync calls into a file that the benchmark maps, too. Counting costs an atomic increment per
// call that waits for the disk; strace and perf trace would stop the process at each call.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include "bench/sync_count.h"

namespace {

using Sync = int (*)(int);
using seatsaga::bench::SyncCount;

SyncCount* MapCount() {
  const char* path = std::getenv(seatsaga::bench::kSyncCountVariable);
  if (path == nullptr) return nullptr;
  const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return nullptr;
  void* memory = MAP_FAILED;
  if (ftruncate(file, sizeof(SyncCount)) == 0) {
    memory = mmap(nullptr, sizeof(SyncCount), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  return memory == MAP_FAILED ? nullptr : static_cast<SyncCount*>(memory);
}

int Counted(Sync sync, int file) {
  static SyncCount* const count = MapCount();
  const int result = sync(file);
  if (count != nullptr) count->syncs.fetch_add(1, std::memory_order_relaxed);
  return result;
}

Sync Real(const char* name) { return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name)); }

}  // namespace

extern "C" int fsync(int file) {
  static const Sync sync = Real("fsync");
  return Counted(sync, file);
}

extern "C" int fdatasync(int file) {
  static const Sync sync = Real("fdatasync");
  return Counted(sync, file);
}
