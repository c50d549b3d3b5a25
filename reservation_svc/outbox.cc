#include "reservation_svc/outbox.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/container/flat_hash_set.h"

namespace seatsaga::reservation {
namespace {

// 0 to 1, the same for the same id and try, and different enough for others. The mixing step is
// that of SplitMix64 (Steele, Lea, Flood 2014).
double Jitter(const Id& id, int failures) {
  uint64_t x = 0;
  std::memcpy(&x, id.bytes().data() + Id::kSize - sizeof x, sizeof x);
  x += static_cast<uint64_t>(failures) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return std::ldexp(static_cast<double>((x ^ (x >> 31)) >> 11), -53);
}

}  // namespace

void Outbox::Reset(const std::vector<Id>& pending) {
  failures_.clear();
  ready_.clear();
  later_.clear();
  in_flight_.clear();
  call_size_ = limits_.sagas_per_call;
  calls_failed_ = 0;
  paused_until_ = absl::InfinitePast();
  for (const Id& id : pending) Add(id);
}

void Outbox::Add(const Id& id) {
  failures_.emplace(id, 0);
  ready_.push_back(id);
}

std::optional<Outbox::Call> Outbox::TakeCall(absl::Time now) {
  QueueDueRetries(now);
  if (now < paused_until_ || in_flight_.size() >= CallsAllowed()) return std::nullopt;
  Call call;
  while (!ready_.empty() && call.ids.size() < call_size_) {
    if (failures_.contains(ready_.front())) call.ids.push_back(ready_.front());
    ready_.pop_front();
  }
  if (call.ids.empty()) return std::nullopt;
  call.number = ++last_call_;
  in_flight_[call.number] = call.ids;
  return call;
}

void Outbox::QueueDueRetries(absl::Time now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    ready_.push_back(later_.begin()->second);
    later_.erase(later_.begin());
  }
}

void Outbox::OnResult(const StartResult& result, absl::Time now) {
  const auto call = in_flight_.find(result.call);
  if (call == in_flight_.end()) return;
  const std::vector<Id> ids = std::move(call->second);
  in_flight_.erase(call);
  const absl::flat_hash_set<Id> started(result.started.begin(), result.started.end());
  for (const Id& id : ids) {
    const auto entry = failures_.find(id);
    if (entry == failures_.end()) continue;
    if (started.contains(id)) {
      failures_.erase(entry);
    } else {
      later_.emplace(RetryTime(id, ++entry->second, now), id);
    }
  }
  if (result.answered) {
    OnAnswered();
  } else {
    OnUnanswered(ids, now);
  }
}

void Outbox::OnAnswered() {
  calls_failed_ = 0;
  paused_until_ = absl::InfinitePast();
  call_size_ = std::min(limits_.sagas_per_call, 2 * call_size_);
}

void Outbox::OnUnanswered(const std::vector<Id>& ids, absl::Time now) {
  if (now < paused_until_) return;  // calls that were in flight together fail together: one failure
  paused_until_ = RetryTime(ids.front(), ++calls_failed_, now);
  call_size_ = std::max<size_t>(1, call_size_ / 2);
}

absl::Time Outbox::RetryTime(const Id& id, int failures, absl::Time now) const {
  const int doublings = std::clamp(failures - 1, 0, 30);
  const absl::Duration window =
      std::min(limits_.backoff_cap, limits_.backoff_base * std::ldexp(1.0, doublings));
  return now + window * (0.5 + 0.5 * Jitter(id, failures));
}

absl::Time Outbox::NextWake() const {
  if (in_flight_.size() >= CallsAllowed()) return absl::InfiniteFuture();  // its result wakes us
  if (!ready_.empty()) return paused_until_;
  if (later_.empty()) return absl::InfiniteFuture();
  return std::max(later_.begin()->first, paused_until_);
}

}  // namespace seatsaga::reservation
