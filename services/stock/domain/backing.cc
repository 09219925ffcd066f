#include "services/stock/domain/backing.h"

#include <algorithm>

namespace quartermaster::stock {
namespace {

constexpr size_t kSearchedEntriesMax = 16;

uint64_t Key(SkuIndex sku, LocationIndex location) {
  return static_cast<uint64_t>(sku) << 32 | static_cast<uint64_t>(location);
}

}  // namespace

Quantity& Draft::Taken(SkuIndex sku, LocationIndex location) {
  if (entries_.size() <= kSearchedEntriesMax) {
    for (Entry& entry : entries_) {
      if (entry.sku == sku && entry.location == location) return entry.taken;
    }
  } else {
    if (index_.empty()) {
      for (size_t i = 0; i < entries_.size(); ++i) {
        index_[Key(entries_[i].sku, entries_[i].location)] = i;
      }
    }
    const auto [it, added] = index_.emplace(Key(sku, location), entries_.size());
    if (!added) return entries_[it->second].taken;
  }
  return entries_.emplace_back(Entry{sku, location, Quantity()}).taken;
}

Quantity Draft::Left(SkuIndex sku, LocationIndex location, const Balances& position) const {
  Quantity left = position.uncommitted();
  if (!index_.empty()) {
    const auto it = index_.find(Key(sku, location));
    if (it != index_.end()) left -= entries_[it->second].taken;
    return left.OrZero();
  }
  for (const Entry& entry : entries_) {
    if (entry.sku == sku && entry.location == location) left -= entry.taken;
  }
  return left.OrZero();
}

void Draft::Free(const Reservation& reservation) {
  for (const ReservationLine& line : reservation.lines) {
    for (const Placement& placement : line.placements) {
      Take(line.sku, placement.location, -placement.quantity);
    }
  }
}

Quantity Draft::Available(SkuIndex sku, LocationIndex location) const {
  return Left(sku, location, inventory_.positions.Get(sku, location));
}

template <typename Visit>
void Draft::VisitPool(SkuIndex sku, const Pool& pool, const Visit& visit) const {
  inventory_.VisitPool(sku, pool, [&](LocationIndex location, const Balances& position) {
    if (inventory_.IsPaused(location)) return;
    const Quantity available = Left(sku, location, position);
    if (available.IsPositive()) visit(location, available);
  });
}

Quantity Draft::AvailableInPool(SkuIndex sku, const Pool& pool) const {
  Quantity sum;
  VisitPool(sku, pool, [&](LocationIndex, Quantity available) { sum += available; });
  return sum;
}

Placements Draft::TakeFromPool(SkuIndex sku, const Pool& pool, Quantity quantity) {
  std::vector<Placement> candidates;
  VisitPool(sku, pool, [&](LocationIndex location, Quantity available) {
    candidates.push_back({location, available});
  });
  // The most first; of equals, the one registered first.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Placement& a, const Placement& b) { return a.quantity > b.quantity; });
  Placements placements;
  for (const Placement& candidate : candidates) {
    if (!quantity.IsPositive()) break;
    const Quantity taken = std::min(candidate.quantity, quantity);
    placements.push_back({candidate.location, taken});
    Take(sku, candidate.location, taken);
    quantity -= taken;
  }
  return placements;
}

Backing PlanBacking(Draft& draft, const Inventory& inventory, const HoldLines& lines) {
  Backing backing;
  backing.lines.resize(lines.size());
  for (const bool from_pool : {false, true}) {
    for (size_t i = 0; i < lines.size(); ++i) {
      const HoldLine& line = lines[i];
      if (line.from_pool != from_pool) continue;
      Quantity got;
      if (from_pool) {
        const Pool& pool = inventory.PoolAt(line.pool);
        backing.lines[i] = draft.TakeFromPool(line.sku, pool, line.quantity);
        for (const Placement& placement : backing.lines[i]) got += placement.quantity;
      } else {
        got = std::min(draft.Available(line.sku, line.location), line.quantity);
        if (got.IsPositive()) {
          draft.Take(line.sku, line.location, got);
          backing.lines[i].push_back({line.location, got});
        }
      }
      if (got < line.quantity) {
        backing.short_lines.push_back({static_cast<int>(i), line.quantity, got});
      }
    }
  }
  std::sort(backing.short_lines.begin(), backing.short_lines.end(),
            [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
  return backing;
}

}  // namespace quartermaster::stock
