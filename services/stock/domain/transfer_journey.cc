#include "services/stock/domain/transfer_journey.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quartermaster::stock::internal {

Quantity StandingAt(const ReservationLine& line, LocationIndex location) {
  for (const Placement& p : line.placements) {
    if (p.location == location) return p.quantity;
  }
  return {};
}

std::vector<uint32_t> Journey::LinesFor(const TransferFactLine& fact, SkuIndex sku) {
  std::vector<uint32_t>& of_sku = lines_of_[sku];
  if (of_sku.empty()) {
    of_sku.push_back(static_cast<uint32_t>(transfer_.lines.size()));
    transfer_.lines.emplace_back().sku = sku;
  }
  std::vector<uint32_t> lines = of_sku;
  if (fact.line_id.empty()) return lines;
  const auto named = std::find_if(lines.begin(), lines.end(), [&](uint32_t i) {
    const std::string& own = transfer_.lines[i].line_id;
    return own.empty() ? absl::StrCat(i) == fact.line_id : own == fact.line_id;
  });
  if (named != lines.end()) std::rotate(lines.begin(), named, named + 1);
  return lines;
}

std::vector<std::pair<uint32_t, Quantity>> Journey::Share(const std::vector<uint32_t>& lines,
                                                          Quantity quantity) const {
  std::vector<std::pair<uint32_t, Quantity>> shares = {{lines[0], {}}};
  for (const uint32_t i : lines) {
    const Quantity part = std::min(quantity, transfer_.lines[i].unshipped());
    if (!part.IsPositive()) continue;
    quantity -= part;
    if (i != lines[0]) shares.emplace_back(i, Quantity());
    shares.back().second += part;
  }
  shares[0].second += quantity;
  if (shares[0].second.IsZero()) shares.erase(shares.begin());
  return shares;
}

void Journey::Ship(const std::vector<uint32_t>& lines, Quantity quantity,
                   const TransferFactLine& fact, uint64_t fingerprint) {
  Key key{fact.effect_key, fingerprint};
  for (const uint32_t i : lines) {
    const Quantity known = std::min(quantity, transfer_.lines[i].presumed);
    if (!known.IsPositive()) continue;
    quantity -= known;
    AddShipped(shipped_, i, {}, -known, key);
  }
  for (const auto& [i, part] : Share(lines, quantity)) AddShipped(shipped_, i, part, {}, key);
}

void Journey::Receive(const std::vector<uint32_t>& lines, Quantity quantity,
                      const TransferFactLine& fact, uint64_t fingerprint) {
  Key key{fact.effect_key, fingerprint};
  for (const uint32_t i : lines) {
    const Quantity part = std::min(quantity, transfer_.lines[i].in_transit());
    quantity -= part;
    AddReceived(i, part, {}, fact.condition, key);
  }
  for (const uint32_t i : lines) {
    const Quantity part = std::min(quantity, transfer_.lines[i].lost);
    quantity -= part;
    AddReceived(i, part, part, fact.condition, key);
  }
  for (const auto& [i, part] : Share(lines, quantity)) {
    // Nobody waits for a shipment that has been told of to its end.
    if (transfer_.all_shipped) RequestCount(transfer_.lines[i].sku);
    Key none;
    AddShipped(presumed_, i, part, part, none);
    AddReceived(i, part, {}, fact.condition, key);
  }
}

void Journey::Log(bool all_shipped, bool all_received) {
  // Units on their way open it again.
  if (!presumed_.empty() || transfer_.in_transit().IsPositive()) transfer_.closed = false;
  if (!presumed_.empty()) {
    // By when it came, at the latest.
    events_.push_back(TransferShipped{
        index_, std::move(presumed_), false, attribution_, {}, told_.business_time});
  }
  if (!received_.empty() || (all_received && !transfer_.all_received)) {
    events_.push_back(TransferReceived{index_, std::move(received_), all_received, attribution_,
                                       told_.message, told_.business_time});
  }
  if (!shipped_.empty() || (all_shipped && !transfer_.all_shipped)) {
    events_.push_back(TransferShipped{index_, std::move(shipped_), all_shipped, attribution_,
                                      told_.message, told_.business_time});
  }
  transfer_.all_shipped = transfer_.all_shipped || all_shipped;
  transfer_.all_received = transfer_.all_received || all_received;
  for (const SkuIndex sku : below_zero_) RequestCount(sku);
}

void Journey::CloseIfDone() {
  bool told = true;
  for (const TransferLine& line : transfer_.lines) told = told && line.presumed.IsZero();
  const bool done = transfer_.HasShippedAll() && (told || transfer_.all_shipped) &&
                    transfer_.in_transit().IsZero();
  if (transfer_.all_received || done) {
    Close();
  } else if (transfer_.all_shipped) {
    ReleaseRest();
  }
}

void Journey::Close() {
  if (transfer_.closed && transfer_.in_transit().IsZero()) return LogCounts();
  ReleaseRest();
  TransferClosed closed{index_, {}, attribution_};
  for (uint32_t i = 0; i < transfer_.lines.size(); ++i) {
    TransferLine& line = transfer_.lines[i];
    const Quantity lost = line.in_transit();
    // Told of by whom it came to only, or left and never came: the origin may have them.
    if (lost.IsPositive() || line.presumed.IsPositive()) RequestCount(line.sku);
    if (!lost.IsPositive()) continue;
    closed.lost.push_back({i, lost, TakeOfOrder(line, lost)});
  }
  events_.push_back(std::move(closed));
  LogCounts();
}

void Journey::LogCounts() {
  for (const Recount& recount : std::exchange(recounts_, {})) {
    if (state_.counts.recounts.contains(PositionKey(recount.sku, recount.location))) continue;
    events_.push_back(CountRequested{recount.sku, recount.location, recount.cause, recount.source});
  }
}

Coverage Journey::CoverageAt(SkuIndex sku, LocationIndex location, const MessageRef& message) {
  const Coverage coverage = state_.counts.CoverageAt(
      sku, location, message.source, message.sequence, FactTime(told_.business_time, told_.now));
  if (coverage.doubtful) {
    RequestCount({sku, location, DiscrepancyCause::kDoubtfulFacts, message.source});
  }
  return coverage;
}

const ReservationLine* Journey::OpenLineOf(const TransferLine& line) const {
  const Reservation* r = state_.FindReservation(line.reservation);
  return r != nullptr && IsOpen(r->state) ? &r->lines[line.reservation_line] : nullptr;
}

bool Journey::IsAllocated(const TransferLine& line) const {
  const Reservation* r = state_.FindReservation(line.reservation);
  return r != nullptr && r->state == ReservationState::kConfirmed;
}

Quantity Journey::TakeOfOrder(TransferLine& line, Quantity quantity) const {
  if (!line.of_order || OpenLineOf(line) == nullptr) return {};
  const Quantity taken = std::min(quantity, line.order_in_transit);
  line.order_in_transit -= taken;
  return taken;
}

void Journey::AddShipped(std::vector<TransferShipped::Line>& to, uint32_t i, Quantity quantity,
                         Quantity presumed, Key& key) {
  TransferLine& line = transfer_.lines[i];
  TransferShipped::Line& shipped = to.emplace_back();
  shipped.line = i;
  shipped.sku = line.sku;
  shipped.quantity = quantity;
  shipped.presumed = presumed;
  shipped.effect_key = std::exchange(key.effect_key, "");
  shipped.effect_fingerprint = std::exchange(key.fingerprint, 0);
  if (const ReservationLine* open = OpenLineOf(line)) {
    Quantity& taken = taken_[{line.reservation, line.reservation_line}];
    const Quantity left = StandingAt(*open, transfer_.from) - taken;
    // More than was asked for is not the order's.
    const Quantity wanted = line.of_order ? line.unshipped() : quantity;
    shipped.allocated = std::min({quantity, left, wanted});
    taken += shipped.allocated;
    if (line.of_order) line.order_in_transit += shipped.allocated;
  }
  line.shipped += quantity;
  line.presumed += presumed;
  // When what is presumed left, nobody has said.
  const Coverage counted =
      CoverageAt(line.sku, transfer_.from, presumed.IsPositive() ? MessageRef() : told_.message);
  if (presumed.IsNegative()) {
    // On hand is as it was presumed, which the count may see otherwise.
    const Coverage presumption =
        state_.counts.CoverageAt(line.sku, transfer_.from, SourceIndex::kNone, 0, line.presumed_by);
    if (counted.included != presumption.included) RequestCount(line.sku);
    return;
  }
  if (counted.included) {
    // What a count net of allocations has not counted is still allocated on top of it.
    const bool is_apart = counted.net && IsAllocated(line);
    shipped.in_count = is_apart ? quantity - shipped.allocated : quantity;
  }
  if (presumed.IsPositive()) line.presumed_by = FactTime(told_.business_time, told_.now);
  const Quantity left = quantity - shipped.in_count;
  Quantity& gone = gone_[line.sku];
  gone += left;
  const Quantity on_hand = state_.positions.Get(line.sku, transfer_.from).on_hand;
  if (left.IsPositive() && on_hand < gone) below_zero_.push_back(line.sku);
}

void Journey::AddReceived(uint32_t i, Quantity quantity, Quantity found, Condition condition,
                          Key& key) {
  if (!quantity.IsPositive()) return;
  const TransferLine& line = transfer_.lines[i];
  const Coverage counted = CoverageAt(line.sku, transfer_.to, told_.message);
  if (counted.included && IsUnusable(condition)) {
    // Of units that the count has, as many are in the condition as are there at all.
    const Quantity usable = state_.positions.Get(line.sku, transfer_.to).usable();
    const Quantity rest = quantity - std::min(quantity, (usable + usable_[line.sku]).OrZero());
    if (rest.IsPositive()) {
      const Quantity of_found = std::min(found, rest);
      AddReceived(i, quantity - rest, found - of_found, condition, key);
      // An order's are missing to it wherever they are by now; so they are there beside the count.
      Quantity of_order;
      if (line.of_order && of_found.IsZero() && OpenLineOf(line) != nullptr) {
        of_order = std::min(rest, line.order_in_transit);
      }
      if (of_order.IsPositive()) {
        AppendReceived(i, of_order, {}, condition, {}, key);
        RequestCount({line.sku, transfer_.to, DiscrepancyCause::kTransfer, told_.message.source});
      }
      AddReceived(i, rest - of_order, of_found, Condition::kSellable, key);
      return;
    }
  }
  AppendReceived(i, quantity, found, condition, counted, key);
}

void Journey::AppendReceived(uint32_t i, Quantity quantity, Quantity found, Condition condition,
                             const Coverage& counted, Key& key) {
  TransferLine& line = transfer_.lines[i];
  TransferReceived::Line& received = received_.emplace_back();
  received.line = i;
  received.sku = line.sku;
  received.quantity = quantity;
  received.condition = condition;
  received.found = found;
  received.effect_key = std::exchange(key.effect_key, "");
  received.effect_fingerprint = std::exchange(key.fingerprint, 0);
  if (found.IsZero()) received.of_order = TakeOfOrder(line, quantity);
  if (counted.included) {
    const bool is_apart = counted.net && !IsUnusable(condition) && IsAllocated(line);
    received.in_count = is_apart ? quantity - received.of_order : quantity;
  }
  usable_[line.sku] +=
      quantity - received.in_count - (IsUnusable(condition) ? quantity : Quantity());
  line.received += quantity;
  line.lost -= found;
}

void Journey::ReleaseRest() {
  for (const TransferLine& line : transfer_.lines) {
    if (line.of_order || line.reservation == ReservationId::kNone) continue;
    const Reservation* r = state_.FindReservation(line.reservation);
    if (r == nullptr || !IsOpen(r->state)) return;
    ReservationReleased released;
    released.reservation = r->id;
    released.attribution = attribution_;
    for (uint32_t i = 0; i < r->lines.size(); ++i) {
      for (const Placement& p : r->lines[i].placements) {
        const auto taken = taken_.find({r->id, i});
        const bool here = p.location == transfer_.from && taken != taken_.end();
        const Quantity left = p.quantity - (here ? taken->second : Quantity());
        if (left.IsPositive()) released.parts.push_back({i, p.location, left});
      }
    }
    if (!released.parts.empty()) events_.push_back(std::move(released));
    // All lines of its own have one reservation.
    return;
  }
}

void Journey::RequestCount(SkuIndex sku) {
  RequestCount({sku, transfer_.from, DiscrepancyCause::kTransfer, SourceIndex::kNone});
}

void Journey::RequestCount(const Recount& recount) {
  if (recounted_.insert(PositionKey(recount.sku, recount.location)).second) {
    recounts_.push_back(recount);
  }
}

}  // namespace quartermaster::stock::internal
