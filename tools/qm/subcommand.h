// Subcommand: a word of qm's command line. Argument: an option, a flag or a positional of it.
//
//   Subcommand get = cli.Command(group, "get", "An order's state", "qm order get o-1", action);
//   get.Option("ORDER", args->order_id, "Its id").Required();
//
// CLI11 parses. These keep it out of the files of commands: all of it is in its headers, so that
// each file that includes them compiles it anew.
#ifndef QUARTERMASTER_TOOLS_QM_SUBCOMMAND_H_
#define QUARTERMASTER_TOOLS_QM_SUBCOMMAND_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace quartermaster::qm {

// A handle; the tree owns what it stands for.
class Argument {
 public:
  explicit Argument(CLI::Option* option) : option_(option) {}

  Argument Required() const;
  // Help shows the value that the variable has now.
  Argument ShowDefault() const;
  // Both included.
  Argument InRange(int64_t min, int64_t max) const;
  Argument OneOf(const std::vector<std::string>& values) const;
  Argument Excludes(Argument other) const;
  // The heading that help shows it under.
  Argument InGroup(const std::string& heading) const;

 private:
  CLI::Option* option_;
};

// A handle; the tree owns what it stands for.
class Subcommand {
 public:
  using NameFinder = std::function<std::optional<int>(const std::string& name)>;

  explicit Subcommand(CLI::App* app) : app_(app) {}

  // "--name", "-n,--name", or "NAME" for a positional. A variable keeps its value if the argument
  // is not given; it must live until the command has run.
  Argument Option(const std::string& name, std::string& value,
                  const std::string& description) const;
  Argument Option(const std::string& name, int& value, const std::string& description) const;
  Argument Option(const std::string& name, int64_t& value, const std::string& description) const;
  Argument Option(const std::string& name, double& value, const std::string& description) const;
  Argument Option(const std::string& name, std::optional<int>& value,
                  const std::string& description) const;
  Argument Option(const std::string& name, std::optional<int64_t>& value,
                  const std::string& description) const;
  // May be given several times.
  Argument Option(const std::string& name, std::vector<std::string>& values,
                  const std::string& description) const;
  // Names that stand for numbers. `find` gets what was typed and knows the number, or refuses;
  // `choices` are the names, "a,b,c", for help and completion.
  Argument Choice(const std::string& name, int& value, const NameFinder& find,
                  const std::string& choices, const std::string& description) const;
  Argument Flag(const std::string& name, bool& value, const std::string& description) const;

  // For what handles the tree itself.
  CLI::App* app() const { return app_; }

 private:
  CLI::App* app_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_SUBCOMMAND_H_
