// vault backup|restore: personal data, kept apart from the log.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/qm/backup/vault_copy.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"

namespace quartermaster::qm {
namespace {

struct VaultArgs {
  std::string data_dir, copy, keys;
};

int Print(const Context& context, const absl::StatusOr<VaultCopied>& copied) {
  if (!copied.ok()) return context.LocalFile(copied.status());
  if (context.json()) {
    return context.PrintJson(Json{{"subjects", copied->subjects},
                                  {"written", copied->written},
                                  {"removed", copied->removed},
                                  {"keys", copied->keys}});
  }
  Table table({"SUBJECTS", "WRITTEN", "REMOVED", "KEYS"});
  table.Row({WithSeparators(copied->subjects), WithSeparators(copied->written),
             WithSeparators(copied->removed), absl::StrCat(copied->keys)});
  return context.PrintTable(table);
}

int Take(Context& context, const VaultArgs& args) {
  return Print(context, CopyVault(args.data_dir, args.copy, args.keys));
}

int Restore(Context& context, const VaultArgs& args) {
  const int code = Print(context, RestoreVault(args.copy, args.data_dir, args.keys));
  if (code == kOk && args.keys.empty()) {
    context.Note(
        "Give the server its keys: quartermasterd --vault-key-file FILE --pickup-key-file FILE. "
        "It does not start on this vault under another key.");
  }
  return code;
}

}  // namespace

void AddVaultCommands(Cli& cli) {
  Subcommand group =
      cli.Group("vault",
                "Copies of the personal data of orders, on the machine that has it. It is never in "
                "the log, nor in its backup",
                "qm vault backup /var/lib/quartermaster /backup/vault --keys-to /safe/keys");

  const auto take_args = std::make_shared<VaultArgs>();
  Subcommand take = cli.LocalCommand(
      group, "backup",
      "Make a directory the copy of the vault that it is now, also beside a running server: "
      "whoever "
      "was erased from the one is erased from the other. What is copied is encrypted; keep the key "
      "apart from it",
      "qm vault backup /var/lib/quartermaster /backup/vault --keys-to /safe/keys",
      [take_args](Context& context) { return Take(context, *take_args); });
  take.Option("DATA_DIR", take_args->data_dir, "Of the process that serves orders").Required();
  take.Option("DIRECTORY", take_args->copy, "New, or an earlier copy").Required();
  take.Option("--keys-to", take_args->keys,
              "Copy the vault's key and that of the pickup codes here (vault.key, "
              "pickup.key); an error if one is not in DATA_DIR");

  const auto restore_args = std::make_shared<VaultArgs>();
  Subcommand restore = cli.LocalCommand(
      group, "restore",
      "Put a copy into a data directory that has none yet, before its first start",
      "qm vault restore /backup/vault /var/lib/quartermaster --keys-from /safe/keys",
      [restore_args](Context& context) { return Restore(context, *restore_args); });
  restore.Option("DIRECTORY", restore_args->copy, "What qm vault backup wrote").Required();
  restore.Option("DATA_DIR", restore_args->data_dir, "Of the process that serves orders")
      .Required();
  restore.Option("--keys-from", restore_args->keys, "Where --keys-to put them");
}

}  // namespace quartermaster::qm
