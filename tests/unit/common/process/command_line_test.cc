#include "common/process/command_line.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace seatsaga {
namespace {

// What a program prints while this lives.
class Printed {
 public:
  explicit Printed(std::ostream& stream) : stream_(stream), before_(stream.rdbuf(text_.rdbuf())) {}
  ~Printed() { stream_.rdbuf(before_); }
  std::string text() const { return text_.str(); }

 private:
  std::ostream& stream_;
  std::ostringstream text_;
  std::streambuf* before_;
};

std::optional<int> Parse(CommandLine& line, std::initializer_list<std::string> arguments) {
  std::vector<std::string> all{"tool"};
  all.insert(all.end(), arguments);
  std::vector<char*> argv;
  for (std::string& argument : all) argv.push_back(argument.data());
  return line.Parse(static_cast<int>(argv.size()), argv.data());
}

// A program with two commands.
struct Tool {
  CommandLine line{"tool", "Does things."};
  std::string colour = "red";
  int count = 3;
  bool all = false;
  std::vector<std::string> ids;
  CommandLine* list = nullptr;
  CommandLine* show = nullptr;

  Tool() {
    line.Add("-c,--colour", colour, "Which one").OneOf({"red", "blue"}).Environment("TOOL_COLOUR");
    list = &line.AddCommand("list", "Lists");
    const Flag id = list->Add("ID", ids, "Only these");
    list->Add("--count", count, "How many").Between(1, 10).Excludes(id);
    list->AddSwitch("--all", all, "All of them");
    show = &line.AddCommand("show", "Shows");
  }
};

std::string ErrorOf(std::initializer_list<std::string> arguments) {
  Tool tool;
  const Printed errors(std::cerr);
  REQUIRE(Parse(tool.line, arguments) == kUsageError);
  return errors.text();
}

std::string OutputOf(std::initializer_list<std::string> arguments) {
  Tool tool;
  const Printed output(std::cout);
  REQUIRE(Parse(tool.line, arguments) == 0);
  return output.text();
}

TEST_CASE("a command has its own flags, and the program's may come before or after it") {
  Tool tool;
  REQUIRE_FALSE(Parse(tool.line, {"list", "--count=7", "--all", "-c", "blue"}));
  REQUIRE(tool.list->chosen());
  REQUIRE_FALSE(tool.show->chosen());
  REQUIRE(tool.count == 7);
  REQUIRE(tool.all);
  REQUIRE(tool.colour == "blue");
}

TEST_CASE("a usage error names the command, what is wrong and where the help is") {
  REQUIRE(ErrorOf({"list", "--count", "11"}) ==
          "tool list: --count: 11 is not in the range 1 to 10 (see `tool list --help`)\n");
  REQUIRE_THAT(ErrorOf({"list", "--count", "many"}), Catch::Contains("--count"));
  REQUIRE_THAT(ErrorOf({"list", "--count", "2", "x"}), Catch::Contains("excludes"));
  REQUIRE_THAT(ErrorOf({"-c", "green", "list"}), Catch::Contains("green"));
  REQUIRE_THAT(ErrorOf({"list", "--nonsense"}), Catch::Contains("--nonsense"));
}

TEST_CASE("a mistyped command is told its neighbour, and a missing one is asked for") {
  REQUIRE_THAT(ErrorOf({"lsit"}), Catch::Contains("did you mean `tool list`?"));
  REQUIRE_THAT(ErrorOf({"deploy"}), Catch::Contains("'deploy' is not a command (see"));
  REQUIRE_THAT(ErrorOf({}), Catch::Contains("a command is needed"));
  REQUIRE_THAT(ErrorOf({"\x1b[31m"}), !Catch::Contains("\x1b"));
}

TEST_CASE("the help says ranges, defaults and variables, and nothing of CLI11's own") {
  const std::string help = OutputOf({"list", "--help"});
  REQUIRE_THAT(help, Catch::Contains("How many (1 to 10; default 3)"));
  REQUIRE_THAT(help, !Catch::Contains("Excludes"));
  REQUIRE_THAT(OutputOf({"--help"}), Catch::Contains("Which one (default red; TOOL_COLOUR)"));
}

TEST_CASE("the words for completion are those that were added") {
  Tool tool;
  const auto words = tool.line.Words();
  const auto colour = std::ranges::find(words, "--colour", &CommandLine::FlagWords::name);
  REQUIRE(colour != words.end());
  REQUIRE(colour->values == std::vector<std::string>{"red", "blue"});
  REQUIRE(colour->takes_value);
  REQUIRE(tool.line.commands().size() == 2);
  REQUIRE(tool.list->Words().back().name == "--all");
}

}  // namespace
}  // namespace seatsaga
