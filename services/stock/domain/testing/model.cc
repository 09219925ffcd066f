#include "services/stock/domain/testing/model.h"

#include <algorithm>

namespace quartermaster::stock {

CutOracle Model::OracleOf(SkuIndex sku, const Lines& ended, bool& known) const {
  const size_t count = shop_.state().locations.size();
  std::vector<int64_t> supply(count);
  std::map<std::set<LocationIndex>, int64_t> flexible;
  for (size_t i = 0; i < count; ++i) {
    const Where where{sku, static_cast<LocationIndex>(i + 1)};
    const auto on_hand = on_hand_.find(where);
    if (on_hand != on_hand_.end()) supply[i] += on_hand->second;
    supply[i] -= Unusable(where);
  }
  CutOracle oracle(supply);
  for (const auto& [id, r] : reservations_) {
    for (const Line& line : r.lines) {
      if (line.sku != sku) continue;
      if (ended.count(&line) > 0) continue;
      for (const Placement& p : line.placements) oracle.Demand(Bit(p.location), p.quantity.units());
      if (line.flexible > 0) flexible[line.places] += line.flexible;
    }
  }
  // Units at a paused location may stay there, but none may come. Which of them ended, if some did
  // that the shop has not logged yet, is not known.
  std::map<std::set<LocationIndex>, int64_t> standing;
  std::map<std::set<LocationIndex>, std::map<LocationIndex, int64_t>> at_paused;
  if (const SkuBacking* backing = shop_.state().backings.Find(sku)) {
    for (const SkuBacking::Entry& entry : *backing) {
      std::set<LocationIndex> places;
      for (size_t i = 1; i <= count; ++i) {
        const auto l = static_cast<LocationIndex>(i);
        if (shop_.state().classes.At(entry.lane.eligible).Contains(l)) places.insert(l);
      }
      standing[places] += entry.quantity.units();
      if (paused_.count(entry.location) > 0) {
        at_paused[places][entry.location] += entry.quantity.units();
      }
    }
  }
  for (const auto& [places, stands] : at_paused) {
    known = known && standing[places] == flexible[places];
    for (const auto& [location, there] : stands) {
      const int64_t units = std::min(there, flexible[places]);
      oracle.Demand(Online(places) | Bit(location), units);
      flexible[places] -= units;
    }
  }
  for (const auto& [places, units] : flexible) oracle.Demand(Online(places), units);
  return oracle;
}

CutOracle Model::OnlineOracleOf(SkuIndex sku, const Lines& ended, bool& known) const {
  CutOracle oracle = OracleOf(sku, ended, known);
  for (size_t i = 1; i <= shop_.state().locations.size(); ++i) {
    const auto location = static_cast<LocationIndex>(i);
    oracle.Demand(Bit(location), SafetyStockOf(sku, location));
  }
  return oracle;
}

void Model::HoldQuotas(SkuIndex sku, const Lines& ended, const Takes& takes,
                       CutOracle& oracle) const {
  for (const auto& [key, kept] : allotments_) {
    if (key.first != sku || !kept.terms.quota) continue;
    const auto taken = takes.find(key.second);
    const int64_t used = OpenFor(sku, key.second, nullptr, ended) + kept.sold +
                         (taken == takes.end() ? 0 : taken->second);
    const int64_t unused = std::max<int64_t>(0, kept.terms.quota->units() - used);
    oracle.Demand(Online(pools_.at(channels_.at(key.second).pool)), unused);
  }
}

bool Model::LeavesQuotas(SkuIndex sku, const std::vector<Wanted>& list, const Lines& ended,
                         bool binds) {
  bool online = false;
  bool tills = false;
  for (const Wanted& wanted : list) (wanted.demand == Demand::kTill ? tills : online) = true;
  // What the one leaves to the other is the shop's choice.
  either_ = either_ || (online && tills);
  bool ignored = true;
  const auto oracle_of = [&](const Lines& lines) {
    return online ? OnlineOracleOf(sku, lines, ignored) : OracleOf(sku, lines, ignored);
  };
  const Lines given_back = binds ? Lines() : ended;
  Takes takes;
  CutOracle oracle = oracle_of(ended);
  std::vector<int64_t> left;
  for (const Wanted& wanted : list) left.push_back(wanted.units);
  const auto take = [&](size_t i, int64_t units) {
    oracle.Demand(list[i].where, units);
    if (!binds) takes[list[i].channel] += units;
    left[i] -= units;
  };
  const auto lacking = [&] {
    CutOracle with_quotas = oracle;
    HoldQuotas(sku, given_back, takes, with_quotas);
    return with_quotas.Shortage();
  };
  for (size_t i = 0; i < list.size(); ++i) {
    if (Borrows(sku, list[i].channel)) take(i, left[i]);
  }
  const int64_t before = lacking();
  // What channels take of their own comes before the rest: from their pool, then elsewhere.
  for (const bool elsewhere : {false, true}) {
    for (size_t i = 0; i < list.size() && !binds; ++i) {
      const auto it = allotments_.find({sku, list[i].channel});
      if (it == allotments_.end() || !it->second.terms.quota) continue;
      const bool is_of_pool =
          list[i].where == Online(pools_.at(channels_.at(list[i].channel).pool));
      if (is_of_pool == elsewhere) continue;
      const int64_t used = OpenFor(sku, list[i].channel, nullptr, given_back) + it->second.sold +
                           takes[list[i].channel];
      take(i, std::min(left[i], std::max<int64_t>(0, it->second.terms.quota->units() - used)));
    }
  }
  const int64_t behind_own = lacking();
  for (size_t i = 0; i < list.size(); ++i) take(i, left[i]);
  const int64_t after = lacking();
  if (!ended.empty()) {
    // What somebody has may serve it again although it is lacking of quotas.
    CutOracle was = oracle_of({});
    HoldQuotas(sku, {}, {}, was);
    either_ = either_ || was.Shortage() > 0 || before > 0;
  }
  return behind_own <= before && after <= behind_own;
}

bool Model::Fits(const std::map<SkuIndex, std::vector<Wanted>>& demands, const Lines& ended,
                 bool binds) {
  bool fits = true;
  for (const auto& [sku, list] : demands) {
    bool known = true;
    CutOracle oracle = OnlineOracleOf(sku, ended, known);
    const int64_t before = oracle.Shortage();
    // Tills may have what online demand leaves alone, but not what it has.
    CutOracle real = OracleOf(sku, ended, known);
    const int64_t really_before = real.Shortage();
    for (const Wanted& wanted : list) {
      if (wanted.demand == Demand::kOnline) oracle.Demand(wanted.where, wanted.units);
      real.Demand(wanted.where, wanted.units);
    }
    const bool here = oracle.Shortage() == before && real.Shortage() == really_before &&
                      LeavesQuotas(sku, list, ended, binds);
    // What ends may serve its own owner before those who are short, and before safety stock.
    bool ignored = true;
    const bool was_short = OnlineOracleOf(sku, {}, ignored).Shortage() > 0;
    // Units that leave a paused location for the sake of its safety stock do not come back, neither
    // for what ends there nor for a till's line behind an online one.
    const auto of_till = [](const Wanted& wanted) { return wanted.demand == Demand::kTill; };
    const bool more = !ended.empty() || std::any_of(list.begin(), list.end(), of_till);
    const bool left = more && !paused_.empty() && !safety_stock_.empty();
    either_ = either_ || !known || left || (!here && was_short && !ended.empty());
    fits = fits && here;
  }
  return fits;
}

std::optional<RejectionKind> Model::Caps(HoldLines& lines, const std::string& customer,
                                         const Lines& ended) const {
  bool by_channel = false;
  bool by_customer = false;
  std::map<std::pair<SkuIndex, ChannelIndex>, int64_t> given;
  for (HoldLine& line : lines) {
    const auto it = allotments_.find({line.sku, line.channel});
    if (it == allotments_.end()) continue;
    const KeptAllotment& kept = it->second;
    const auto left = [&](Quantity cap, const std::string* of, int64_t sold) {
      const int64_t others = OpenFor(line.sku, line.channel, of, ended);
      const int64_t own = OpenFor(line.sku, line.channel, of, {}) - others;
      return Quantity(std::max(cap.units() - others - sold, own) - given[it->first]);
    };
    const Quantity asked = line.quantity;
    if (kept.terms.cap) {
      const Quantity most = left(*kept.terms.cap, nullptr, kept.sold);
      by_channel = by_channel || most < asked;
      line.quantity = std::min(line.quantity, most);
    }
    if (kept.terms.customer_cap && !customer.empty()) {
      const auto sold = kept.sold_to.find(customer);
      const Quantity most =
          left(*kept.terms.customer_cap, &customer, sold == kept.sold_to.end() ? 0 : sold->second);
      by_customer = by_customer || most < asked;
      line.quantity = std::min(line.quantity, most);
    }
    given[it->first] += line.quantity.units();
  }
  if (by_channel) return RejectionKind::kCapExceeded;
  if (by_customer) return RejectionKind::kCustomerCapExceeded;
  return std::nullopt;
}

std::optional<RejectionKind> Model::Stock(HoldLines lines, bool partial,
                                          const std::string& customer,
                                          const std::vector<const Kept*>& replaced) {
  Lines ended;
  for (const Kept* r : replaced) {
    for (const Line& line : r->lines) ended.insert(&line);
  }
  const auto waits = [](const HoldLine& line) { return line.waits(); };
  if (std::any_of(lines.begin(), lines.end(), waits)) {
    // Which line has what is there, and which waits, is the shop's choice.
    either_ = lines.size() > 1 || lines[0].group != 0 || kits_.count(lines[0].sku) > 0;
    if (either_) return std::nullopt;
    const auto over = Caps(lines, customer, ended);
    const HoldLine& line = lines[0];
    if (over && (!partial || line.quantity.IsZero())) return over;
    int64_t there = 0;
    while (there < line.quantity.units() && there < 100 &&
           Fits({{line.sku, {{WhereOf(line), there + 1, DemandOf(line.channel), line.channel}}}},
                ended)) {
      ++there;
    }
    // What is refused because something that was set aside is doubted stays in doubt.
    if (there == 100) either_ = true;
    const int64_t rest = partial ? (there > 0 ? 0 : 1) : line.quantity.units() - there;
    if (rest <= 0 || FitsWaiting(line, rest, ended)) return std::nullopt;
    // Groups may make room.
    if (shop_.state().movable_groups.Find(line.sku) != nullptr) either_ = true;
    return RejectionKind::kInsufficientStock;
  }
  size_t part_lines = 0;
  bool any_kit = false;
  for (const HoldLine& line : lines) {
    any_kit = any_kit || kits_.count(line.sku) > 0;
    for (const auto& [sku, count] : Flat(line.sku)) {
      const bool fits = line.quantity.units() * count <= 1'000'000'000'000;
      if (!fits || ++part_lines > 20'000) return RejectionKind::kKitQuantityTooLarge;
    }
  }
  // What must be at one location need not be served although there are as many; and other such
  // lines may move for those that are not.
  const auto grouped = [&](const HoldLine& line) {
    return (line.from_pool || line.for_channel) && (line.group != 0 || IsWhole(line.sku));
  };
  bool movable = false;
  for (const HoldLine& line : lines) {
    for (const auto& [sku, count] : Flat(line.sku)) {
      movable = movable || shop_.state().movable_groups.Find(sku) != nullptr;
    }
  }
  HoldLines parts = PartsOf(lines);
  const auto over = Caps(parts, customer, ended);
  if (partial) {
    // Any line that gets a unit, or a kit, if it is alone will do; but of several kits one may get
    // what would have made the other whole.
    bool anything = false;
    bool perhaps = false;
    size_t next = 0;
    for (const HoldLine& line : lines) {
      std::map<SkuIndex, std::vector<Wanted>> demands;
      bool left = true;
      for (const auto& [sku, count] : Flat(line.sku)) {
        const int64_t least = line.group == 0 ? count : line.quantity.units() * count;
        left = parts[next++].quantity.units() >= least && left;
        demands[sku].push_back({WhereOf(line), count, DemandOf(line.channel), line.channel});
      }
      if (!left) continue;
      anything = true;
      if (!Fits(demands, ended)) continue;
      if (!grouped(line) && line.group == 0 && !any_kit) return std::nullopt;
      perhaps = true;
    }
    const bool grouping = std::any_of(lines.begin(), lines.end(),
                                      [](const HoldLine& line) { return line.group != 0; });
    either_ = either_ || perhaps || (movable && !over) || (over && grouping);
    return over && !anything ? over : RejectionKind::kInsufficientStock;
  }
  if (over) return over;
  std::map<SkuIndex, std::vector<Wanted>> demands;
  bool any_grouped = false;
  for (const HoldLine& line : lines) {
    any_grouped = any_grouped || grouped(line);
    for (const auto& [sku, count] : Flat(line.sku)) {
      demands[sku].push_back(
          {WhereOf(line), line.quantity.units() * count, DemandOf(line.channel), line.channel});
    }
  }
  const bool fits = Fits(demands, ended);
  either_ = either_ || (fits ? any_grouped : movable);
  if (fits) return std::nullopt;
  return RejectionKind::kInsufficientStock;
}

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
  bool exceeds = false;
  const BindReservation named = ByName(c, r->lines);
  for (const BindReservation::Line& bound : named.lines) {
    const Line* line = nullptr;
    for (const Line& candidate : r->lines) {
      if (candidate.name == bound.line_id) line = &candidate;
    }
    if (line == nullptr) return RejectionKind::kLineNotFound;
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

void Model::NoteAllocations() {
  std::map<Where, int64_t> now;
  for (const auto& [id, r] : reservations_) {
    if (r.state != ReservationState::kConfirmed) continue;
    for (const Line& line : r.lines) {
      for (const Placement& p : line.placements) {
        now[{line.sku, p.location}] += p.quantity.units();
      }
    }
  }
  for (const auto& [where, units] : now) allocated_.try_emplace(where, 0);
  for (auto& [where, before] : allocated_) {
    const auto it = now.find(where);
    const int64_t units = it == now.end() ? 0 : it->second;
    if (units != before) history_[where].push_back({"", 0, shop_.now(), 0, units - before});
    before = units;
  }
}

std::string Model::TermsContent(const StageCount& c) {
  std::string text =
      absl::StrCat(c.source, "|", c.source_sequence, "|", c.taken.unix_us, "|", c.doubt.count, "|",
                   static_cast<int>(c.basis), "|", c.clears_suspects, "|", c.parts);
  for (const std::string& location : c.full_at) absl::StrAppend(&text, "|", location);
  for (const StageCount::Mark& mark : c.watermarks) {
    absl::StrAppend(&text, "|", mark.source, "#", mark.sequence);
  }
  return text;
}

std::string Model::RowsContent(const StageCount& c) {
  std::string text;
  for (const StageCount::Row& row : c.rows) {
    absl::StrAppend(&text, row.sku, "@", row.location, "=", row.quantity.units(), "+",
                    row.left_out.units(), " ");
  }
  return text;
}

std::optional<RejectionKind> Model::Refusal(const StageCount& c) {
  const auto it = counts_.find(c.count_id);
  if (it != counts_.end()) {
    if (it->second.content != TermsContent(c)) return RejectionKind::kCountReused;
    const auto part = it->second.parts.find(c.part);
    if (part != it->second.parts.end()) {
      if (part->second == RowsContent(c)) return std::nullopt;
      return RejectionKind::kCountReused;
    }
  }
  for (const StageCount::Row& row : c.rows) {
    if (kits_.count(shop_.state().skus.Find(row.sku)) > 0) return RejectionKind::kKitHasNoStock;
  }
  return std::nullopt;
}

void Model::Accept(const StageCount& c, const Decision& d) {
  const auto [it, is_new] = counts_.try_emplace(c.count_id);
  Counted& count = it->second;
  if (is_new) {
    count.terms = c;
    count.terms.taken = std::min(c.taken, shop_.now());
    count.content = TermsContent(c);
  }
  EXPECT_EQ(d.duplicate, count.parts.count(c.part) > 0);
  if (d.duplicate) return;
  count.parts[c.part] = RowsContent(c);
  count.rows.insert(count.rows.end(), c.rows.begin(), c.rows.end());
  if (static_cast<int>(count.parts.size()) < count.terms.parts) return;
  for (uint32_t s = 1; s <= shop_.state().skus.size(); ++s) {
    for (uint32_t l = 1; l <= shop_.state().locations.size(); ++l) {
      const Where where{SkuIndex{s}, LocationIndex{l}};
      if (Holding(where) == &count) SetToCount(where, count);
    }
  }
}

void Model::SetToCount(const Where& where, const Counted& count) {
  for (const Entry& entry : history_[where]) {
    if (entry.absolute && entry.time > count.terms.taken) {
      not_used_.insert({where, count.terms.count_id});
      return;
    }
  }
  int64_t there = 0;
  for (const StageCount::Row& row : count.rows) {
    if (Where(shop_.state().skus.Find(row.sku), shop_.state().locations.Find(row.location)) !=
        where) {
      continue;
    }
    there += row.quantity.units();
    if (count.terms.basis == CountBasis::kLessPickedAndStaged) there += row.left_out.units();
  }
  for (const Entry& entry : history_[where]) {
    if (!Has(count, entry)) there += entry.on_hand;
    if (count.terms.basis == CountBasis::kNetOfAllocations && entry.time <= count.terms.taken) {
      there += entry.allocated;
    }
  }
  const bool known = shop_.state().positions.Find(where.first) != nullptr &&
                     shop_.state().positions.Find(where.first)->Find(where.second) != nullptr;
  if (!known) return;
  const int64_t gone = on_hand_[where] - there;
  on_hand_[where] = there;
  // Suspect units are gone first; of the others as many as there is room for.
  int64_t room = std::max<int64_t>(there, 0);
  for (const Condition c : {Condition::kDamaged, Condition::kQuarantine, Condition::kInspection}) {
    int64_t& has = in_condition_[{where, c}];
    has = std::min(has, room);
    room -= has;
  }
  int64_t& suspect = in_condition_[{where, Condition::kSuspect}];
  suspect = std::min(suspect - std::clamp<int64_t>(gone, 0, suspect), room);
  if (count.terms.clears_suspects) suspect = 0;
}

std::string Model::Difference() const {
  std::string difference;
  const State& state = shop_.state();
  for (uint32_t s = 1; s <= state.skus.size(); ++s) {
    int64_t shortage = 0;
    // Short beyond what anybody was promised.
    int64_t nobodys = 0;
    bool known = true;
    const CutOracle oracle = OracleOf(static_cast<SkuIndex>(s), {}, known);
    for (uint32_t l = 1; l <= state.locations.size(); ++l) {
      const Where where{static_cast<SkuIndex>(s), static_cast<LocationIndex>(l)};
      const Balances b = state.positions.Get(where.first, where.second);
      shortage += b.shortage().units();
      nobodys += std::max<int64_t>(0, -(Uncommitted(where) + Promised(where)));
      const auto on_hand = on_hand_.find(where);
      if (b.on_hand.units() != (on_hand == on_hand_.end() ? 0 : on_hand->second)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": on hand ", b.on_hand.units(),
                        ", model ", on_hand == on_hand_.end() ? 0 : on_hand->second, "\n");
      }
      for (const Condition c : kUnusableConditions) {
        const auto it = in_condition_.find({where, c});
        const int64_t units = it == in_condition_.end() ? 0 : it->second;
        if (state.conditions.Get(where.first, where.second).of(c).units() != units) {
          absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                          state.locations.Name(where.second), ": condition ", static_cast<int>(c),
                          " differs\n");
        }
      }
      if (b.uncommitted().units() != Uncommitted(where) ||
          b.promised().units() != Promised(where)) {
        absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                        state.locations.Name(where.second), ": uncommitted ",
                        b.uncommitted().units(), ", model ", Uncommitted(where), "\n");
      }
    }
    if (shortage != oracle.Shortage()) {
      absl::StrAppend(&difference, state.skus.Name(static_cast<SkuIndex>(s)), " is short of ",
                      shortage, ", and need not be of more than ", oracle.Shortage(), "\n");
    }
    int64_t uncovered = 0;
    const auto listed = state.uncovered.find(static_cast<SkuIndex>(s));
    if (listed != state.uncovered.end()) {
      for (const UncoveredUnits& units : listed->second) uncovered += units.quantity.units();
    }
    if (uncovered != oracle.Shortage() - nobodys) {
      absl::StrAppend(&difference, state.skus.Name(static_cast<SkuIndex>(s)), ": ", uncovered,
                      " units uncovered, and no arrangement covers ", oracle.Shortage() - nobodys,
                      "\n");
    }
  }
  for (const auto& [key, kept] : allotments_) {
    const auto& [sku, channel] = key;
    const Allotment* const allotment = state.allotments.Find(sku, channel);
    if (allotment == nullptr || allotment->terms != kept.terms ||
        allotment->open.units() != OpenFor(sku, channel, nullptr, {}) ||
        allotment->sold.units() != kept.sold) {
      absl::StrAppend(&difference, state.skus.Name(sku), " for ", state.channel_names.Name(channel),
                      ": the allotment differs\n");
    }
    for (const std::string customer : {"u0", "u1"}) {
      if (!kept.terms.customer_cap) continue;
      const auto sold = kept.sold_to.find(customer);
      const int64_t used =
          OpenFor(sku, channel, &customer, {}) + (sold == kept.sold_to.end() ? 0 : sold->second);
      if (state.customers.Used(sku, channel, customer).units() != used) {
        absl::StrAppend(&difference, state.skus.Name(sku), ": ", customer, " does not use ", used,
                        "\n");
      }
    }
  }
  for (const auto& [id, r] : reservations_) {
    if (state.FindReservation(id)->state != r.state) {
      absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " has another state\n");
    }
  }
  difference += TransferDifference();
  difference += SupplyDifference();
  if (state.reservations.size() != reservations_.size()) difference += "reservations differ\n";
  return difference;
}

}  // namespace quartermaster::stock
