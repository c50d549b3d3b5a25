#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "seatsaga/saga/v1/saga.pb.h"
#include "tests/contract/participant.h"

// Commands as an orchestrator sends them, to any participant.
namespace seatsaga::contract {

// What an answer says, whether it comes in a batch or by the command's own method.
struct Answer {
  saga::v1::Outcome outcome = saga::v1::OUTCOME_UNSPECIFIED;
  std::string reason;
  friend bool operator==(const Answer&, const Answer&) = default;
};
std::ostream& operator<<(std::ostream& out, const Answer& answer);

enum class Form { kUnary, kBatch };
const char* NameOf(Form form);

struct Token {
  uint64_t epoch = 0;
  char holder = 'h';  // 16 of them
};

// A command on its way.
struct Command {
  Body body;
  std::string saga_id;
  std::string step;
  Token token;
  int32_t round = 1;
};

// Sends commands to one participant.
class Sender {
 public:
  explicit Sender(const Participant& participant) : participant_(participant) {}

  // The results of a batch, whole, and in short. As many as there are commands, or the gRPC error.
  absl::StatusOr<std::vector<saga::v1::CommandResult>> BatchResults(
      const std::vector<Command>& commands) const;
  std::vector<Answer> Batch(const std::vector<Command>& commands) const;
  // Sends the command until its outcome is definite, as an orchestrator does.
  Answer Send(const Command& command, Form form) const;

  absl::StatusOr<saga::v1::GetFencingResponse> GetFencing() const;
  absl::Status Take(const saga::v1::TakePartitionsRequest& request) const;
  // A request for what GetFencing says now.
  saga::v1::TakePartitionsRequest TakeOfAll(const Token& token) const;
  // Takes all partitions, with the epoch that follows.
  Token TakeAll(char holder) const;

 private:
  Answer SendOnce(const Command& command, Form form) const;

  const Participant& participant_;
};

// The reason of an error, from its google.rpc.ErrorInfo.
std::string ReasonOfError(const absl::Status& status);

}  // namespace seatsaga::contract
