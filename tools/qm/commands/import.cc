// import items|locations|stock|orders FILE
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/importer/import_kind.h"
#include "tools/qm/importer/importer.h"

namespace quartermaster::qm {
namespace {

using NewKind = std::function<std::unique_ptr<ImportKind>(Context&)>;

Json SummaryToJson(const ImportSummary& s, bool dry_run) {
  Json json = {{"dry_run", dry_run},
               {"lines", s.lines},
               {"header_lines", s.header_lines},
               {"blank_lines", s.blank_lines},
               {"row_lines", s.row_lines},
               {"rows", s.rows},
               {"applied", s.applied},
               {"unchanged", s.unchanged},
               {"rejected", s.rejected},
               {"unanswered", s.unanswered},
               {"requests", s.requests},
               {"adds_up", s.AddsUp()},
               {"seconds", static_cast<double>(s.duration.count()) / 1e6},
               {"rows_per_second", s.RowsPerSecond()}};
  if (s.rejected > 0) json["rejects_file"] = s.rejects_path;
  return json;
}

void PrintSummary(const Context& context, const ImportSummary& s, bool dry_run) {
  context.PrintLine(absl::StrCat("lines ", WithSeparators(s.lines), " = header ", s.header_lines,
                                 " + blank ", WithSeparators(s.blank_lines), " + of rows ",
                                 WithSeparators(s.row_lines)));
  std::string rows =
      absl::StrCat("rows ", WithSeparators(s.rows), " = ", dry_run ? "would be sent " : "applied ",
                   WithSeparators(s.applied), " + unchanged ", WithSeparators(s.unchanged),
                   " + rejected ", WithSeparators(s.rejected));
  if (s.unanswered > 0) {
    absl::StrAppend(&rows, " + unanswered ", WithSeparators(s.unanswered));
  }
  context.PrintLine(rows);
  context.PrintLine(absl::StrFormat("%.2f s, %s rows/s",
                                    static_cast<double>(s.duration.count()) / 1e6,
                                    WithSeparators(s.RowsPerSecond())));
  if (s.rejected > 0) context.PrintLine("line and reason of each rejected row: " + s.rejects_path);
}

int Import(Context& context, const NewKind& new_kind, ImportOptions options) {
  options.timeout = context.settings().timeout;
  const std::unique_ptr<ImportKind> kind = new_kind(context);
  const absl::StatusOr<ImportSummary> summary = RunImport(*kind, options);
  if (absl::IsAlreadyExists(summary.status())) {
    return context.Usage(absl::StrCat("--rejects: ", std::string(summary.status().message())));
  }
  if (!summary.ok()) return context.LocalFile(summary.status());
  if (context.json()) {
    context.PrintJson(SummaryToJson(*summary, options.dry_run));
  } else {
    PrintSummary(context, *summary, options.dry_run);
  }
  if (summary->stopped) {
    ErrorReport error = *summary->stopped;
    error.next_step =
        "Run the same command again: it goes on where it stopped, and nothing "
        "happens twice.";
    return context.Refused(error);
  }
  return summary->rejected == 0 && summary->AddsUp() ? kOk : kDifference;
}

void Add(Cli& cli, Subcommand group, const std::string& name, const std::string& columns,
         NewKind new_kind) {
  const auto options = std::make_shared<ImportOptions>();
  Subcommand command = cli.Command(
      group, name, "Columns (* required): " + columns,
      absl::StrCat("qm import ", name, " ", name, ".csv"),
      [options, new_kind](Context& context) { return Import(context, new_kind, *options); });
  command
      .Option("FILE", options->path,
              "CSV, UTF-8, with a header row; .ndjson, .jsonl: an object a line")
      .Required();
  command.Option("--format", options->format, "csv or ndjson, whatever the file's name is")
      .OneOf({"csv", "ndjson"});
  command.Option(
      "--rejects", options->rejects_path,
      "Where rejected rows go, with line and reason (default FILE.rejects, with --dry-run "
      "FILE.dry-run.rejects)");
  command.Flag("--dry-run", options->dry_run, "Check the file, send nothing");
}

}  // namespace

void AddImportCommands(Cli& cli) {
  Subcommand group = cli.Group(
      "import", "CSV and NDJSON; running an interrupted import of an unchanged file again is safe",
      "qm import stock stock.csv");
  Add(cli, group, "items",
      "sku*, title, base_unit, quantity_scale, gtins (separated by ;), weight_g, handling_class, "
      "returnable, online, status",
      NewItemImport);
  Add(cli, group, "locations",
      "location_id*, title, kind*, latitude*, longitude*, time_zone, capabilities (separated by "
      ";), paused",
      NewLocationImport);
  Add(cli, group, "stock",
      "sku* or gtin* (of the catalog's item, with its check digit), location_id*, quantity* (a "
      "signed "
      "change), condition (sellable, damaged, quarantine, inspection, suspect), effect_key (makes "
      "the change happen once, whatever file it stands in)",
      NewStockImport);
  Add(cli, group, "orders",
      "channel*, external_id*, customer_ref, method*, country, postal_area, latitude, longitude, "
      "location_id, sku*, quantity*; consecutive lines of one external_id are one order",
      NewOrderImport);
}

}  // namespace quartermaster::qm
