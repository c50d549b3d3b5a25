#include "common/log.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

// What is written to standard error while this lives; puts the text logger back at the end.
class CapturedLog {
 public:
  explicit CapturedLog(log::Format format, std::string_view level = "debug") {
    std::fflush(stderr);
    saved_ = dup(STDERR_FILENO);
    std::FILE* file = std::fopen(dir_.File("log").c_str(), "w");
    dup2(fileno(file), STDERR_FILENO);
    std::fclose(file);
    status_ = log::Setup("seat_svc", format, level);
  }
  ~CapturedLog() {
    Restore();
    (void)log::Setup("unit_tests", log::Format::kText, "off");
  }
  std::string Text() {
    Restore();
    std::ifstream file(dir_.File("log"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const absl::Status& status() const { return status_; }

 private:
  void Restore() {
    if (saved_ < 0) return;
    std::fflush(stderr);
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    saved_ = -1;
  }
  testing::TempDir dir_;
  int saved_ = -1;
  absl::Status status_;
};

TEST_CASE("a JSON log line is one valid object, whatever its fields hold") {
  const std::string nasty = "a \"quoted\" back\\slash\nnew line\ttab \x01 caf\xc3\xa9 {}%v";
  CapturedLog captured(log::Format::kJson);
  log::Info("saga_started", {{"saga_id", "42"}, {"reason", nasty}}, nasty);
  const std::string text = captured.Text();
  REQUIRE(text.find('\n') == text.size() - 1);
  const auto line = nlohmann::json::parse(text);
  REQUIRE(line["event"] == "saga_started");
  REQUIRE(line["level"] == "info");
  REQUIRE(line["service"] == "seat_svc");
  REQUIRE(line["saga_id"] == "42");
  REQUIRE(line["reason"] == nasty);
  REQUIRE(line["message"] == nasty);
  REQUIRE(line["time"].get<std::string>().back() == 'Z');
}

TEST_CASE("a JSON log line stays valid when a field is not UTF-8") {
  CapturedLog captured(log::Format::kJson);
  log::Warn("odd", {{"error", "\xff\xfe bytes"}}, "cut caf\xc3");
  const auto line = nlohmann::json::parse(captured.Text(), nullptr, false);
  REQUIRE_FALSE(line.is_discarded());
}

TEST_CASE("a text log line is one line, whatever its fields and message hold") {
  CapturedLog captured(log::Format::kText);
  log::Error("commit_failed", {{"error", "disk\nfull"}}, "first\nsecond");
  const std::string text = captured.Text();
  REQUIRE(text.find('\n') == text.size() - 1);
  REQUIRE(text.find("commit_failed error=disk full") != std::string::npos);
  REQUIRE(text.find("seat_svc") != std::string::npos);
}

TEST_CASE("lines below the level are not written") {
  CapturedLog captured(log::Format::kJson, "warn");
  REQUIRE_FALSE(log::DebugEnabled());
  log::Debug("no", {}, "");
  log::Info("no", {}, "");
  log::Warn("yes", {}, "");
  const auto line = nlohmann::json::parse(captured.Text());
  REQUIRE(line["event"] == "yes");
}

TEST_CASE("a level that does not exist is an error that names those that do") {
  for (const char* level : {"debug", "info", "warn", "error", "off"}) {
    REQUIRE(CapturedLog(log::Format::kText, level).status().ok());
  }
  const CapturedLog captured(log::Format::kText, "loud");
  REQUIRE(captured.status().code() == absl::StatusCode::kInvalidArgument);
  REQUIRE(captured.status().ToString().find("debug, info, warn, error, off") != std::string::npos);
}

}  // namespace
}  // namespace seatsaga
