// Cli: the tree of commands. Each file of commands/ adds its own.
//
//   struct Args { std::string order_id; };
//   auto args = std::make_shared<Args>();
//   CLI::App* get = cli.Command(group, "get", "An order's state", "qm order get o-1",
//                               [args](Context& context) { return Get(context, *args); });
//   get->add_option("ORDER", args->order_id, "Its id")->required();
#ifndef QUARTERMASTER_TOOLS_QM_CLI_H_
#define QUARTERMASTER_TOOLS_QM_CLI_H_

#include <functional>
#include <string>

#include "CLI/App.hpp"
#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/status/statusor.h"
#include "tools/qm/context.h"

namespace quartermaster::qm {

class Cli {
 public:
  using Action = std::function<int(Context&)>;

  Cli();

  // The top of the tree.
  CLI::App* root() { return &root_; }
  // A word that only groups commands.
  CLI::App* Group(const std::string& name, const std::string& description,
                  const std::string& example);
  // A command with the common options. The action runs after the whole command line has been
  // understood; what it returns is the exit code.
  CLI::App* Command(CLI::App* parent, const std::string& name, const std::string& description,
                    const std::string& example, Action action);
  // The same for one that asks no server: it runs whatever the addresses are.
  CLI::App* LocalCommand(CLI::App* parent, const std::string& name, const std::string& description,
                         const std::string& example, Action action);

  // Parses and runs. Returns the exit code.
  int Run(int argc, char** argv);

 private:
  void AddCommonOptions(CLI::App* app);
  // From --address, --context, the environment, the current context; or the default.
  absl::StatusOr<std::string> Address() const;
  // Prints what keeps the command from being run, in the form that was asked for; returns the exit
  // code.
  int Wrong(const absl::Status& status, ExitCode exit_code) const;

  CLI::App root_;
  Settings settings_;
  std::string timeout_;
  Action action_;
  bool local_ = false;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_CLI_H_
