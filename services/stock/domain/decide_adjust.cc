// Facts about what is on hand and in what condition, and the one request among them.
#include <cstdint>

#include "services/stock/domain/content_hash.h"
#include "services/stock/domain/decide_internal.h"
#include "services/stock/domain/fact_writer.h"
#include "services/stock/domain/new_names.h"

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

// A fact on its way into the log.
class FactDecider {
 public:
  FactDecider(const State& state, const AdjustStock& command, Instant now, Events& events)
      : state_(state),
        a_(command.adjustment),
        names_(state, events),
        writer_(state, now, command.attribution, events) {}

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
      message_ = ContentOf(a_, content);
      if (const uint64_t* const known = state_.FindMessage(a_.message)) {
        return *known == message_ ? Duplicate() : Reject(RejectionKind::kMessageReused);
      }
    }
    if (const uint64_t* const happened = state_.FindEffect(a_.effect_key)) {
      if (*happened != content) return Reject(RejectionKind::kEffectKeyReused);
      // Another message tells of it: that it came is worth knowing, so that no gap is seen there.
      if (!a_.message.source.empty()) {
        writer_.BeginMessage(a_.message, message_);
        writer_.LogMessage();
      }
      return Duplicate();
    }
    const uint64_t fingerprint = a_.effect_key.empty() ? 0 : content;
    const Kit* const kit = state_.kits.empty() ? nullptr : state_.kits.Find(sku_);
    if (kit != nullptr) return DecideKit(*kit, fingerprint);
    const Quantity on_hand = state_.positions.Get(sku_, location_).on_hand;
    if (a_.compare_and_set && on_hand != a_.expected) {
      Decision refused = Reject(RejectionKind::kExpectationFailed);
      refused.rejection->expected = a_.expected;
      refused.rejection->actual = on_hand;
      return refused;
    }
    BeginMessage();
    sku_ = names_.Sku(a_.sku);
    location_ = names_.Location(a_.location);
    Decision decision;
    decision.in_count = Write(sku_, a_, fingerprint);
    return decision;
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
    BeginMessage();
    location_ = names_.Location(a_.location);
    Adjustment of_part = a_;
    Decision decision;
    decision.in_count = true;
    for (const KitPart& part : kit.parts) {
      of_part.delta = Quantity(a_.delta.units() * part.count);
      decision.in_count = Write(part.sku, of_part, fingerprint) && decision.in_count;
      of_part.effect_key.clear();
      fingerprint = 0;
    }
    return decision;
  }

  static Decision Duplicate() {
    Decision decision;
    decision.duplicate = true;
    return decision;
  }

  void BeginMessage() {
    if (!a_.message.source.empty()) writer_.BeginMessage(a_.message, message_);
  }

  bool Write(SkuIndex sku, const Adjustment& a, uint64_t fingerprint) {
    if (a.kind != AdjustmentKind::kConditionChanged) {
      return writer_.Adjust(sku, location_, a, fingerprint);
    }
    writer_.ChangeCondition(sku, location_, a, fingerprint);
    return false;
  }

  const State& state_;
  const Adjustment& a_;
  NewNames names_;
  FactWriter writer_;
  // Of the message's content.
  uint64_t message_ = 0;
  SkuIndex sku_ = SkuIndex::kNone;
  LocationIndex location_ = LocationIndex::kNone;
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
