// Kits, and groups of lines that must be together.
#include <algorithm>

#include "services/stock/domain/testing/model.h"

namespace quartermaster::stock {

std::map<SkuIndex, int64_t> Model::Flat(SkuIndex sku) const {
  const auto kit = kits_.find(sku);
  if (kit == kits_.end()) return {{sku, 1}};
  std::map<SkuIndex, int64_t> sums;
  for (const KitPart& component : kit->second.components) {
    for (const auto& [part, count] : Flat(component.sku)) sums[part] += count * component.count;
  }
  return sums;
}

bool Model::IsWhole(SkuIndex sku) const {
  const auto kit = kits_.find(sku);
  if (kit == kits_.end()) return false;
  bool whole = kit->second.same_location;
  for (const KitPart& component : kit->second.components) whole = whole || IsWhole(component.sku);
  return whole;
}

bool Model::IsToCome(SkuIndex sku) const {
  for (const auto& [id, moved] : transfers_) {
    const auto goods = moved.goods.find(sku);
    if (goods != moved.goods.end() && goods->second.in_transit() > 0) return true;
  }
  for (const auto& [name, ordered] : supplies_) {
    if (ordered.sku == sku && ordered.open() > 0) return true;
  }
  for (const auto& [id, r] : reservations_) {
    for (const Line& line : r.lines) {
      if (line.sku == sku && line.waiting > 0) return true;
    }
  }
  return false;
}

bool Model::Contains(SkuIndex sku, SkuIndex what) const {
  if (sku == what) return true;
  const auto kit = kits_.find(sku);
  if (kit == kits_.end()) return false;
  return std::any_of(kit->second.components.begin(), kit->second.components.end(),
                     [&](const KitPart& component) { return Contains(component.sku, what); });
}

// Of few SKUs, none is ever too deep or has too many parts.
std::optional<RejectionKind> Model::Refusal(const DefineKit& c) {
  if (c.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
  for (const KitPart& component : c.components) {
    if (component.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
  }
  const auto it = kits_.find(c.sku);
  const int64_t version = it == kits_.end() ? 0 : it->second.version;
  if (c.expected_version && *c.expected_version != version) return RejectionKind::kVersionChanged;
  for (uint32_t l = 1; l <= shop_.state().locations.size() && !c.components.empty(); ++l) {
    const Where where{c.sku, LocationIndex{l}};
    if (on_hand_[where] != 0 || Unusable(where) != 0) return RejectionKind::kSkuHasStock;
  }
  // Not where units stand in the shop: it may have to end overdue holds yet.
  for (const auto& [id, r] : reservations_) {
    for (const Line& line : r.lines) {
      const bool promised = !line.placements.empty() || line.flexible > 0;
      if (line.sku == c.sku && promised && !c.components.empty()) {
        return RejectionKind::kSkuHasStock;
      }
    }
  }
  if (!c.components.empty() && IsToCome(c.sku)) return RejectionKind::kSkuHasStock;
  for (const KitPart& component : c.components) {
    if (Contains(component.sku, c.sku)) return RejectionKind::kKitContainsItself;
  }
  Model after(*this);
  after.kits_.erase(c.sku);
  if (!c.components.empty()) after.kits_[c.sku] = {c.components, c.same_location, 0};
  for (const auto& [sku, kit] : after.kits_) {
    for (const auto& [part, count] : after.Flat(sku)) {
      if (count > kKitCountMax) return RejectionKind::kKitTooLarge;
    }
  }
  return std::nullopt;
}

HoldLines Model::PartsOf(const HoldLines& lines) const {
  HoldLines parts;
  for (size_t i = 0; i < lines.size(); ++i) {
    for (const auto& [sku, count] : Flat(lines[i].sku)) {
      HoldLine& part = parts.emplace_back(lines[i]);
      if (kits_.count(lines[i].sku) > 0) {
        if (part.line_id.empty()) part.line_id = std::to_string(i);
        if (IsWhole(lines[i].sku)) part.group = 1;
      }
      part.sku = sku;
      part.quantity = Quantity(lines[i].quantity.units() * count);
    }
  }
  return parts;
}

std::vector<LinePart> Model::ByName(const std::vector<LinePart>& parts,
                                    const std::vector<Line>& lines) const {
  std::vector<LinePart> named;
  for (const LinePart& part : parts) {
    bool found = false;
    for (const Line& line : lines) {
      if (line.kit_line.empty() || line.kit_line != part.line_id) continue;
      if (part.of_part && part.part != line.sku) continue;
      found = true;
      LinePart& one = named.emplace_back(part);
      one.line_id = line.name;
      if (!part.of_part) one.quantity = Quantity(part.quantity.units() * line.per_kit);
    }
    if (found) continue;
    named.push_back(part);
    // Nothing but a kit's line has parts.
    if (part.of_part) named.back().line_id = "no such part";
  }
  return named;
}

BindReservation Model::ByName(const BindReservation& c, const std::vector<Line>& lines) const {
  BindReservation named{c.reservation, {}, {}};
  for (const BindReservation::Line& bound : c.lines) {
    LinePart part;
    part.line_id = bound.line_id;
    part.of_part = bound.of_part;
    part.part = bound.part;
    part.quantity = Quantity(1);
    for (const LinePart& one : ByName({part}, lines)) {
      BindReservation::Line& line =
          named.lines.emplace_back(BindReservation::Line{one.line_id, {}});
      for (const Placement& p : bound.placements) {
        const int64_t units = p.quantity.units() * one.quantity.units();
        line.placements.push_back({p.location, Quantity(units)});
      }
    }
  }
  return named;
}

bool Model::IsTornApart(const BindReservation& named, const std::vector<Line>& lines) {
  const auto bound_to = [&](const Line& line) -> const Placements* {
    for (const BindReservation::Line& bound : named.lines) {
      if (bound.line_id == line.name) return &bound.placements;
    }
    return nullptr;
  };
  for (const Line& line : lines) {
    const Placements* const places = bound_to(line);
    if (line.group == 0 || places == nullptr) continue;
    for (const Line& other : lines) {
      if (other.group != line.group) continue;
      const Placements* const others = bound_to(other);
      if (others == nullptr && other.open() == 0) continue;
      if (others == nullptr || others->size() != places->size()) return true;
      const bool one_kit = line.per_kit > 0 && line.kit_line == other.kit_line;
      if (places->size() > 1 && !one_kit) return true;
      for (size_t i = 0; i < places->size(); ++i) {
        const int64_t a = (*places)[i].quantity.units();
        const int64_t b = (*others)[i].quantity.units();
        if ((*places)[i].location != (*others)[i].location) return true;
        if (a * other.open() != b * line.open()) return true;
        if (places->size() > 1 && a % line.per_kit != 0) return true;
      }
    }
  }
  return false;
}

void Model::FollowGroups() {
  for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
    const auto* const moved = std::get_if<GroupMoved>(&shop_.log()[i].event);
    if (moved == nullptr) continue;
    Kept& r = *Find(moved->reservation);
    for (const ReservationBound::Line& line : moved->lines) {
      EXPECT_NE(r.lines[line.line].group, 0u);
      const int64_t open = r.lines[line.line].open();
      r.lines[line.line].placements = line.placements;
      EXPECT_EQ(r.lines[line.line].open(), open);
    }
  }
}

}  // namespace quartermaster::stock
