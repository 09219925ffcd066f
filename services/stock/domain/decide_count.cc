// Counts are staged part by part; count_switcher.h brings them into the books.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/count_switcher.h"
#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock {
namespace {

// Counts that wait for parts, and rows that wait to be switched: some 24 bytes each.
constexpr size_t kStagingMax = 16;
constexpr int64_t kStagedRowsMax = 10'000'000;

uint64_t TermsFingerprint(const StageCount& c) {
  ContentHash hash;
  hash.AddText(c.source).Add(c.source_sequence).Add(c.taken.unix_us).Add(c.doubt.count);
  hash.Add(static_cast<int64_t>(c.basis)).Add(c.clears_suspects).Add(c.parts);
  hash.Add(static_cast<int64_t>(c.full_at.size()));
  for (const std::string& location : c.full_at) hash.AddText(location);
  for (const StageCount::Mark& mark : c.watermarks) hash.AddText(mark.source).Add(mark.sequence);
  return hash.value();
}

uint64_t RowsFingerprint(const StageCount& c) {
  ContentHash hash;
  for (const StageCount::Row& row : c.rows) {
    hash.AddText(row.sku).AddText(row.location);
    hash.Add(row.quantity.units()).Add(row.left_out.units());
  }
  return hash.value();
}

// Looks names up, and registers those that nobody knew with an event for each.
template <typename Index, typename Registered>
class Registrar {
 public:
  Registrar(const Directory<Index>& known, Events& events)
      : known_(known), next_(known.next()), events_(events) {}

  Index Find(const std::string& name) {
    const Index index = known_.Find(name);
    if (index != Index::kNone) return index;
    const auto [it, added] = new_.emplace(name, next_);
    if (added) {
      events_.push_back(Make(next_, name));
      next_ = static_cast<Index>(static_cast<uint32_t>(next_) + 1);
    }
    return it->second;
  }

 private:
  static Registered Make(Index index, const std::string& name) {
    if constexpr (requires(Registered r) { r.implicit; }) {
      return {index, name, true};
    } else {
      return {index, name};
    }
  }
  const Directory<Index>& known_;
  Index next_;
  Events& events_;
  absl::flat_hash_map<std::string, Index> new_;
};

CountTerms TermsOf(const State& state, const StageCount& c, Instant now,
                   Registrar<LocationIndex, LocationRegistered>& locations, Events& events) {
  Registrar<SourceIndex, SourceRegistered> sources(state.sources.names, events);
  CountTerms terms;
  terms.source = sources.Find(c.source);
  // What has not happened yet cannot be in it.
  terms.taken = std::min(c.taken, now);
  terms.doubt = c.doubt;
  terms.basis = c.basis;
  terms.clears_suspects = c.clears_suspects;
  for (const std::string& name : c.full_at) terms.full_at.push_back(locations.Find(name));
  std::sort(terms.full_at.begin(), terms.full_at.end());
  for (const StageCount::Mark& mark : c.watermarks) {
    terms.watermarks.push_back({sources.Find(mark.source), mark.sequence});
  }
  std::sort(terms.watermarks.begin(), terms.watermarks.end(),
            [](const Watermark& a, const Watermark& b) { return a.source < b.source; });
  return terms;
}

}  // namespace

namespace internal {

Decision DecideStage(const State& state, const StageCount& c, Instant now, Events& events) {
  Decision decision;
  const CountTable& counts = state.counts;
  const uint64_t fingerprint = TermsFingerprint(c);
  CountPartStaged staged{.part = c.part, .fingerprint = RowsFingerprint(c)};
  staged.count = counts.names().Find(c.count_id);
  decision.count = staged.count;
  const bool is_new = staged.count == CountIndex::kNone;
  if (!is_new) {
    const Count& known = counts.At(staged.count);
    if (known.fingerprint != fingerprint) return Reject(RejectionKind::kCountReused);
    const Count::Part& part = known.parts[static_cast<size_t>(c.part) - 1];
    if (part.staged) {
      if (part.fingerprint != staged.fingerprint) return Reject(RejectionKind::kCountReused);
      decision.duplicate = true;
      return decision;
    }
    if (known.state == CountState::kAbandoned) return Reject(RejectionKind::kCountAbandoned);
  }
  const int64_t rows = counts.staged_rows() + static_cast<int64_t>(c.rows.size());
  const bool waits = is_new && c.parts > 1;
  if ((waits && counts.staging().size() >= kStagingMax) || rows > kStagedRowsMax) {
    return Reject(RejectionKind::kTooManyCounts);
  }
  for (size_t i = 0; i < c.rows.size() && !state.kits.empty(); ++i) {
    if (state.kits.Find(state.skus.Find(c.rows[i].sku)) != nullptr) {
      return Reject(RejectionKind::kKitHasNoStock, static_cast<int>(i));
    }
  }
  Registrar<LocationIndex, LocationRegistered> locations(state.locations, events);
  if (is_new) {
    CountStarted started{.count = counts.names().next(),
                         .id = c.count_id,
                         .terms = TermsOf(state, c, now, locations, events),
                         .fingerprint = fingerprint,
                         .parts = c.parts,
                         .source_sequence = c.source_sequence,
                         .attribution = c.attribution};
    if (IsTooOld(state, started.terms)) {
      events.clear();
      return Reject(RejectionKind::kCountTooOld);
    }
    staged.count = decision.count = started.count;
    const Source& source =
        state.sources.At(started.terms.source < state.sources.names.next() ? started.terms.source
                                                                           : SourceIndex::kNone);
    if (const auto gap = source.GapOpenedBy(c.source_sequence)) {
      events.push_back(SourceGapOpened{started.terms.source, *gap});
    } else if (source.IsLastMissing(c.source_sequence)) {
      events.push_back(SourceGapsClosed{started.terms.source});
    }
    events.push_back(std::move(started));
  }
  Registrar<SkuIndex, SkuRegistered> skus(state.skus, events);
  staged.rows.reserve(c.rows.size());
  for (const StageCount::Row& row : c.rows) {
    staged.rows.push_back(
        {skus.Find(row.sku), locations.Find(row.location), row.quantity, row.left_out});
  }
  events.push_back(std::move(staged));
  return decision;
}

}  // namespace internal
}  // namespace quartermaster::stock
