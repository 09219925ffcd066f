#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"

namespace quartermaster::stock::internal {
namespace {

ChangeKind KindOf(AdjustmentKind kind) {
  switch (kind) {
    case AdjustmentKind::kReceived:
      return ChangeKind::kReceived;
    case AdjustmentKind::kReturned:
      return ChangeKind::kReturned;
    case AdjustmentKind::kSold:
      return ChangeKind::kSold;
    case AdjustmentKind::kTransferredIn:
      return ChangeKind::kTransferredIn;
    case AdjustmentKind::kTransferredOut:
      return ChangeKind::kTransferredOut;
    case AdjustmentKind::kCounted:
    case AdjustmentKind::kConditionChanged:
      break;
  }
  return ChangeKind::kCounted;
}

}  // namespace

void Applier::operator()(const StockAdjusted& e) {
  HappensOnce(e.effect_key, e.effect_fingerprint);
  Note(e.message, e.location);
  Balances delta;
  // Of the units that the count has, only their condition is news.
  if (!e.in_count) delta.on_hand = e.delta;
  if (IsUnusable(e.condition)) {
    AddToCondition(e.sku, e.location, e.condition, e.delta);
    delta.unusable = e.delta;
  }
  const bool leaves = e.delta.IsNegative();
  Move(e.sku, e.location, KindOf(e.kind), ReservationId::kNone, delta,
       leaves ? e.condition : Condition::kNone, leaves ? Condition::kNone : e.condition,
       e.in_count ? e.delta : Quantity());
  Remember({.position = PositionKey(e.sku, e.location),
            .source = e.message.source,
            .absolute = e.absolute,
            .sequence = e.message.sequence,
            .time = e.absolute ? time_ + Micros{1} : FactTime(e.business_time, time_),
            .on_hand = e.delta});
}

void Applier::operator()(const ConditionChanged& e) {
  HappensOnce(e.effect_key, e.effect_fingerprint);
  Note(e.message, e.location);
  const auto move = [&](Condition from, Quantity quantity) {
    Balances delta;
    if (IsUnusable(from)) {
      AddToCondition(e.sku, e.location, from, -quantity);
      delta.unusable -= quantity;
    }
    if (IsUnusable(e.to)) {
      AddToCondition(e.sku, e.location, e.to, quantity);
      delta.unusable += quantity;
    }
    Move(e.sku, e.location, ChangeKind::kConditionChanged, ReservationId::kNone, delta, from, e.to,
         quantity);
  };
  move(e.from, e.quantity);
  if (!e.from_sellable.IsZero()) move(Condition::kSellable, e.from_sellable);
}

void Applier::operator()(const CountStarted& e) {
  SourceOf(e.terms.source);
  for (const Watermark& mark : e.terms.watermarks) SourceOf(mark.source);
  for (const LocationIndex location : e.terms.full_at) {
    QM_CHECK(state_.locations.Knows(location))
        << "record " << position_ << " is about an unknown name";
  }
  QM_CHECK(e.parts >= 1 && e.parts <= kCountPartsMax)
      << "record " << position_ << " starts a count of " << e.parts << " parts";
  Count& count = state_.counts.Add(e.count, e.id);
  count.terms = e.terms;
  count.fingerprint = e.fingerprint;
  count.started = count.changed = time_;
  count.parts.resize(static_cast<size_t>(e.parts));
  if (e.source_sequence == 0) return;
  state_.sources.Update(e.terms.source,
                        [&](Source& source) { source.NoteSequence(e.source_sequence); });
}

void Applier::operator()(const CountPartStaged& e) {
  Count& count = CountOf(e.count);
  for (const CountRow& row : e.rows) CheckNames(row.sku, row.location);
  QM_CHECK(count.state == CountState::kStaging && e.part >= 1 &&
           static_cast<size_t>(e.part) <= count.parts.size())
      << "part " << e.part << " at record " << position_;
  Count::Part& part = count.parts[static_cast<size_t>(e.part) - 1];
  QM_CHECK(!part.staged) << "part " << e.part << " comes twice at record " << position_;
  part = {true, e.fingerprint, e.rows};
  std::sort(part.rows.begin(), part.rows.end(), [](const CountRow& a, const CountRow& b) {
    return std::tie(a.sku, a.location) < std::tie(b.sku, b.location);
  });
  count.changed = time_;
  count.rows += static_cast<int64_t>(e.rows.size());
  state_.counts.AddStagedRows(static_cast<int64_t>(e.rows.size()));
  if (++count.parts_staged == static_cast<int>(count.parts.size())) {
    state_.counts.BeginSwitching(e.count);
  }
}

void Applier::operator()(const StockCounted& e) {
  Count& count = CountOf(e.count);
  QM_CHECK(state_.skus.Knows(e.sku)) << "record " << position_ << " is about an unknown name";
  for (const StockCounted::Line& line : e.lines) CheckNames(e.sku, line.location);
  QM_CHECK(count.state == CountState::kSwitching && count.switched_through < e.sku)
      << "record " << position_ << " switches a SKU again";
  for (const StockCounted::Line& line : e.lines) NoteDifference(e.count, e.sku, line);
  count.switched_through = e.sku;
  if (e.too_old > 0 && count.left_from == SkuIndex::kNone) count.left_from = e.sku;
  count.superseded += e.superseded;
  count.too_old += e.too_old;
  count.doubtful += e.doubtful;
  for (const StockCounted::Line& line : e.lines) SetToCount(e.count, e.sku, line);
}

void Applier::NoteDifference(CountIndex index, SkuIndex sku, const StockCounted::Line& line) {
  Count& count = state_.counts.At(index);
  const uint64_t key = PositionKey(sku, line.location);
  ++count.positions;
  if (line.variance.IsZero()) {
    state_.counts.differences.erase(key);
  } else {
    ++count.differing;
    (line.variance.IsNegative() ? count.deficit : count.surplus) +=
        line.variance.IsNegative() ? -line.variance : line.variance;
    const CountIndex before = state_.counts.Holding(sku, line.location);
    state_.counts.differences[key] = {
        index, line.cause, line.variance,
        before == CountIndex::kNone ? kDistantPast : state_.counts.At(before).terms.taken};
  }
  state_.counts.recounts.erase(key);
}

void Applier::SetToCount(CountIndex index, SkuIndex sku, const StockCounted::Line& line) {
  state_.counts.SetHolding(sku, line.location, index);
  Quantity rest = line.variance;
  for (const StockCounted::Line::Taken& taken : line.taken) {
    AddToCondition(sku, line.location, taken.condition, -taken.quantity);
    Move(sku, line.location, ChangeKind::kCounted, ReservationId::kNone,
         {.on_hand = -taken.quantity, .unusable = -taken.quantity}, taken.condition);
    rest += taken.quantity;
  }
  // Also if nothing changed: that it was counted is worth knowing.
  if (!rest.IsZero() || line.taken.empty()) {
    const bool gone = rest.IsNegative();
    Move(sku, line.location, ChangeKind::kCounted, ReservationId::kNone, OnHand(rest),
         gone ? Condition::kSellable : Condition::kNone,
         rest.IsPositive() ? Condition::kSellable : Condition::kNone);
  }
  if (line.found.IsPositive()) {
    AddToCondition(sku, line.location, Condition::kSuspect, -line.found);
    Move(sku, line.location, ChangeKind::kConditionChanged, ReservationId::kNone,
         {.unusable = -line.found}, Condition::kSuspect, Condition::kSellable, line.found);
  }
}

void Applier::operator()(const CountCompleted& e) {
  const Count& count = CountOf(e.count);
  QM_CHECK(count.state == CountState::kSwitching)
      << "record " << position_ << " ends a count that is not complete";
  state_.sources.At(count.terms.source).last_count = e.count;
  if (!count.terms.full_at.empty() && count.too_old == 0) {
    for (const Watermark& mark : count.terms.watermarks) {
      if (!state_.sources.At(mark.source).IsCountedBy(count.terms.full_at)) continue;
      state_.sources.Update(mark.source,
                            [&](Source& source) { source.AcceptThrough(mark.sequence); });
    }
  }
  state_.counts.End(e.count, CountState::kApplied, time_);
}

void Applier::HappensOnce(const std::string& effect_key, uint64_t fingerprint) {
  if (effect_key.empty()) return;
  const bool first = state_.once.Add(EffectOnce(effect_key), fingerprint);
  QM_CHECK(first) << "the effect " << effect_key << " happened twice";
}

void Applier::AddToCondition(SkuIndex sku, LocationIndex location, Condition condition,
                             Quantity quantity) {
  ConditionCounts counts = state_.conditions.Get(sku, location);
  counts.Add(condition, quantity);
  state_.conditions.Set(sku, location, counts);
}

}  // namespace quartermaster::stock::internal
