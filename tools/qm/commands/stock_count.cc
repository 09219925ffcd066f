// stock count: sends a file of rows in parts, and waits until they are in the books.
#include "tools/qm/commands/stock_count.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/stock/v1/stock.grpc.pb.h"
#include "services/base/status_macros.h"
#include "tools/qm/cli.h"
#include "tools/qm/commands/ask.h"
#include "tools/qm/commands/names.h"
#include "tools/qm/input/values.h"
#include "tools/qm/rows/row_reader.h"

namespace quartermaster::qm {
namespace {

namespace stockv1 = ::quartermaster::stock::v1;
using Request = stockv1::ApplyCountRequest;
using Stub = stockv1::StockService::Stub;

// Of one part, some 100 KB.
constexpr int kRowsPerPart = 2'000;
constexpr std::chrono::milliseconds kPollInterval{100};

struct ApplyArgs {
  std::string path;
  std::string count_id;
  std::string source;
  std::string taken;
  std::vector<std::string> watermarks;
  std::vector<std::string> full_at;
  int basis = 0;
  std::string doubt;
  bool clears_suspects = false;
  bool no_wait = false;
};

// Where the columns of a file stand; -1: it has none of that name.
struct Columns {
  int sku = -1;
  int location = -1;
  int quantity = -1;
  int picked = -1;
};

Columns FindColumns(const std::vector<std::string>& header) {
  const auto find = [&](const char* name) {
    const auto it = std::find(header.begin(), header.end(), name);
    return it == header.end() ? -1 : static_cast<int>(it - header.begin());
  };
  return {find("sku"), find("location_id"), find("quantity"), find("picked_and_staged")};
}

// All rows, in parts. A count is one thing: a row that cannot be read stops all of it.
absl::StatusOr<std::vector<Request>> ReadParts(const std::string& path, const Request& terms) {
  QM_ASSIGN_OR_RETURN(
      const std::unique_ptr<RowReader> reader,
      OpenRows(path, FormatOf(path),
               {{"sku", true}, {"location_id", true}, {"quantity", true}, {"picked_and_staged"}}));
  const Columns columns = FindColumns(reader->header());
  std::vector<Request> parts{terms};
  FileRow row;
  while (reader->Next(&row)) {
    const auto wrong = [&](const std::string& what) {
      return absl::InvalidArgumentError(absl::StrCat("line ", row.first_line, ": ", what));
    };
    const auto field = [&](int column) {
      return column < 0 || column >= static_cast<int>(row.fields.size())
                 ? std::string()
                 : row.fields[static_cast<size_t>(column)];
    };
    if (!row.problem.empty()) return wrong(row.problem);
    const std::optional<int64_t> quantity = ParseInteger(field(columns.quantity));
    if (!quantity) return wrong("quantity is not a whole number");
    const std::string picked = field(columns.picked);
    const std::optional<int64_t> left_out = picked.empty() ? 0 : ParseInteger(picked);
    if (!left_out) return wrong("picked_and_staged is not a whole number");
    if (field(columns.sku).empty() || field(columns.location).empty()) {
      return wrong("needs a sku and a location_id");
    }
    if (parts.back().rows_size() == kRowsPerPart) parts.push_back(terms);
    Request::Row& to = *parts.back().add_rows();
    to.set_sku(field(columns.sku));
    to.set_location_id(field(columns.location));
    to.set_quantity(*quantity);
    to.set_picked_and_staged(*left_out);
  }
  if (reader->failed()) return absl::DataLossError("cannot be read to its end");
  for (size_t i = 0; i < parts.size(); ++i) {
    parts[i].set_parts(static_cast<int>(parts.size()));
    parts[i].set_part(static_cast<int>(i) + 1);
  }
  return parts;
}

Table CountTable(const stockv1::Count& count) {
  Table table({"COUNT", "SOURCE", "STATE", "PARTS", "ROWS", "POSITIONS", "DIFFERING", "SURPLUS",
               "DEFICIT", "SUPERSEDED", "TOO OLD", "DOUBTFUL"});
  table.Row({count.count_id(), count.source(),
             EnumName(stockv1::Count::State_descriptor(), count.state()),
             absl::StrCat(count.parts_staged(), "/", count.parts()), absl::StrCat(count.rows()),
             absl::StrCat(count.positions()), absl::StrCat(count.differing()),
             absl::StrCat(count.surplus()), absl::StrCat(count.deficit()),
             absl::StrCat(count.superseded()), absl::StrCat(count.too_old()),
             absl::StrCat(count.doubtful())});
  return table;
}

// What the command line says of the whole count. False (and why): it does not make sense.
bool ReadTerms(const ApplyArgs& args, Request* terms, std::string* why) {
  terms->set_count_id(args.count_id);
  terms->set_source(args.source);
  terms->set_basis(static_cast<Request::Basis>(args.basis));
  terms->set_clears_suspects(args.clears_suspects);
  for (const std::string& location : args.full_at) terms->add_full_location_ids(location);
  if (!ParseTime(args.taken, terms->mutable_taken_time())) {
    *why = "--taken takes a time like 2026-11-27T08:00:00Z";
    return false;
  }
  for (const std::string& text : args.watermarks) {
    const size_t at = text.rfind('=');
    const std::optional<int64_t> sequence =
        at == std::string::npos ? std::nullopt : ParseInteger(text.substr(at + 1));
    if (!sequence) {
      *why = "--watermark takes SOURCE=NUMBER";
      return false;
    }
    Request::Watermark& mark = *terms->add_watermarks();
    mark.set_source(text.substr(0, at));
    mark.set_sequence(*sequence);
  }
  if (!args.doubt.empty()) {
    const std::optional<std::chrono::microseconds> doubt = ParseDuration(args.doubt);
    if (!doubt) {
      *why = "--doubt takes a time like 5m";
      return false;
    }
    *terms->mutable_doubt_window() =
        google::protobuf::util::TimeUtil::MicrosecondsToDuration(doubt->count());
  }
  return true;
}

int Apply(Context& context, const ApplyArgs& args) {
  Request terms;
  std::string why;
  if (!ReadTerms(args, &terms, &why)) return context.Usage(why);
  absl::StatusOr<std::vector<Request>> parts = ReadParts(args.path, terms);
  if (!parts.ok()) {
    return context.LocalFile(absl::Status(parts.status().code(),
                                          absl::StrCat(args.path, ": ", parts.status().message())));
  }
  const auto stub = context.Stub<stockv1::StockService>();
  stockv1::Count count;
  for (Request& part : *parts) {
    // Of the part's own content and place: sent again, it is the same request.
    part.set_request_id(absl::StrCat(context.RequestId(), "/", part.part()));
    const grpc::Status status = context.Call(*stub, &Stub::ApplyCount, part, &count);
    if (!status.ok()) return context.Refused(status);
  }
  while (count.state() == stockv1::Count::SWITCHING && !args.no_wait) {
    std::this_thread::sleep_for(kPollInterval);
    stockv1::GetCountRequest get;
    get.set_count_id(args.count_id);
    const grpc::Status status = context.Call(*stub, &Stub::GetCount, get, &count);
    if (!status.ok()) return context.Refused(status);
  }
  return context.json() ? context.PrintJson(count) : context.PrintTable(CountTable(count));
}

int Get(Context& context, const std::string& count_id) {
  stockv1::GetCountRequest request;
  request.set_count_id(count_id);
  return Ask<stockv1::StockService>(
      context, &Stub::GetCount, request,
      [&](const stockv1::Count& count) { return context.PrintTable(CountTable(count)); });
}

}  // namespace

void AddStockCountCommands(Cli& cli, Subcommand group) {
  const Subcommand count =
      cli.Group(group, "count", "Counts of what is there", "qm stock count get wms1/2026-11-27");
  const auto args = std::make_shared<ApplyArgs>();
  Subcommand apply = cli.Command(
      count, "apply",
      "Set on hand to a count: rows with sku, location_id, quantity (picked_and_staged); the same "
      "command again goes on where it stopped",
      "qm stock count apply night.csv --count-id wms1/2026-11-27 --source wms1 "
      "--taken 2026-11-27T02:00:00Z --watermark wms1=48151 --full warehouse-1",
      [args](Context& context) { return Apply(context, *args); });
  apply.Option("FILE", args->path, "CSV with a header row; .ndjson, .jsonl: an object a line")
      .Required();
  apply.Option("--count-id", args->count_id, "Its id; a correction is another count").Required();
  apply.Option("--source", args->source, "Whose count it is").Required();
  apply.Option("--taken", args->taken, "When it was taken (RFC 3339)").Required();
  apply.Option("--watermark", args->watermarks,
               "SOURCE=NUMBER: it has that source's messages up to this one");
  apply.Option("--full", args->full_at, "Locations where what has no row is not there");
  AddEnumOption(apply, "--basis", args->basis, Request::Basis_descriptor(), "Default gross");
  apply.Option("--doubt", args->doubt, "How near to --taken a change is doubted (default 5m)");
  apply.Flag("--clears-suspects", args->clears_suspects,
             "The shelves were searched: suspect units that are there can be sold");
  apply.Flag("--no-wait", args->no_wait, "Do not wait until all of it is in the books");

  const auto count_id = std::make_shared<std::string>();
  Subcommand get = cli.Command(count, "get", "How far a count is, and how it came out",
                               "qm stock count get wms1/2026-11-27",
                               [count_id](Context& context) { return Get(context, *count_id); });
  get.Option("COUNT", *count_id, "Its id").Required();
}

}  // namespace quartermaster::qm
