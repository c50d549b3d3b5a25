#include "common/read_lane.h"

#include <utility>

#include "common/log.h"
#include "common/sqlite/database.h"

namespace seatsaga {

void ReadLane::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ReadLane::BeginQuery() {
  if (database_ != nullptr) database_->Begin();
}

absl::Status ReadLane::EndQuery() {
  if (database_ == nullptr) return absl::OkStatus();
  const absl::Status ended = database_->Commit();
  if (ended.ok()) return ended;
  log::Error("query_failed", {{"error", ended.ToString()}}, "");
  return UnavailableError("the database cannot be read now; retry later");
}

bool ReadLane::full() {
  const std::lock_guard lock(mutex_);
  return queue_.size() >= kQueueMax;
}

void ReadLane::Post(Query query) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    queue_.push_back(std::move(query));
  }
  work_.notify_one();
}

void ReadLane::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void ReadLane::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Query query = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    std::move(query)();
    lock.lock();
  }
}

}  // namespace seatsaga
