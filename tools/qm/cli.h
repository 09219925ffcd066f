// Cli: the tree of commands. Each file of commands/ adds its own.
//
//   struct Args { std::string order_id; };
//   auto args = std::make_shared<Args>();
//   Subcommand get = cli.Command(group, "get", "An order's state", "qm order get o-1",
//                                [args](Context& context) { return Get(context, *args); });
//   get.Option("ORDER", args->order_id, "Its id").Required();
#ifndef QUARTERMASTER_TOOLS_QM_CLI_H_
#define QUARTERMASTER_TOOLS_QM_CLI_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tools/qm/context.h"
#include "tools/qm/subcommand.h"

namespace quartermaster::qm {

class Cli {
 public:
  using Action = std::function<int(Context&)>;

  Cli();
  ~Cli();

  // The top of the tree.
  Subcommand root() { return Subcommand(root_.get()); }
  // A word that only groups commands; at the top, or of another group.
  Subcommand Group(const std::string& name, const std::string& description,
                   const std::string& example);
  Subcommand Group(Subcommand parent, const std::string& name, const std::string& description,
                   const std::string& example);
  // A command with the common options. The action runs after the whole command line has been
  // understood; what it returns is the exit code.
  Subcommand Command(Subcommand parent, const std::string& name, const std::string& description,
                     const std::string& example, Action action);
  // The same for one that asks no server: it runs whatever the addresses are.
  Subcommand LocalCommand(Subcommand parent, const std::string& name,
                          const std::string& description, const std::string& example,
                          Action action);

  // Parses and runs. Returns the exit code.
  int Run(int argc, char** argv);

 private:
  void AddCommonOptions(Subcommand command);
  // From --address, --context, the environment, the current context; or the default.
  absl::StatusOr<std::string> Address() const;
  // Prints what keeps the command from being run, in the form that was asked for; returns the exit
  // code.
  int Wrong(const absl::Status& status, ExitCode exit_code) const;

  std::unique_ptr<CLI::App> root_;
  Settings settings_;
  std::string timeout_;
  Action action_;
  bool local_ = false;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CLI_H_
