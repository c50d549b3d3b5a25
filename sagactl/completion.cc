#include "sagactl/completion.h"

#include "common/text.h"

namespace seatsaga::cli {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) Append(out, out.empty() ? "" : " ", word);
  return out;
}

std::string Names(const std::vector<FlagWords>& flags) {
  std::string out;
  for (const FlagWords& flag : flags) Append(out, out.empty() ? "" : " ", flag.name);
  return out;
}

std::string Names(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const CommandWords& command : commands) Append(out, out.empty() ? "" : " ", command.name);
  return out;
}

// In single quotes for any of the shells; `special` characters (of zsh's descriptions) become
// blanks.
std::string Quoted(std::string_view text, std::string_view special = "") {
  std::string out = "'";
  for (char c : text) {
    if (special.find(c) != std::string_view::npos) c = ' ';
    if (c == '\'') c = ' ';
    out += c;
  }
  return Cat(out, "'");
}

// "--flag) answer with its values": for the word behind a flag.
void AppendBashValues(std::string& out, const std::vector<FlagWords>& flags) {
  for (const FlagWords& flag : flags) {
    if (!flag.takes_value) continue;
    Append(out, "    ", flag.name, ") COMPREPLY=($(compgen -W ", Quoted(Joined(flag.values)),
           " -- \"$word\")); return ;;\n");
  }
}

void AppendZshFlags(std::string& out, const std::vector<FlagWords>& flags,
                    std::string_view indent) {
  for (const FlagWords& flag : flags) {
    std::string spec = Cat(flag.name, "[", flag.help, "]");
    for (char& c : spec) {
      if (c == ':' || c == '\'') c = ' ';
    }
    if (flag.takes_value) Append(spec, ":value:(", Joined(flag.values), ")");
    Append(out, indent, "'", spec, "' \\\n");
  }
}

void AppendFishFlags(std::string& out, const std::vector<FlagWords>& flags,
                     std::string_view condition) {
  for (const FlagWords& flag : flags) {
    Append(out, "complete -c sagactl ", condition, "-l ", flag.name.substr(2));
    if (flag.takes_value) Append(out, " -x -a ", Quoted(Joined(flag.values)));
    Append(out, " -d ", Quoted(flag.help), "\n");
  }
}

}  // namespace

std::string BashCompletion(const ProgramWords& program) {
  std::string out =
      "# Put into ~/.bashrc:  source <(sagactl completion bash)\n"
      "_sagactl() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
      "  case $before in\n";
  AppendBashValues(out, program.flags);
  for (const CommandWords& command : program.commands) AppendBashValues(out, command.flags);
  Append(out, "  esac\n", "  for ((i = 1; i < COMP_CWORD; i++)); do\n",
         "    case ${COMP_WORDS[i]} in\n");
  for (const CommandWords& command : program.commands) {
    Append(out, "      ", command.name, ") command=", command.name, "; break ;;\n");
  }
  Append(out, "    esac\n  done\n", "  local words=", Quoted(Names(program.flags)), "\n",
         "  case $command in\n");
  Append(out, "    '') words+=' ", Names(program.commands), "' ;;\n");
  for (const CommandWords& command : program.commands) {
    Append(out, "    ", command.name, ") words+=' ", Names(command.flags), " ",
           Joined(command.arguments), "' ;;\n");
  }
  Append(out, "  esac\n", "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n", "}\n",
         "complete -F _sagactl sagactl\n");
  return out;
}

std::string ZshCompletion(const ProgramWords& program) {
  std::string out =
      "#compdef sagactl\n"
      "# Put into ~/.zshrc:  source <(sagactl completion zsh)\n"
      "_sagactl() {\n"
      "  local -a commands=(\n";
  for (const CommandWords& command : program.commands) {
    Append(out, "    ", Quoted(Cat(command.name, ":", command.description)), "\n");
  }
  Append(out, "  )\n", "  local context state line\n", "  _arguments -C \\\n");
  AppendZshFlags(out, program.flags, "    ");
  Append(out, "    '1:command:->command' \\\n", "    '*::argument:->argument'\n",
         "  case $state in\n", "    command) _describe command commands ;;\n", "    argument)\n",
         "      case $words[1] in\n");
  for (const CommandWords& command : program.commands) {
    Append(out, "        ", command.name, ") _arguments \\\n");
    AppendZshFlags(out, program.flags, "          ");
    AppendZshFlags(out, command.flags, "          ");
    Append(out, "          '*:argument:(", Joined(command.arguments), ")' ;;\n");
  }
  Append(out, "      esac ;;\n", "  esac\n", "}\n", "compdef _sagactl sagactl\n");
  return out;
}

std::string FishCompletion(const ProgramWords& program) {
  std::string out =
      "# Put into ~/.config/fish/config.fish:  sagactl completion fish | source\n"
      "complete -c sagactl -f\n";
  for (const CommandWords& command : program.commands) {
    Append(out, "complete -c sagactl -n __fish_use_subcommand -a ", command.name, " -d ",
           Quoted(command.description), "\n");
  }
  AppendFishFlags(out, program.flags, "");
  for (const CommandWords& command : program.commands) {
    const std::string condition = Cat("-n '__fish_seen_subcommand_from ", command.name, "' ");
    AppendFishFlags(out, command.flags, condition);
    if (!command.arguments.empty()) {
      Append(out, "complete -c sagactl ", condition, "-a ", Quoted(Joined(command.arguments)),
             "\n");
    }
  }
  return out;
}

}  // namespace seatsaga::cli
