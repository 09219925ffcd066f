#include "services/stock/rpc/count_requests.h"

#include <limits>
#include <string>
#include <utility>

#include "services/runtime/page_token.h"
#include "services/stock/rpc/request_fields.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;
using Request = v1::ApplyCountRequest;

constexpr int kRowsMax = 2'000;
constexpr int kNamedMax = 10'000;
constexpr Micros kDoubtDefault = Seconds(300);
constexpr Micros kDoubtMax = Hours(24);

void CheckTerms(const Request& request, FieldChecker& check) {
  check.Id("count_id", request.count_id());
  check.Id("source", request.source());
  check.Range("source_sequence", request.source_sequence(), 0, kSequenceMax);
  if (check.Required("taken_time", request.has_taken_time())) {
    check.Timestamp("taken_time", request.taken_time());
  }
  if (request.has_doubt_window()) {
    check.Duration("doubt_window", request.doubt_window(), Micros{0}, kDoubtMax);
  }
  check.Enum("basis", request.basis(), Request::Basis_IsValid, Presence::kOptional);
  check.Size("watermarks", request.watermarks_size(), 0, kNamedMax);
  for (int i = 0; i < request.watermarks_size() && i < kNamedMax && !check.full(); ++i) {
    const FieldPath path("watermarks", i);
    check.Id({path, "source"}, request.watermarks(i).source());
    check.Range({path, "sequence"}, request.watermarks(i).sequence(), 0, kSequenceMax);
  }
  check.Unique("watermarks", "source", request.watermarks_size(),
               [&](int i) -> const std::string& { return request.watermarks(i).source(); });
  check.Size("full_location_ids", request.full_location_ids_size(), 0, kNamedMax);
  for (int i = 0; i < request.full_location_ids_size() && i < kNamedMax && !check.full(); ++i) {
    check.Id({"full_location_ids", i}, request.full_location_ids(i));
  }
  check.Unique("full_location_ids", "", request.full_location_ids_size(),
               [&](int i) -> const std::string& { return request.full_location_ids(i); });
  check.Range("parts", request.parts(), 0, kCountPartsMax);
  check.Range("part", request.part(), 0, std::max(request.parts(), 1));
}

void CheckRows(const Request& request, FieldChecker& check) {
  check.Size("rows", request.rows_size(), 0, kRowsMax);
  const int64_t max = kMaxLineQuantity.units();
  const bool net = request.basis() == Request::NET_OF_OWN_ALLOCATIONS;
  const bool picked = request.basis() == Request::LESS_PICKED_AND_STAGED;
  for (int i = 0; i < request.rows_size() && i < kRowsMax && !check.full(); ++i) {
    const FieldPath path("rows", i);
    const Request::Row& row = request.rows(i);
    check.Id({path, "sku"}, row.sku());
    check.Id({path, "location_id"}, row.location_id());
    check.Range({path, "quantity"}, row.quantity(), net ? -max : 0, max);
    check.Range({path, "picked_and_staged"}, row.picked_and_staged(), 0, picked ? max : 0);
  }
}

v1::StockDifference::Cause ToWire(DiscrepancyCause cause) {
  return static_cast<v1::StockDifference::Cause>(cause);
}

}  // namespace

void Parse(const Request& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  CheckTerms(request, check);
  CheckRows(request, check);
  if (!check.ok()) return;
  StageCount& command = submission.command.emplace<StageCount>();
  command.count_id = request.count_id();
  command.source = request.source();
  command.source_sequence = request.source_sequence();
  command.taken = runtime::InstantOf(request.taken_time());
  command.doubt =
      request.has_doubt_window() ? runtime::MicrosOf(request.doubt_window()) : kDoubtDefault;
  if (request.basis() != Request::BASIS_UNSPECIFIED) {
    command.basis = static_cast<CountBasis>(request.basis());
  }
  command.clears_suspects = request.clears_suspects();
  command.full_at = {request.full_location_ids().begin(), request.full_location_ids().end()};
  for (const Request::Watermark& mark : request.watermarks()) {
    command.watermarks.push_back({mark.source(), mark.sequence()});
  }
  command.parts = std::max(request.parts(), 1);
  command.part = std::max(request.part(), 1);
  command.rows.reserve(static_cast<size_t>(request.rows_size()));
  for (const Request::Row& row : request.rows()) {
    command.rows.push_back({row.sku(), row.location_id(), Quantity(row.quantity()),
                            Quantity(row.picked_and_staged())});
  }
  command.attribution = ToAttribution(request.attribution());
}

void Parse(const v1::GetCountRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("count_id", request.count_id());
  if (!check.ok()) return;
  submission.command = GetCount{request.count_id()};
}

void Parse(const v1::ListSourcesRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
  if (!check.ok()) return;
  submission.command =
      ListSources{static_cast<SourceIndex>(runtime::PageAfter(request).value_or(0)),
                  PageSizeOf(request.page_size())};
}

void Parse(const v1::ListDifferencesRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("source", request.source(), Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
  if (!check.ok()) return;
  submission.command = ListDifferences{
      request.source(), static_cast<uint64_t>(runtime::PageAfter(request).value_or(0)),
      PageSizeOf(request.page_size())};
}

void RenderCount(const CountStatus& count, v1::Count& out) {
  out.set_count_id(count.id);
  out.set_source(count.source);
  out.set_state(static_cast<v1::Count::State>(count.state));
  out.set_parts(count.parts);
  out.set_parts_staged(count.parts_staged);
  out.mutable_missing_parts()->Add(count.missing_parts.begin(), count.missing_parts.end());
  out.set_rows(count.rows);
  out.set_positions(count.positions);
  out.set_differing(count.differing);
  out.set_surplus(count.surplus.units());
  out.set_deficit(count.deficit.units());
  out.set_superseded(count.superseded);
  out.set_too_old(count.too_old);
  out.set_doubtful(count.doubtful);
  *out.mutable_taken_time() = runtime::TimestampOf(count.taken);
  *out.mutable_start_time() = runtime::TimestampOf(count.started);
  if (count.state == CountState::kApplied || count.state == CountState::kAbandoned) {
    *out.mutable_end_time() = runtime::TimestampOf(count.changed);
  }
}

void RenderSource(const SourceReport& source, v1::Source& out) {
  out.set_source(source.name);
  out.set_last_sequence(source.last_sequence);
  out.set_suspect(source.suspect);
  if (source.suspect) *out.mutable_suspect_since() = runtime::TimestampOf(source.suspect_since);
  for (const SequenceGap& gap : source.gaps) {
    v1::Source::Gap& to = *out.add_gaps();
    to.set_first(gap.first);
    to.set_last(gap.last);
  }
  out.set_missing_messages(source.missing_messages);
  if (source.last_count) RenderCount(*source.last_count, *out.mutable_last_count());
}

void RenderDifference(const DifferenceReport& difference, v1::StockDifference& out) {
  out.set_sku(difference.sku);
  out.set_location_id(difference.location);
  if (!difference.variance.IsZero()) {
    out.set_variance(difference.variance.units());
    out.set_cause(ToWire(difference.cause));
    out.set_count_id(difference.count_id);
    out.set_source(difference.source);
    if (difference.since != kDistantPast) {
      *out.mutable_since() = runtime::TimestampOf(difference.since);
    }
    *out.mutable_found() = runtime::TimestampOf(difference.found);
  }
  if (difference.recount) {
    out.set_recount_cause(ToWire(difference.recount_cause));
    *out.mutable_recount_since() = runtime::TimestampOf(difference.recount_since);
    out.set_recount_source(difference.recount_source);
  }
}

}  // namespace quartermaster::stock
