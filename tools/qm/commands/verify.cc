// verify: every number rebuilt from the log, and compared with what is there.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/commands.h"
#include "tools/qm/input/values.h"
#include "tools/qm/verify/audit.h"
#include "tools/qm/verify/cross_check.h"
#include "tools/qm/verify/live_compare.h"

namespace quartermaster::qm {
namespace {

constexpr std::chrono::milliseconds kLookAgain{200};

struct VerifyArgs {
  std::string data_dir;
  std::string backup;
  std::string settle = "30s";
  bool settled = false;
  int show = 20;
};

struct Report {
  std::map<std::string, int64_t> heads;
  Compared compared;
  Findings findings;
  std::map<std::string, std::string> unsettled;
  int64_t skus = 0, keys = 0, reservations = 0, orders = 0, requests = 0;
  bool live = false;
};

void Strand(Report& report) {
  for (const auto& [key, what] : report.unsettled) {
    report.findings.Difference(key, "stranded: " + what);
  }
  report.unsettled.clear();
}

// Orders and stock against each other while both may move; see cross_check.h. What stays unsettled
// from the first look to the last is stranded.
absl::Status CrossCheckLive(RecordSource& source, Audit& audit, std::chrono::microseconds patience,
                            Report& report) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::map<std::string, std::string> always;
  for (bool first = true;; first = false) {
    QM_ASSIGN_OR_RETURN(auto orders_first, source.Heads());
    QM_RETURN_IF_ERROR(audit.AdvanceOrders(orders_first[kOrdersPartition]));
    QM_ASSIGN_OR_RETURN(auto stock, source.Heads());
    QM_RETURN_IF_ERROR(audit.AdvanceStock(stock[kStockPartition]));
    const std::map<std::string, std::string> open =
        Unsettled(audit.orders().books(), audit.stock().books());
    std::erase_if(always, [&](const auto& entry) { return !open.contains(entry.first); });
    if (first) always = open;
    const bool last = always.empty() || std::chrono::steady_clock::now() >= deadline;
    if (!last) {
      std::this_thread::sleep_for(kLookAgain);
      continue;
    }
    CheckOrdersInStock(audit.orders().books(), audit.stock().books(), &report.findings);
    QM_ASSIGN_OR_RETURN(auto orders_again, source.Heads());
    QM_RETURN_IF_ERROR(audit.AdvanceOrders(orders_again[kOrdersPartition]));
    CheckStockInOrders(audit.stock().books(), audit.orders().books(), &report.findings);
    report.unsettled = std::move(always);
    return absl::OkStatus();
  }
}

absl::Status VerifyLive(Context& context, RecordSource& source, Audit& audit,
                        std::chrono::microseconds patience, Report& report) {
  report.live = true;
  QM_RETURN_IF_ERROR(CompareCatalog(context, audit, source, &report.findings, &report.compared));
  QM_RETURN_IF_ERROR(CompareStock(context, audit, &report.findings, &report.compared));
  QM_RETURN_IF_ERROR(CompareOrders(context, audit, source, &report.findings, &report.compared));
  QM_RETURN_IF_ERROR(CrossCheckLive(source, audit, patience, report));
  Strand(report);
  return absl::OkStatus();
}

absl::Status VerifyDirectory(RecordSource& source, Audit& audit, bool settled, Report& report) {
  QM_ASSIGN_OR_RETURN(auto heads, source.Heads());
  QM_RETURN_IF_ERROR(audit.AdvanceCatalog(heads[kCatalogPartition]));
  QM_RETURN_IF_ERROR(audit.AdvanceStock(heads[kStockPartition]));
  QM_RETURN_IF_ERROR(audit.AdvanceOrders(heads[kOrdersPartition]));
  audit.stock().CheckConservation();
  audit.orders().CheckConservation();
  CheckOrdersInStock(audit.orders().books(), audit.stock().books(), &report.findings);
  CheckStockInOrders(audit.stock().books(), audit.orders().books(), &report.findings);
  report.unsettled = Unsettled(audit.orders().books(), audit.stock().books());
  if (settled) Strand(report);
  return absl::OkStatus();
}

Json ToJson(const Report& report) {
  Json json;
  json["mode"] = report.live ? "live" : "log only";
  json["positions"] = report.heads;
  json["rebuilt"] = {{"skus", report.skus},
                     {"stock_keys", report.keys},
                     {"reservations", report.reservations},
                     {"orders", report.orders},
                     {"requests", report.requests}};
  const Compared& c = report.compared;
  json["compared"] = {{"items", c.items},          {"locations", c.locations},
                      {"balances", c.balances},    {"reservations", c.reservations},
                      {"orders", c.orders},        {"tasks", c.tasks},
                      {"exceptions", c.exceptions}};
  json["differences"] = report.findings.differences();
  json["findings"] = Json::array();
  for (const Finding& f : report.findings.kept()) {
    json["findings"].push_back({{"key", f.key}, {"what", f.what}});
  }
  json["unsettled"] = Json::object();
  for (const auto& [key, what] : report.unsettled) json["unsettled"][key] = what;
  return json;
}

void Print(const Context& context, const Report& report, int show) {
  std::string positions = "rebuilt from the log:";
  for (const auto& [partition, position] : report.heads) {
    absl::StrAppend(&positions, " ", partition, " to ", WithSeparators(position));
  }
  context.PrintLine(positions);
  Table table({"", "IN THE LOG", "COMPARED"});
  const auto row = [&](const char* name, int64_t rebuilt, int64_t compared) {
    table.Row({name, WithSeparators(rebuilt), report.live ? WithSeparators(compared) : "-"});
  };
  const Compared& c = report.compared;
  row("items", report.skus, c.items);
  row("balances", report.keys, c.balances);
  row("reservations", report.reservations, c.reservations);
  row("orders", report.orders, c.orders);
  context.PrintTable(table);
  int shown = 0;
  for (const Finding& f : report.findings.kept()) {
    if (shown++ == show) break;
    context.PrintLine(absl::StrCat("difference: ", f.key, ": ", f.what));
  }
  const int64_t more = report.findings.differences() - show;
  if (more > 0) context.PrintLine(absl::StrCat("and ", WithSeparators(more), " more"));
  shown = 0;
  for (const auto& [key, what] : report.unsettled) {
    if (shown++ == show) break;
    context.PrintLine(absl::StrCat("unsettled: ", key, ": ", what));
  }
  if (!report.unsettled.empty()) {
    context.PrintLine(absl::StrCat(report.unsettled.size(),
                                   " unsettled: the server finishes them "
                                   "when it runs (--settled counts them as differences)"));
  }
  context.PrintLine(absl::StrCat(WithSeparators(report.findings.differences()), " differences"));
}

int Verify(Context& context, const VerifyArgs& args) {
  const auto patience = ParseDuration(args.settle);
  if (!patience) return context.Usage("--settle takes a duration like 30s");
  const bool live = args.data_dir.empty() && args.backup.empty();
  std::unique_ptr<RecordSource> source;
  if (live) {
    source = NewServerSource(context);
  } else {
    auto opened =
        args.backup.empty() ? OpenDirectorySource(args.data_dir) : OpenBackupSource(args.backup);
    if (!opened.ok()) return context.LocalFile(opened.status());
    source = std::move(*opened);
  }
  Report report;
  Audit audit(source.get(), &report.findings);
  const absl::Status status = live ? VerifyLive(context, *source, audit, *patience, report)
                                   : VerifyDirectory(*source, audit, args.settled, report);
  if (!status.ok()) return context.Failed(status);
  report.heads = {{kCatalogPartition, audit.catalog_position()},
                  {kStockPartition, audit.stock_position()},
                  {kOrdersPartition, audit.orders_position()}};
  report.skus = static_cast<int64_t>(audit.catalog().items().size());
  report.keys = static_cast<int64_t>(audit.stock().books().balances.size());
  report.reservations = static_cast<int64_t>(audit.stock().books().reservations.size());
  report.orders = static_cast<int64_t>(audit.orders().books().orders.size());
  report.requests = audit.requests();
  if (context.json()) {
    context.PrintJson(ToJson(report));
  } else {
    Print(context, report, args.show);
  }
  return report.findings.differences() == 0 ? kOk : kDifference;
}

}  // namespace

void AddVerifyCommand(Cli& cli) {
  const auto args = std::make_shared<VerifyArgs>();
  Subcommand verify = cli.Command(
      cli.root(), "verify",
      "Rebuild every number from the log and compare it with what the services say; exit code 1 "
      "and the key's name on any difference",
      "qm verify\n"
      "  qm verify --data-dir /var/lib/quartermaster --settled     (of a stopped server)\n"
      "  qm verify --backup /backup/quartermaster",
      [args](Context& context) { return Verify(context, *args); });
  Argument data_dir =
      verify.Option("--data-dir", args->data_dir,
                    "Check the log of a stopped server in this directory, and ask no server");
  verify
      .Option("--backup", args->backup,
              "Check what qm backup wrote in this directory, and ask no server")
      .Excludes(data_dir);
  verify
      .Option("--settle", args->settle,
              "How long work between orders and stock may stay open before it counts as "
              "stranded")
      .ShowDefault();
  verify.Flag(
      "--settled", args->settled,
      "With --data-dir or --backup: nothing may be open, because the server had come to rest");
  verify.Option("--show", args->show, "How many differences to print")
      .InRange(0, 1'000)
      .ShowDefault();
}

}  // namespace quartermaster::qm
