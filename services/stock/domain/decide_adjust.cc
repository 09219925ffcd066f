// Facts about what is on hand and in what condition, and the one request among them.
#include <algorithm>
#include <utility>

#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock::internal {
namespace {

uint64_t ContentOf(const Adjustment& a) {
  ContentHash hash;
  hash.AddText(a.sku).AddText(a.location);
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

// Of a message: what it says, and of which effect.
uint64_t ContentOf(const Adjustment& a, uint64_t effect) {
  return ContentHash()
      .Add(static_cast<int64_t>(effect))
      .AddText(a.effect_key)
      .Add(a.message.sequence)
      .value();
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

// How many units of the fact, in its own sign, are not of the condition that it names. As above, of
// those that left altogether; and of those that came but are in the count, which on hand stays for:
// so many as are not there any more.
Quantity NotOfItsCondition(const StockAdjusted& adjusted, const Balances& before,
                           const ConditionCounts& conditions) {
  if (!IsUnusable(adjusted.condition)) return {};
  if (adjusted.delta.IsNegative()) {
    return -(-(conditions.of(adjusted.condition) + adjusted.delta)).OrZero();
  }
  return adjusted.in_count ? (adjusted.delta - before.usable().OrZero()).OrZero() : Quantity();
}

// The effect's key and the message go with the first event.
void AppendAdjusted(StockAdjusted adjusted, const Balances& before,
                    const ConditionCounts& conditions, Events& events) {
  const Quantity others = NotOfItsCondition(adjusted, before, conditions);
  if (others.IsZero()) {
    events.push_back(std::move(adjusted));
    return;
  }
  StockAdjusted sellable = adjusted;
  sellable.condition = Condition::kSellable;
  sellable.delta = others;
  adjusted.delta -= others;
  if (!adjusted.delta.IsZero()) {
    sellable.effect_key.clear();
    sellable.effect_fingerprint = 0;
    sellable.message =
        MessageRef{.source = adjusted.message.source, .sequence = adjusted.message.sequence};
    events.push_back(std::move(adjusted));
  }
  events.push_back(std::move(sellable));
}

// A fact on its way into the log.
class FactDecider {
 public:
  FactDecider(const State& state, const AdjustStock& command, Instant now, Events& events)
      : state_(state), command_(command), a_(command.adjustment), now_(now), events_(events) {}

  Decision Run() {
    sku_ = state_.skus.Find(a_.sku);
    location_ = state_.locations.Find(a_.location);
    Decision decision = DecideIt();
    decision.sku = sku_;
    decision.location = location_;
    return decision;
  }

 private:
  Decision DecideIt() {
    // Only what may come again is told apart by what it says.
    const bool may_repeat = !a_.effect_key.empty() || !a_.message.source.empty();
    const uint64_t content = may_repeat ? ContentOf(a_) : 0;
    if (!a_.message.source.empty()) {
      ref_ = {.source = state_.sources.names.Find(a_.message.source),
              .sequence = a_.message.sequence,
              .id = a_.message.id,
              .fingerprint = ContentOf(a_, content)};
      if (const uint64_t* const known = state_.FindMessage(a_.message)) {
        if (*known != ref_.fingerprint) return Reject(RejectionKind::kMessageReused);
        return Duplicate();
      }
    }
    if (const uint64_t* const happened = state_.FindEffect(a_.effect_key)) {
      if (*happened != content) return Reject(RejectionKind::kEffectKeyReused);
      // Another message tells of it: that it came is worth knowing, so that no gap is seen there.
      if (!a_.message.source.empty()) {
        FollowSource();
        events_.push_back(SourceMessageSeen{ref_});
      }
      return Duplicate();
    }
    const Balances before = state_.positions.Get(sku_, location_);
    const Kit* const kit = state_.kits.empty() ? nullptr : state_.kits.Find(sku_);
    if (kit != nullptr) return DecideKit(*kit, a_.effect_key.empty() ? 0 : content);
    if (a_.compare_and_set && before.on_hand != a_.expected) {
      Decision refused = Reject(RejectionKind::kExpectationFailed);
      refused.rejection->expected = a_.expected;
      refused.rejection->actual = before.on_hand;
      return refused;
    }
    if (!a_.message.source.empty()) FollowSource();
    Append(a_, before, a_.effect_key.empty() ? 0 : content);
    return decision_;
  }

  // A kit's parts have come or gone, or are in another condition: of all of them together it is one
  // message and one effect, which the first event has.
  Decision DecideKit(const Kit& kit, uint64_t fingerprint) {
    if (a_.compare_and_set) return Reject(RejectionKind::kKitHasNoStock);
    for (const KitPart& part : kit.parts) {
      const Quantity units(a_.delta.units() * part.count);
      if (kMaxLineQuantity < units || units < -kMaxLineQuantity) {
        return Reject(RejectionKind::kKitQuantityTooLarge);
      }
    }
    if (!a_.message.source.empty()) FollowSource();
    const SkuIndex sku = sku_;
    Adjustment of_part = a_;
    bool all_counted = true;
    for (const KitPart& part : kit.parts) {
      sku_ = part.sku;
      of_part.delta = Quantity(a_.delta.units() * part.count);
      requested_ = false;
      Append(of_part, state_.positions.Get(sku_, location_), fingerprint);
      all_counted = all_counted && decision_.in_count;
      of_part.effect_key.clear();
      fingerprint = 0;
      ref_ = MessageRef{.source = ref_.source, .sequence = ref_.sequence};
    }
    decision_.in_count = all_counted;
    sku_ = sku;
    return decision_;
  }

  Decision Duplicate() {
    decision_.duplicate = true;
    return decision_;
  }

  // Registers the source if it is new, and raises the alarm if a message before this one is
  // missing.
  void FollowSource() {
    if (ref_.source == SourceIndex::kNone) {
      ref_.source = state_.sources.names.next();
      events_.push_back(SourceRegistered{ref_.source, a_.message.source});
      return;
    }
    if (ref_.sequence == 0) return;
    const Source& source = state_.sources.At(ref_.source);
    if (const auto gap = source.GapOpenedBy(ref_.sequence)) {
      events_.push_back(SourceGapOpened{ref_.source, *gap});
    } else if (source.IsLastMissing(ref_.sequence)) {
      events_.push_back(SourceGapsClosed{ref_.source});
    }
  }

  void Append(const Adjustment& a, const Balances& before, uint64_t fingerprint) {
    const ConditionCounts conditions = state_.conditions.Get(sku_, location_);
    if (sku_ == SkuIndex::kNone) {
      sku_ = state_.skus.next();
      events_.push_back(SkuRegistered{sku_, a.sku, true});
    }
    if (location_ == LocationIndex::kNone) {
      location_ = state_.locations.next();
      events_.push_back(LocationRegistered{location_, a.location, true});
    }
    if (a.kind == AdjustmentKind::kConditionChanged) {
      ConditionChanged changed = ChangeOf(a, conditions);
      changed.sku = sku_;
      changed.location = location_;
      changed.effect_key = a.effect_key;
      changed.effect_fingerprint = fingerprint;
      changed.business_time = a.business_time;
      changed.attribution = command_.attribution;
      changed.message = ref_;
      events_.push_back(std::move(changed));
      return;
    }
    Coverage coverage;
    const CountIndex holding = state_.counts.Holding(sku_, location_);
    if (holding != CountIndex::kNone && !a.compare_and_set) {
      coverage = CoverageOf(state_.counts.At(holding).terms, ref_.source, ref_.sequence,
                            FactTime(a.business_time, now_));
    }
    decision_.in_count = coverage.included;
    const Quantity delta = a.compare_and_set ? a.value - a.expected : a.delta;
    AppendAdjusted({.sku = sku_,
                    .location = location_,
                    .kind = a.kind,
                    .delta = delta,
                    .condition = a.condition,
                    .effect_key = a.effect_key,
                    .effect_fingerprint = fingerprint,
                    .business_time = a.business_time,
                    .attribution = command_.attribution,
                    .message = ref_,
                    .in_count = coverage.included,
                    .absolute = a.compare_and_set},
                   before, conditions, events_);
    if (coverage.doubtful) RequestCount(DiscrepancyCause::kDoubtfulFacts);
    const bool below_zero = !coverage.included && (before.on_hand + delta).IsNegative();
    if (a.kind == AdjustmentKind::kSold && below_zero) {
      RequestCount(DiscrepancyCause::kSoldBelowZero);
    }
  }

  // Once: until it is counted.
  void RequestCount(DiscrepancyCause cause) {
    if (requested_ || state_.counts.recounts.contains(PositionKey(sku_, location_))) return;
    requested_ = true;
    events_.push_back(CountRequested{sku_, location_, cause, ref_.source});
  }

  const State& state_;
  const AdjustStock& command_;
  const Adjustment& a_;
  const Instant now_;
  Events& events_;
  Decision decision_;
  MessageRef ref_;
  SkuIndex sku_ = SkuIndex::kNone;
  LocationIndex location_ = LocationIndex::kNone;
  bool requested_ = false;
};

}  // namespace

Decision DecideAdjustment(const State& state, const AdjustStock& command, Instant now,
                          Events& events) {
  return FactDecider(state, command, now, events).Run();
}

Decision DecideChangeCondition(const State& state, const ChangeCondition& command, Events& events) {
  if (!state.skus.Knows(command.sku)) return Reject(RejectionKind::kItemNotFound);
  if (!state.locations.Knows(command.location)) return Reject(RejectionKind::kLocationNotFound);
  if (state.kits.Find(command.sku) != nullptr) return Reject(RejectionKind::kKitHasNoStock);
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
