#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/id.h"
#include "orchestrator/core/advance.h"
#include "seatsaga/orchestrator/v1/orchestrator.pb.h"

// What the engine and the participants' side know of each other: calls go out in batches, results
// come back in batches.
namespace seatsaga::participants {

// One attempt to make, with everything that its request needs.
struct CallRequest {
  Id saga_id;
  core::Command command;
  std::string_view step_name;  // of the definition: lives as long as the program
  std::shared_ptr<const orchestrator::v1::SagaData> data;
  std::string reason;  // why the saga compensates, for the reservation's cancellation
  std::string message;
  std::optional<core::Hold> hold;  // of a saga that holds
  Mono deadline;                   // of the attempt; set when it is taken to be sent
};

// How that attempt ended.
struct CallResult {
  Id saga_id;
  core::CallKind kind = core::CallKind::kNone;
  int step = 0;
  core::Direction direction = core::Direction::kAction;
  int round = 1;
  int attempt = 0;
  core::Outcome outcome = core::Outcome::kUnknown;
  std::string reason;  // UPPER_SNAKE_CASE; empty on success
  std::string message;
  std::unique_ptr<saga::v1::ActionResult> result;  // what the call did; null if it did not say
};

// Takes the results of calls. `urgent`: calls may follow from them.
using ResultSink = std::function<void(std::vector<CallResult> results, bool urgent)>;

}  // namespace seatsaga::participants
