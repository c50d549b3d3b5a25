#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"

// One line per event. Never pass a payment token, a card number or a secret: fields are for ids,
// reasons and numbers. Thread-safe once Setup has returned; before it, lines go to stderr as text.
namespace seatsaga::log {

struct Field {
  std::string_view name;  // snake_case: "reservation_id"
  std::string value;
};

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };

// A line to be written later: a plan's, once its batch is durable.
struct Line {
  Level level = Level::kInfo;
  std::string_view event;  // a constant
  std::vector<Field> fields;
  std::string message;
};

enum class Format { kText, kJson };

// `level`: debug, info, warn, error or off. Call once, before other threads log.
absl::Status Setup(std::string_view service, Format format, std::string_view level);

// `event` is a stable snake_case name to search for; `message` is for people.
void Debug(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Info(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Warn(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Error(std::string_view event, std::initializer_list<Field> fields, std::string_view message);

void Write(const Line& line);

// Whether debug lines are wanted: guard for lines on a hot path.
bool DebugEnabled();

}  // namespace seatsaga::log
