#include "common/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <span>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/text.h"

namespace seatsaga::log {
namespace {

// The process' one logger: logging is the one thing that every layer may reach without being handed
// it.
struct Config {
  std::string service = "seatsaga";
  Format format = Format::kText;
};

Config& config() {
  static Config instance;
  return instance;
}

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : ValidUtf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string OneLine(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return out;
}

std::string JsonLine(spdlog::level::level_enum level, std::string_view event,
                     std::span<const Field> fields, std::string_view message) {
  std::string line = Cat(
      "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
      "\",\"level\":\"", std::string_view(spdlog::level::to_string_view(level).data()),
      "\",\"service\":", JsonString(config().service), ",\"event\":", JsonString(event));
  for (const Field& field : fields) {
    Append(line, ",", JsonString(field.name), ":", JsonString(field.value));
  }
  Append(line, ",\"message\":", JsonString(message), "}");
  return line;
}

std::string TextLine(std::string_view event, std::span<const Field> fields,
                     std::string_view message) {
  std::string line = Cat(event);
  for (const Field& field : fields) {
    Append(line, " ", field.name, "=", OneLine(field.value));
  }
  if (!message.empty()) Append(line, "  ", OneLine(message));
  return line;
}

void Write(spdlog::level::level_enum level, std::string_view event, std::span<const Field> fields,
           std::string_view message) {
  auto* logger = spdlog::default_logger_raw();
  if (!logger->should_log(level)) return;
  const std::string line = config().format == Format::kJson
                               ? JsonLine(level, event, fields, message)
                               : TextLine(event, fields, message);
  logger->log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

absl::Status Setup(std::string_view service, Format format, std::string_view level) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") {
    return absl::InvalidArgumentError(
        Cat("log level '", level, "' is not one of debug, info, warn, error, off"));
  }
  config() = {std::string(service), format};
  auto logger = std::make_shared<spdlog::logger>(
      std::string(service), std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern(format == Format::kJson ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-5l%$ %n %v");
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

void Debug(std::string_view event, std::initializer_list<Field> fields, std::string_view message) {
  Write(spdlog::level::debug, event, {fields.begin(), fields.size()}, message);
}
void Info(std::string_view event, std::initializer_list<Field> fields, std::string_view message) {
  Write(spdlog::level::info, event, {fields.begin(), fields.size()}, message);
}
void Warn(std::string_view event, std::initializer_list<Field> fields, std::string_view message) {
  Write(spdlog::level::warn, event, {fields.begin(), fields.size()}, message);
}
void Error(std::string_view event, std::initializer_list<Field> fields, std::string_view message) {
  Write(spdlog::level::err, event, {fields.begin(), fields.size()}, message);
}

void Write(const Line& line) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  Write(kLevels[static_cast<size_t>(line.level)], line.event, line.fields, line.message);
}

bool DebugEnabled() { return spdlog::default_logger_raw()->should_log(spdlog::level::debug); }

}  // namespace seatsaga::log
