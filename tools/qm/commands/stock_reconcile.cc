// stock reconcile: per source what differs, since when, and why.
#include <limits>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/commands/stock_count.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Stub = stockv1::StockService::Stub;

// What differs is asked for as a whole.
constexpr int kAll = std::numeric_limits<int>::max();

struct Args {
  std::string source;
};

std::string CauseText(int cause) {
  return EnumName(stockv1::StockDifference::Cause_descriptor(), cause);
}

// "5 to 7, 12".
std::string GapText(const stockv1::Source& source) {
  std::string text;
  for (const stockv1::Source::Gap& gap : source.gaps()) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", gap.first());
    if (gap.last() != gap.first()) absl::StrAppend(&text, " to ", gap.last());
  }
  return text;
}

Table SourceTable(const stockv1::ListSourcesResponse& sources, const std::string& wanted) {
  Table table({"SOURCE", "LAST MESSAGE", "MISSING", "SINCE", "LAST COUNT", "TAKEN", "POSITIONS",
               "DIFFERING", "SURPLUS", "DEFICIT"});
  for (const stockv1::Source& source : sources.sources()) {
    if (!wanted.empty() && source.source() != wanted) continue;
    const stockv1::Count& count = source.last_count();
    const bool counted = source.has_last_count();
    table.Row({source.source(), absl::StrCat(source.last_sequence()), GapText(source),
               TimeText(source.suspect_since()), count.count_id(), TimeText(count.taken_time()),
               counted ? absl::StrCat(count.positions()) : "",
               counted ? absl::StrCat(count.differing()) : "",
               counted ? absl::StrCat(count.surplus()) : "",
               counted ? absl::StrCat(count.deficit()) : ""});
  }
  return table;
}

Table DifferenceTable(const stockv1::ListDifferencesResponse& differences) {
  Table table({"SOURCE", "SKU", "LOCATION", "VARIANCE", "SINCE", "FOUND", "BY COUNT", "WHY",
               "RECOUNT", "ASKED"});
  for (const stockv1::StockDifference& d : differences.differences()) {
    table.Row({d.source().empty() ? d.recount_source() : d.source(), d.sku(), d.location_id(),
               d.variance() == 0 ? "" : absl::StrCat(d.variance()), TimeText(d.since()),
               TimeText(d.found()), d.count_id(), CauseText(d.cause()),
               CauseText(d.recount_cause()), TimeText(d.recount_since())});
  }
  return table;
}

int Reconcile(Context& context, const Args& args) {
  stockv1::ListSourcesRequest ask_sources;
  stockv1::ListSourcesResponse sources;
  stockv1::ListDifferencesRequest ask_differences;
  ask_differences.set_source(args.source);
  stockv1::ListDifferencesResponse differences;
  grpc::Status status =
      ReadList<stockv1::StockService>(context, &Stub::ListSources, ask_sources, kAll,
                                      &stockv1::ListSourcesResponse::sources, sources);
  if (status.ok()) {
    status = ReadList<stockv1::StockService>(context, &Stub::ListDifferences, ask_differences, kAll,
                                             &stockv1::ListDifferencesResponse::differences,
                                             differences);
  }
  if (!status.ok()) return context.Refused(status);
  bool gap = false;
  for (const stockv1::Source& source : sources.sources()) {
    gap = gap || (source.suspect() && (args.source.empty() || source.source() == args.source));
  }
  const int result = differences.differences().empty() && !gap ? kOk : kDifference;
  if (context.json()) {
    Json json = MessageToJson(differences);
    json["sources"] = MessageToJson(sources)["sources"];
    context.PrintJson(json);
    return result;
  }
  context.PrintTable(SourceTable(sources, args.source));
  if (differences.differences().empty()) {
    context.Note("Nothing differs from what was counted last, and no count is asked for.");
  } else {
    context.PrintLine("");
    context.PrintTable(DifferenceTable(differences));
  }
  context.PrintLine(absl::StrCat("at position ", differences.position()));
  return result;
}

}  // namespace

void AddStockReconcileCommand(Cli& cli, Subcommand group) {
  const auto args = std::make_shared<Args>();
  Subcommand reconcile = cli.Command(
      group, "reconcile", "Per source what differs, since when and why; exit code 1 if anything",
      "qm stock reconcile --source wms1",
      [args](Context& context) { return Reconcile(context, *args); });
  reconcile.Option("--source", args->source, "Only of this source");
}

}  // namespace quartermaster::qm
