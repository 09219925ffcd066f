#include "services/stock/domain/backing.h"

#include <algorithm>
#include <utility>

namespace quartermaster::stock {
namespace {

constexpr size_t kSearchedEntriesMax = 16;

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
  if (KeepsQuotas(sku)) quota_units_[sku] = flow.KeepQuotas(QuotasOf(sku));
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
        index_[PositionKey(entries_[i].sku, entries_[i].location)] = i;
      }
    }
    const auto [it, added] = index_.emplace(PositionKey(sku, location), entries_.size());
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
    const auto it = index_.find(PositionKey(sku, location));
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
  for (const auto& [sku, flow] : flows_) {
    flow->UseSafetyStock();
    if (!KeepsQuotas(sku)) continue;
    // Quotas may stand on it too, as far as they are concerned.
    flow->UseQuotas();
    KeepQuotasAgain(sku);
  }
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
    if (!KeepsQuotas(sku) && (enough || inventory_.backings.Find(sku) == nullptr)) {
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
  for (uint32_t i = 0; i < reservation.lines.size(); ++i) {
    FreeLine(reservation, i, {}, parts);
    const ReservationLine& line = reservation.lines[i];
    if (notes_use_) NoteUse(line.sku, line.channel, -line.promised());
  }
  if (!notes_use_) return parts;
  // What it no longer uses of a quota is held for its channel again, whoever has it next.
  for (const ReservationLine& line : reservation.lines) {
    if (!KeepsQuotas(line.sku)) continue;
    UseQuotas(line.sku);
    KeepQuotasAgain(line.sku);
  }
  return parts;
}

void Draft::FreeLine(const Reservation& reservation, uint32_t i, const Placements& preferred,
                     FlexibleParts& parts) {
  const ReservationLine& line = reservation.lines[i];
  gives_back_ = true;
  // What is held for channels is so before anything is given back.
  if (KeepsQuotas(line.sku)) Flow(line.sku);
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
    const bool nobody_moves =
        backing == nullptr || (backing->At(location).IsZero() && !KeepsSafetyStock(sku));
    if (nobody_moves && !KeepsQuotas(sku)) {
      return Left(sku, location, inventory_.positions.Get(sku, location)).OrZero();
    }
    flow = &Flow(sku);
  }
  return flow->AvailableAt(location);
}

Quantity Draft::AvailableInPool(SkuIndex sku, const Pool& pool) {
  const SkuFlow* flow = FindFlow(sku);
  if (flow == nullptr && (inventory_.backings.Find(sku) != nullptr || KeepsQuotas(sku))) {
    flow = &Flow(sku);
  }
  if (flow != nullptr) return flow->AvailableTo(pool.eligible);
  Quantity sum;
  inventory_.VisitPool(sku, pool, [&](LocationIndex location, const Balances& position) {
    if (!inventory_.IsPaused(location)) sum += Left(sku, location, position).OrZero();
  });
  return sum;
}

Quantity Draft::MostAvailable(SkuIndex sku, LocationIndex location) {
  const SkuFlow* flow = FindFlow(sku);
  if (flow == nullptr && (inventory_.backings.Find(sku) != nullptr || KeepsQuotas(sku))) {
    flow = &Flow(sku);
  }
  if (flow != nullptr) return flow->MostAt(location);
  return Left(sku, location, inventory_.positions.Get(sku, location)).OrZero();
}

Quantity Draft::MoreUsed(SkuIndex sku, ChannelIndex channel) const {
  for (const Use& use : uses_) {
    if (use.sku == sku && use.channel == channel) return use.more;
  }
  return Quantity();
}

void Draft::NoteUse(SkuIndex sku, ChannelIndex channel, Quantity quantity) {
  const Allotment* const allotment = inventory_.allotments.Find(sku, channel);
  if (allotment == nullptr || quantity.IsZero()) return;
  auto use = std::find_if(uses_.begin(), uses_.end(), [&](const Use& other) {
    return other.sku == sku && other.channel == channel;
  });
  if (use == uses_.end()) use = uses_.insert(use, {sku, channel, Quantity()});
  const Quantity before = allotment->UnusedAt(allotment->used() + use->more);
  use->more += quantity;
  if (!allotment->terms.quota) return;
  quota_units_[sku] += allotment->UnusedAt(allotment->used() + use->more) - before;
}

SkuFlow::Quotas Draft::QuotasOf(SkuIndex sku) const {
  SkuFlow::Quotas quotas;
  for (const Allotment& allotment : *inventory_.allotments.Find(sku)) {
    const Quantity unused = allotment.UnusedAt(allotment.used() + MoreUsed(sku, allotment.channel));
    if (unused.IsZero()) continue;
    const ClassIndex eligible =
        inventory_.PoolAt(inventory_.ChannelAt(allotment.channel).pool).eligible;
    const auto same = std::find_if(quotas.begin(), quotas.end(), [&](const SkuFlow::Quota& other) {
      return other.eligible == eligible;
    });
    if (same != quotas.end()) {
      same->units += unused;
    } else {
      quotas.push_back({eligible, unused});
    }
  }
  return quotas;
}

Quantity Draft::OwnPart(SkuIndex sku, ChannelIndex channel) {
  const Allotment* const allotment = inventory_.allotments.Find(sku, channel);
  if (allotment == nullptr) return Quantity();
  if (allotment->terms.borrows) return kEverything;
  return allotment->UnusedAt(allotment->used() + MoreUsed(sku, channel));
}

Quantity Draft::KeepQuotasAgain(SkuIndex sku) {
  const Quantity units = quota_units_[sku];
  return units - Flow(sku).KeepQuotasAgain(QuotasOf(sku), MostForQuotas(units));
}

Quantity Draft::LackingOfQuotas(SkuIndex sku) {
  Flow(sku);
  Quantity unused;
  for (const SkuFlow::Quota& quota : QuotasOf(sku)) unused += quota.units;
  return unused - quota_units_[sku];
}

Quantity Draft::AvailableTo(SkuIndex sku, ChannelIndex channel) {
  const Pool& pool = inventory_.PoolAt(inventory_.ChannelAt(channel).pool);
  const Quantity own = KeepsQuotas(sku) ? OwnPart(sku, channel) : Quantity();
  if (own.IsZero()) return AvailableInPool(sku, pool);
  // As PlanBacking takes them.
  SkuFlow attempt(Flow(sku));
  attempt.UseQuotas();
  if (own == kEverything) return attempt.AvailableTo(pool.eligible);
  const Quantity got = attempt.TakeFor({pool.eligible, false}, own);
  if (got < own) return got;
  SkuFlow::Quotas others = QuotasOf(sku);
  for (SkuFlow::Quota& quota : others) {
    if (quota.eligible == pool.eligible) quota.units -= own;
  }
  attempt.KeepQuotasAgain(others, MostForQuotas(quota_units_[sku] - own));
  return got + attempt.AvailableTo(pool.eligible);
}

void Draft::AppendMoves(Events& events) const {
  for (const auto& [sku, flow] : flows_) {
    std::vector<BackingMove> moves = flow->Plan().moves;
    if (!moves.empty()) events.push_back(BackingMoved{sku, std::move(moves)});
  }
}

}  // namespace quartermaster::stock
