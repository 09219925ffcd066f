#include "tools/qm/completion.h"

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/str_cat.h"
#include "tools/qm/config/named_contexts.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

constexpr char kBash[] = R"(# qm completion for bash: source <(qm completion bash)
_qm() {
  local IFS=$'\n'
  COMPREPLY=($(qm __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _qm qm
)";
constexpr char kZsh[] = R"(#compdef qm
# qm completion for zsh: source <(qm completion zsh)
_qm() {
  local -a found
  found=("${(@f)$(qm __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -a found; else _files; fi
}
compdef _qm qm
)";
constexpr char kFish[] = R"(# qm completion for fish: qm completion fish | source
function __qm_complete
  set -l words (commandline -opc) (commandline -ct)
  qm __complete $words[2..-1] 2>/dev/null
end
complete -c qm -f -a '(__qm_complete)'
complete -c qm -n 'test (count (__qm_complete)) -eq 0' -F
)";

CLI::App* Subcommand(CLI::App& app, const std::string& name) {
  for (CLI::App* sub : app.get_subcommands([](CLI::App*) { return true; })) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

CLI::Option* OptionOf(CLI::App& app, const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  return name.starts_with('-') ? app.get_option_no_throw(name) : nullptr;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// The argument that the word at `index`, counted among arguments, belongs to; the last one may take
// many.
CLI::Option* PositionalAt(CLI::App& app, size_t index) {
  const auto all = app.get_options([](CLI::Option* o) { return o->get_positional(); });
  if (all.empty()) return nullptr;
  if (index < all.size()) return all[index];
  return all.back()->get_items_expected_max() > 1 ? all.back() : nullptr;
}

std::vector<std::string> ValuesOf(const CLI::Option& option) {
  if (option.check_lname("context") || option.check_name("CONTEXT")) {
    std::vector<std::string> names;
    const auto contexts = LoadNamedContexts(NamedContextsPath());
    if (!contexts.ok()) return names;
    for (const auto& [name, address] : contexts->addresses) names.push_back(name);
    return names;
  }
  return ChoicesOf(option);
}

std::vector<std::string> StartingWith(const std::vector<std::string>& all,
                                      const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& word : all) {
    if (word.starts_with(prefix)) found.push_back(word);
  }
  return found;
}

std::vector<std::string> OptionNames(CLI::App& app) {
  std::vector<std::string> names;
  for (CLI::Option* option : app.get_options([](CLI::Option* o) { return o->nonpositional(); })) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

}  // namespace

std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  // What CLI11 keeps of a set: its description, "TEXT:{a,b}".
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return SplitList(std::string_view(type).substr(open + 1, close - open - 1), ',');
}

std::vector<std::string> Complete(CLI::App& root, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  CLI::App* app = &root;
  CLI::Option* pending = nullptr;
  size_t arguments = 0;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (pending != nullptr) {
      // bash makes three words of --option=value.
      if (word != "=") pending = nullptr;
    } else if (CLI::Option* const option = OptionOf(*app, word)) {
      if (TakesValue(*option) && word.find('=') == std::string::npos) pending = option;
    } else if (CLI::App* const sub = Subcommand(*app, word)) {
      app = sub;
      arguments = 0;
    } else if (!word.starts_with('-')) {
      ++arguments;
    }
  }
  const std::string& last = words.back();
  if (pending != nullptr) return StartingWith(ValuesOf(*pending), last == "=" ? "" : last);
  if (last.starts_with('-')) {
    const size_t equals = last.find('=');
    CLI::Option* const option = OptionOf(*app, last);
    if (equals == std::string::npos || option == nullptr) {
      return StartingWith(OptionNames(*app), last);
    }
    std::vector<std::string> values = StartingWith(ValuesOf(*option), last.substr(equals + 1));
    for (std::string& value : values) value.insert(0, last.substr(0, equals + 1));
    return values;
  }
  std::vector<std::string> names;
  for (CLI::App* sub : app->get_subcommands([](CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  if (names.empty()) {
    if (CLI::Option* const argument = PositionalAt(*app, arguments)) names = ValuesOf(*argument);
  }
  return StartingWith(names, last);
}

std::string CompletionScript(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace quartermaster::qm
