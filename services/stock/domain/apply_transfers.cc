// What transfers do to stock.
#include <algorithm>
#include <utility>

#include "absl/container/btree_set.h"
#include "services/base/check.h"
#include "services/stock/domain/applier.h"

namespace quartermaster::stock::internal {

void Applier::operator()(const TransferRequested& e) {
  QM_CHECK(state_.locations.Knows(e.from) && state_.locations.Knows(e.to))
      << "record " << position_ << " is about an unknown name";
  Transfer& transfer = state_.transfers.Add(e.transfer, e.id);
  transfer.from = e.from;
  transfer.to = e.to;
  transfer.fingerprint = e.fingerprint;
  transfer.created = transfer.changed = time_;
  for (const TransferRequested::Line& line : e.lines) {
    CheckNames(line.sku, e.from);
    TransferLine& kept = transfer.lines.emplace_back();
    kept.line_id = line.line_id;
    kept.sku = line.sku;
    kept.quantity = line.quantity;
    kept.reservation = line.reservation;
    kept.reservation_line = line.reservation_line;
    kept.of_order = line.of_order;
    if (line.reservation != ReservationId::kNone) {
      const Reservation& r = Open(line.reservation);
      QM_CHECK(line.reservation_line < r.lines.size() &&
               r.lines[line.reservation_line].sku == line.sku)
          << "record " << position_ << " transfers units of another SKU";
    }
    state_.transfers.Claim(kept, e.from, kept.quantity);
  }
}

TransferLine& Applier::LineOf(Transfer& transfer, uint32_t line, SkuIndex sku) {
  QM_CHECK(line <= transfer.lines.size()) << "record " << position_ << " is about no line";
  if (line == transfer.lines.size()) {
    CheckNames(sku, transfer.from);
    transfer.lines.emplace_back().sku = sku;
  }
  QM_CHECK(transfer.lines[line].sku == sku)
      << "record " << position_ << " is about a line of another SKU";
  return transfer.lines[line];
}

void Applier::Date(const MessageRef& message, Instant business_time) {
  if (message.source != SourceIndex::kNone) SourceOf(message.source);
  told_by_ = message.source;
  told_as_ = message.sequence;
  happened_ = FactTime(business_time, time_);
}

void Applier::EndShipping(Transfer& transfer) {
  for (const TransferLine& line : transfer.lines) {
    state_.transfers.Claim(line, transfer.from, -transfer.Wanted(line));
  }
  transfer.all_shipped = true;
}

ReservationLine* Applier::TravellersOf(const TransferLine& line) {
  if (!line.of_order) return nullptr;
  Reservation* const r = state_.FindReservation(line.reservation);
  return r != nullptr && IsOpen(r->state) ? &r->lines[line.reservation_line] : nullptr;
}

void Applier::AddPlacement(ReservationLine& line, LocationIndex location, Quantity quantity) {
  const auto there = std::find_if(line.placements.begin(), line.placements.end(),
                                  [&](const Placement& p) { return p.location == location; });
  if (there == line.placements.end()) {
    line.placements.push_back({location, quantity});
  } else {
    there->quantity += quantity;
  }
}

void Applier::Travel(SkuIndex sku, LocationIndex to, ChangeKind kind, Quantity quantity) {
  state_.in_transit.Add(sku, to, quantity);
  Book(sku, to, kind, ReservationId::kNone, {}, Condition::kNone, Condition::kNone, {});
  changes_.back().in_transit = quantity;
}

void Applier::MoveFree(SkuIndex sku, LocationIndex location, ChangeKind kind, Quantity quantity,
                       Condition condition, bool in_count) {
  // Of what the count has, only the condition is news.
  Balances delta = in_count ? Balances() : OnHand(quantity);
  if (IsUnusable(condition)) {
    AddToCondition(sku, location, condition, quantity);
    delta.unusable = quantity;
  }
  const bool leaves = quantity.IsNegative();
  Move(sku, location, kind, ReservationId::kNone, delta, leaves ? condition : Condition::kNone,
       leaves ? Condition::kNone : condition, in_count ? quantity : Quantity());
  Remember(FactOf(sku, location, quantity, {}));
}

void Applier::operator()(const TransferShipped& e) {
  Transfer& transfer = TransferOf(e.transfer);
  Date(e.message, e.business_time);
  absl::btree_set<ReservationId> touched;
  for (const TransferShipped::Line& shipped : e.lines) {
    HappensOnce(shipped.effect_key, shipped.effect_fingerprint);
    TransferLine& line = LineOf(transfer, shipped.line, shipped.sku);
    const Quantity wanted = transfer.Wanted(line);
    line.shipped += shipped.quantity;
    line.presumed += shipped.presumed;
    if (shipped.presumed.IsPositive()) line.presumed_by = happened_;
    QM_CHECK(!shipped.quantity.IsNegative() && !line.presumed.IsNegative() &&
             shipped.allocated <= shipped.quantity && shipped.in_count <= shipped.quantity)
        << "record " << position_ << " ships what was not presumed, or not there";
    const Quantity free = shipped.quantity - shipped.allocated;
    state_.transfers.Claim(line, transfer.from, transfer.Wanted(line) - wanted);
    if (shipped.allocated.IsPositive()) {
      const Quantity in_count = (shipped.in_count - free).OrZero();
      TakePart(Open(line.reservation), {line.reservation_line, transfer.from, shipped.allocated},
               ChangeKind::kTransferredOut,
               line.of_order ? &ReservationLine::in_transit : &ReservationLine::fulfilled,
               OnHand(in_count - shipped.allocated), Condition::kSellable, Condition::kNone,
               -in_count);
      if (line.of_order) line.order_in_transit += shipped.allocated;
      touched.insert(line.reservation);
    }
    if (free.IsPositive()) {
      MoveFree(line.sku, transfer.from, ChangeKind::kTransferredOut, -free, Condition::kSellable,
               shipped.in_count.IsPositive());
    }
    if (shipped.quantity.IsPositive()) {
      Travel(line.sku, transfer.to, ChangeKind::kInTransit, shipped.quantity);
    }
  }
  for (const ReservationId id : touched) EndIfNothingIsOpen(Open(id));
  if (e.last) EndShipping(transfer);
  if (transfer.in_transit().IsPositive()) transfer.closed = false;
  transfer.changed = time_;
}

void Applier::operator()(const TransferReceived& e) {
  Transfer& transfer = TransferOf(e.transfer);
  Date(e.message, e.business_time);
  for (const TransferReceived::Line& received : e.lines) {
    HappensOnce(received.effect_key, received.effect_fingerprint);
    TransferLine& line = LineOf(transfer, received.line, received.sku);
    const bool sellable = !IsUnusable(received.condition);
    line.received += received.quantity;
    line.lost -= received.found;
    if (!sellable) line.damaged += received.quantity;
    QM_CHECK(!line.lost.IsNegative() && !line.in_transit().IsNegative())
        << "record " << position_ << " receives what was not on its way";
    Quantity free = received.quantity;
    if (received.of_order.IsPositive()) {
      ReservationLine* const owned = TravellersOf(line);
      QM_CHECK(owned != nullptr && received.of_order <= line.order_in_transit &&
               received.of_order <= owned->in_transit)
          << "record " << position_ << " receives more of an order than was on its way";
      Reservation& r = Open(line.reservation);
      line.order_in_transit -= received.of_order;
      owned->in_transit -= received.of_order;
      if (sellable) {
        free -= received.of_order;
        AddPlacement(*owned, transfer.to, received.of_order);
        const Quantity in_count = (received.in_count - free).OrZero();
        Balances delta = Promised(r, received.of_order);
        delta.on_hand = received.of_order - in_count;
        Move(line.sku, transfer.to, ChangeKind::kTransferredIn, r.id, delta, Condition::kNone,
             Condition::kSellable, in_count);
      } else {
        owned->missing += received.of_order;
        CountUse(r, *owned, -received.of_order, {});
        EndIfNothingIsOpen(r);
      }
    }
    if (free.IsPositive()) {
      MoveFree(line.sku, transfer.to, ChangeKind::kTransferredIn, free, received.condition,
               received.in_count.IsPositive());
    }
    const Quantity arrived = received.quantity - received.found;
    state_.in_transit.Add(line.sku, transfer.to, -arrived);
    changes_.back().in_transit = -arrived;
  }
  transfer.all_received = transfer.all_received || e.last;
  transfer.changed = time_;
}

void Applier::operator()(const TransferClosed& e) {
  Transfer& transfer = TransferOf(e.transfer);
  QM_CHECK(!transfer.closed) << "record " << position_ << " closes a transfer again";
  for (const TransferClosed::Lost& lost : e.lost) {
    QM_CHECK(lost.line < transfer.lines.size());
    TransferLine& line = transfer.lines[lost.line];
    line.lost += lost.quantity;
    QM_CHECK(!line.in_transit().IsNegative())
        << "record " << position_ << " loses what was not on its way";
    Travel(line.sku, transfer.to, ChangeKind::kLostInTransit, -lost.quantity);
    if (lost.of_order.IsZero()) continue;
    ReservationLine* const owned = TravellersOf(line);
    QM_CHECK(owned != nullptr && lost.of_order <= line.order_in_transit &&
             lost.of_order <= owned->in_transit)
        << "record " << position_ << " loses more of an order than was on its way";
    line.order_in_transit -= lost.of_order;
    owned->in_transit -= lost.of_order;
    owned->missing += lost.of_order;
    Reservation& r = Open(line.reservation);
    CountUse(r, *owned, -lost.of_order, {});
    EndIfNothingIsOpen(r);
  }
  EndShipping(transfer);
  QM_CHECK(transfer.in_transit().IsZero()) << "record " << position_ << " closes it too early";
  transfer.closed = true;
  transfer.changed = time_;
}

}  // namespace quartermaster::stock::internal
