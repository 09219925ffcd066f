#include "services/stock/domain/count_switcher.h"

#include <algorithm>
#include <utility>

namespace quartermaster::stock {
namespace {

// A count that gets no part for so long is given up.
constexpr Micros kStagingTime = Hours(24);

// What a slice costs: for each position that is switched, about a microsecond; for each that a full
// count looks at, and each SKU, most of which it may not have, a tenth of that; for facts that a
// position remembers, as much as a position for so many.
constexpr int64_t kSwitchedCost = 10;
constexpr int64_t kLookedAtCost = 1;
constexpr int64_t kFactsPerSwitched = 64;

// Whether the count itself, or what it says to have, lacks messages.
bool HasGap(const SourceTable& sources, const CountTerms& terms) {
  if (sources.suspects == 0) return false;
  return sources.At(terms.source).suspect() ||
         std::any_of(terms.watermarks.begin(), terms.watermarks.end(),
                     [&](const Watermark& mark) { return sources.At(mark.source).suspect(); });
}

// What is allocated at a position and bound to it, which somebody there knows of.
Quantity Bound(const State& state, SkuIndex sku, LocationIndex location) {
  Quantity bound = state.positions.Get(sku, location).allocated;
  const SkuBacking* const backing = state.backings.Find(sku);
  if (backing == nullptr) return bound;
  for (const SkuBacking::Entry& entry : *backing) {
    if (entry.lane.allocated && entry.location == location) bound -= entry.quantity;
  }
  return bound;
}

// What a count makes of one position.
class LinePlan {
 public:
  LinePlan(const State& state, CountIndex index, const CountRow& row, bool has_gap)
      : state_(state), count_(state.counts.At(index)), row_(row), has_gap_(has_gap) {}

  StockCounted::Line Make() {
    const Balances books = state_.positions.Get(row_.sku, row_.location);
    const bool is_net = count_.terms.basis == CountBasis::kNetOfAllocations;
    const uint64_t key = PositionKey(row_.sku, row_.location);
    Quantity since;
    Quantity allocated_since;
    const auto visit = [&](const RecentFact& fact) {
      const Coverage coverage = CoverageOf(count_.terms, fact.source, fact.sequence, fact.time);
      // On which side it lies matters if the figure that was counted is another with it.
      const Quantity counted = is_net ? fact.on_hand - fact.allocated : fact.on_hand;
      if (coverage.doubtful && !counted.IsZero()) doubtful_ = true;
      if (fact.absolute && count_.terms.taken < fact.time) superseded_ = true;
      if (coverage.included) return;
      since += fact.on_hand;
      allocated_since += fact.allocated;
    };
    facts_ = state_.recent_facts.ForEachAt(key, visit);
    if (is_net) facts_ += state_.recent_allocations.ForEachAt(key, visit);
    Quantity there = row_.quantity;
    if (count_.terms.basis == CountBasis::kLessPickedAndStaged) there += row_.left_out;
    if (is_net) there += Bound(state_, row_.sku, row_.location) - allocated_since;
    StockCounted::Line line{.location = row_.location,
                            .counted = row_.quantity,
                            .left_out = row_.left_out,
                            .variance = there + since - books.on_hand};
    const ConditionCounts conditions = state_.conditions.Get(row_.sku, row_.location);
    SettleConditions(conditions, books.on_hand + line.variance, line);
    if (!line.variance.IsZero()) line.cause = CauseOf(conditions, line.variance);
    return line;
  }
  bool doubtful() const { return doubtful_; }
  // On hand was set to something after the count was taken.
  bool superseded() const { return superseded_; }
  // How many facts it was made of.
  int64_t facts() const { return facts_; }

 private:
  // What is gone is gone from among the suspect units first, then the sellable ones; the others are
  // as they were, as far as so many units are there at all.
  void SettleConditions(const ConditionCounts& conditions, Quantity on_hand,
                        StockCounted::Line& line) const {
    Quantity room = on_hand.OrZero();
    ConditionCounts kept;
    for (const Condition condition : kUnusableConditions) {
      if (condition == Condition::kSuspect) continue;
      kept.of(condition) = std::min(conditions.of(condition), room);
      room -= kept.of(condition);
    }
    const Quantity suspect = conditions.of(Condition::kSuspect);
    const Quantity gone = std::min(suspect, (-line.variance).OrZero());
    kept.of(Condition::kSuspect) = std::min(suspect - gone, room);
    if (count_.terms.clears_suspects) {
      line.found = kept.of(Condition::kSuspect);
    }
    for (const Condition condition : kUnusableConditions) {
      const Quantity taken = conditions.of(condition) - kept.of(condition);
      if (taken.IsPositive()) line.taken.push_back({condition, taken});
    }
  }

  DiscrepancyCause CauseOf(const ConditionCounts& conditions, Quantity variance) const {
    const auto asked = state_.counts.recounts.find(PositionKey(row_.sku, row_.location));
    if (asked != state_.counts.recounts.end()) return asked->second.cause;
    if (variance.IsNegative() && conditions.of(Condition::kSuspect).IsPositive()) {
      return DiscrepancyCause::kMissingUnits;
    }
    return has_gap_ ? DiscrepancyCause::kSourceGap : DiscrepancyCause::kUnexplained;
  }

  const State& state_;
  const Count& count_;
  const CountRow& row_;
  const bool has_gap_;
  bool doubtful_ = false;
  bool superseded_ = false;
  int64_t facts_ = 0;
};

}  // namespace

bool IsTooOld(const State& state, const CountTerms& terms) {
  if (terms.basis == CountBasis::kNetOfAllocations && terms.taken < state.forgotten_allocations) {
    return true;
  }
  const std::vector<Source>& sources = state.sources.sources;
  for (uint32_t i = 0; i < sources.size(); ++i) {
    const Source& source = sources[i];
    if (source.forgotten_time == kDistantPast) continue;
    const Coverage last = CoverageOf(terms, static_cast<SourceIndex>(i), source.forgotten_sequence,
                                     source.forgotten_time);
    if (!last.included) return true;
  }
  return false;
}

void CountSwitcher::Begin(const State& state, CountIndex index) {
  const Count& count = state.counts.At(index);
  count_ = index;
  looked_through_ = count.switched_through;
  next_.assign(count.parts.size(), 0);
  heads_.clear();
  for (uint32_t part = 0; part < count.parts.size(); ++part) {
    const std::vector<CountRow>& rows = count.parts[part].rows;
    const auto behind = std::partition_point(rows.begin(), rows.end(), [&](const CountRow& row) {
      return row.sku <= count.switched_through;
    });
    next_[part] = static_cast<uint32_t>(behind - rows.begin());
    Push(count, part);
  }
}

void CountSwitcher::Push(const Count& count, uint32_t part) {
  const std::vector<CountRow>& rows = count.parts[part].rows;
  if (next_[part] == rows.size()) return;
  heads_.push_back({rows[next_[part]].sku, part});
  std::push_heap(heads_.begin(), heads_.end(), IsLater);
}

void CountSwitcher::TakeRows(const Count& count, SkuIndex sku) {
  rows_.clear();
  while (!heads_.empty() && heads_.front().sku == sku) {
    const uint32_t part = heads_.front().part;
    std::pop_heap(heads_.begin(), heads_.end(), IsLater);
    heads_.pop_back();
    const std::vector<CountRow>& rows = count.parts[part].rows;
    uint32_t& next = next_[part];
    for (; next < rows.size() && rows[next].sku == sku; ++next) rows_.push_back(rows[next]);
    Push(count, part);
  }
  std::sort(rows_.begin(), rows_.end(),
            [](const CountRow& a, const CountRow& b) { return a.location < b.location; });
  // Rows of one position add up.
  size_t kept = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (kept > 0 && rows_[kept - 1].location == rows_[i].location) {
      rows_[kept - 1].quantity += rows_[i].quantity;
      rows_[kept - 1].left_out += rows_[i].left_out;
    } else {
      rows_[kept++] = rows_[i];
    }
  }
  rows_.resize(kept);
}

void CountSwitcher::AddWhatIsNotThere(const State& state, const Count& count, SkuIndex sku) {
  cost_ += kLookedAtCost;
  const SkuPositions* const positions = state.positions.Find(sku);
  if (positions == nullptr) return;
  cost_ += kLookedAtCost * static_cast<int64_t>(positions->size());
  const std::vector<LocationIndex>& full_at = count.terms.full_at;
  const size_t counted = rows_.size();
  for (const SkuPositions::Entry& entry : *positions) {
    const bool has_row = std::binary_search(
        rows_.begin(), rows_.begin() + static_cast<ptrdiff_t>(counted),
        CountRow{.location = entry.location},
        [](const CountRow& a, const CountRow& b) { return a.location < b.location; });
    if (!has_row && std::binary_search(full_at.begin(), full_at.end(), entry.location)) {
      rows_.push_back({.sku = sku, .location = entry.location});
    }
  }
}

int CountSwitcher::SwitchSku(const State& state, SkuIndex sku, Events& events) {
  if (rows_.empty()) return 0;
  StockCounted counted{.count = count_, .sku = sku};
  Events requests;
  const auto request = [&](LocationIndex location, DiscrepancyCause cause) {
    // It holds until the position is counted, which this count has just done.
    requests.push_back(CountRequested{sku, location, cause, state.counts.At(count_).terms.source});
  };
  for (const CountRow& row : rows_) {
    const CountIndex holding = state.counts.Holding(sku, row.location);
    if (state.counts.IsNewer(holding, count_)) {
      ++counted.superseded;
    } else if (too_old_) {
      ++counted.too_old;
      if (!state.counts.recounts.contains(PositionKey(sku, row.location))) {
        request(row.location, DiscrepancyCause::kCountTooOld);
      }
    } else {
      LinePlan plan(state, count_, row, has_gap_);
      StockCounted::Line line = plan.Make();
      cost_ += plan.facts() / kFactsPerSwitched * kSwitchedCost;
      if (plan.superseded()) {
        ++counted.superseded;
        continue;
      }
      counted.lines.push_back(std::move(line));
      if (plan.doubtful()) {
        ++counted.doubtful;
        request(row.location, DiscrepancyCause::kDoubtfulFacts);
      }
    }
  }
  const int too_old = counted.too_old;
  events.push_back(std::move(counted));
  for (Event& event : requests) events.push_back(std::move(event));
  return too_old;
}

int CountSwitcher::Continue(const State& state, Instant now, int positions_max, Events& events) {
  for (const CountIndex index : state.counts.staging()) {
    if (now - state.counts.At(index).changed >= kStagingTime) {
      events.push_back(CountAbandoned{index});
    }
  }
  const CountIndex index = state.counts.next_to_switch();
  if (index == CountIndex::kNone) return 0;
  cost_ = 0;
  if (count_ != index) Begin(state, index);
  const Count& count = state.counts.At(index);
  const bool full = !count.terms.full_at.empty();
  too_old_ = IsTooOld(state, count.terms);
  has_gap_ = HasGap(state.sources, count.terms);
  int64_t left = count.too_old;
  SkuIndex logged_through = count.switched_through;
  const auto last = static_cast<SkuIndex>(state.skus.size());
  while (true) {
    if (full ? looked_through_ == last : heads_.empty()) {
      for (const Watermark& mark : count.terms.watermarks) {
        const Source& source = state.sources.At(mark.source);
        if (full && left == 0 && source.IsCountedBy(count.terms.full_at) &&
            source.IsClosedBy(mark.sequence)) {
          events.push_back(SourceGapsClosed{mark.source});
        }
      }
      events.push_back(CountCompleted{index});
      count_ = CountIndex::kNone;
      break;
    }
    if (cost_ >= positions_max * kSwitchedCost) break;
    looked_through_ = full ? static_cast<SkuIndex>(static_cast<uint32_t>(looked_through_) + 1)
                           : heads_.front().sku;
    TakeRows(count, looked_through_);
    if (full) AddWhatIsNotThere(state, count, looked_through_);
    left += SwitchSku(state, looked_through_, events);
    if (!rows_.empty()) logged_through = looked_through_;
    cost_ += kSwitchedCost * static_cast<int64_t>(rows_.size());
  }
  // What is told of SKUs without a position from here on, the count has or has not.
  if (full && count_ == index && logged_through < looked_through_) {
    events.push_back(StockCounted{.count = count_, .sku = looked_through_});
  }
  // All of them were looked at, to say whether the count is too old.
  cost_ += kLookedAtCost * static_cast<int64_t>(state.sources.sources.size());
  return static_cast<int>(std::max<int64_t>(1, cost_ / kSwitchedCost));
}

}  // namespace quartermaster::stock
