#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/participant/command.h"
#include "common/store/lane.h"
#include "common/store/rows.h"
#include "common/store/table.h"

// Which process commands a participant: one per partition, known by the token that it took
// (docs/participant-contract.md).
namespace seatsaga::participant {

// How far a new epoch may be above the one before. No orchestrator needs more.
inline constexpr uint64_t kEpochJumpMax = 1'000'000;

inline constexpr std::string_view kStaleFencingToken = "STALE_FENCING_TOKEN";
inline constexpr std::string_view kFencingTokenNotTaken = "FENCING_TOKEN_NOT_TAKEN";
inline constexpr std::string_view kFencingTokenChanged = "FENCING_TOKEN_CHANGED";

// One partition that has been taken.
struct FencingRow {
  int32_t partition = 0;
  uint64_t epoch = 0;
  Id holder;
  Id store_id;                // of the orchestrator that took it
  int64_t store_counter = 0;  // of that store, at that time
};
inline constexpr auto kFencing = store::MakeTable<FencingRow>(
    "fencing", store::Key<&FencingRow::partition>("partition"),
    store::Field<&FencingRow::epoch>("epoch"), store::Field<&FencingRow::holder>("holder"),
    store::Field<&FencingRow::store_id>("store_id"),
    store::Field<&FencingRow::store_counter>("store_counter"));

// TakePartitions, checked.
struct Take {
  std::vector<std::pair<int32_t, Token>> held;  // partitions, each with the token that holds it
  Token token;                                  // the new one
  Id store_id;
  int64_t store_counter = 0;
};
struct Taken {};
absl::StatusOr<Take> ParseTake(const saga::v1::TakePartitionsRequest& request);
// All partitions as they are held.
saga::v1::GetFencingResponse ReadFencing(store::Snapshot& snapshot);

// The tokens that hold the partitions, in memory: only durable ones. A value.
class Fencing {
 public:
  // What a batch changed.
  using Change = std::vector<std::pair<int32_t, Token>>;

  void Load(store::Snapshot& snapshot);
  void Remember(const Change& change) {
    for (const auto& [partition, token] : change) tokens_[static_cast<size_t>(partition)] = token;
  }
  const Token& Of(int32_t partition) const { return tokens_[static_cast<size_t>(partition)]; }

 private:
  std::array<Token, store::kPartitions> tokens_{};
};

}  // namespace seatsaga::participant
