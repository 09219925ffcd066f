#include "tools/qm/cli.h"

#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

constexpr char kFooter[] =
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
    "  NO_COLOR               no colour, whatever its value\n";

}  // namespace

Cli::Cli() : root_("qm: the command line of Quartermaster", "qm") {
  root_.require_subcommand(1);
  root_.footer(kFooter);
  root_.get_formatter()->column_width(34);
  if (const char* address = std::getenv("QUARTERMASTER_ADDRESS");
      address != nullptr && *address != '\0') {
    settings_.address = address;
  }
  timeout_ = "30s";
  AddCommonOptions(&root_);
}

void Cli::AddCommonOptions(CLI::App* app) {
  app->add_option("-o,--output", settings_.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->group("Common options");
  app->add_option("--address", settings_.address,
                  "The server: HOST:PORT, unix:PATH or /PATH; of several processes SERVICE=ADDRESS "
                  "with commas between them (default $QUARTERMASTER_ADDRESS or 127.0.0.1:7400)")
      ->group("Common options");
  app->add_option("--timeout", timeout_, "How long to wait for an answer: 500ms, 30s, 2m")
      ->group("Common options");
  app->add_option("--request-id", settings_.request_id,
                  "The request's id, to repeat it safely (default: a new UUID)")
      ->group("Common options");
}

CLI::App* Cli::Group(const std::string& name, const std::string& description) {
  CLI::App* group = root_.add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

CLI::App* Cli::Command(CLI::App* parent, const std::string& name, const std::string& description,
                       const std::string& example, Action action) {
  CLI::App* command = parent->add_subcommand(name, description);
  AddCommonOptions(command);
  command->footer("Example:\n  " + example);
  command->callback([this, action = std::move(action)] { action_ = action; });
  return command;
}

int Cli::Run(int argc, char** argv) {
  try {
    root_.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help to standard output and errors to standard error; its own codes are not
    // part of our contract.
    return root_.exit(error) == 0 ? kOk : kUsage;
  }
  const std::optional<std::chrono::microseconds> timeout = ParseDuration(timeout_);
  if (!timeout || timeout->count() <= 0) {
    std::cerr << "error: --timeout: '" << timeout_ << "' is not a duration like 500ms, 30s or 2m\n";
    return kUsage;
  }
  settings_.timeout = std::chrono::ceil<std::chrono::milliseconds>(*timeout);
  absl::StatusOr<tools::AddressBook> addresses = tools::AddressBook::Parse(settings_.address);
  if (!addresses.ok()) {
    std::cerr << "error: --address: " << addresses.status().message() << '\n';
    return kUsage;
  }
  Context context(settings_, *std::move(addresses));
  return action_(context);
}

}  // namespace quartermaster::qm
