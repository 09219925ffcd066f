#include "tools/qm/cli.h"

#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/qm/client/error_report.h"
#include "tools/qm/completion.h"
#include "tools/qm/config/named_contexts.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

constexpr char kDefaultAddress[] = "127.0.0.1:7400";
constexpr char kFooter[] =
    "Example:\n"
    "  qm stock get A-1 store-5 -o json\n"
    "\n"
    "Exit codes:\n"
    "  0  done\n"
    "  1  done, and something did not pass: a difference, rejected lines, a part not serving\n"
    "  2  the command line is wrong; nothing was sent\n"
    "  3  refused by the server; standard error says why and what to do\n"
    "  4  no answer: unreachable, overloaded or out of time; safe to repeat with the same\n"
    "     --request-id\n"
    "  5  a local file cannot be read or written, or is damaged\n"
    "\n"
    "Environment:\n"
    "  QUARTERMASTER_ADDRESS  the default of --address\n"
    "  XDG_CONFIG_HOME        where named contexts are kept (default ~/.config); see qm context\n"
    "  NO_COLOR               no colour, if it is set and not empty\n";

// What CLI11 says, but of a word that is no command: which.
absl::Status Problem(const CLI::App& root, const CLI::ParseError& error) {
  const std::string text = error.what();
  if (text.find("subcommand is required") != std::string::npos) {
    for (const std::string& word : root.remaining(/*recurse=*/true)) {
      if (word.starts_with('-')) continue;
      return absl::InvalidArgumentError(absl::StrCat("there is no command '", word, "'"));
    }
  }
  return absl::InvalidArgumentError(text);
}

}  // namespace

Cli::Cli()
    : root_(std::make_unique<CLI::App>("qm: the command line of Quartermaster", "qm")),
      timeout_("30s") {
  root_->require_subcommand(1);
  root_->footer(kFooter);
  root_->get_formatter()->column_width(34);
  AddCommonOptions(root());
}

Cli::~Cli() = default;

void Cli::AddCommonOptions(Subcommand command) {
  const std::string heading = "Common options";
  command
      .Option("-o,--output", settings_.output,
              "For people, for scripts, or an object a line (default table)")
      .OneOf({"table", "json", "ndjson"})
      .InGroup(heading);
  const Argument address =
      command
          .Option("--address", settings_.address,
                  "The server: HOST:PORT, unix:PATH or /PATH; of several processes "
                  "SERVICE=ADDRESS with commas between them (default $QUARTERMASTER_ADDRESS, the "
                  "current context, or 127.0.0.1:7400)")
          .InGroup(heading);
  command.Option("--context", settings_.context, "The named context to take the address from")
      .Excludes(address)
      .InGroup(heading);
  command.Option("--timeout", timeout_, "How long to wait for an answer: 500ms, 30s, 2m")
      .InGroup(heading);
  command
      .Option("--request-id", settings_.request_id,
              "The request's id, to repeat it safely (default: a new UUID)")
      .InGroup(heading);
}

Subcommand Cli::Group(const std::string& name, const std::string& description,
                      const std::string& example) {
  return Group(root(), name, description, example);
}

Subcommand Cli::Group(Subcommand parent, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App* const group = parent.app()->add_subcommand(name, description);
  group->require_subcommand(1);
  group->footer("Example:\n  " + example);
  return Subcommand(group);
}

Subcommand Cli::Command(Subcommand parent, const std::string& name, const std::string& description,
                        const std::string& example, Action action) {
  CLI::App* const command = parent.app()->add_subcommand(name, description);
  AddCommonOptions(Subcommand(command));
  command->footer("Example:\n  " + example);
  command->callback([this, action = std::move(action)] { action_ = action; });
  return Subcommand(command);
}

Subcommand Cli::LocalCommand(Subcommand parent, const std::string& name,
                             const std::string& description, const std::string& example,
                             Action action) {
  const Subcommand command = Command(parent, name, description, example, nullptr);
  command.app()->callback([this, action = std::move(action)] {
    action_ = action;
    local_ = true;
  });
  return command;
}

absl::StatusOr<std::string> Cli::Address() const {
  if (!settings_.address.empty()) return settings_.address;
  const char* const environment = std::getenv("QUARTERMASTER_ADDRESS");
  if (settings_.context.empty() && environment != nullptr && *environment != '\0') {
    return std::string(environment);
  }
  const std::string path = NamedContextsPath();
  QM_ASSIGN_OR_RETURN(const NamedContexts contexts, LoadNamedContexts(path));
  const std::string& name = settings_.context.empty() ? contexts.current : settings_.context;
  if (name.empty()) return std::string(kDefaultAddress);
  const auto found = contexts.addresses.find(name);
  if (found != contexts.addresses.end()) return found->second;
  return absl::NotFoundError(
      absl::StrCat("no context is called ", name, " in ", path, ": see qm context list"));
}

int Cli::Wrong(const absl::Status& status, ExitCode exit_code) const {
  const Context context(settings_, *tools::AddressBook::Parse(kDefaultAddress));
  return context.Refused(LocalError(status, exit_code));
}

int Cli::Run(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == kCompleteWord) {
    for (const std::string& word : Complete(*root_, {argv + 2, argv + argc})) {
      std::cout << word << '\n';
    }
    return kOk;
  }
  try {
    root_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help is one too, with the code 0.
    if (error.get_exit_code() == 0) {
      root_->exit(error);
      return kOk;
    }
    // In what form is not known.
    std::cerr << Text(LocalError(Problem(*root_, error), kUsage), /*color=*/false);
    return kUsage;
  }
  const std::optional<std::chrono::microseconds> timeout = ParseDuration(timeout_);
  if (!timeout || timeout->count() <= 0) {
    return Wrong(absl::InvalidArgumentError(absl::StrCat(
                     "--timeout: '", timeout_, "' is not a duration like 500ms, 30s or 2m")),
                 kUsage);
  }
  settings_.timeout = std::chrono::ceil<std::chrono::milliseconds>(*timeout);
  absl::StatusOr<std::string> address = kDefaultAddress;
  if (!local_) address = Address();
  if (!address.ok()) {
    return Wrong(address.status(), absl::IsNotFound(address.status()) ? kUsage : kLocalFile);
  }
  absl::StatusOr<tools::AddressBook> addresses = tools::AddressBook::Parse(*address);
  if (!addresses.ok()) {
    return Wrong(absl::InvalidArgumentError(
                     absl::StrCat("--address: ", std::string(addresses.status().message()))),
                 kUsage);
  }
  settings_.address = *std::move(address);
  Context context(settings_, *std::move(addresses));
  const int code = action_(context);
  std::cout.flush();
  if (std::cout) return code;
  std::cerr << "error: cannot write to standard output\n";
  return kLocalFile;
}

}  // namespace quartermaster::qm
