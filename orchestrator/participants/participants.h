#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/id.h"
#include "orchestrator/core/advance.h"
#include "orchestrator/sagas/saga_facts.h"

// What the engine knows of the participants: calls go out in batches, results come back in batches.
namespace seatsaga::participants {

// One attempt to make, with everything that its request needs.
struct CallRequest {
  Id saga_id;
  core::Command command;
  std::string_view step_name;  // of the definition: lives as long as the program
  std::shared_ptr<const sagas::SagaFacts> facts;
  std::string reason;  // why the saga compensates, for the reservation's cancellation
  std::string message;
};

// How that attempt ended.
struct CallResult {
  Id saga_id;
  core::CallKind kind = core::CallKind::kNone;
  int step = 0;
  core::Direction direction = core::Direction::kAction;
  int attempt = 0;
  core::Outcome outcome = core::Outcome::kUnknown;
  std::string reason;  // UPPER_SNAKE_CASE; empty on success
  std::string message;
  int64_t amount_minor = 0;  // what the participant priced or moved
  std::string currency;
};

class Participants {
 public:
  virtual ~Participants() = default;
  // Starts the calls and returns at once. Each ends in exactly one CallResult, at its deadline at
  // the latest. Called by the writer thread, after the commit that made the calls' cause durable.
  virtual void Send(std::vector<CallRequest> requests) = 0;
};

}  // namespace seatsaga::participants
