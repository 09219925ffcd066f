#include "services/stock/domain/fact_writer.h"

#include <algorithm>
#include <utility>

#include "services/stock/domain/counts.h"

namespace quartermaster::stock::internal {
namespace {

// How many units of the fact, in its own sign, are not of the condition that it names. Of those
// that left, more than were known to be in it: the rest was among the sellable. And of those that
// came but are in the count, which on hand stays for: so many as are not there any more.
Quantity NotOfItsCondition(const StockAdjusted& adjusted, const Balances& before,
                           const ConditionCounts& conditions) {
  if (!IsUnusable(adjusted.condition)) return {};
  if (adjusted.delta.IsNegative()) {
    return -(-(conditions.of(adjusted.condition) + adjusted.delta)).OrZero();
  }
  return adjusted.in_count ? (adjusted.delta - before.usable().OrZero()).OrZero() : Quantity();
}

}  // namespace

void FactWriter::BeginMessage(const SourceMessage& message, uint64_t fingerprint) {
  message_ = {.source = state_.sources.names.Find(message.source),
              .sequence = message.sequence,
              .id = message.id,
              .fingerprint = fingerprint};
  if (message_.source == SourceIndex::kNone) {
    message_.source = state_.sources.names.next();
    events_.push_back(SourceRegistered{message_.source, message.source});
    return;
  }
  if (message_.sequence == 0) return;
  const Source& source = state_.sources.At(message_.source);
  if (const auto gap = source.GapOpenedBy(message_.sequence)) {
    events_.push_back(SourceGapOpened{message_.source, *gap});
  } else if (source.IsLastMissing(message_.sequence)) {
    events_.push_back(SourceGapsClosed{message_.source});
  }
}

void FactWriter::LogMessage(TransferIndex about) {
  events_.push_back(SourceMessageSeen{TakeMessage(), about});
}

MessageRef FactWriter::TakeMessage() {
  return std::exchange(message_,
                       MessageRef{.source = message_.source, .sequence = message_.sequence});
}

FactWriter::Found& FactWriter::At(SkuIndex sku, LocationIndex location) {
  const auto [it, is_new] = found_.try_emplace(PositionKey(sku, location));
  if (is_new) {
    it->second = {state_.positions.Get(sku, location), state_.conditions.Get(sku, location)};
  }
  return it->second;
}

bool FactWriter::Adjust(SkuIndex sku, LocationIndex location, const Adjustment& a,
                        uint64_t fingerprint) {
  Found& found = At(sku, location);
  Coverage coverage;
  if (!a.compare_and_set) {
    coverage = state_.counts.CoverageAt(sku, location, message_.source, message_.sequence,
                                        FactTime(a.business_time, now_));
  }
  const Quantity delta = a.compare_and_set ? a.value - a.expected : a.delta;
  const bool below_zero = !coverage.included && (found.balances.on_hand + delta).IsNegative();
  Append({.sku = sku,
          .location = location,
          .kind = a.kind,
          .delta = delta,
          .condition = a.condition,
          .effect_key = a.effect_key,
          .effect_fingerprint = fingerprint,
          .business_time = a.business_time,
          .attribution = attribution_,
          .message = TakeMessage(),
          .in_count = coverage.included,
          .absolute = a.compare_and_set},
         found);
  if (coverage.doubtful) RequestCount(sku, location, DiscrepancyCause::kDoubtfulFacts);
  if (a.kind == AdjustmentKind::kSold && below_zero) {
    RequestCount(sku, location, DiscrepancyCause::kSoldBelowZero);
  }
  return coverage.included;
}

void FactWriter::Append(StockAdjusted adjusted, Found& found) {
  const auto append = [&](const StockAdjusted& event) {
    if (!event.in_count) found.balances.on_hand += event.delta;
    if (IsUnusable(event.condition)) {
      found.balances.unusable += event.delta;
      found.conditions.Add(event.condition, event.delta);
    }
    events_.push_back(event);
  };
  const Quantity others = NotOfItsCondition(adjusted, found.balances, found.conditions);
  if (others.IsZero()) return append(adjusted);
  StockAdjusted sellable = adjusted;
  sellable.condition = Condition::kSellable;
  sellable.delta = others;
  adjusted.delta -= others;
  if (!adjusted.delta.IsZero()) {
    sellable.effect_key.clear();
    sellable.effect_fingerprint = 0;
    sellable.message =
        MessageRef{.source = adjusted.message.source, .sequence = adjusted.message.sequence};
    append(adjusted);
  }
  append(sellable);
}

void FactWriter::ChangeCondition(SkuIndex sku, LocationIndex location, const Adjustment& a,
                                 uint64_t fingerprint) {
  Found& found = At(sku, location);
  ConditionChanged changed{.sku = sku,
                           .location = location,
                           .from = a.from_condition,
                           .to = a.condition,
                           .quantity = a.delta,
                           .effect_key = a.effect_key,
                           .effect_fingerprint = fingerprint,
                           .business_time = a.business_time,
                           .attribution = attribution_,
                           .message = TakeMessage()};
  // More left a condition than was known to be in it: the rest was among the sellable.
  if (IsUnusable(a.from_condition)) {
    changed.quantity = std::min(a.delta, found.conditions.of(a.from_condition));
    // Sellable already, if that is what they become.
    if (IsUnusable(a.condition)) changed.from_sellable = a.delta - changed.quantity;
  }
  const auto move = [&](Condition condition, Quantity units) {
    if (!IsUnusable(condition)) return;
    found.conditions.Add(condition, units);
    found.balances.unusable += units;
  };
  move(changed.from, -changed.quantity);
  move(changed.to, changed.quantity + changed.from_sellable);
  events_.push_back(std::move(changed));
}

void FactWriter::RequestCount(SkuIndex sku, LocationIndex location, DiscrepancyCause cause) {
  const uint64_t position = PositionKey(sku, location);
  if (state_.counts.recounts.contains(position) || !requested_.insert(position).second) return;
  events_.push_back(CountRequested{sku, location, cause, message_.source});
}

}  // namespace quartermaster::stock::internal
