#include "orchestrator/engine/stats.h"

#include <algorithm>
#include <map>

#include "common/time_proto.h"

namespace seatsaga::engine {

orchestrator::v1::GetStatsResponse StatsOf(const EngineMemory& memory, const EngineOptions& options,
                                           absl::Time now) {
  std::map<int, int64_t> counts;
  int64_t attention = memory.unreadable;
  absl::Time oldest = now;
  // any order: they are counted
  for (const auto& [id, saga] : memory.live) {
    ++counts[saga->row.view];
    attention += saga->row.attention ? 1 : 0;
    oldest = std::min(oldest, id.time());
  }
  counts[orchestrator::v1::SAGA_STATE_COMPLETED] = memory.completed;
  counts[orchestrator::v1::SAGA_STATE_COMPENSATED] = memory.compensated;
  orchestrator::v1::GetStatsResponse stats;
  for (const auto& [view, count] : counts) {
    auto* state = stats.add_states();
    state->set_state(static_cast<orchestrator::v1::SagaState>(view));
    state->set_count(count);
  }
  stats.set_fencing_epoch(memory.epoch);
  *stats.mutable_start_time() = seatsaga::ToProto(options.start_time);
  stats.set_transition_count(memory.transitions);
  stats.set_commit_count(memory.batches);
  stats.set_attention_count(attention);
  if (!memory.live.empty()) *stats.mutable_oldest_live_age() = seatsaga::ToProto(now - oldest);
  return stats;
}

}  // namespace seatsaga::engine
