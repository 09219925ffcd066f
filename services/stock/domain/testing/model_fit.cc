// Whether what is asked for is there: stock, safety stock, quotas and caps.
#include <algorithm>

#include "services/stock/domain/testing/model.h"

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
  if (behind_own <= before && after <= behind_own) return true;
  // Beside units that are to be together, lines at locations come first of all: then what would
  // have gone to what channels borrow, or take of their own, is theirs.
  const auto beside_group = [](const Wanted& wanted) { return wanted.beside_group; };
  either_ = either_ || (list.size() > 1 && std::any_of(list.begin(), list.end(), beside_group));
  return false;
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

void Model::NoteKinds(const std::set<Demand>& kinds) { either_ = either_ || kinds.size() > 1; }

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
  const bool any_grouped = std::any_of(lines.begin(), lines.end(), grouped);
  for (const HoldLine& line : lines) {
    for (const auto& [sku, count] : Flat(line.sku)) {
      demands[sku].push_back({WhereOf(line), line.quantity.units() * count, DemandOf(line.channel),
                              line.channel, any_grouped});
    }
  }
  const bool fits = Fits(demands, ended);
  either_ = either_ || (fits ? any_grouped : movable);
  if (fits) return std::nullopt;
  std::set<Demand> kinds;
  for (const HoldLine& line : lines) kinds.insert(DemandOf(line.channel));
  if (!ended.empty()) NoteKinds(kinds);
  return RejectionKind::kInsufficientStock;
}

}  // namespace quartermaster::stock
