#include "reservation_svc/outbox.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"

namespace seatsaga::reservation {

void Outbox::Clear() {
  entries_.clear();
  queue_.Clear();
  in_flight_.clear();
  // Numbers continue, so that an old result is never taken for a new one.
  pace_ = {.call_size = limits_.messages_per_call, .last_call = pace_.last_call};
}

void Outbox::Set(const Id& id, Entry entry) {
  const auto [it, is_new] = entries_.try_emplace(id, entry);
  if (!is_new) queue_.Remove(std::exchange(it->second, entry).due, id);
  queue_.Add(entry.due, id);
}

void Outbox::Forget(const Id& id) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  queue_.Remove(it->second.due, id);
  entries_.erase(it);
}

void Outbox::Remember(Change&& change) {
  for (const auto& [id, entry] : change.entries) entry ? Set(id, *entry) : Forget(id);
  for (const int64_t call : change.ended) in_flight_.erase(call);
  for (auto& [call, ids] : change.calls) in_flight_[call] = std::move(ids);
  pace_ = change.pace;
}

Mono Outbox::NextWake() const {
  if (in_flight_.size() >= CallsAllowed(pace_)) return Mono::InfiniteFuture();  // a result wakes us
  return queue_.size() == 0 ? Mono::InfiniteFuture()
                            : std::max(queue_.NextDue(), pace_.paused_until);
}

void OutboxBatch::OnResult(const CallResult& result) {
  const auto call = outbox_.in_flight_.find(result.call);
  if (call == outbox_.in_flight_.end() || absl::c_linear_search(change_.ended, result.call)) return;
  change_.ended.push_back(result.call);
  const absl::flat_hash_set<Id> delivered(result.delivered.begin(), result.delivered.end());
  for (const Id& id : call->second) {
    const auto entry = outbox_.entries_.find(id);
    if (entry == outbox_.entries_.end() || entry->second.call != result.call) continue;
    if (delivered.contains(id)) {
      change_.entries.emplace_back(id, std::nullopt);
    } else {
      const int failures = entry->second.failures + 1;
      change_.entries.emplace_back(id,
                                   Outbox::Entry{.failures = failures, .due = RetryTime(failures)});
    }
  }
  if (!result.answered) return OnUnanswered();
  Outbox::Pace& pace = change_.pace;
  pace.calls_failed = 0;
  pace.paused_until = Mono::InfinitePast();
  pace.call_size = std::min(outbox_.limits_.messages_per_call, 2 * pace.call_size);
}

void OutboxBatch::OnUnanswered() {
  Outbox::Pace& pace = change_.pace;
  if (now_ < pace.paused_until)
    return;  // calls that are in flight together fail together, and count as one failure
  pace.paused_until = RetryTime(++pace.calls_failed);
  pace.call_size = std::max<size_t>(1, pace.call_size / 2);
}

Mono OutboxBatch::RetryTime(int failures) {
  return now_ + Backoff(failures, 0.5 + 0.5 * random_.NextShare(), outbox_.limits_.backoff);
}

// Finds as many messages as all calls together may take. Of those that were there before the batch,
// it takes those that have been due longest.
void OutboxBatch::FindDue() {
  due_.emplace();
  const size_t max = outbox_.limits_.calls_in_flight * change_.pace.call_size;
  outbox_.queue_.ForEachDue(now_, [&](Mono, const Id& id) {
    due_->push_back(id);
    return due_->size() < max;
  });
}

std::optional<int64_t> OutboxBatch::TakeCall(absl::FunctionRef<bool(const Id&)> take) {
  Outbox::Pace& pace = change_.pace;
  const size_t in_flight = outbox_.in_flight_.size() - change_.ended.size() + change_.calls.size();
  if (now_ < pace.paused_until || in_flight >= outbox_.CallsAllowed(pace)) return std::nullopt;
  if (!due_) FindDue();
  const int64_t call = pace.last_call + 1;
  std::vector<Id> ids;
  while (ids.size() < pace.call_size) {
    const bool from_due = next_due_ < due_->size();
    if (!from_due && next_added_ == added_.size()) break;
    const Id& id = from_due ? (*due_)[next_due_++] : added_[next_added_++];
    if (!take(id)) {
      change_.entries.emplace_back(id, std::nullopt);
      continue;
    }
    const auto known = from_due ? outbox_.entries_.find(id) : outbox_.entries_.end();
    const int failures = known == outbox_.entries_.end() ? 0 : known->second.failures;
    change_.entries.emplace_back(id, Outbox::Entry{.failures = failures, .call = call});
    ids.push_back(id);
  }
  if (ids.empty()) return std::nullopt;
  change_.calls.emplace_back(call, std::move(ids));
  pace.last_call = call;
  return call;
}

Outbox::Change OutboxBatch::TakeChange() {
  for (; next_added_ < added_.size(); ++next_added_) {
    change_.entries.emplace_back(added_[next_added_], Outbox::Entry{.due = now_});
  }
  return std::move(change_);
}

}  // namespace seatsaga::reservation
