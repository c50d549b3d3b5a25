#include "bench/baselines/decision_log.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/text.h"

namespace seatsaga::bench {
namespace {

absl::Status ErrorOf(int error, std::string_view what) {
  return absl::InternalError(Cat(what, ": ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DecisionLog>> DecisionLog::Open(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return ErrorOf(errno, Cat("cannot write ", path));
  const int notification = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (notification < 0) return ErrorOf(errno, "eventfd");
  return std::unique_ptr<DecisionLog>(new DecisionLog(file, notification));
}

DecisionLog::DecisionLog(int file, int notification)
    : file_(file), notification_(notification), writer_([this] { WriteLoop(); }) {}

DecisionLog::~DecisionLog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  writer_.join();
  close(notification_);
  close(file_);
}

void DecisionLog::Append(const std::string& line, void* owner) {
  {
    std::lock_guard lock(mutex_);
    seatsaga::Append(lines_, line, '\n');
    queued_.push_back(owner);
  }
  changed_.notify_one();
}

absl::StatusOr<std::vector<void*>> DecisionLog::TakeDurable() {
  eventfd_t ignored = 0;
  eventfd_read(notification_, &ignored);
  std::lock_guard lock(mutex_);
  if (error_ != 0) return ErrorOf(error_, "the decision log cannot be written");
  return std::exchange(durable_, {});
}

void DecisionLog::WriteLoop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queued_.empty(); });
    if (queued_.empty()) return;
    const std::string lines = std::exchange(lines_, {});
    const std::vector<void*> owners = std::exchange(queued_, {});
    lock.unlock();
    const int error = WriteDurably(lines);
    lock.lock();
    if (error != 0) error_ = error;
    durable_.insert(durable_.end(), owners.begin(), owners.end());
    eventfd_write(notification_, 1);
  }
}

int DecisionLog::WriteDurably(const std::string& lines) const {
  size_t done = 0;
  while (done < lines.size()) {
    const ssize_t written = write(file_, lines.data() + done, lines.size() - done);
    if (written < 0) return errno;
    done += static_cast<size_t>(written);
  }
  return fdatasync(file_) == 0 ? 0 : errno;
}

}  // namespace seatsaga::bench
