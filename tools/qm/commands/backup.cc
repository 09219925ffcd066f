// backup, restore: the log of a living server in a directory, and back.
#include "tools/qm/backup/backup.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/qm/backup/server_frames.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/output/progress.h"

namespace quartermaster::qm {
namespace {

// What has to be known of a log without the rest.
constexpr char kKeptSeparately[] =
    "Not in it, by design: names and addresses (the subject vault) and the two keys of orders; see "
    "qm vault backup --help.";

BackupProgress Shown(Progress& progress) {
  return [&progress](int64_t done, int64_t all) {
    progress.Update(done, all,
                    absl::StrCat(WithSeparators(done), " of ", WithSeparators(all), " records"));
  };
}

struct BackupArgs {
  std::string directory;
};

int Print(const Context& context, const BackupArgs& args, const TakenBackup& taken) {
  if (context.json()) {
    Json json;
    json["directory"] = args.directory;
    json["taken_at"] = taken.manifest.taken_at;
    json["resumed"] = taken.resumed;
    json["partitions"] = Json::array();
    for (const BackupStep& step : taken.steps) {
      json["partitions"].push_back({{"partition", step.partition},
                                    {"had", step.from},
                                    {"head", step.head},
                                    {"new_frames", step.frames},
                                    {"new_bytes", step.bytes}});
    }
    return context.PrintJson(json);
  }
  Table table({"PARTITION", "HAD", "NOW", "NEW FRAMES", "NEW BYTES"});
  for (const BackupStep& step : taken.steps) {
    table.Row({step.partition, WithSeparators(step.from), WithSeparators(step.head),
               WithSeparators(step.frames), WithSeparators(step.bytes)});
  }
  context.PrintTable(table);
  if (taken.resumed)
    context.Note("An earlier run had been interrupted: this one went on behind it.");
  context.Note(kKeptSeparately);
  return kOk;
}

int TakeIt(Context& context, const BackupArgs& args) {
  const std::unique_ptr<FrameSource> source = NewServerFrames(context);
  Progress progress("backup");
  const auto taken = TakeBackup(*source, args.directory, Shown(progress));
  progress.Finish();
  if (taken.ok()) return Print(context, args, *taken);
  std::optional<ErrorReport> error = ReadServerError(taken.status());
  if (!error) return context.LocalFile(taken.status());
  if (error->exit_code == kUnreachable && !error->reason.empty()) {
    error->next_step = "Run the same command again: it goes on where it ended.";
  }
  return context.Refused(*error);
}

struct RestoreArgs {
  std::string backup;
  std::string data_dir;
  bool check = false;
};

int Restore(Context& context, const RestoreArgs& args) {
  if (args.data_dir.empty() == !args.check) {
    return context.Usage("give either DATA_DIR or --check");
  }
  const absl::StatusOr<Backup> backup = OpenBackup(args.backup);
  if (!backup.ok()) return context.LocalFile(backup.status());
  if (backup->unfinished) {
    context.Note(
        absl::StrCat("A later run of qm backup was interrupted: this is the last whole "
                     "cut, of ",
                     backup->manifest.taken_at, "."));
  }
  Progress progress(args.check ? "check" : "restore");
  const absl::Status status = args.check ? CheckBackup(*backup, Shown(progress))
                                         : RestoreBackup(*backup, args.data_dir, Shown(progress));
  progress.Finish();
  if (!status.ok()) return context.LocalFile(status);
  if (context.json()) {
    Json json;
    json["backup"] = args.backup;
    json["taken_at"] = backup->manifest.taken_at;
    if (!args.check) json["data_dir"] = args.data_dir;
    json["partitions"] = Json::array();
    for (const BackupPartition& p : backup->manifest.partitions) {
      json["partitions"].push_back({{"partition", p.name}, {"head", p.head}});
    }
    return context.PrintJson(json);
  }
  Table table({"PARTITION", args.check ? "SOUND TO" : "RESTORED TO"});
  for (const BackupPartition& p : backup->manifest.partitions) {
    table.Row({p.name, WithSeparators(p.head)});
  }
  context.PrintTable(table);
  if (!args.check) {
    context.Note(absl::StrCat("Start it: quartermasterd --data-dir ", args.data_dir,
                              "\nand prove it: qm verify. ", kKeptSeparately));
  }
  return kOk;
}

}  // namespace

void AddBackupCommands(Cli& cli) {
  const auto backup_args = std::make_shared<BackupArgs>();
  Subcommand backup = cli.Command(
      cli.root(), "backup",
      absl::StrCat(
          "Copy the event log of a running server: one cut of everything that was answered "
          "before. Into the same directory again: only what is new. ",
          kKeptSeparately),
      "qm backup /backup/quartermaster\n"
      "  qm backup /backup/quartermaster --address unix:/run/quartermaster/log.sock   (of many "
      "processes: the log's)",
      [backup_args](Context& context) { return TakeIt(context, *backup_args); });
  backup.Option("DIRECTORY", backup_args->directory, "New, or with an earlier backup of it")
      .Required();

  const auto restore_args = std::make_shared<RestoreArgs>();
  Subcommand restore = cli.LocalCommand(
      cli.root(), "restore",
      "Check a backup to the last byte, then make a data directory of it for quartermasterd "
      "--data-dir. It starts and serves without the vault and keys of orders: then names and "
      "addresses are missing, pickups that were ready must be cancelled, put back and placed again "
      "because their codes do not fit, and an order with personal data that is sent again is "
      "REQUEST_ID_REUSED",
      "qm restore /backup/quartermaster /var/lib/quartermaster\n"
      "  qm restore /backup/quartermaster --check",
      [restore_args](Context& context) { return Restore(context, *restore_args); });
  restore.Option("BACKUP", restore_args->backup, "What qm backup wrote").Required();
  restore.Option("DATA_DIR", restore_args->data_dir, "New or empty; of many processes: the log's");
  restore.Flag("--check", restore_args->check, "Read and check every frame, write nothing");
}

}  // namespace quartermaster::qm
