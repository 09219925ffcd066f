// Failures of the TOML parser as values, not exceptions.
#define TOML_EXCEPTIONS 0
#include "services/runtime/options.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/absl_view.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/runtime/option_values.h"

namespace quartermaster::runtime {
namespace {

// A value that was given, before it is checked.
struct Given {
  std::string source;
  std::string text;
  // Of an array in the file; then text is not used.
  std::optional<std::vector<std::string>> entries;
};
using GivenByName = std::map<std::string, Given>;

const OptionSpec* Find(const OptionTable& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const OptionSpec& option) { return option.name == name; });
  return found == table.end() ? nullptr : &*found;
}

absl::Status Unknown(const std::string& where, std::string_view name,
                     const std::vector<std::string>& known, std::string_view prefix) {
  const std::string nearest = NearestName(name, known);
  std::string message =
      absl::StrCat(where, AbslView(prefix), AbslView(name), ": there is no such option");
  if (!nearest.empty()) {
    absl::StrAppend(&message, "; did you mean ", AbslView(prefix), nearest, "?");
  }
  return absl::InvalidArgumentError(message);
}

absl::Status UnknownFlag(const OptionTable& table, std::string_view name) {
  std::vector<std::string> known = {"help", "version"};
  for (const OptionSpec& option : table) known.push_back(option.name);
  return Unknown("flag ", name, known, "--");
}

absl::Status ReadFlags(const OptionTable& table, const std::vector<std::string>& arguments,
                       OptionsRead* read, GivenByName* given) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      read->help = true;
      return absl::OkStatus();
    }
    if (argument == "--version") {
      read->version = true;
      return absl::OkStatus();
    }
    if (!argument.starts_with("--")) {
      return absl::InvalidArgumentError(absl::StrCat("argument \"", AbslView(argument),
                                                     "\": only flags are taken: --name=value"));
    }
    const size_t equals = argument.find('=');
    const std::string_view name = argument.substr(2, equals - 2);
    const OptionSpec* option = Find(table, name);
    if (option == nullptr) return UnknownFlag(table, name);
    Given value{.source = "flag"};
    if (equals != std::string_view::npos) {
      value.text = argument.substr(equals + 1);
    } else if (std::holds_alternative<bool*>(option->target)) {
      value.text = "true";
    } else if (++i < arguments.size()) {
      value.text = arguments[i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("flag --", option->name, ": needs a value"));
    }
    (*given)[option->name] = std::move(value);
  }
  return absl::OkStatus();
}

void ReadEnvironment(const OptionTable& table, const Environment& environment, GivenByName* given) {
  for (const OptionSpec& option : table) {
    const char* text = environment(OptionVariable(option.name).c_str());
    // A flag goes first.
    if (text != nullptr)
      given->try_emplace(option.name, Given{.source = "environment", .text = text});
  }
}

// A single value of the file as it would be written in the environment.
std::optional<std::string> ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return absl::StrCat(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

absl::Status ReadEntry(const OptionTable& table, const std::string& path, const toml::key& key,
                       const toml::node& node, GivenByName* given) {
  const std::string line = absl::StrCat(path, ":", key.source().begin.line);
  std::vector<std::string> known;
  for (const OptionSpec& option : table) known.push_back(OptionKey(option.name));
  const auto found = std::find(known.begin(), known.end(), key.str());
  const std::string where = absl::StrCat("file ", line, ":", key.source().begin.column, ": ");
  if (found == known.end()) return Unknown(where, key.str(), known, "");
  const OptionSpec& option = table[found - known.begin()];
  if (option.name == "config") {
    return absl::InvalidArgumentError(absl::StrCat(where, "config: a file cannot name another"));
  }
  Given value{.source = absl::StrCat("file ", line)};
  if (const auto* array = node.as_array()) {
    value.entries.emplace();
    for (const toml::node& entry : *array) {
      const auto text = ScalarText(entry);
      if (!text) {
        return absl::InvalidArgumentError(absl::StrCat(where, *found, ": must be a list of texts"));
      }
      value.entries->push_back(*text);
    }
  } else if (const auto text = ScalarText(node)) {
    value.text = *text;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(where, *found, ": must be a text, an integer, true, false or a list"));
  }
  given->try_emplace(option.name, std::move(value));
  return absl::OkStatus();
}

absl::Status ReadFile(const OptionTable& table, const std::string& path, GivenByName* given) {
  std::ifstream file(path);
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("file ", path, ": cannot be read: ", std::strerror(errno)));
  }
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return absl::InvalidArgumentError(absl::StrCat("file ", path, ":", error.source().begin.line,
                                                   ":", error.source().begin.column, ": ",
                                                   AbslView(error.description())));
  }
  for (const auto& [key, node] : parsed.table()) {
    QM_RETURN_IF_ERROR(ReadEntry(table, path, key, node, given));
  }
  return absl::OkStatus();
}

// "flag --listen", "environment QUARTERMASTER_LISTEN", "file /etc/q.toml:3: listen".
std::string Place(const OptionSpec& option, const std::string& source) {
  if (source == "flag") return absl::StrCat("flag --", option.name);
  if (source == "environment") return absl::StrCat("environment ", OptionVariable(option.name));
  if (source == "default") return absl::StrCat("option --", option.name);
  return absl::StrCat(source, ": ", OptionKey(option.name));
}

absl::Status Apply(const OptionSpec& option, const Given& given) {
  const absl::Status status =
      given.entries ? SetOptionList(option, *given.entries) : SetOption(option, given.text);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(Place(option, given.source), ": ", status.message()));
}

}  // namespace

std::string OptionVariable(std::string_view name) {
  return absl::StrCat("QUARTERMASTER_",
                      absl::AsciiStrToUpper(absl::StrReplaceAll(AbslView(name), {{"-", "_"}})));
}

std::string OptionKey(std::string_view name) {
  return absl::StrReplaceAll(AbslView(name), {{"-", "_"}});
}

absl::StatusOr<OptionsRead> ReadOptions(const OptionTable& table,
                                        const std::vector<std::string>& arguments,
                                        const Environment& environment) {
  OptionsRead read;
  GivenByName given;
  QM_RETURN_IF_ERROR(ReadFlags(table, arguments, &read, &given));
  if (read.help || read.version) return read;
  ReadEnvironment(table, environment, &given);
  if (const auto config = given.find("config"); config != given.end()) {
    QM_RETURN_IF_ERROR(ReadFile(table, config->second.text, &given));
  }
  for (const OptionSpec& option : table) {
    const auto found = given.find(option.name);
    const Given& value =
        found != given.end()
            ? found->second
            : given
                  .try_emplace(option.name, Given{.source = "default", .text = option.default_text})
                  .first->second;
    QM_RETURN_IF_ERROR(Apply(option, value));
    read.sources[option.name] = value.source;
  }
  return read;
}

std::string HelpText(const OptionTable& table, std::string_view program,
                     std::string_view description) {
  std::string text =
      absl::StrCat("Usage: ", AbslView(program), " [--name=value]...\n\n", AbslView(description),
                   "\n\nValues come from flags, then environment variables, then "
                   "the TOML file of --config.\n");
  for (const OptionSpec& option : table) {
    absl::StrAppend(&text, "\n  --", option.name, "\n      ", option.description, "\n");
    const std::string bounds = OptionBounds(option);
    std::vector<std::string> notes;
    if (!bounds.empty()) notes.push_back(bounds);
    if (option.required) {
      notes.push_back("required");
    } else if (!option.default_text.empty()) {
      notes.push_back(absl::StrCat("default ", option.default_text));
    }
    if (!option.example.empty()) notes.push_back(absl::StrCat("for example ", option.example));
    if (!option.needs_restart) notes.push_back("can be changed while it runs");
    std::string line;
    for (const std::string& note : notes) absl::StrAppend(&line, line.empty() ? "" : "; ", note);
    if (!line.empty()) absl::StrAppend(&text, "      ", line, "\n");
    absl::StrAppend(&text, "      ", OptionVariable(option.name));
    if (option.name != "config") absl::StrAppend(&text, ", ", OptionKey(option.name));
    text += "\n";
  }
  text += "\n  --help\n      Prints this.\n\n  --version\n      Prints the version.\n";
  return text;
}

std::vector<std::pair<std::string, std::string>> ChangedOptions(const OptionTable& table,
                                                                const OptionsRead& read) {
  std::vector<std::pair<std::string, std::string>> changed;
  for (const OptionSpec& option : table) {
    const auto source = read.sources.find(option.name);
    if (source == read.sources.end() || source->second == "default") continue;
    changed.emplace_back(option.name, OptionText(option));
  }
  return changed;
}

}  // namespace quartermaster::runtime
