#include "bench/process_meter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "bench/sync_count.h"
#include "common/text.h"

namespace seatsaga::bench {
namespace {

absl::Duration CpuTime(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) return absl::ZeroDuration();
  return absl::DurationFromTimespec(time);
}

int64_t WrittenBytes(pid_t pid) {
  std::ifstream file(Cat("/proc/", pid, "/io"));
  std::string key;
  int64_t value = 0;
  while (file >> key >> value) {
    if (key == "write_bytes:") return value;
  }
  return 0;
}

int64_t ResidentBytes(pid_t pid) {
  std::ifstream file(Cat("/proc/", pid, "/statm"));
  int64_t all_pages = 0;
  int64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

const SyncCount* MapCount(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* memory = mmap(nullptr, sizeof(SyncCount), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return memory == MAP_FAILED ? nullptr : static_cast<const SyncCount*>(memory);
}

}  // namespace

struct ProcessMeter::Entry {
  Watched process;
  clockid_t clock = 0;  // the process' CPU-time clock
  const SyncCount* count = nullptr;
};

absl::StatusOr<Watched> ParseWatched(const std::string& text) {
  const size_t equals = text.find('=');
  const size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  Watched watched;
  if (equals != std::string::npos && equals > 0) {
    watched.name = text.substr(0, equals);
    const std::string pid =
        text.substr(equals + 1, colon == std::string::npos ? colon : colon - equals - 1);
    if (colon != std::string::npos) watched.sync_count_file = text.substr(colon + 1);
    if (absl::SimpleAtoi(AbslView(pid), &watched.pid) && watched.pid > 0) return watched;
  }
  return absl::InvalidArgumentError(Cat("'", text, "' is not name=pid or name=pid:/count/file"));
}

Usage operator-(const Usage& after, const Usage& before) {
  Usage used{.cpu = after.cpu - before.cpu,
             .written_bytes = after.written_bytes - before.written_bytes,
             .resident_bytes = after.resident_bytes};
  if (after.sync_count && before.sync_count)
    used.sync_count = *after.sync_count - *before.sync_count;
  return used;
}

ProcessMeter::ProcessMeter() = default;

ProcessMeter::~ProcessMeter() {
  for (const Entry& entry : entries_) {
    if (entry.count != nullptr) munmap(const_cast<SyncCount*>(entry.count), sizeof(SyncCount));
  }
}

absl::StatusOr<std::unique_ptr<ProcessMeter>> ProcessMeter::Open(std::vector<Watched> processes) {
  std::unique_ptr<ProcessMeter> meter(new ProcessMeter);
  for (Watched& process : processes) {
    Entry entry{.process = std::move(process)};
    if (clock_getcpuclockid(entry.process.pid, &entry.clock) != 0) {
      return absl::NotFoundError(
          Cat("no process ", entry.process.pid, " (", entry.process.name, ")"));
    }
    if (!entry.process.sync_count_file.empty()) {
      entry.count = MapCount(entry.process.sync_count_file);
      if (entry.count == nullptr) {
        return absl::NotFoundError(Cat("cannot read ", entry.process.sync_count_file));
      }
    }
    meter->entries_.push_back(std::move(entry));
  }
  return meter;
}

std::map<std::string, Usage> ProcessMeter::Read() const {
  std::map<std::string, Usage> usages;
  for (const Entry& entry : entries_) {
    Usage usage{.cpu = CpuTime(entry.clock),
                .written_bytes = WrittenBytes(entry.process.pid),
                .resident_bytes = ResidentBytes(entry.process.pid)};
    if (entry.count != nullptr) {
      usage.sync_count = static_cast<int64_t>(entry.count->syncs.load(std::memory_order_relaxed));
    }
    usages.emplace(entry.process.name, usage);
  }
  return usages;
}

}  // namespace seatsaga::bench
