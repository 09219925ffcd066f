// export items|locations|stock FILE
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/exporter/exporter.h"

namespace quartermaster::qm {
namespace {

using Exporter = std::function<absl::StatusOr<ExportSummary>(Context&, ExportFile&)>;

struct ExportArgs {
  std::string path;
  std::string format;
};

int Export(Context& context, const Exporter& exporter, const ExportArgs& args) {
  const auto start = std::chrono::steady_clock::now();
  const bool to_output = args.path == "-";
  if (!to_output) {
    const absl::Status status = CheckReplaceable(args.path);
    if (!status.ok()) return context.LocalFile(status);
  }
  ExportFile file(args.path, FormatOf(args.path, args.format));
  const absl::StatusOr<ExportSummary> summary = exporter(context, file);
  if (!summary.ok()) return context.Failed(summary.status());
  const absl::Status status = file.Commit();
  if (!status.ok()) return context.LocalFile(status);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const Json json = {{"file", args.path},
                     {"read", summary->read},
                     {"rows", file.rows()},
                     {"position", summary->position},
                     {"seconds", seconds.count()}};
  const std::string text = absl::StrCat(
      "rows ", WithSeparators(file.rows()), " of ", WithSeparators(summary->read),
      " read, as of position ", summary->position, absl::StrFormat(", in %.2f s", seconds.count()));
  // Standard output has data only.
  if (to_output) {
    context.Note(context.json() ? Compact(json) : text);
  } else if (context.json()) {
    return context.PrintJson(json);
  } else {
    context.PrintLine(text);
  }
  return kOk;
}

void Add(Cli& cli, Subcommand group, const std::string& name, const std::string& description,
         Exporter exporter) {
  const auto args = std::make_shared<ExportArgs>();
  Subcommand command =
      cli.Command(group, name, description, absl::StrCat("qm export ", name, " ", name, ".csv"),
                  [args, exporter](Context& context) { return Export(context, exporter, *args); });
  command
      .Option("FILE", args->path,
              "CSV, or, with the ending .ndjson or .jsonl, an object a line; - is standard output. "
              "It is there when it is whole, in the place of an older one")
      .Required();
  command.Option("--format", args->format, "csv or ndjson, whatever the file's name is")
      .OneOf({"csv", "ndjson"});
}

}  // namespace

void AddExportCommands(Cli& cli) {
  Subcommand group =
      cli.Group("export", "Files that qm import takes, each an exact cut of the running server",
                "qm export stock stock.csv");
  Add(cli, group, "items", "All items, by SKU", ExportItems);
  Add(cli, group, "locations", "All locations, by id", ExportLocations);
  Add(cli, group, "stock",
      "What is on hand, by SKU, location and condition; not what is held or ordered of it",
      ExportStock);
}

}  // namespace quartermaster::qm
