#include "common/process/suggest.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace seatsaga {
namespace {

TEST_CASE("the nearest command is suggested, and none for another word") {
  const std::vector<std::string> commands{"list", "show", "watch", "stats", "compensate"};
  CHECK(Nearest("lsit", commands) == "list");
  CHECK(Nearest("comp", commands) == "compensate");
  CHECK(Nearest("status", commands) == "stats");
  CHECK_FALSE(Nearest("deploy", commands).has_value());
  CHECK_FALSE(Nearest("", commands).has_value());
}

}  // namespace
}  // namespace seatsaga
