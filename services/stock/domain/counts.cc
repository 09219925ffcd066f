#include "services/stock/domain/counts.h"

#include <algorithm>
#include <tuple>

namespace quartermaster::stock {
namespace {

// Whether a full count has been brought into the books as far as the SKU.
bool HoldsFor(const Count& count, SkuIndex sku) {
  if (count.left_from != SkuIndex::kNone && sku >= count.left_from) return false;
  return count.state == CountState::kApplied || sku <= count.switched_through;
}

}  // namespace

Coverage CoverageOf(const CountTerms& terms, SourceIndex source, int64_t sequence, Instant time) {
  const bool net = terms.basis == CountBasis::kNetOfAllocations;
  if (source != SourceIndex::kNone && sequence > 0) {
    const auto it = std::lower_bound(
        terms.watermarks.begin(), terms.watermarks.end(), source,
        [](const Watermark& mark, SourceIndex wanted) { return mark.source < wanted; });
    if (it != terms.watermarks.end() && it->source == source) {
      return {.included = sequence <= it->sequence, .net = net};
    }
  }
  const Micros off = time < terms.taken ? terms.taken - time : time - terms.taken;
  return {.included = time <= terms.taken, .doubtful = off < terms.doubt, .net = net};
}

Instant FactTime(Instant business_time, Instant logged) {
  return business_time == Instant{} ? logged : std::min(business_time, logged);
}

Count& CountTable::Add(CountIndex index, const std::string& id) {
  names_.Add(index, id);
  staging_.push_back(index);
  return counts_.emplace_back();
}

bool CountTable::IsNewer(CountIndex a, CountIndex b) const {
  if (a == CountIndex::kNone || a == b) return false;
  if (b == CountIndex::kNone) return true;
  return std::tie(At(b).terms.taken, names_.Name(b)) < std::tie(At(a).terms.taken, names_.Name(a));
}

CountIndex CountTable::Holding(SkuIndex sku, LocationIndex location) const {
  const auto it = of_position_.find(PositionKey(sku, location));
  const CountIndex own = it == of_position_.end() ? CountIndex::kNone : it->second;
  const CountIndex full = FullAt(sku, location);
  return IsNewer(full, own) ? full : own;
}

Coverage CountTable::CoverageAt(SkuIndex sku, LocationIndex location, SourceIndex source,
                                int64_t sequence, Instant time) const {
  const CountIndex holding = Holding(sku, location);
  if (holding == CountIndex::kNone) return {};
  return CoverageOf(At(holding).terms, source, sequence, time);
}

CountIndex CountTable::FullAt(SkuIndex sku, LocationIndex location) const {
  const auto it = full_at_.find(location);
  CountIndex index = it == full_at_.end() ? CountIndex::kNone : it->second;
  while (index != CountIndex::kNone && !HoldsFor(At(index), sku)) {
    const Count& count = At(index);
    const auto& at = count.terms.full_at;
    const auto place = std::lower_bound(at.begin(), at.end(), location);
    index = count.full_before[static_cast<size_t>(place - at.begin())];
  }
  return index;
}

void CountTable::SetHolding(SkuIndex sku, LocationIndex location, CountIndex count) {
  // What holds for the whole location need not be kept for each of its positions.
  if (FullAt(sku, location) == count) {
    of_position_.erase(PositionKey(sku, location));
  } else {
    of_position_[PositionKey(sku, location)] = count;
  }
}

void CountTable::BeginSwitching(CountIndex index) {
  std::erase(staging_, index);
  (IsSmall(index) ? small_ : large_).push_back(index);
  Count& count = At(index);
  count.state = CountState::kSwitching;
  for (const LocationIndex location : count.terms.full_at) {
    CountIndex& newest = full_at_[location];
    count.full_before.push_back(newest);
    if (IsNewer(index, newest)) newest = index;
  }
}

void CountTable::End(CountIndex index, CountState state, Instant time) {
  std::erase(staging_, index);
  Count& count = At(index);
  if (count.state == CountState::kSwitching) {
    std::deque<CountIndex>& line = IsSmall(index) ? small_ : large_;
    // Logs of earlier releases may end one that is not the first.
    if (line.front() == index) {
      line.pop_front();
    } else {
      std::erase(line, index);
    }
  }
  staged_rows_ -= count.rows;
  count.state = state;
  count.changed = time;
  for (Count::Part& part : count.parts) std::vector<CountRow>().swap(part.rows);
}

}  // namespace quartermaster::stock
