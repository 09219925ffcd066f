#include "services/stock/domain/count_reports.h"

#include "services/stock/domain/state.h"

namespace quartermaster::stock {
namespace {

constexpr size_t kListedMax = 100;
// How many positions a page of differences looks at.
constexpr int kLookedAtMax = 20'000;

std::string NameOf(const State& state, SourceIndex source) {
  return source == SourceIndex::kNone ? "" : state.sources.names.Name(source);
}

SourceReport ReportSource(const State& state, SourceIndex index) {
  const Source& source = state.sources.At(index);
  SourceReport report{.name = state.sources.names.Name(index),
                      .last_sequence = source.last(),
                      .suspect = source.suspect(),
                      .suspect_since = {},
                      .gaps = {},
                      .missing_messages = source.missing_messages(),
                      .last_count = {}};
  if (source.suspect()) report.suspect_since = source.suspect_since;
  for (const auto& [first, last] : source.missing()) {
    if (report.gaps.size() == kListedMax) break;
    report.gaps.push_back({first, last});
  }
  if (source.last_count != CountIndex::kNone) {
    report.last_count = ReportCount(state, source.last_count);
  }
  return report;
}

// Either may be null.
DifferenceReport ReportDifference(const State& state, uint64_t key, const Difference* difference,
                                  const RecountRequest* request) {
  DifferenceReport report{.sku = state.skus.Name(SkuOfKey(key)),
                          .location = state.locations.Name(LocationOfKey(key))};
  if (difference != nullptr) {
    const Count& count = state.counts.At(difference->count);
    report.variance = difference->variance;
    report.cause = difference->cause;
    report.count_id = state.counts.names().Name(difference->count);
    report.source = NameOf(state, count.terms.source);
    report.since = difference->since;
    report.found = count.terms.taken;
  }
  if (request != nullptr) {
    report.recount = true;
    report.recount_cause = request->cause;
    report.recount_since = request->since;
    report.recount_source = NameOf(state, request->source);
  }
  return report;
}

}  // namespace

CountStatus ReportCount(const State& state, CountIndex index) {
  const Count& count = state.counts.At(index);
  CountStatus status{.id = state.counts.names().Name(index),
                     .source = state.sources.names.Name(count.terms.source),
                     .state = count.state,
                     .parts = static_cast<int>(count.parts.size()),
                     .parts_staged = count.parts_staged,
                     .missing_parts = {},
                     .rows = count.rows,
                     .positions = count.positions,
                     .differing = count.differing,
                     .surplus = count.surplus,
                     .deficit = count.deficit,
                     .superseded = count.superseded,
                     .too_old = count.too_old,
                     .doubtful = count.doubtful,
                     .taken = count.terms.taken,
                     .started = count.started,
                     .changed = count.changed};
  for (size_t i = 0; i < count.parts.size() && status.missing_parts.size() < kListedMax; ++i) {
    if (!count.parts[i].staged) status.missing_parts.push_back(static_cast<int>(i) + 1);
  }
  return status;
}

SourceReports ReportSources(const State& state, const ListSources& query) {
  SourceReports reports;
  const uint64_t known = state.sources.names.size();
  for (uint64_t i = uint64_t{static_cast<uint32_t>(query.after)} + 1; i <= known; ++i) {
    if (static_cast<int>(reports.sources.size()) == query.limit) {
      reports.more_after = SourceIndex{static_cast<uint32_t>(i - 1)};
      break;
    }
    reports.sources.push_back(ReportSource(state, SourceIndex{static_cast<uint32_t>(i)}));
  }
  return reports;
}

DifferenceReports ReportDifferences(const State& state, const ListDifferences& query) {
  DifferenceReports reports;
  const CountTable& counts = state.counts;
  const SourceIndex wanted = state.sources.names.Find(query.source);
  // Two lists in the order of their keys, merged.
  auto differs = counts.differences.upper_bound(query.after);
  auto asked = counts.recounts.upper_bound(query.after);
  uint64_t looked_through = query.after;
  for (int looked = 0; differs != counts.differences.end() || asked != counts.recounts.end();
       ++looked) {
    if (looked == kLookedAtMax || static_cast<int>(reports.differences.size()) == query.limit) {
      reports.more_after = looked_through;
      break;
    }
    const bool has_difference = differs != counts.differences.end() &&
                                (asked == counts.recounts.end() || differs->first <= asked->first);
    const uint64_t key = has_difference ? differs->first : asked->first;
    const bool has_request = asked != counts.recounts.end() && asked->first == key;
    looked_through = key;
    const Difference* const difference = has_difference ? &(differs++)->second : nullptr;
    const RecountRequest* const request = has_request ? &(asked++)->second : nullptr;
    const bool is_wanted =
        query.source.empty() ||
        (difference != nullptr && counts.At(difference->count).terms.source == wanted) ||
        (request != nullptr && request->source == wanted);
    if (is_wanted) reports.differences.push_back(ReportDifference(state, key, difference, request));
  }
  return reports;
}

}  // namespace quartermaster::stock
