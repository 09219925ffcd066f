// What is held, and what is taken of it.
#include <algorithm>

#include "services/stock/domain/testing/model.h"

namespace quartermaster::stock {

std::optional<RejectionKind> Model::Refusal(const BindReservation& c) {
  for (const BindReservation::Line& line : c.lines) {
    for (const Placement& p : line.placements) {
      if (p.location == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
    }
  }
  Kept* const r = Find(c.reservation);
  if (const auto end = EndOf(r)) return end;
  std::map<SkuIndex, std::vector<Wanted>> demands;
  Lines ended;
  std::set<Demand> kinds;
  bool exceeds = false;
  const BindReservation named = ByName(c, r->lines);
  for (const BindReservation::Line& bound : named.lines) {
    const Line* line = nullptr;
    for (const Line& candidate : r->lines) {
      if (candidate.name == bound.line_id) line = &candidate;
    }
    if (line == nullptr) return RejectionKind::kLineNotFound;
    kinds.insert(DemandOf(line->channel));
    int64_t placed = 0;
    for (const Placement& p : bound.placements) {
      demands[line->sku].push_back(
          {Bit(p.location), p.quantity.units(), DemandOf(line->channel), line->channel});
      placed += p.quantity.units();
    }
    // Named a second time, nothing is left of it.
    exceeds = exceeds || placed != (ended.count(line) > 0 ? 0 : line->open());
    ended.insert(line);
  }
  if (exceeds) return RejectionKind::kQuantityExceedsOpen;
  if (IsTornApart(named, r->lines)) return RejectionKind::kGroupTornApart;
  if (Fits(demands, ended, /*binds=*/true)) return std::nullopt;
  NoteKinds(kinds);
  return RejectionKind::kInsufficientStock;
}

void Model::TakeFlexible(const std::vector<LinePart>& parts, std::vector<Line>& lines,
                         const Taken& taken) {
  const Parts* event_parts = nullptr;
  for (auto it = shop_.log().rbegin(); event_parts == nullptr; ++it) {
    if (const auto* e = std::get_if<ReservationReleased>(&it->event)) event_parts = &e->parts;
    if (const auto* e = std::get_if<ReservationFulfilled>(&it->event)) event_parts = &e->parts;
  }
  std::map<const Line*, int64_t> wanted;
  std::map<std::pair<const Line*, LocationIndex>, int64_t> named;
  for (Line& line : lines) {
    if (line.flexible == 0) continue;
    if (parts.empty()) wanted[&line] = line.flexible;
    for (const LinePart& part : parts) {
      if (part.line_id != line.name) continue;
      wanted[&line] += part.quantity.units();
      if (!part.any_location) named[{&line, part.location}] += part.quantity.units();
    }
  }
  for (const Part& part : *event_parts) {
    Line& line = lines[part.line];
    if (line.flexible == 0) continue;
    wanted[&line] -= part.quantity.units();
    named[{&line, part.location}] -= part.quantity.units();
    taken(line.sku, part.location, part.quantity.units());
  }
  for (const auto& [line, left] : wanted) {
    EXPECT_EQ(left, 0) << "not as many flexible units as were named";
  }
  for (const auto& [where, left] : named) {
    EXPECT_LE(left, 0) << "not where they were named";
  }
  for (const Part& part : *event_parts) {
    Line& line = lines[part.line];
    if (line.flexible > 0) line.flexible -= part.quantity.units();
  }
}

std::optional<RejectionKind> Model::Take(const std::vector<LinePart>& parts,
                                         std::vector<Line>& lines, const Taken& taken) {
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
      if (!line.places.empty()) {
        // Taken by TakeFlexible; here it is only asked whether there are as many.
        if (taken) {
          left = 0;
          continue;
        }
        // Whether they can be gathered at a named location is not asked here.
        either_ = either_ || !part.any_location;
        const int64_t n = std::min(left, line.flexible);
        line.flexible -= n;
        left -= n;
        continue;
      }
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

void Model::Keep(ReservationId id, const std::string& owner, const HoldLines& request,
                 const std::string& customer, const std::vector<const Kept*>& replaced) {
  const HoldLines asked = PartsOf(request);
  for (const Kept* r : replaced) End(const_cast<Kept&>(*r), ReservationState::kReplaced);
  // Where the units stand is the shop's choice; that it may choose so is checked here, and in
  // Difference for all flexible ones together.
  Kept kept;
  kept.owner = owner;
  kept.customer = customer;
  std::map<Where, int64_t> taken;
  const Reservation& made = shop_.Get(id);
  ASSERT_EQ(made.lines.size(), asked.size());
  // As it was made: whoever waits may have been served since.
  const auto logged = std::find_if(shop_.log().rbegin(), shop_.log().rend(), [&](const auto& e) {
    return e.position == static_cast<int64_t>(id);
  });
  const auto& reserved = std::get<StockReserved>(logged->event);
  for (size_t i = 0; i < asked.size(); ++i) {
    const ReservationLine& line = made.lines[i];
    const StockReserved::Line& then = reserved.lines[i];
    Line& in = kept.lines.emplace_back();
    in.name = line.line_id.empty() ? std::to_string(i) : line.line_id;
    in.sku = line.sku;
    EXPECT_EQ(line.sku, asked[i].sku);
    if (line.kit != SkuIndex::kNone) {
      in.kit_line = in.name;
      in.name = NameOfPart(in.name, in.sku);
      in.per_kit = line.per_kit;
      EXPECT_EQ(line.quantity.units() % in.per_kit, 0);
    }
    in.group = line.group;
    const bool from_pool = asked[i].from_pool || asked[i].for_channel;
    EXPECT_EQ(line.group != 0, asked[i].group != 0 && from_pool);
    // That each kit's, and each group's, units are at one location is for the invariants to say: of
    // lines at the same places, the units are in step.
    if (line.group != 0 && line.kit == SkuIndex::kNone) {
      EXPECT_LE(then.placements.size(), 1u);
    }
    if (line.group != 0 && line.kit != SkuIndex::kNone) {
      for (const Placement& p : then.placements) {
        EXPECT_EQ(p.quantity.units() % in.per_kit, 0);
      }
    }
    in.placements = then.placements;
    in.channel = line.channel;
    EXPECT_EQ(line.channel, asked[i].channel);
    EXPECT_EQ(line.flexible(), from_pool && asked[i].group == 0);
    if (line.flexible()) {
      in.places = PlacesOf(asked[i]);
      in.flexible = in.open();
      in.placements.clear();
    }
    if (!then.waiting.IsZero()) {
      EXPECT_TRUE(asked[i].waits());
      in.waiting = then.waiting.units();
      in.needed_by = asked[i].wait_until;
      in.waits_at = PlacesOf(asked[i]);
      in.anywhere = line.flexible();
    }
    EXPECT_LE(in.open() + in.waiting, asked[i].quantity.units());
    const std::set<LocationIndex> places = PlacesOf(asked[i]);
    for (const Placement& p : in.placements) {
      EXPECT_EQ(places.count(p.location), 1u);
      taken[{line.sku, p.location}] += p.quantity.units();
    }
  }
  // The shop's flexible units have made room for it already.
  for (const auto& [where, n] : taken) EXPECT_LE(n, Uncommitted(where));
  reservations_[id] = std::move(kept);
}

}  // namespace quartermaster::stock
