#include "common/process/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <utility>

#include "absl/memory/memory.h"
#include "common/printable.h"
#include "common/process/suggest.h"
#include "common/text.h"
#include "common/version.h"

namespace seatsaga {
namespace {

bool IsGiven(const std::vector<std::string>& arguments, const std::string& flag) {
  return std::any_of(arguments.begin(), arguments.end(), [&](const std::string& argument) {
    return argument == flag || argument.starts_with(flag + "=");
  });
}

// A number as people write it: 0.5, not 0.500000.
std::string Text(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string RangeText(const std::string& min, const std::string& max) {
  return Cat(min, " to ", max);
}

// Text that is not a number passes: CLI11 complains about it in its own words.
template <class Number>
FlagCheck InRange(Number min, Number max, const std::string& range) {
  return [=](const std::string& text) {
    Number number;
    if (!CLI::detail::lexical_cast(text, number) || (number >= min && number <= max)) {
      return std::string();
    }
    return Cat(text, " is not in the range ", range);
  };
}

}  // namespace

struct CommandLine::Notes {
  std::map<const CLI::Option*, std::vector<std::string>> words;
  std::map<const CLI::Option*, std::string> ranges;
};

// --- Flag ---

Flag& Flag::Environment(std::string_view variable) {
  option_->envname(std::string(variable));
  return *this;
}

Flag& Flag::BetweenIntegers(int64_t min, int64_t max) {
  const std::string range = RangeText(Cat(min), Cat(max));
  line_->notes_->ranges[option_] = range;
  return Check(InRange(min, max, range));
}

Flag& Flag::Between(double min, double max) {
  const std::string range = RangeText(Text(min), Text(max));
  line_->notes_->ranges[option_] = range;
  return Check(InRange(min, max, range));
}

Flag& Flag::OneOf(std::vector<std::string> words) {
  option_->check(CLI::IsMember(words));
  return Suggests(std::move(words));
}

Flag& Flag::Suggests(std::vector<std::string> words) {
  line_->notes_->words[option_] = std::move(words);
  return *this;
}

Flag& Flag::Check(FlagCheck check) {
  option_->check(std::move(check));
  return *this;
}

Flag& Flag::Type(std::string_view name) {
  option_->type_name(std::string(name));
  return *this;
}

Flag& Flag::Default(std::string_view text) {
  option_->default_str(std::string(text));
  return *this;
}

Flag& Flag::Group(std::string_view heading) {
  option_->group(std::string(heading));
  return *this;
}

Flag& Flag::Required() {
  option_->required();
  return Default("");
}

Flag& Flag::Excludes(const Flag& other) {
  option_->excludes(other.option_);
  return *this;
}

Flag& Flag::CommaSeparated() {
  option_->delimiter(',');
  return *this;
}

// --- Adding ---

CommandLine::CommandLine(std::string_view program, CLI::App& app)
    : program_(program), app_(&app), notes_(std::make_unique<Notes>()) {
  const bool is_command = app_->get_parent() != nullptr;
  if (is_command || app_->get_version_ptr() != nullptr) return;
  app_->set_version_flag("--version", VersionLine(program_), "Print the version");
}

CommandLine::CommandLine(std::string_view program, const std::string& description)
    : CommandLine(program, std::make_unique<CLI::App>(description, std::string(program))) {}

CommandLine::CommandLine(std::string_view program, std::unique_ptr<CLI::App> app)
    : CommandLine(program, *app) {
  owned_app_ = std::move(app);
}

CommandLine::~CommandLine() = default;

template <class Target>
Flag CommandLine::AddTarget(const std::string& name, Target& target, const std::string& help) {
  CLI::Option* option = app_->add_option(name, target, help);
  if constexpr (requires { target.empty(); }) {
    if (target.empty()) return {*this, *option};
  }
  option->capture_default_str();
  return {*this, *option};
}

Flag CommandLine::Add(const std::string& name, std::string& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, int& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, int64_t& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, size_t& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, double& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, std::vector<std::string>& target,
                      const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::Add(const std::string& name, std::vector<int>& target, const std::string& help) {
  return AddTarget(name, target, help);
}

Flag CommandLine::AddParsed(const std::string& name,
                            const std::function<void(const std::string& text)>& take,
                            const std::string& help) {
  return {*this, *app_->add_option_function<std::string>(name, take, help)};
}

Flag CommandLine::AddSwitch(const std::string& name, bool& target, const std::string& help) {
  return {*this, *app_->add_flag(name, target, help)};
}

void CommandLine::Footer(std::string_view text) { app_->footer(std::string(text)); }

void CommandLine::AllowConfigFile(std::string_view variable) {
  app_->set_config("--config", "", "Read flags from this file (lines of name=value)")
      ->envname(std::string(variable))
      ->type_name("FILE");
  app_->allow_config_extras(CLI::config_extras_mode::error);
}

CommandLine& CommandLine::AddCommand(const std::string& name, const std::string& description) {
  app_->fallthrough();
  app_->require_subcommand(1);
  CLI::App* app = app_->add_subcommand(name, description);
  commands_.push_back(absl::WrapUnique(new CommandLine(Cat(program_, " ", name), *app)));
  return *commands_.back();
}

// --- Parsing ---

// The command line and, for flags that are not on it, their environment variables: by itself CLI11
// lets the config file win over the environment.
std::vector<std::string> CommandLine::Arguments(int argc, char** argv) const {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (app_->get_config_ptr() == nullptr) return arguments;
  const std::vector<std::string> given = arguments;
  for (const CLI::Option* option : app_->get_options()) {
    const std::string variable = option->get_envname();
    const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0' || IsGiven(given, option->get_name())) continue;
    arguments.push_back(Cat(option->get_name(), "=", value));
  }
  return arguments;
}

// By default CLI11 prints every check and exclusion beside each flag.
void CommandLine::TidyHelp() {
  for (CLI::Option* option : app_->get_options()) {
    const std::string type = option->get_type_name();
    const bool is_switch = option->get_expected_max() == 0;
    // A blank, because CLI11 replaces an empty text by its own.
    option->option_text(is_switch || type.empty() ? " " : type.substr(0, type.find(':')));
    std::string more;
    const auto add = [&more](const std::string& prefix, const std::string& text) {
      if (!text.empty()) Append(more, more.empty() ? "" : "; ", prefix, text);
    };
    if (const auto range = notes_->ranges.find(option); range != notes_->ranges.end()) {
      add("", range->second);
    }
    add("default ", option->get_default_str());
    add("", option->get_envname());
    if (!more.empty()) option->description(Cat(option->get_description(), " (", more, ")"));
  }
  for (const auto& command : commands_) command->TidyHelp();
}

std::string CommandLine::Complaint(const std::exception& error, bool about_missing) const {
  if (commands_.empty() || !app_->get_subcommands().empty()) return error.what();
  std::vector<std::string> names;
  for (const auto& command : commands_) names.push_back(command->name());
  for (const std::string& word : app_->remaining()) {
    if (word.starts_with('-')) continue;
    const auto nearest = Nearest(word, names);
    return Cat("'", word, "' is not a command",
               nearest ? Cat("; did you mean `", program_, " ", *nearest, "`?") : std::string());
  }
  return about_missing && app_->remaining().empty() ? "a command is needed" : error.what();
}

int CommandLine::UsageError(const std::exception& error, bool about_missing) const {
  std::string program = program_;
  for (const auto& command : commands_) {
    if (command->chosen()) program = command->program();
  }
  std::cerr << program << ": " << Printable(Complaint(error, about_missing)) << " (see `" << program
            << " --help`)\n";
  return kUsageError;
}

std::optional<int> CommandLine::Parse(int argc, char** argv) {
  TidyHelp();
  try {
    std::vector<std::string> arguments = Arguments(argc, argv);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
    app_->parse(std::move(arguments));
  } catch (const CLI::Success& help_or_version) {
    return app_->exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return UsageError(error, error.get_name() == "RequiredError");
  }
  return std::nullopt;
}

// --- After parsing ---

bool CommandLine::chosen() const { return app_->parsed(); }

std::string CommandLine::name() const { return app_->get_name(); }

std::string CommandLine::description() const { return app_->get_description(); }

std::vector<CommandLine::FlagWords> CommandLine::Words() const {
  std::vector<FlagWords> all;
  for (const CLI::Option* option : app_->get_options()) {
    FlagWords words{.help = option->get_description(), .positional = option->get_lnames().empty()};
    words.name = words.positional ? option->get_name() : "--" + option->get_lnames().front();
    words.takes_value = option->get_expected_max() > 0;
    if (const auto known = notes_->words.find(option); known != notes_->words.end()) {
      words.values = known->second;
    }
    all.push_back(std::move(words));
  }
  return all;
}

}  // namespace seatsaga
