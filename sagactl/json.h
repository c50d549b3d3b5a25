#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/statusor.h"

// Protobuf's JSON as sagactl prints it: snake_case names as in the .proto files, enums by name,
// fields that hold their default too, so that scripts find every name. Pure; thread-safe.
namespace seatsaga::cli {

enum class JsonLayout { kOneLine, kIndented };

// Ends in '\n'. Internal if a message cannot be printed.
absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message, JsonLayout layout);

}  // namespace seatsaga::cli
