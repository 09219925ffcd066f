// Options: one declarative table says what can be set; values come from flags, then the
// environment, then a TOML file, then the default; every mistake is named with the option and its
// source.
//
//   struct Values { int64_t queue_commands_max; std::string data_dir; } values;
//   const OptionTable table = {
//       {.name = "data-dir", .target = &values.data_dir, .description = "...", .example = "/var/q",
//        .required = true},
//       {.name = "queue-commands-max", .target = &values.queue_commands_max,
//        .default_text = "16384", .min = 1, .max = 1'000'000, .description = "..."},
//   };
//   QM_ASSIGN_OR_RETURN(const OptionsRead read, ReadOptions(table, arguments, getenv_function));
//
// `--data-dir=/x` or `--data-dir /x`; the environment variable is QUARTERMASTER_DATA_DIR; the key
// in the file is data_dir. A switch is set by `--reflection` and cleared by `--reflection=false`.
// A list is given with commas, or as an array in the file.
#ifndef QUARTERMASTER_SERVICES_RUNTIME_OPTIONS_H_
#define QUARTERMASTER_SERVICES_RUNTIME_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/base/time.h"

namespace quartermaster::runtime {

// How a value is written.
enum class OptionFormat {
  // By the target's type: "true" or "false", an integer, a length of time ("10s", "250ms"), a text,
  // texts with commas.
  kPlain,
  // An integer of bytes with an optional unit: "65536", "64KiB", "1MiB", "2GiB".
  kBytes,
  // "host:port", the port 0 to 65535; empty: none.
  kAddress,
  // Where another process listens: "host:port", the port 1 to 65535, or "unix:/path"; empty: none.
  kPeerAddress,
};

struct OptionSpec {
  // Lower case with hyphens: "queue-commands-max".
  std::string name;
  // Where the value goes; must outlive the table.
  std::variant<bool*, int64_t*, Micros*, std::string*, std::vector<std::string>*> target;
  OptionFormat format = OptionFormat::kPlain;
  // Written as in the environment; goes through the same checks.
  std::string default_text = "";
  // A text that must not be empty.
  bool required = false;
  // Of integers; of lengths of time in microseconds.
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  // Of texts, and of each text in a list: the only ones allowed, if there are any.
  std::vector<std::string> choices = {};
  std::string description;
  std::string example = "";
  // Whether a change takes effect only after a restart.
  bool needs_restart = true;
};

using OptionTable = std::vector<OptionSpec>;

// The environment: the value of a variable, null if it is not set.
using Environment = std::function<const char*(const char*)>;

struct OptionsRead {
  // --help was given: nothing was checked, print HelpText.
  bool help = false;
  // --version was given.
  bool version = false;
  // From the name of each option to where its value is from: "flag", "environment", "file
  // /etc/q.toml:3", "default".
  std::map<std::string, std::string> sources;
};

// Reads and checks every option of the table into its target. `arguments` are those of main without
// the program's name. If the table has an option "config", its value names the TOML file; without
// one none is read. Errors: INVALID_ARGUMENT with a message for the operator, one line, which names
// the option and its source, and for an unknown name the nearest known one.
absl::StatusOr<OptionsRead> ReadOptions(const OptionTable& table,
                                        const std::vector<std::string>& arguments,
                                        const Environment& environment);

// What --help prints: every option with its description, bounds, default, example and the names of
// its environment variable and key.
std::string HelpText(const OptionTable& table, std::string_view program,
                     std::string_view description);

// One "name=value" for each option that is not at its default, for the log's first line.
std::vector<std::pair<std::string, std::string>> ChangedOptions(const OptionTable& table,
                                                                const OptionsRead& read);

// The value of a target as it would be written.
std::string OptionText(const OptionSpec& option);
// "QUARTERMASTER_DATA_DIR" and "data_dir" of "data-dir".
std::string OptionVariable(std::string_view name);
std::string OptionKey(std::string_view name);

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_OPTIONS_H_
