#include "services/stock/domain/testing/model.h"

#include <algorithm>

namespace quartermaster::stock {

std::optional<RejectionKind> Model::Stock(const HoldLines& lines, bool partial,
                                          const std::vector<const Kept*>& replaced) const {
  Free left;
  for (const HoldLine& line : lines) {
    for (const LocationIndex l : PlacesOf(line)) left[{line.sku, l}] = Uncommitted({line.sku, l});
  }
  for (const Kept* r : replaced) {
    for (const Line& line : r->lines) {
      for (const Placement& p : line.placements) {
        const auto it = left.find({line.sku, p.location});
        if (it != left.end()) it->second += p.quantity.units();
      }
    }
  }
  bool all = true;
  bool any = false;
  for (const bool from_pool : {false, true}) {
    for (const HoldLine& line : lines) {
      if (line.from_pool != from_pool) continue;
      int64_t wanted = line.quantity.units();
      std::vector<std::pair<int64_t, LocationIndex>> most_first;
      for (const LocationIndex l : PlacesOf(line)) most_first.push_back({-left[{line.sku, l}], l});
      std::sort(most_first.begin(), most_first.end());
      for (const auto& [minus, l] : most_first) {
        const int64_t taken = std::min(wanted, std::max<int64_t>(-minus, 0));
        left[{line.sku, l}] -= taken;
        wanted -= taken;
        any = any || taken > 0;
      }
      all = all && wanted == 0;
    }
  }
  if (all || (partial && any)) return std::nullopt;
  return RejectionKind::kInsufficientStock;
}

std::optional<RejectionKind> Model::Refusal(const BindReservation& c) {
  for (const BindReservation::Line& line : c.lines) {
    for (const Placement& p : line.placements) {
      if (p.location == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    }
  }
  Kept* const r = Find(c.reservation);
  if (const auto end = EndOf(r)) return end;
  Free need;
  bool exceeds = false;
  for (const BindReservation::Line& bound : c.lines) {
    const Line* line = nullptr;
    for (const Line& candidate : r->lines) {
      if (candidate.name == bound.line_id) line = &candidate;
    }
    if (line == nullptr) return RejectionKind::kLineNotFound;
    int64_t placed = 0;
    for (const Placement& p : bound.placements) {
      need[{line->sku, p.location}] += p.quantity.units();
      placed += p.quantity.units();
    }
    exceeds = exceeds || placed != line->open();
    for (const Placement& p : line->placements) need[{line->sku, p.location}] -= p.quantity.units();
  }
  if (exceeds) return RejectionKind::kQuantityExceedsOpen;
  // Where the books are short, its own units stay only as far as they are covered.
  for (const BindReservation::Line& bound : c.lines) {
    for (const Line& line : r->lines) {
      if (line.name != bound.line_id) continue;
      for (const Placement& p : bound.placements) {
        const int64_t more = need[{line.sku, p.location}];
        if (more > Uncommitted({line.sku, p.location})) return RejectionKind::kInsufficientStock;
      }
    }
  }
  return std::nullopt;
}

std::optional<RejectionKind> Model::Take(const std::vector<LinePart>& parts,
                                         std::vector<Line>& lines, const Taken& taken) const {
  if (parts.empty()) {
    for (Line& line : lines) {
      for (const Placement& p : line.placements) {
        if (taken) taken(line.sku, p.location, p.quantity.units());
      }
      line.placements.clear();
    }
    return std::nullopt;
  }
  for (const LinePart& part : parts) {
    if (!part.any_location && part.location == LocationIndex::kNone) {
      return RejectionKind::kLocationNotFound;
    }
  }
  for (const LinePart& part : parts) {
    const auto named = [&](const Line& line) { return line.name == part.line_id; };
    if (std::none_of(lines.begin(), lines.end(), named)) return RejectionKind::kLineNotFound;
  }
  for (const LinePart& part : parts) {
    int64_t left = part.quantity.units();
    for (Line& line : lines) {
      if (line.name != part.line_id) continue;
      for (Placement& p : line.placements) {
        if (!part.any_location && p.location != part.location) continue;
        const int64_t n = std::min(left, p.quantity.units());
        p.quantity -= Quantity(n);
        left -= n;
        if (taken && n > 0) taken(line.sku, p.location, n);
      }
    }
    if (left > 0) return RejectionKind::kQuantityExceedsOpen;
  }
  for (Line& line : lines) {
    const auto empty = [](const Placement& p) { return p.quantity.IsZero(); };
    line.placements.erase(std::remove_if(line.placements.begin(), line.placements.end(), empty),
                          line.placements.end());
  }
  return std::nullopt;
}

void Model::Keep(ReservationId id, const std::string& owner, const HoldLines& asked,
                 const std::vector<const Kept*>& replaced) {
  for (const Kept* r : replaced) End(const_cast<Kept&>(*r), ReservationState::kReplaced);
  // Where the units stand is the shop's choice; that it may choose so is checked here.
  Kept kept;
  kept.owner = owner;
  Free taken;
  const Reservation& made = shop_.Get(id);
  ASSERT_EQ(made.lines.size(), asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const ReservationLine& line = made.lines[i];
    kept.lines.push_back(
        {line.line_id.empty() ? std::to_string(i) : line.line_id, line.sku, line.placements});
    EXPECT_LE(kept.lines.back().open(), asked[i].quantity.units());
    const std::set<LocationIndex> places = PlacesOf(asked[i]);
    for (const Placement& p : line.placements) {
      EXPECT_EQ(places.count(p.location), 1u);
      taken[{line.sku, p.location}] += p.quantity.units();
    }
  }
  for (const auto& [where, n] : taken) EXPECT_LE(n, Uncommitted(where));
  reservations_[id] = std::move(kept);
}

std::string Model::Difference() const {
  std::string difference;
  const State& state = shop_.state();
  for (uint32_t s = 1; s <= state.skus.size(); ++s) {
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const Where where{static_cast<SkuIndex>(s), static_cast<LocationIndex>(l)};
      const Balances b = state.positions.Get(where.first, where.second);
      if (b.uncommitted().units() != Uncommitted(where) ||
          b.promised().units() != Promised(where)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": uncommitted ",
                        b.uncommitted().units(), ", model ", Uncommitted(where), "\n");
      }
    }
  }
  for (const auto& [id, r] : reservations_) {
    if (state.FindReservation(id)->state != r.state) {
      absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " has another state\n");
    }
  }
  if (state.reservations.size() != reservations_.size()) difference += "reservations differ\n";
  return difference;
}

}  // namespace quartermaster::stock
