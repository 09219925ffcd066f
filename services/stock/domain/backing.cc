#include "services/stock/domain/backing.h"

#include <algorithm>
#include <utility>

namespace quartermaster::stock {
namespace {

constexpr size_t kSearchedEntriesMax = 16;

uint64_t Key(SkuIndex sku, LocationIndex location) {
  return static_cast<uint64_t>(sku) << 32 | static_cast<uint64_t>(location);
}

Lane LaneOf(const Reservation& reservation, const ReservationLine& line) {
  return {line.eligible, reservation.state == ReservationState::kConfirmed};
}

}  // namespace

SkuFlow* Draft::FindFlow(SkuIndex sku) const {
  if (flows_.empty()) return nullptr;
  const auto it = flow_of_sku_.find(sku);
  return it == flow_of_sku_.end() ? nullptr : it->second;
}

SkuFlow& Draft::Flow(SkuIndex sku) {
  if (SkuFlow* flow = FindFlow(sku)) return *flow;
  SkuFlow& flow = *flows_.emplace_back(sku, std::make_unique<SkuFlow>(inventory_, sku)).second;
  flow_of_sku_.emplace(sku, &flow);
  if (KeepsSafetyStock(sku)) flow.KeepSafetyStock();
  for (const Entry& entry : entries_) {
    if (entry.sku == sku) flow.AddFree(entry.location, -entry.taken);
  }
  return flow;
}

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
  // What there is of it: where holds that stand have some of it already, no more is lacking.
  if (KeepsSafetyStock(sku) && left.IsPositive()) {
    left -= std::min(left, inventory_.safety_stock.For(sku, location));
  }
  if (!index_.empty()) {
    const auto it = index_.find(Key(sku, location));
    if (it != index_.end()) left -= entries_[it->second].taken;
    return left;
  }
  for (const Entry& entry : entries_) {
    if (entry.sku == sku && entry.location == location) left -= entry.taken;
  }
  return left;
}

void Draft::UseSafetyStock() {
  keeps_safety_stock_ = false;
  for (const auto& [sku, flow] : flows_) flow->UseSafetyStock();
}

void Draft::Take(SkuIndex sku, LocationIndex location, Quantity quantity) {
  if (SkuFlow* flow = FindFlow(sku)) {
    flow->AddFree(location, -quantity);
  } else {
    Taken(sku, location) += quantity;
  }
}

Quantity Draft::TakeAt(SkuIndex sku, LocationIndex location, Quantity quantity) {
  SkuFlow* flow = FindFlow(sku);
  if (flow == nullptr) {
    const Quantity left = Left(sku, location, inventory_.positions.Get(sku, location)).OrZero();
    // Flexible units that stand on safety stock have to leave it for what is free elsewhere.
    const bool enough = left >= quantity && !KeepsSafetyStock(sku);
    if (enough || inventory_.backings.Find(sku) == nullptr) {
      const Quantity got = std::min(left, quantity);
      if (got.IsPositive()) Taken(sku, location) += got;
      return got;
    }
    flow = &Flow(sku);
  }
  return flow->TakeAt(location, quantity);
}

FlexibleParts Draft::Free(const Reservation& reservation) {
  FlexibleParts parts;
  for (uint32_t i = 0; i < reservation.lines.size(); ++i) FreeLine(reservation, i, {}, parts);
  return parts;
}

void Draft::FreeLine(const Reservation& reservation, uint32_t i, const Placements& preferred,
                     FlexibleParts& parts) {
  const ReservationLine& line = reservation.lines[i];
  for (const Placement& placement : line.placements) {
    Take(line.sku, placement.location, -placement.quantity);
  }
  if (!line.flexible()) return;
  SkuFlow& flow = Flow(line.sku);
  for (const Placement& p : flow.End(LaneOf(reservation, line), line.open(), preferred)) {
    parts.push_back({i, p.location, p.quantity});
  }
}

Quantity Draft::Available(SkuIndex sku, LocationIndex location) {
  const SkuFlow* flow = FindFlow(sku);
  if (flow == nullptr) {
    const SkuBacking* const backing = inventory_.backings.Find(sku);
    if (backing == nullptr || (backing->At(location).IsZero() && !KeepsSafetyStock(sku))) {
      return Left(sku, location, inventory_.positions.Get(sku, location)).OrZero();
    }
    flow = &Flow(sku);
  }
  return flow->AvailableAt(location);
}

Quantity Draft::AvailableInPool(SkuIndex sku, const Pool& pool) {
  const SkuFlow* flow = FindFlow(sku);
  if (flow == nullptr && inventory_.backings.Find(sku) != nullptr) flow = &Flow(sku);
  if (flow != nullptr) return flow->AvailableTo(pool.eligible);
  Quantity sum;
  inventory_.VisitPool(sku, pool, [&](LocationIndex location, const Balances& position) {
    if (!inventory_.IsPaused(location)) sum += Left(sku, location, position).OrZero();
  });
  return sum;
}

void Draft::AppendMoves(Events& events) const {
  for (const auto& [sku, flow] : flows_) {
    std::vector<BackingMove> moves = flow->Plan().moves;
    if (!moves.empty()) events.push_back(BackingMoved{sku, std::move(moves)});
  }
}

namespace {

// Gives the lines of a SKU the units that were taken for their lanes, in the order of the lines.
class Dealer {
 public:
  explicit Dealer(const SkuFlow& flow) : taken_(flow.Plan().taken) {}

  Placements Deal(Lane lane, Quantity quantity) {
    Placements placements;
    for (SkuFlow::Change::Taken& taken : taken_) {
      if (taken.lane != lane) continue;
      while (quantity.IsPositive()) {
        Placement& last = taken.placements.back();
        const Quantity part = std::min(last.quantity, quantity);
        placements.push_back({last.location, part});
        quantity -= part;
        last.quantity -= part;
        if (last.quantity.IsZero()) taken.placements.pop_back();
      }
    }
    return placements;
  }

 private:
  std::vector<SkuFlow::Change::Taken> taken_;
};

// Most first; of equals, the one registered first.
void SortByMost(Placements& placements) {
  std::sort(placements.begin(), placements.end(), [](const Placement& a, const Placement& b) {
    return a.quantity != b.quantity ? a.quantity > b.quantity : a.location < b.location;
  });
}

}  // namespace

Demand DemandOf(const Inventory& inventory, const HoldLine& line) {
  return line.for_channel ? inventory.ChannelAt(line.channel).demand : Demand::kOnline;
}

Demand DemandOf(const Inventory& inventory, const ReservationLine& line) {
  const bool has_channel = line.channel != ChannelIndex::kNone;
  return has_channel ? inventory.ChannelAt(line.channel).demand : Demand::kOnline;
}

Backing PlanBacking(Draft& draft, const Inventory& inventory, const HoldLines& lines) {
  Backing backing;
  backing.lines.resize(lines.size());
  absl::InlinedVector<Quantity, 4> flexible;
  bool tills = false;
  for (const HoldLine& line : lines) {
    tills = tills || DemandOf(inventory, line) == Demand::kTill;
  }
  const auto take = [&](Demand demand, bool from_pool) {
    for (size_t i = 0; i < lines.size(); ++i) {
      const HoldLine& line = lines[i];
      if (line.from_pool != from_pool || DemandOf(inventory, line) != demand) continue;
      Quantity got;
      if (from_pool) {
        const Lane lane{inventory.PoolAt(line.pool).eligible, false};
        got = draft.Flow(line.sku).TakeFor(lane, line.quantity);
        backing.lines[i].eligible = lane.eligible;
        flexible.resize(lines.size());
        flexible[i] = got;
      } else {
        got = draft.TakeAt(line.sku, line.location, line.quantity);
        if (got.IsPositive()) backing.lines[i].placements.push_back({line.location, got});
      }
      if (got < line.quantity) {
        backing.short_lines.push_back({static_cast<int>(i), line.quantity, got});
      }
    }
  };
  for (const bool from_pool : {false, true}) take(Demand::kOnline, from_pool);
  if (tills) {
    draft.UseSafetyStock();
    take(Demand::kTill, /*from_pool=*/true);
  }
  std::sort(backing.short_lines.begin(), backing.short_lines.end(),
            [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
  if (flexible.empty()) return backing;
  absl::flat_hash_map<SkuIndex, Dealer> dealers;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!flexible[i].IsPositive()) continue;
    Dealer& dealer = dealers.try_emplace(lines[i].sku, draft.Flow(lines[i].sku)).first->second;
    backing.lines[i].placements = dealer.Deal({backing.lines[i].eligible, false}, flexible[i]);
    SortByMost(backing.lines[i].placements);
  }
  return backing;
}

Placements StandOf(const Inventory& inventory, const Reservation& reservation,
                   const ReservationLine& line) {
  Placements stand;
  const SkuBacking* const backing = inventory.backings.Find(line.sku);
  if (backing == nullptr) return stand;
  for (const SkuBacking::Entry& entry : *backing) {
    if (entry.lane == LaneOf(reservation, line)) stand.push_back({entry.location, entry.quantity});
  }
  SortByMost(stand);
  Quantity left = line.open();
  size_t needed = 0;
  for (; needed < stand.size() && left.IsPositive(); ++needed) {
    stand[needed].quantity = std::min(stand[needed].quantity, left);
    left -= stand[needed].quantity;
  }
  stand.resize(needed);
  return stand;
}

}  // namespace quartermaster::stock
