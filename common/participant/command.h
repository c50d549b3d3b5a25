#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/errors.h"
#include "common/id.h"
#include "common/participant/outcome.h"
#include "common/text.h"
#include "common/validation.h"
#include "seatsaga/saga/v1/saga.pb.h"

// A participant's commands, parsed: one shape for all services (docs/participant-contract.md).
// Pure; thread-safe.
namespace seatsaga::participant {

inline constexpr int32_t kRoundMax = 100;
inline constexpr std::string_view kUnknownCommand = "UNKNOWN_COMMAND";

// The process that may command the sagas of a partition, and its epoch.
struct Token {
  uint64_t epoch = 0;  // 0: never taken
  Id holder;
  friend bool operator==(const Token&, const Token&) = default;
};
std::string ToString(const Token& token);
void ToProto(const Token& token, saga::v1::FencingToken& proto);

// The part of a command that does not depend on what the command does.
struct CommandBase {
  // The idempotency key.
  Id saga_id;
  std::string step;
  saga::v1::Direction direction = saga::v1::DIRECTION_ACTION;
  int32_t round = 1;

  Token token;
  // Digest of everything in the body that the effect depends on (common/fingerprint.h). Never
  // empty, except for a probe's.
  std::string digest;
  // The answer to a command that broke a rule of its fields: it has no effect and no key.
  std::optional<CommandResult> rejected;
};

// A command, with its service's own part.
template <class BodyT>
struct Command : CommandBase {
  using Body = BodyT;
  Body body{};
};

// One call. It is answered as a whole, with the results in the order of the commands.
template <class Body>
struct Commands {
  std::vector<Command<Body>> commands;
};
using Results = std::vector<CommandResult>;

// The answer to a command of a batch in which no field that this release knows is set: UNKNOWN if a
// newer field is set, so that the command is sent again; INVALID if none is.
CommandResult NoKnownCommand(const google::protobuf::Message& command);

// The key and the token of a command. Adds what is wrong to `errors`.
void ParseKey(const saga::v1::CommandKey& key, saga::v1::Direction direction, CommandBase& command,
              FieldErrors& errors);

// The reservation that a command is about, whose field "reservation_id" is `text`: empty for that
// of its first saga, which has the same id.
Id ParseReservationId(std::string_view text, const CommandBase& command, FieldErrors& errors);

// The commands of a batch call. `parse(command, errors)` makes a Command<Body> of one. What is
// wrong with it becomes its rejection, so that the others are still executed. InvalidArgument if
// there are none or too many.
template <class Body, class Request, class Parse>
absl::StatusOr<Commands<Body>> ParseBatch(Request& request, Parse parse) {
  FieldErrors errors;
  if (request.commands().empty() || request.commands_size() > kCommandsMax) {
    errors.Add("commands",
               Cat("has ", request.commands_size(), " commands; send 1 to ", kCommandsMax));
    return errors.ToStatus();
  }
  Commands<Body> batch;
  batch.commands.reserve(static_cast<size_t>(request.commands_size()));
  for (auto& one : *request.mutable_commands()) {
    if (one.command_case() == 0) {
      batch.commands.emplace_back().rejected = NoKnownCommand(one);
      continue;
    }
    FieldErrors its_errors;
    batch.commands.push_back(parse(one, its_errors));
    if (!its_errors.empty()) {
      batch.commands.back().rejected =
          Invalid("INVALID_REQUEST", View(its_errors.ToStatus().message()));
    }
  }
  return batch;
}

// The command of a unary call, as a batch of one. InvalidArgument if anything is wrong with it.
template <class Body, class Request, class Parse>
absl::StatusOr<Commands<Body>> ParseOne(Request& request, Parse parse) {
  FieldErrors errors;
  Commands<Body> batch;
  batch.commands.push_back(parse(request, errors));
  if (absl::Status status = errors.ToStatus(); !status.ok()) return status;
  return batch;
}

// The response of a batch method.
template <class Response>
Response ToBatch(Results results) {
  Response response;
  response.mutable_results()->Reserve(static_cast<int>(results.size()));
  for (CommandResult& result : results) *response.add_results() = std::move(result);
  return response;
}

// The response of a unary method: a command that breaks the contract is the caller's error, while a
// business "no" is an answer.
template <class Response>
absl::StatusOr<Response> ToUnary(Results results) {
  CommandResult& result = results.front();
  if (result.outcome() == saga::v1::OUTCOME_INVALID) {
    return MakeError(absl::StatusCode::kInvalidArgument, result.reason(), result.message());
  }
  Response response;
  *response.mutable_result() = std::move(result);
  return response;
}

}  // namespace seatsaga::participant
