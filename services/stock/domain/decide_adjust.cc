// Facts about what is on hand and in what condition, and the one request among them.
#include <algorithm>
#include <string_view>
#include <utility>

#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock::internal {
namespace {

// Of an effect's content, stable for ever: FNV-1a, 64 bits (Fowler, Noll, Vo).
class EffectHash {
 public:
  EffectHash& Add(std::string_view bytes) {
    for (const char c : bytes) AddByte(static_cast<unsigned char>(c));
    return *this;
  }
  EffectHash& Add(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) AddByte(static_cast<uint8_t>(value >> shift));
    return *this;
  }
  uint64_t value() const { return hash_; }

 private:
  void AddByte(uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  uint64_t hash_ = 0xcbf29ce484222325;
};

uint64_t EffectFingerprint(const Adjustment& a) {
  EffectHash hash;
  hash.Add(static_cast<int64_t>(a.sku.size())).Add(a.sku);
  hash.Add(static_cast<int64_t>(a.location.size())).Add(a.location);
  hash.Add(static_cast<int64_t>(a.kind)).Add(static_cast<int64_t>(a.condition));
  hash.Add(static_cast<int64_t>(a.compare_and_set));
  if (a.compare_and_set) {
    hash.Add(a.expected.units()).Add(a.value.units());
  } else {
    hash.Add(a.delta.units());
  }
  // Kinds that came later: what the others hash to must stay.
  if (a.kind == AdjustmentKind::kConditionChanged) hash.Add(static_cast<int64_t>(a.from_condition));
  return hash.value();
}

// More left a condition than was known to be in it: the rest was among the sellable.
ConditionChanged ChangeOf(const Adjustment& a, const ConditionCounts& before) {
  ConditionChanged changed{.from = a.from_condition, .to = a.condition, .quantity = a.delta};
  if (IsUnusable(a.from_condition)) {
    changed.quantity = std::min(a.delta, before.of(a.from_condition));
    // Sellable already, if that is what they become.
    if (IsUnusable(a.condition)) changed.from_sellable = a.delta - changed.quantity;
  }
  return changed;
}

// The same for what left altogether. The effect's key goes with the first event.
void AppendAdjusted(StockAdjusted adjusted, const ConditionCounts& before, Events& events) {
  Quantity unknown;
  if (IsUnusable(adjusted.condition)) {
    unknown = (-(before.of(adjusted.condition) + adjusted.delta)).OrZero();
  }
  if (unknown.IsZero()) {
    events.push_back(std::move(adjusted));
    return;
  }
  StockAdjusted sellable = adjusted;
  sellable.condition = Condition::kSellable;
  sellable.delta = -unknown;
  adjusted.delta += unknown;
  if (!adjusted.delta.IsZero()) {
    sellable.effect_key.clear();
    sellable.effect_fingerprint = 0;
    events.push_back(std::move(adjusted));
  }
  events.push_back(std::move(sellable));
}

}  // namespace

Decision DecideAdjustment(const State& state, const AdjustStock& command, Events& events) {
  const Adjustment& a = command.adjustment;
  Decision decision;
  uint64_t fingerprint = 0;
  if (!a.effect_key.empty()) {
    fingerprint = EffectFingerprint(a);
    const auto it = state.effects.find(a.effect_key);
    if (it != state.effects.end()) {
      if (it->second != fingerprint) return Reject(RejectionKind::kEffectKeyReused);
      decision.duplicate = true;
      return decision;
    }
  }
  SkuIndex sku = state.skus.Find(a.sku);
  LocationIndex location = state.locations.Find(a.location);
  const Balances before = state.positions.Get(sku, location);
  const ConditionCounts conditions = state.conditions.Get(sku, location);
  if (a.compare_and_set && before.on_hand != a.expected) {
    Decision refused = Reject(RejectionKind::kExpectationFailed);
    refused.rejection->expected = a.expected;
    refused.rejection->actual = before.on_hand;
    return refused;
  }
  if (sku == SkuIndex::kNone) {
    sku = state.skus.next();
    events.push_back(SkuRegistered{sku, a.sku, true});
  }
  if (location == LocationIndex::kNone) {
    location = state.locations.next();
    events.push_back(LocationRegistered{location, a.location, true});
  }
  if (a.kind == AdjustmentKind::kConditionChanged) {
    ConditionChanged changed = ChangeOf(a, conditions);
    changed.sku = sku;
    changed.location = location;
    changed.effect_key = a.effect_key;
    changed.effect_fingerprint = fingerprint;
    changed.business_time = a.business_time;
    changed.attribution = command.attribution;
    events.push_back(std::move(changed));
    return decision;
  }
  AppendAdjusted({.sku = sku,
                  .location = location,
                  .kind = a.kind,
                  .delta = a.compare_and_set ? a.value - a.expected : a.delta,
                  .condition = a.condition,
                  .effect_key = a.effect_key,
                  .effect_fingerprint = fingerprint,
                  .business_time = a.business_time,
                  .attribution = command.attribution},
                 conditions, events);
  return decision;
}

Decision DecideChangeCondition(const State& state, const ChangeCondition& command, Events& events) {
  if (!state.skus.Knows(command.sku)) return Reject(RejectionKind::kItemNotFound);
  if (!state.locations.Knows(command.location)) return Reject(RejectionKind::kLocationNotFound);
  const Quantity there = IsUnusable(command.from)
                             ? state.conditions.Get(command.sku, command.location).of(command.from)
                             : state.positions.Get(command.sku, command.location).usable().OrZero();
  if (there < command.quantity) {
    Decision refused = Reject(RejectionKind::kQuantityExceedsCondition);
    refused.rejection->expected = command.quantity;
    refused.rejection->actual = there;
    return refused;
  }
  events.push_back(ConditionChanged{.sku = command.sku,
                                    .location = command.location,
                                    .from = command.from,
                                    .to = command.to,
                                    .quantity = command.quantity,
                                    .attribution = command.attribution});
  return {};
}

}  // namespace quartermaster::stock::internal
