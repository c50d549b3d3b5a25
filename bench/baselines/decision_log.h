#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace seatsaga::bench {

// A coordinator's log of decisions. Its own thread appends what has queued meanwhile in one write
// and one fdatasync (group commit), so that the log slows nobody more than a good one would. Append
// and TakeDurable are for one other thread.
class DecisionLog {
 public:
  // Makes the file, or appends to it.
  static absl::StatusOr<std::unique_ptr<DecisionLog>> Open(const std::string& path);
  ~DecisionLog();  // writes what is queued
  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // Queues a line. TakeDurable returns `owner` once the line is on disk.
  void Append(const std::string& line, void* owner);

  // A file descriptor that can be read when TakeDurable has something to return.
  int notification() const { return notification_; }
  // The owners of lines that have become durable. Fails for good once a write has failed.
  absl::StatusOr<std::vector<void*>> TakeDurable();

 private:
  DecisionLog(int file, int notification);

  void WriteLoop();
  // Returns 0 or an errno.
  int WriteDurably(const std::string& lines) const;

  const int file_;
  const int notification_;  // an eventfd

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int error_ = 0;
  std::string lines_;
  std::vector<void*> queued_;
  std::vector<void*> durable_;

  std::thread writer_;
};

}  // namespace seatsaga::bench
