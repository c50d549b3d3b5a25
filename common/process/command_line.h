#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

// The command line of every program. CLI11 stays behind this header: each file that includes it
// takes seconds longer to compile.
namespace seatsaga {

// The exit status for wrong arguments.
inline constexpr int kUsageError = 2;

// Says what is wrong with the text of a value; empty if nothing is.
using FlagCheck = std::function<std::string(const std::string& text)>;

// A flag or a positional argument that has just been added, to say more about it. A handle, valid
// as long as the CommandLine.
class Flag {
 public:
  // Where the value comes from if the command line does not have it. An empty variable is unset.
  Flag& Environment(std::string_view variable);
  // Both ends are included.
  template <std::integral Number>
  Flag& Between(Number min, Number max) {
    return BetweenIntegers(static_cast<int64_t>(min), static_cast<int64_t>(max));
  }
  Flag& Between(double min, double max);
  Flag& OneOf(std::vector<std::string> words);
  Flag& Check(FlagCheck check);
  // Values that shell completion offers. It offers those of OneOf anyway.
  Flag& Suggests(std::vector<std::string> words);
  // What the help calls the value: "ADDRESS".
  Flag& Type(std::string_view name);
  // What the help calls the default.
  Flag& Default(std::string_view text);
  // The heading that the help shows it under.
  Flag& Group(std::string_view heading);
  Flag& Required();
  // This flag and `other` may not be used together.
  Flag& Excludes(const Flag& other);
  // Several values in one text, separated by commas.
  Flag& CommaSeparated();

 private:
  friend class CommandLine;
  Flag(class CommandLine& line, CLI::Option& option) : line_(&line), option_(&option) {}
  Flag& BetweenIntegers(int64_t min, int64_t max);

  class CommandLine* line_;
  CLI::Option* option_;
};

// A program's flags, arguments and commands. --help and --version are always there. Targets hold
// their defaults when they are added, and must outlive Parse. One thread.
class CommandLine {
 public:
  // For shell completions.
  struct FlagWords {
    std::string name;  // "--state"; "ID" for a positional argument
    std::string help;
    std::vector<std::string> values;  // the only ones, if they are few
    bool takes_value = false;
    bool positional = false;
  };

  CommandLine(std::string_view program, const std::string& description);
  // For a CLI::App that its owner fills in too.
  CommandLine(std::string_view program, CLI::App& app);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `name` is "--name" or "-n,--name", or without dashes a positional argument.
  Flag Add(const std::string& name, std::string& target, const std::string& help);
  Flag Add(const std::string& name, int& target, const std::string& help);
  Flag Add(const std::string& name, int64_t& target, const std::string& help);
  Flag Add(const std::string& name, size_t& target, const std::string& help);
  Flag Add(const std::string& name, double& target, const std::string& help);
  Flag Add(const std::string& name, std::vector<std::string>& target, const std::string& help);
  Flag Add(const std::string& name, std::vector<int>& target, const std::string& help);
  // `take` gets the text once its checks have passed.
  Flag AddParsed(const std::string& name, const std::function<void(const std::string& text)>& take,
                 const std::string& help);
  // A flag without a value: true if it is given.
  Flag AddSwitch(const std::string& name, bool& target, const std::string& help);

  // Text below the help.
  void Footer(std::string_view text);
  // --config names a file with lines of name=value. The command line wins over the environment,
  // which wins over that file.
  void AllowConfigFile(std::string_view variable);
  // A command such as `sagactl list`. If there are any, one must be given. This line's own flags
  // may follow it too. Lives as long as this.
  CommandLine& AddCommand(const std::string& name, const std::string& description);

  // Call once. Returns an exit status to leave with: 0 after printing --help or --version, or
  // kUsageError after printing what is wrong. Returns nothing if the program should run.
  std::optional<int> Parse(int argc, char** argv);

  // Whether this command is the one that was given. After Parse.
  bool chosen() const;
  const std::string& program() const { return program_; }  // "sagactl list"
  std::string name() const;                                // "list"
  std::string description() const;
  std::vector<FlagWords> Words() const;
  const std::vector<std::unique_ptr<CommandLine>>& commands() const { return commands_; }

 private:
  friend class Flag;
  struct Notes;  // what CLI11 does not remember about flags

  CommandLine(std::string_view program, std::unique_ptr<CLI::App> app);
  template <class Target>
  Flag AddTarget(const std::string& name, Target& target, const std::string& help);
  std::vector<std::string> Arguments(int argc, char** argv) const;
  void TidyHelp();
  std::string Complaint(const std::exception& error, bool about_missing) const;  // in words
  int UsageError(const std::exception& error, bool about_missing) const;

  std::string program_;
  std::unique_ptr<CLI::App> owned_app_;
  CLI::App* app_;
  std::unique_ptr<Notes> notes_;
  std::vector<std::unique_ptr<CommandLine>> commands_;
};

}  // namespace seatsaga
