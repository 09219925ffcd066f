// What is on order, and who waits for it.
#include <algorithm>
#include <tuple>

#include "services/stock/domain/testing/model.h"

namespace quartermaster::stock {

namespace {

std::string LineOf(const std::string& supply_id, const std::string& line_id) {
  return absl::StrCat(supply_id, "/", line_id);
}

}  // namespace

std::optional<RejectionKind> Model::Refusal(const ExpectSupply& c) {
  for (const ExpectSupply::Line& line : c.lines) {
    if (line.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
    if (kits_.count(line.sku) > 0) return RejectionKind::kKitHasNoStock;
    if (line.location == LocationIndex::kNone) return RejectionKind::kLocationNotFound;
  }
  for (const ExpectSupply::Line& line : c.lines) {
    const auto it = supplies_.find(LineOf(c.supply_id, line.line_id));
    if (it == supplies_.end() || it->second.revision != c.revision) continue;
    const Ordered& known = it->second;
    if (known.cancelled) return RejectionKind::kSupplyReused;
    if (std::tie(known.sku, known.location, known.expected, known.due) !=
        std::tuple(line.sku, line.location, line.quantity.units(), line.due)) {
      return RejectionKind::kSupplyReused;
    }
  }
  return std::nullopt;
}

void Model::Accept(const ExpectSupply& c, const Decision&) {
  for (const ExpectSupply::Line& line : c.lines) {
    Ordered& known = supplies_[LineOf(c.supply_id, line.line_id)];
    if (known.revision >= c.revision) continue;
    known.sku = line.sku;
    known.location = line.location;
    known.expected = line.quantity.units();
    known.due = line.due;
    known.revision = c.revision;
    known.closed = known.cancelled = false;
  }
}

std::string Model::ContentOf(const std::string& supply_id, const ReceiveSupply::Line& line) {
  return absl::StrCat("supply|", supply_id, "|", line.line_id, "|", line.sku, "|", line.location,
                      "|", line.quantity.units(), "|", static_cast<int>(line.condition), "|",
                      line.last);
}

std::string Model::MessageContent(const ReceiveSupply& c) {
  std::string content = absl::StrCat("supply|", c.message.sequence);
  for (const ReceiveSupply::Line& line : c.lines) {
    absl::StrAppend(&content, "|", ContentOf(c.supply_id, line), "|", line.effect_key);
  }
  return content;
}

std::optional<RejectionKind> Model::Refusal(const ReceiveSupply& c) {
  const auto message = messages_.find(NameOf(c.message));
  if (!c.message.source.empty() && message != messages_.end()) {
    if (message->second == MessageContent(c)) return std::nullopt;
    return RejectionKind::kMessageReused;
  }
  for (const ReceiveSupply::Line& line : c.lines) {
    const bool known = supplies_.count(LineOf(c.supply_id, line.line_id)) > 0;
    if (!known && (line.sku.empty() || line.location.empty())) {
      return RejectionKind::kSupplyNotFound;
    }
    const auto effect = effects_.find(line.effect_key);
    if (!line.effect_key.empty() && effect != effects_.end() &&
        effect->second != ContentOf(c.supply_id, line)) {
      return RejectionKind::kEffectKeyReused;
    }
  }
  for (const ReceiveSupply::Line& line : c.lines) {
    const SkuIndex sku = line.sku.empty() ? supplies_.at(LineOf(c.supply_id, line.line_id)).sku
                                          : shop_.state().skus.Find(line.sku);
    if (kits_.count(sku) > 0) return RejectionKind::kKitHasNoStock;
  }
  return std::nullopt;
}

void Model::Accept(const ReceiveSupply& c, const Decision&) {
  if (!c.message.source.empty() &&
      !messages_.emplace(NameOf(c.message), MessageContent(c)).second) {
    return;
  }
  for (const ReceiveSupply::Line& line : c.lines) {
    if (!line.effect_key.empty() &&
        !effects_.emplace(line.effect_key, ContentOf(c.supply_id, line)).second) {
      continue;
    }
    Ordered& known = supplies_[LineOf(c.supply_id, line.line_id)];
    const Where where{
        line.sku.empty() ? known.sku : shop_.state().skus.Find(line.sku),
        line.location.empty() ? known.location : shop_.state().locations.Find(line.location)};
    if (known.sku == SkuIndex::kNone) known.sku = where.first;
    if (known.location == LocationIndex::kNone) known.location = where.second;
    known.received += line.quantity.units();
    known.closed = known.closed || line.last;
    if (line.quantity.IsZero()) continue;
    Adjustment goods;
    goods.kind = AdjustmentKind::kReceived;
    goods.delta = line.quantity;
    goods.condition = line.condition;
    goods.message = c.message;
    goods.business_time = c.business_time;
    Happen(where, goods, 1);
  }
}

std::optional<RejectionKind> Model::Refusal(const CancelSupply& c) {
  bool any = false;
  for (const auto& [name, line] : supplies_) {
    any = any || name.rfind(absl::StrCat(c.supply_id, "/"), 0) == 0;
  }
  if (!any) return RejectionKind::kSupplyNotFound;
  for (const std::string& line : c.line_ids) {
    if (supplies_.count(LineOf(c.supply_id, line)) == 0) return RejectionKind::kSupplyNotFound;
  }
  return std::nullopt;
}

void Model::Accept(const CancelSupply& c, const Decision&) {
  for (auto& [name, line] : supplies_) {
    if (name.rfind(absl::StrCat(c.supply_id, "/"), 0) != 0) continue;
    const std::string line_id = name.substr(c.supply_id.size() + 1);
    const bool named = c.line_ids.empty() ||
                       std::find(c.line_ids.begin(), c.line_ids.end(), line_id) != c.line_ids.end();
    if (!named || (c.revision > 0 && c.revision <= line.revision)) continue;
    line.closed = true;
    if (c.revision == 0) continue;
    line.revision = c.revision;
    line.cancelled = true;
  }
}

// A line of a purchase order is a place of its own, that those who can wait for it may stand at.
CutOracle Model::PromisesOf(SkuIndex sku, const Lines& ended) const {
  std::vector<int64_t> supply;
  for (const auto& [name, line] : supplies_) {
    if (line.sku == sku && line.open() > 0) supply.push_back(line.open());
  }
  CutOracle oracle(supply);
  for (const auto& [id, r] : reservations_) {
    for (const Line& line : r.lines) {
      if (line.sku != sku || line.waiting == 0 || ended.count(&line) > 0) continue;
      oracle.Demand(InTime(sku, line.waits_at, line.anywhere, line.needed_by), line.waiting);
    }
  }
  return oracle;
}

CutOracle::Set Model::InTime(SkuIndex sku, const std::set<LocationIndex>& places, bool anywhere,
                             Instant needed_by) const {
  CutOracle::Set set = 0;
  CutOracle::Set bit = 1;
  for (const auto& [name, line] : supplies_) {
    if (line.sku != sku || line.open() == 0) continue;
    const bool may =
        places.count(line.location) > 0 && (!anywhere || paused_.count(line.location) == 0);
    if (may && line.due <= needed_by) set |= bit;
    bit <<= 1;
  }
  return set;
}

// min over d' >= d of (supply due <= d' - commitments due <= d'), at one location.
int64_t Model::FormulaAt(const Where& where, Instant date, const Lines& ended) const {
  std::set<Instant> dates{date};
  const auto each_waiting = [&](const auto& visit) {
    for (const auto& [id, r] : reservations_) {
      for (const Line& line : r.lines) {
        if (line.sku != where.first || line.waiting == 0 || ended.count(&line) > 0) continue;
        if (line.waits_at.count(where.second) > 0) visit(line);
      }
    }
  };
  each_waiting([&](const Line& line) {
    if (line.needed_by > date) dates.insert(line.needed_by);
  });
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const Instant d : dates) {
    int64_t left = 0;
    for (const auto& [name, line] : supplies_) {
      if (Where(line.sku, line.location) == where && line.due <= d) left += line.open();
    }
    // What comes first is not for whoever waits as long as safety stock is not there.
    const int64_t there = std::max<int64_t>(0, Uncommitted(where));
    left -= std::min(left, std::max<int64_t>(0, SafetyStockOf(where.first, where.second) - there));
    each_waiting([&](const Line& line) {
      if (line.needed_by <= d) left -= line.waiting;
    });
    least = std::min(least, left);
  }
  return std::max<int64_t>(0, least);
}

bool Model::HasAllotments(SkuIndex sku) const {
  return std::any_of(allotments_.begin(), allotments_.end(),
                     [&](const auto& kept) { return kept.first.first == sku; });
}

bool Model::FitsWaiting(const HoldLine& line, int64_t units, const Lines& ended) {
  bool pools = line.from_pool || line.for_channel;
  for (const auto& [id, r] : reservations_) {
    for (const Line& other : r.lines) {
      pools = pools || (other.sku == line.sku && other.waiting > 0 && other.anywhere);
    }
  }
  // What is short, or held for channels, and has to come before anybody who waits has any, is not
  // added up here.
  bool known = true;
  if (OracleOf(line.sku, {}, known).Shortage() > 0 || !known || HasAllotments(line.sku)) {
    either_ = true;
  }
  if (!pools) return units <= FormulaAt({line.sku, line.location}, line.wait_until, ended);
  if (!safety_stock_.empty()) either_ = true;
  const CutOracle oracle = PromisesOf(line.sku, ended);
  // Whose promise is kept with what comes later, and out of what, is the shop's choice then.
  if (oracle.Shortage() > 0) either_ = true;
  const CutOracle::Set in_time =
      InTime(line.sku, PlacesOf(line), line.from_pool || line.for_channel, line.wait_until);
  return units <= oracle.Largest(in_time);
}

void Model::FollowServed() {
  for (; followed_ < shop_.log().size(); ++followed_) {
    const auto* served = std::get_if<WaitersServed>(&shop_.log()[followed_].event);
    if (served == nullptr) continue;
    for (const WaitersServed::Units& units : served->units) {
      Line& line = Find(units.reservation)->lines.at(units.line);
      line.waiting -= units.quantity.units();
      EXPECT_GE(line.waiting, 0);
      EXPECT_EQ(line.waits_at.count(units.location), 1u);
      if (!line.places.empty()) {
        line.flexible += units.quantity.units();
        continue;
      }
      const auto there =
          std::find_if(line.placements.begin(), line.placements.end(),
                       [&](const Placement& p) { return p.location == units.location; });
      if (there == line.placements.end()) {
        line.placements.push_back({units.location, units.quantity});
      } else {
        there->quantity += units.quantity;
      }
    }
    CheckServedInOrder(*served);
  }
}

void Model::CheckServedInOrder(const WaitersServed& served) {
  // Whoever's channel has units held for it has them first.
  if (HasAllotments(served.sku)) return;
  using Rank = std::tuple<bool, Instant, ReservationId, size_t>;
  // Who may have the same.
  using Scope = std::tuple<std::set<LocationIndex>, bool, Demand>;
  const auto scope_of = [&](const Line& line) {
    return Scope(line.waits_at, line.anywhere, DemandOf(line.channel));
  };
  std::map<Scope, Rank> last;
  const auto rank = [&](ReservationId id, size_t i) {
    const Kept& r = *Find(id);
    return Rank(r.state == ReservationState::kHeld, r.lines[i].needed_by, id, i);
  };
  for (const WaitersServed::Units& units : served.units) {
    const Line& line = Find(units.reservation)->lines[units.line];
    const Rank its = rank(units.reservation, units.line);
    Rank& of_scope = last.try_emplace(scope_of(line), its).first->second;
    of_scope = std::max(of_scope, its);
  }
  for (const auto& [id, r] : reservations_) {
    for (size_t i = 0; i < r.lines.size(); ++i) {
      const Line& line = r.lines[i];
      if (line.sku != served.sku || line.waiting == 0) continue;
      const auto it = last.find(scope_of(line));
      EXPECT_TRUE(it == last.end() || rank(id, i) >= it->second)
          << "r" << static_cast<int64_t>(id) << " waits behind whoever came later";
    }
  }
}

std::string Model::SupplyDifference() const {
  std::string difference;
  const State& state = shop_.state();
  for (const auto& [name, line] : supplies_) {
    const size_t slash = name.find('/');
    const SupplyIndex index = state.supplies.Find(name.substr(0, slash), name.substr(slash + 1));
    const SupplyLine& kept = state.supplies.At(index);
    if (kept.open().units() != line.open() || kept.received.units() != line.received) {
      absl::StrAppend(&difference, name, ": ", kept.open().units(), " to come, model ", line.open(),
                      "\n");
    }
  }
  std::map<SkuIndex, int64_t> late;
  // Of units that were needed by a time that has passed: all are late.
  std::map<SkuIndex, int64_t> passed;
  for (const auto& [id, r] : reservations_) {
    for (size_t i = 0; i < r.lines.size(); ++i) {
      const ReservationLine& kept = state.FindReservation(id)->lines[i];
      if (kept.waiting.units() != r.lines[i].waiting) {
        absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " waits for ",
                        kept.waiting.units(), ", model ", r.lines[i].waiting, "\n");
      }
      late[kept.sku] += kept.late.units();
      if (r.lines[i].waiting > 0 && r.lines[i].needed_by < shop_.now()) {
        passed[kept.sku] += r.lines[i].waiting;
        if (kept.late != kept.waiting) {
          absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " is not late\n");
        }
      }
      if (r.lines[i].waiting == 0 || DemandOf(r.lines[i].channel) == Demand::kTill) continue;
      if (HasAllotments(kept.sku)) continue;
      // Nobody waits for what is there.
      bool known = true;
      CutOracle oracle = OnlineOracleOf(kept.sku, {}, known);
      const int64_t before = oracle.Shortage();
      const Line& line = r.lines[i];
      oracle.Demand(line.anywhere ? Online(line.waits_at) : Bit(*line.waits_at.begin()), 1);
      CutOracle real = OracleOf(kept.sku, {}, known);
      const int64_t really_before = real.Shortage();
      real.Demand(line.anywhere ? Online(line.waits_at) : Bit(*line.waits_at.begin()), 1);
      const bool free = oracle.Shortage() == before && real.Shortage() == really_before;
      // As for holds: units that left a paused location for its safety stock do not come back.
      const bool left = !paused_.empty() && !safety_stock_.empty();
      if (known && free && before == 0 && !left) {
        absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " waits for what is there\n");
      }
    }
  }
  for (const auto& [sku, units] : late) {
    // As in FitsWaiting.
    bool known = true;
    const bool owed = OracleOf(sku, {}, known).Shortage() > 0 || !safety_stock_.empty();
    if (owed || !known) continue;
    // What is overdue is for those who waited for it, who are late all the same.
    const int64_t least = std::max(PromisesOf(sku, {}).Shortage(), passed[sku]);
    const int64_t most = PromisesOf(sku, {}).Shortage() + passed[sku];
    if (units < least || units > most) {
      absl::StrAppend(&difference, state.skus.Name(sku), ": ", units, " units are late, model ",
                      least, " to ", most, "\n");
    }
  }
  return difference;
}

}  // namespace quartermaster::stock
