#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

// One line an event. Never pass a payment token, a card number or a secret: fields are for ids,
// reasons and numbers. Thread-safe once Setup has returned; before it, lines go to stderr as text.
namespace seatsaga::log {

struct Field {
  std::string_view name;  // snake_case: "reservation_id"
  std::string value;
};

enum class Format { kText, kJson };

// `level`: debug, info, warn, error or off. Call once, before other threads log.
absl::Status Setup(std::string_view service, Format format, std::string_view level);

// `event` is a stable snake_case name to search for; `message` is for people.
void Debug(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Info(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Warn(std::string_view event, std::initializer_list<Field> fields, std::string_view message);
void Error(std::string_view event, std::initializer_list<Field> fields, std::string_view message);

// Whether debug lines are wanted: guard for lines on a hot path.
bool DebugEnabled();

}  // namespace seatsaga::log
