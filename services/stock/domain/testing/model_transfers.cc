// What transfers must do, SKU by SKU.
#include <algorithm>

#include "services/stock/domain/testing/model.h"

namespace quartermaster::stock {

std::string Model::ContentOf(const TransferStock& c) {
  std::string text = absl::StrCat(static_cast<uint32_t>(c.from), ">", static_cast<uint32_t>(c.to));
  for (const TransferStock::Line& line : c.lines) {
    absl::StrAppend(&text, "|", line.line_id, " ", static_cast<uint32_t>(line.sku), " ",
                    line.quantity.units(), " ", static_cast<int64_t>(line.reservation), " ",
                    line.reservation_line);
  }
  return text;
}

std::string Model::ContentOf(const std::string& transfer, const TransferFactLine& line,
                             bool ships) {
  return absl::StrCat("transfer|", transfer, ships ? "|ships|" : "|receives|", line.line_id, "|",
                      line.sku, "|", line.quantity.units(), "|", static_cast<int>(line.condition));
}

HoldLines Model::OwnLines(const TransferStock& c) const {
  HoldLines own;
  for (size_t i = 0; i < c.lines.size(); ++i) {
    const TransferStock::Line& line = c.lines[i];
    if (line.of_order) continue;
    own.push_back({.line_id = line.line_id.empty() ? absl::StrCat(i) : line.line_id,
                   .sku = line.sku,
                   .location = c.from,
                   .quantity = line.quantity});
  }
  return own;
}

std::optional<RejectionKind> Model::Refusal(const TransferStock& c) {
  if (c.from == LocationIndex::kNone || c.to == LocationIndex::kNone) {
    return RejectionKind::kLocationNotFound;
  }
  for (const TransferStock::Line& line : c.lines) {
    if (line.sku == SkuIndex::kNone) return RejectionKind::kItemNotFound;
    if (kits_.count(line.sku) > 0) return RejectionKind::kKitHasNoStock;
  }
  const auto known = transfers_.find(c.transfer_id);
  if (known != transfers_.end()) {
    const Moved& moved = known->second;
    if (moved.content == ContentOf(c)) return std::nullopt;
    const bool runs_there = moved.from == c.from && moved.to == c.to;
    if (!moved.content.empty() || !runs_there) return RejectionKind::kTransferReused;
    for (const TransferStock::Line& line : c.lines) {
      if (line.of_order) return RejectionKind::kTransferToldBefore;
    }
    return std::nullopt;
  }
  std::map<std::pair<ReservationId, size_t>, int64_t> claimed;
  for (const TransferStock::Line& line : c.lines) {
    if (!line.of_order) continue;
    const Kept* r = Find(line.reservation);
    if (IsForgotten(line.reservation)) return RejectionKind::kReservationNotFound;
    // A transfer's own units are no order's, whatever has become of them.
    if (r != nullptr && r->owner.rfind("transfer/", 0) == 0) {
      return RejectionKind::kReservationOfTransfer;
    }
    if (const auto end = EndOf(r)) return end;
    size_t of = 0;
    const auto is_named = [&](const Line& theirs) {
      const std::string& name = theirs.kit_line.empty() ? theirs.name : theirs.kit_line;
      return name == line.reservation_line && theirs.sku == line.sku;
    };
    while (of < r->lines.size() && !is_named(r->lines[of])) ++of;
    if (of == r->lines.size()) return RejectionKind::kLineNotFound;
    int64_t there = 0;
    // Which groups may still move is the shop's to remember.
    const bool movable =
        shop_.state().FindReservation(line.reservation)->lines[of].eligible != ClassIndex::kNone;
    for (const Placement& p : r->lines[of].placements) {
      if (p.location == c.from && !movable) there = p.quantity.units();
    }
    // Which lines others are to take is the shop's to remember.
    for (uint32_t i = 1; i <= shop_.state().transfers.names().size(); ++i) {
      const stock::Transfer& other = shop_.state().transfers.At(TransferIndex{i});
      if (other.from != c.from) continue;
      for (const TransferLine& theirs : other.lines) {
        if (!theirs.of_order || theirs.reservation != line.reservation ||
            theirs.reservation_line != of || other.all_shipped) {
          continue;
        }
        there -= std::max<int64_t>(0, (theirs.quantity - theirs.shipped).units());
      }
    }
    int64_t& mine = claimed[{line.reservation, of}];
    mine += line.quantity.units();
    if (there < mine) return RejectionKind::kQuantityExceedsOpen;
  }
  const HoldLines own = OwnLines(c);
  if (own.empty()) return std::nullopt;
  return Stock(own, false, "", ReplacedBy(OwnerOf(c), ReservationId::kNone));
}

void Model::Accept(const TransferStock& c, const Decision& d) {
  EXPECT_EQ(d.duplicate, transfers_.count(c.transfer_id) > 0);
  if (d.duplicate) return;
  Moved& moved = transfers_[c.transfer_id];
  moved.content = ContentOf(c);
  moved.from = c.from;
  moved.to = c.to;
  for (const TransferStock::Line& line : c.lines) {
    moved.goods[line.sku].asked += line.quantity.units();
  }
  const HoldLines own = OwnLines(c);
  if (own.empty()) return;
  for (const TransferLine& line : shop_.state().transfers.At(d.transfer).lines) {
    if (!line.of_order) moved.own = line.reservation;
  }
  Keep(moved.own, OwnerOf(c), own, "", ReplacedBy(OwnerOf(c), ReservationId::kNone));
  reservations_[moved.own].state = ReservationState::kConfirmed;
}

std::string Model::MessageContent(const auto& c, bool ships) {
  std::string content = absl::StrCat(ships, "|", c.message.sequence, "|", c.last, "|",
                                     c.transfer_id, "|", c.from, "|", c.to);
  for (const TransferFactLine& line : c.lines) {
    absl::StrAppend(&content, "|", ContentOf(c.transfer_id, line, ships), "|", line.effect_key);
  }
  return content;
}

bool Model::CameBefore(const auto& c, bool ships, const Decision& d) {
  if (c.message.source.empty()) return false;
  if (messages_.emplace(NameOf(c.message), MessageContent(c, ships)).second) return false;
  EXPECT_TRUE(d.duplicate);
  return true;
}

std::optional<RejectionKind> Model::RefusalOfFact(const auto& c) {
  constexpr bool kShips = std::is_same_v<std::decay_t<decltype(c)>, ShipTransfer>;
  const auto message = messages_.find(NameOf(c.message));
  if (!c.message.source.empty() && message != messages_.end()) {
    if (message->second == MessageContent(c, kShips)) return std::nullopt;
    return RejectionKind::kMessageReused;
  }
  const auto known = transfers_.find(c.transfer_id);
  if (known == transfers_.end()) {
    if (c.from.empty() || c.to.empty()) return RejectionKind::kTransferNotFound;
  } else {
    const auto other = [&](const std::string& name, LocationIndex location) {
      return !name.empty() && shop_.state().locations.Find(name) != location;
    };
    if (other(c.from, known->second.from) || other(c.to, known->second.to)) {
      return RejectionKind::kTransferReused;
    }
  }
  for (const TransferFactLine& line : c.lines) {
    const auto effect = effects_.find(line.effect_key);
    if (line.effect_key.empty() || effect == effects_.end()) continue;
    if (effect->second != ContentOf(c.transfer_id, line, kShips)) {
      return RejectionKind::kEffectKeyReused;
    }
  }
  for (const TransferFactLine& line : c.lines) {
    if (!line.effect_key.empty() && effects_.count(line.effect_key) > 0) continue;
    for (const auto& [sku, count] : Flat(shop_.state().skus.Find(line.sku))) {
      if (line.quantity.units() * count > kMaxLineQuantity.units()) {
        return RejectionKind::kKitQuantityTooLarge;
      }
    }
  }
  return std::nullopt;
}

std::optional<RejectionKind> Model::Refusal(const ShipTransfer& c) { return RefusalOfFact(c); }
std::optional<RejectionKind> Model::Refusal(const ReceiveTransfer& c) { return RefusalOfFact(c); }

Model::Moved& Model::MovedOf(const auto& c) {
  const auto [it, is_new] = transfers_.try_emplace(c.transfer_id);
  if (is_new) {
    it->second.from = shop_.state().locations.Find(c.from);
    it->second.to = shop_.state().locations.Find(c.to);
  }
  return it->second;
}

bool Model::IsNews(const std::string& transfer, const TransferFactLine& line, bool ships) {
  if (line.effect_key.empty()) return true;
  return effects_.emplace(line.effect_key, ContentOf(transfer, line, ships)).second;
}

bool Model::Tell(const Where& where, const Entry& entry) {
  history_[where].push_back(entry);
  // That somebody has it allocated is told of at the same time.
  allocated_[where] += entry.allocated;
  const Counted* holding = Holding(where);
  const bool has = holding != nullptr && Has(*holding, entry);
  if (!has) {
    on_hand_[where] += entry.on_hand;
  } else if (holding->terms.basis == CountBasis::kNetOfAllocations) {
    on_hand_[where] += entry.allocated;
  }
  return has;
}

std::map<SkuIndex, int64_t> Model::AllocatedOut(bool presumed) const {
  std::map<SkuIndex, int64_t> units;
  VisitLastEvents<TransferShipped>([&](const auto& lines, const TransferShipped::Line& e) {
    const bool counts = IsConfirmed(lines[e.line]) && e.presumed.IsPositive() == presumed;
    if (counts) units[lines[e.line].sku] += e.allocated.units();
  });
  return units;
}

std::map<SkuIndex, int64_t> Model::AllocatedIn() const {
  std::map<SkuIndex, int64_t> units;
  VisitLastEvents<TransferReceived>([&](const auto& lines, const TransferReceived::Line& e) {
    const bool counts = IsConfirmed(lines[e.line]) && !IsUnusable(e.condition);
    if (counts) units[lines[e.line].sku] += e.of_order.units();
  });
  return units;
}

void Model::Leave(Moved& moved, SkuIndex sku, int64_t units, Entry entry,
                  std::map<SkuIndex, int64_t>& allocated) {
  if (units == 0) return;
  moved.goods[sku].shipped += units;
  entry.on_hand = -units;
  // Once for all of the SKU.
  entry.allocated = -std::exchange(allocated[sku], 0);
  Tell({sku, moved.from}, entry);
}

void Model::Accept(const ShipTransfer& c, const Decision& d) {
  if (CameBefore(c, true, d)) return;
  Moved& moved = MovedOf(c);
  bool any_sent = false;
  std::map<SkuIndex, int64_t> allocated = AllocatedOut(/*presumed=*/false);
  for (const TransferFactLine& line : c.lines) {
    if (!IsNews(c.transfer_id, line, true)) continue;
    any_sent = true;
    for (const auto& [sku, count] : Flat(shop_.state().skus.Find(line.sku))) {
      Moved::Goods& goods = moved.goods[sku];
      const int64_t units = line.quantity.units() * count;
      const int64_t known = std::min(goods.presumed, units);
      goods.presumed -= known;
      Leave(moved, sku, units - known, EntryOf(c), allocated);
      if (goods.in_transit() > 0) moved.closed = false;
    }
  }
  const bool any_news = any_sent || (c.last && !moved.all_shipped);
  EXPECT_EQ(d.duplicate, !any_news);
  if (!any_news) return;
  FollowReservations(moved);
  moved.all_shipped = moved.all_shipped || c.last;
  CloseIfDone(moved);
}

void Model::Accept(const ReceiveTransfer& c, const Decision& d) {
  if (CameBefore(c, false, d)) return;
  Moved& moved = MovedOf(c);
  bool any_sent = false;
  std::map<SkuIndex, int64_t> presumed = AllocatedOut(/*presumed=*/true);
  std::map<SkuIndex, int64_t> allocated = AllocatedIn();
  std::map<std::pair<SkuIndex, Condition>, int64_t> beside;
  VisitLastEvents<TransferReceived>([&](const auto& lines, const TransferReceived::Line& e) {
    if (!IsUnusable(e.condition) || !e.in_count.IsZero()) return;
    beside[{lines[e.line].sku, e.condition}] += e.quantity.units();
  });
  // When it left is told by nobody: not after it came.
  Entry left_by = EntryOf(c);
  left_by.source.clear();
  left_by.sequence = 0;
  for (const TransferFactLine& line : c.lines) {
    if (!IsNews(c.transfer_id, line, false)) continue;
    any_sent = true;
    for (const auto& [sku, count] : Flat(shop_.state().skus.Find(line.sku))) {
      Moved::Goods& goods = moved.goods[sku];
      const int64_t units = line.quantity.units() * count;
      int64_t left = units - std::min(goods.in_transit(), units);
      const int64_t found = std::min(goods.lost, left);
      goods.lost -= found;
      left -= found;
      if (left > 0) {
        goods.presumed += left;
        Leave(moved, sku, left, left_by, presumed);
        moved.closed = false;
      }
      goods.received += units;
      const Where to{sku, moved.to};
      const int64_t usable = Uncommitted(to) + Promised(to);
      Entry entry = EntryOf(c);
      entry.on_hand = units;
      entry.allocated = std::exchange(allocated[sku], 0);
      const bool has = Tell(to, entry);
      // Of units that the count has, as many are in the condition as are there at all.
      const int64_t room = has ? std::max<int64_t>(0, usable) : units;
      int64_t in_condition = std::min(units, room);
      if (has && IsUnusable(line.condition)) {
        // An order's that are not are there beside it.
        const int64_t more = std::exchange(beside[{sku, line.condition}], 0);
        EXPECT_LE(more, units - in_condition);
        on_hand_[to] += more;
        in_condition += more;
      }
      if (IsUnusable(line.condition)) goods.damaged += in_condition;
      Put(to, line.condition, in_condition);
    }
  }
  const bool any_news = any_sent || (c.last && !moved.all_received);
  EXPECT_EQ(d.duplicate, !any_news);
  if (!any_news) return;
  FollowReservations(moved);
  moved.all_received = moved.all_received || c.last;
  CloseIfDone(moved);
}

void Model::Accept(const CloseTransfer& c, const Decision& d) {
  Moved& moved = transfers_[c.transfer_id];
  EXPECT_EQ(d.duplicate, moved.closed);
  if (d.duplicate) return;
  FollowReservations(moved);
  Close(moved);
}

void Model::FollowArrival(Moved& moved, uint32_t line, const TransferLine& of, int64_t units,
                          int64_t of_order) {
  const bool open = of.of_order && IsOpen(Find(of.reservation)->state);
  EXPECT_EQ(of_order, open ? std::min(units, moved.of_orders[line]) : 0);
  moved.of_orders[line] -= of_order;
}

void Model::FollowReservations(Moved& moved) {
  const auto line_of = [&](const TransferLine& line) -> Line& {
    return Find(line.reservation)->lines[line.reservation_line];
  };
  std::set<ReservationId> touched;
  for (size_t i = shop_.log().size() - shop_.last_events(); i < shop_.log().size(); ++i) {
    const Event& event = shop_.log()[i].event;
    if (const auto* shipped = std::get_if<TransferShipped>(&event)) {
      const auto& lines = shop_.state().transfers.At(shipped->transfer).lines;
      for (const TransferShipped::Line& e : shipped->lines) {
        const TransferLine& line = lines[e.line];
        if (line.reservation == ReservationId::kNone) continue;
        Line& kept = line_of(line);
        touched.insert(line.reservation);
        int64_t open = 0;
        for (Placement& p : kept.placements) {
          if (p.location != moved.from) continue;
          p.quantity -= e.allocated;
          open = p.quantity.units();
          EXPECT_FALSE(p.quantity.IsNegative());
        }
        kept.placements.erase(
            std::remove_if(kept.placements.begin(), kept.placements.end(),
                           [](const Placement& p) { return p.quantity.IsZero(); }),
            kept.placements.end());
        // Its own come first.
        EXPECT_TRUE(line.of_order || e.allocated == e.quantity || open == 0);
        if (line.of_order) {
          kept.in_transit += e.allocated.units();
          moved.of_orders[e.line] += e.allocated.units();
        } else if (e.allocated.IsPositive()) {
          Find(line.reservation)->anything_left = true;
        }
      }
    } else if (const auto* received = std::get_if<TransferReceived>(&event)) {
      const auto& lines = shop_.state().transfers.At(received->transfer).lines;
      for (const TransferReceived::Line& e : received->lines) {
        const TransferLine& line = lines[e.line];
        const int64_t were_on_the_way = (e.quantity - e.found).units();
        FollowArrival(moved, e.line, line, were_on_the_way, e.of_order.units());
        if (e.of_order.IsZero()) continue;
        Line& kept = line_of(line);
        touched.insert(line.reservation);
        kept.in_transit -= e.of_order.units();
        EXPECT_GE(kept.in_transit, 0);
        if (IsUnusable(e.condition)) continue;
        const auto there = std::find_if(kept.placements.begin(), kept.placements.end(),
                                        [&](const Placement& p) { return p.location == moved.to; });
        if (there == kept.placements.end()) {
          kept.placements.push_back({moved.to, e.of_order});
        } else {
          there->quantity += e.of_order;
        }
      }
    } else if (const auto* closed = std::get_if<TransferClosed>(&event)) {
      const auto& lines = shop_.state().transfers.At(closed->transfer).lines;
      for (const TransferClosed::Lost& e : closed->lost) {
        FollowArrival(moved, e.line, lines[e.line], e.quantity.units(), e.of_order.units());
        if (e.of_order.IsZero()) continue;
        Line& kept = line_of(lines[e.line]);
        touched.insert(lines[e.line].reservation);
        kept.in_transit -= e.of_order.units();
        EXPECT_GE(kept.in_transit, 0);
      }
    }
  }
  for (const ReservationId id : touched) {
    if (IsOpen(Find(id)->state)) EndIfEmpty(*Find(id));
  }
}

void Model::CloseIfDone(Moved& moved) {
  bool done = true;
  for (const auto& [sku, goods] : moved.goods) {
    if (goods.in_transit() > 0) done = false;
    if (!moved.all_shipped && (goods.presumed > 0 || goods.shipped < goods.asked)) done = false;
  }
  if (moved.all_received || done) {
    Close(moved);
  } else if (moved.all_shipped) {
    ReleaseRest(moved);
  }
}

void Model::Close(Moved& moved) {
  ReleaseRest(moved);
  for (auto& [sku, goods] : moved.goods) goods.lost += goods.in_transit();
  moved.all_shipped = moved.closed = true;
}

void Model::ReleaseRest(const Moved& moved) {
  Kept* const own = Find(moved.own);
  if (own == nullptr || !IsOpen(own->state)) return;
  for (Line& line : own->lines) line.placements.clear();
  EndIfEmpty(*own);
}

std::string Model::TransferDifference() const {
  std::string difference;
  const State& state = shop_.state();
  std::map<Where, int64_t> in_transit;
  for (const auto& [name, moved] : transfers_) {
    const stock::Transfer& transfer = state.transfers.At(state.transfers.names().Find(name));
    if (transfer.closed != moved.closed || transfer.all_shipped != moved.all_shipped ||
        transfer.all_received != moved.all_received) {
      absl::StrAppend(&difference, name, transfer.closed ? " is closed" : " is open", "\n");
    }
    std::map<SkuIndex, Moved::Goods> sums;
    for (const TransferLine& line : transfer.lines) {
      Moved::Goods& sum = sums[line.sku];
      sum.asked += line.quantity.units();
      sum.shipped += line.shipped.units();
      sum.presumed += line.presumed.units();
      sum.received += line.received.units();
      sum.damaged += line.damaged.units();
      sum.lost += line.lost.units();
    }
    for (const auto& [sku, goods] : moved.goods) {
      in_transit[{sku, moved.to}] += goods.in_transit();
      const Moved::Goods& sum = sums[sku];
      if (sum.asked != goods.asked || sum.shipped != goods.shipped ||
          sum.presumed != goods.presumed || sum.received != goods.received ||
          sum.damaged != goods.damaged || sum.lost != goods.lost) {
        absl::StrAppend(&difference, name, ": shipped ", sum.shipped, " presumed ", sum.presumed,
                        " received ", sum.received, " damaged ", sum.damaged, " lost ", sum.lost,
                        ", model ", goods.shipped, " ", goods.presumed, " ", goods.received, " ",
                        goods.damaged, " ", goods.lost, "\n");
      }
    }
  }
  for (const auto& [where, units] : in_transit) {
    if (state.in_transit.Get(where.first, where.second).units() != units) {
      absl::StrAppend(&difference, state.skus.Name(where.first), " at ",
                      state.locations.Name(where.second), ": ", units,
                      " in transit in the model\n");
    }
  }
  for (const auto& [id, r] : reservations_) {
    for (size_t i = 0; i < r.lines.size(); ++i) {
      if (state.FindReservation(id)->lines[i].in_transit.units() == r.lines[i].in_transit) continue;
      absl::StrAppend(&difference, "r", static_cast<int64_t>(id), " has other units in transit\n");
    }
  }
  return difference;
}

}  // namespace quartermaster::stock
