#include "services/stock/domain/promise_flow.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/btree_set.h"
#include "services/stock/domain/caps.h"
#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {

PromiseFlow::PromiseFlow(const State& state, SkuIndex sku) : state_(state) {
  state.supplies.ForEachOpenOf(sku, [this](const SupplyLine& line) {
    supplies_.push_back({line.location, line.due, line.open()});
  });
  if (supplies_.empty()) return;
  std::stable_sort(supplies_.begin(), supplies_.end(),
                   [](const Supply& a, const Supply& b) { return a.due < b.due; });
  OweShort(sku);
  OweSafetyStock(sku);
}

void PromiseFlow::Owe(const WaitScope& scope, Quantity units) {
  for (Supply& supply : supplies_) {
    if (!IsIn(scope, supply)) continue;
    const Quantity part = std::min(units, supply.left);
    supply.left -= part;
    units -= part;
  }
}

void PromiseFlow::OweShort(SkuIndex sku) {
  const auto uncovered = state_.uncovered.find(sku);
  if (uncovered != state_.uncovered.end()) {
    for (const UncoveredUnits& units : uncovered->second) {
      WaitScope scope{ClassIndex::kNone, units.location};
      if (units.location == LocationIndex::kNone) {
        scope.eligible = state_.FindReservation(units.reservation)->lines[units.line].eligible;
      }
      Owe(scope, units.quantity);
    }
  }
  const SkuPositions* const positions = state_.positions.Find(sku);
  if (positions == nullptr || !state_.short_locations.contains(sku)) return;
  for (const SkuPositions::Entry& entry : *positions) {
    Owe({ClassIndex::kNone, entry.location}, (-entry.position.usable()).OrZero());
  }
}

void PromiseFlow::OweSafetyStock(SkuIndex sku) {
  if (!state_.safety_stock.AppliesTo(sku)) return;
  absl::btree_set<LocationIndex> locations;
  for (const Supply& supply : supplies_) locations.insert(supply.location);
  for (const LocationIndex location : locations) {
    const Quantity has = state_.positions.Get(sku, location).available();
    Owe({ClassIndex::kNone, location}, (state_.safety_stock.For(sku, location) - has).OrZero());
  }
}

void PromiseFlow::OweQuotas(SkuIndex sku, ChannelIndex channel) {
  Draft draft(state_, Demand::kOnline);
  if (!draft.KeepsQuotas(sku)) return;
  Quantity lacking = draft.LackingOfQuotas(sku);
  for (const Allotment& allotment : *state_.allotments.Find(sku)) {
    if (allotment.channel == channel) continue;
    const Quantity part = std::min(lacking, allotment.UnusedAt(allotment.used()));
    lacking -= part;
    Owe({state_.PoolAt(state_.ChannelAt(allotment.channel).pool).eligible, LocationIndex::kNone},
        part);
  }
}

PromiseFlow::PromiseFlow(const State& state, SkuIndex sku, ChannelIndex channel,
                         const std::vector<WaitChange>& changes)
    : PromiseFlow(state, sku) {
  if (supplies_.empty()) return;
  if (!state.allotments.empty()) OweQuotas(sku, channel);
  // Dates between the same two supplies are as good as each other.
  std::map<std::pair<size_t, WaitScope>, Quantity> all;
  if (const SkuWaiting* waiting = state.waiting.Find(sku)) {
    for (const auto& [scope, dates] : waiting->commitments()) {
      for (const auto& [date, units] : dates) all[{DueBy(date), scope}] += units;
    }
  }
  for (const WaitChange& change : changes) {
    if (change.sku == sku) all[{DueBy(change.needed_by), change.scope}] += change.quantity;
  }
  struct Late {
    WaitScope scope;
    size_t due;
    Quantity quantity;
  };
  std::vector<Late> late;
  for (const auto& [key, units] : all) {
    if (!units.IsPositive()) continue;
    const Quantity rest = units - PushDue(key.second, key.first, units);
    if (rest.IsPositive()) late.push_back({key.second, key.first, rest});
  }
  // The earliest that comes then, and that is theirs.
  for (Late& one : late) {
    for (size_t due = one.due + 1; due <= supplies_.size() && one.quantity.IsPositive(); ++due) {
      one.quantity -= PushDue(one.scope, due, one.quantity);
    }
  }
}

size_t PromiseFlow::DueBy(Instant date) const {
  return static_cast<size_t>(
      std::upper_bound(supplies_.begin(), supplies_.end(), date,
                       [](Instant d, const Supply& supply) { return d < supply.due; }) -
      supplies_.begin());
}

bool PromiseFlow::IsIn(const WaitScope& scope, const Supply& supply) const {
  if (scope.eligible == ClassIndex::kNone) return supply.location == scope.location;
  return !state_.IsPaused(supply.location) &&
         state_.classes.At(scope.eligible).Contains(supply.location);
}

Quantity PromiseFlow::Push(const WaitScope& scope, Instant date, Quantity quantity) {
  return PushDue(scope, DueBy(date), quantity);
}

Quantity PromiseFlow::PushDue(const WaitScope& scope, size_t due, Quantity quantity) {
  if (due == 0) return {};
  size_t group = 0;
  while (group < groups_.size() && (groups_[group].scope != scope || groups_[group].due != due)) {
    ++group;
  }
  if (group == groups_.size()) {
    groups_.push_back({scope, due, std::vector<Quantity>(supplies_.size())});
  }
  Quantity got;
  while (got < quantity) {
    for (Supply& supply : supplies_) supply.visited = false;
    const Quantity part = Descend(group, quantity - got);
    if (part.IsZero()) break;
    got += part;
  }
  return got;
}

Quantity PromiseFlow::Descend(size_t group, Quantity quantity) {
  const WaitScope scope = groups_[group].scope;
  const size_t due = groups_[group].due;
  for (size_t s = 0; s < due; ++s) {
    Supply& supply = supplies_[s];
    if (supply.visited || !IsIn(scope, supply)) continue;
    const Quantity part = std::min(quantity, supply.left);
    if (!part.IsPositive()) continue;
    supply.left -= part;
    groups_[group].served[s] += part;
    return part;
  }
  for (size_t s = 0; s < due; ++s) {
    Supply& supply = supplies_[s];
    if (supply.visited || !IsIn(scope, supply)) continue;
    supply.visited = true;
    for (size_t other = 0; other < groups_.size(); ++other) {
      if (other == group || !groups_[other].served[s].IsPositive()) continue;
      const Quantity moved = Descend(other, std::min(quantity, groups_[other].served[s]));
      if (moved.IsZero()) continue;
      groups_[other].served[s] -= moved;
      groups_[group].served[s] += moved;
      return moved;
    }
  }
  return {};
}

Quantity PromisableBy(const State& state, SkuIndex sku, ChannelIndex channel,
                      const WaitScope& scope, Instant date,
                      const std::vector<WaitChange>& changes) {
  return PromiseFlow(state, sku, channel, changes).Push(scope, date, kEverything);
}

namespace {

// What a key comes to by one date or another.
class ByDate {
 public:
  ByDate(const State& state, Offer& offer, const StockKey& key,
         const std::vector<WaitChange>& changes)
      : state_(state),
        key_(key),
        changes_(changes),
        pool_(PoolOf(state, key)),
        kit_(state.kits.Find(key.sku)) {
    if (key.for_channel) channel_ = state.ChannelAt(key.channel);
    // Of a kit that has to be whole, all must be there.
    if (kit_ != nullptr && kit_->whole && pool_ != PoolIndex::kNone) {
      whole_ = FindAvailability(state, offer, key).available;
      return;
    }
    Draft& draft = offer.For(channel_.demand);
    VisitParts(state.kits, key.sku, [&](SkuIndex sku, int64_t) {
      const Quantity left =
          key.for_channel ? LeftOfCapFor(state, draft, sku, key.channel) : kEverything;
      parts_.push_back({sku, NowOf(draft, sku), left});
    });
  }

  // Never negative; less the channel's buffer.
  Quantity At(Instant date) const {
    if (whole_) return *whole_;
    Quantity times = kEverything;
    size_t i = 0;
    VisitParts(state_.kits, key_.sku, [&](SkuIndex sku, int64_t count) {
      const Part& part = parts_[i++];
      const Quantity later = PromisableBy(state_, sku, key_.channel, scope(), date, changes_);
      times = std::min(times, Quantity(std::min(part.now + later, part.left).units() / count));
    });
    return (times - channel_.buffer).OrZero();
  }
  // The first date at which there is something, no later than `last`, at which there is.
  Instant First(Instant last) const {
    std::vector<Instant> dates;
    for (const Part& part : parts_) {
      state_.supplies.ForEachOpenOf(part.sku, [&](const SupplyLine& line) {
        if (line.due < last) dates.push_back(line.due);
      });
    }
    std::sort(dates.begin(), dates.end());
    // The later the date, the more there is.
    const auto first = std::partition_point(
        dates.begin(), dates.end(), [this](Instant date) { return !At(date).IsPositive(); });
    return first == dates.end() ? last : *first;
  }
  WaitScope scope() const {
    if (pool_ == PoolIndex::kNone) return {ClassIndex::kNone, key_.location};
    return {state_.PoolAt(pool_).eligible, LocationIndex::kNone};
  }

 private:
  struct Part {
    SkuIndex sku;
    Quantity now;
    // Of the channel's cap.
    Quantity left;
  };
  Quantity NowOf(Draft& draft, SkuIndex sku) const {
    if (pool_ == PoolIndex::kNone) return draft.Available(sku, key_.location);
    return key_.for_channel ? draft.AvailableTo(sku, key_.channel)
                            : draft.AvailableInPool(sku, state_.PoolAt(pool_));
  }

  const State& state_;
  const StockKey& key_;
  const std::vector<WaitChange>& changes_;
  const PoolIndex pool_;
  const Kit* const kit_;
  Channel channel_;
  std::optional<Quantity> whole_;
  std::vector<Part> parts_;
};

}  // namespace

void FindAvailabilityBy(const State& state, Offer& offer, const StockKey& key, Instant date,
                        const std::vector<WaitChange>& changes, AvailabilityFigures& figures) {
  const ByDate by_date(state, offer, key, changes);
  figures.available_by = by_date.At(date);
  if (figures.available.IsPositive()) {
    figures.available_from = kNever;
  } else if (figures.available_by.IsPositive()) {
    figures.available_from = by_date.First(date);
  }
  // A kit is not on order, only its parts.
  if (state.kits.Find(key.sku) != nullptr) return;
  const WaitScope scope = by_date.scope();
  const auto there = [&](LocationIndex location) {
    if (scope.eligible == ClassIndex::kNone) return location == scope.location;
    return state.classes.At(scope.eligible).Contains(location);
  };
  state.supplies.ForEachOpenOf(key.sku, [&](const SupplyLine& line) {
    if (there(line.location)) figures.expected += line.open();
  });
  if (const SkuWaiting* waiting = state.waiting.Find(key.sku)) {
    const auto its = waiting->commitments().find(scope);
    if (its == waiting->commitments().end()) return;
    for (const auto& [needed_by, units] : its->second) figures.waiting += units;
  }
}

void AppendFreed(const Reservation& reservation, std::vector<WaitChange>& changes) {
  for (const ReservationLine& line : reservation.lines) {
    if (line.waiting.IsZero()) continue;
    changes.push_back({line.sku, line.waits_at, line.needed_by, -line.waiting});
  }
}

}  // namespace quartermaster::stock
