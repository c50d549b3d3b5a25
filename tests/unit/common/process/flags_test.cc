#include "common/process/flags.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace seatsaga {
namespace {

// Sets a variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

struct Parsed {
  ServerFlags flags;
  std::optional<int> exit_status;
};

Parsed Parse(std::initializer_list<std::string> arguments) {
  std::vector<std::string> all{"seat_svc", "--log-level=off"};
  all.insert(all.end(), arguments);
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  CommandLine line("seat_svc", "Owns seats.");
  Parsed parsed;
  AddServerFlags(line, 50052, parsed.flags);
  parsed.exit_status = ParseFlags(line, static_cast<int>(argv.size()), argv.data(), parsed.flags);
  return parsed;
}

std::string ConfigFile(const testing::TempDir& dir, const std::string& text) {
  std::ofstream(dir.File("config")) << text;
  return dir.File("config");
}

TEST_CASE("without flags a server uses its defaults") {
  const Parsed parsed = Parse({});
  REQUIRE_FALSE(parsed.exit_status);
  REQUIRE(parsed.flags.listen == "127.0.0.1:50052");
  REQUIRE(parsed.flags.database == "seat_svc.db");
}

TEST_CASE("flags win over the environment, which wins over the config file") {
  const testing::TempDir dir;
  const std::string config = ConfigFile(dir, "listen=\"a:1\"\ndatabase=\"a.db\"\nqueue-max=11\n");
  const Variable listen("SEATSAGA_LISTEN", "b:2");
  const Variable database("SEATSAGA_DATABASE", "b.db");
  const Parsed parsed = Parse({"--config", config, "--listen", "c:3"});
  REQUIRE_FALSE(parsed.exit_status);
  REQUIRE(parsed.flags.listen == "c:3");
  REQUIRE(parsed.flags.database == "b.db");
  REQUIRE(parsed.flags.queue_max == 11);
}

TEST_CASE("the config file itself can be named by the environment") {
  const testing::TempDir dir;
  const Variable config("SEATSAGA_CONFIG", ConfigFile(dir, "batch-max=7\n"));
  REQUIRE(Parse({}).flags.batch_max == 7);
}

TEST_CASE("a value out of range is a usage error, wherever it comes from") {
  REQUIRE(Parse({"--batch-max=0"}).exit_status == 2);
  const Variable batch_max("SEATSAGA_BATCH_MAX", "none");
  REQUIRE(Parse({}).exit_status == 2);
}

}  // namespace
}  // namespace seatsaga
