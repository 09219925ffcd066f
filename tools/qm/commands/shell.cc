// context add|use|list|remove and completion: what makes the command line one's own.
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/client/address_book.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/completion.h"
#include "tools/qm/config/named_contexts.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

struct ContextArgs {
  std::string name, address;
  bool use = false;
};

int Print(const Context& context, const NamedContexts& contexts) {
  if (context.json()) {
    Json rows = Json::array();
    for (const auto& [name, address] : contexts.addresses) {
      rows.push_back({{"name", name}, {"address", address}, {"current", name == contexts.current}});
    }
    if (!context.ndjson()) return context.PrintJson(Json{{"contexts", rows}});
    for (const Json& row : rows) context.PrintJson(row);
    return kOk;
  }
  Table table({"CURRENT", "NAME", "ADDRESS"});
  for (const auto& [name, address] : contexts.addresses) {
    table.Row({name == contexts.current ? "*" : "", name, address});
  }
  return context.PrintTable(table);
}

// Loads, lets `change` work on them, saves, prints. `change` returns what is wrong, or nothing.
template <typename Change>
int Edit(Context& context, const Change& change) {
  const std::string path = NamedContextsPath();
  absl::StatusOr<NamedContexts> contexts = LoadNamedContexts(path);
  if (!contexts.ok()) return context.LocalFile(contexts.status());
  const std::string problem = change(*contexts);
  if (!problem.empty()) return context.Usage(problem);
  const absl::Status saved = SaveNamedContexts(path, *contexts);
  if (!saved.ok()) return context.LocalFile(saved);
  return Print(context, *contexts);
}

std::string Unknown(const NamedContexts& contexts, const std::string& name) {
  return contexts.addresses.contains(name)
             ? ""
             : absl::StrCat("no context is called ", name, ": see qm context list");
}

int Add(Context& context, const ContextArgs& args) {
  if (const char* problem = IdProblem(args.name)) {
    return context.Usage(absl::StrCat("NAME ", problem));
  }
  const auto addresses = tools::AddressBook::Parse(args.address);
  if (!addresses.ok()) {
    return context.Usage(absl::StrCat("ADDRESS: ", std::string(addresses.status().message())));
  }
  return Edit(context, [&](NamedContexts& contexts) {
    contexts.addresses[args.name] = args.address;
    if (args.use || contexts.current.empty()) contexts.current = args.name;
    return std::string();
  });
}

int Use(Context& context, const ContextArgs& args) {
  return Edit(context, [&](NamedContexts& contexts) {
    contexts.current = args.name;
    return Unknown(contexts, args.name);
  });
}

int Remove(Context& context, const ContextArgs& args) {
  return Edit(context, [&](NamedContexts& contexts) {
    std::string problem = Unknown(contexts, args.name);
    contexts.addresses.erase(args.name);
    if (contexts.current == args.name) contexts.current.clear();
    return problem;
  });
}

int List(Context& context) {
  const absl::StatusOr<NamedContexts> contexts = LoadNamedContexts(NamedContextsPath());
  if (!contexts.ok()) return context.LocalFile(contexts.status());
  return Print(context, *contexts);
}

int Completion(Context& context, const std::string& shell) {
  const std::string script = CompletionScript(shell);
  if (context.json()) return context.PrintJson(Json{{"shell", shell}, {"script", script}});
  std::cout << script;
  return kOk;
}

}  // namespace

void AddContextCommands(Cli& cli) {
  Subcommand group =
      cli.Group("context", "Named servers; --address and $QUARTERMASTER_ADDRESS come before them",
                "qm context add production unix:/run/quartermaster/socket --use");

  const auto add_args = std::make_shared<ContextArgs>();
  Subcommand add =
      cli.LocalCommand(group, "add", "Name an address, or give a name another one",
                       "qm context add production stock=a:7400,orders=b:7400,c:7400",
                       [add_args](Context& context) { return Add(context, *add_args); });
  add.Option("NAME", add_args->name, "Its name").Required();
  add.Option("ADDRESS", add_args->address, "As --address takes it").Required();
  add.Flag("--use", add_args->use, "Make it the current one (the first one is)");

  const auto use_args = std::make_shared<ContextArgs>();
  Subcommand use =
      cli.LocalCommand(group, "use", "Make it the current one", "qm context use production",
                       [use_args](Context& context) { return Use(context, *use_args); });
  use.Option("CONTEXT", use_args->name, "Its name").Required();

  cli.LocalCommand(group, "list", "All of them", "qm context list",
                   [](Context& context) { return List(context); });

  const auto remove_args = std::make_shared<ContextArgs>();
  Subcommand remove =
      cli.LocalCommand(group, "remove", "Forget it", "qm context remove production",
                       [remove_args](Context& context) { return Remove(context, *remove_args); });
  remove.Option("CONTEXT", remove_args->name, "Its name").Required();
}

void AddCompletionCommand(Cli& cli) {
  const auto shell = std::make_shared<std::string>();
  Subcommand completion =
      cli.LocalCommand(cli.root(), "completion", "A script that completes qm's command lines",
                       "source <(qm completion bash)\n"
                       "  qm completion zsh >\"${fpath[1]}/_qm\"\n"
                       "  qm completion fish >~/.config/fish/completions/qm.fish",
                       [shell](Context& context) { return Completion(context, *shell); });
  completion.Option("SHELL", *shell, "Yours").Required().OneOf({"bash", "zsh", "fish"});
}

}  // namespace quartermaster::qm
