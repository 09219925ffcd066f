// Whose units stand where: what a request's lines take of a draft, in which order.
#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "services/stock/domain/backing.h"

namespace quartermaster::stock {
namespace {

// Gives the lines of a SKU the units that were taken for their lanes, in the order of the lines.
class Dealer {
 public:
  explicit Dealer(const SkuFlow& flow) : taken_(flow.Plan().taken) {}

  Placements Deal(Lane lane, Quantity quantity) {
    Placements placements;
    for (SkuFlow::Change::Taken& taken : taken_) {
      if (taken.lane != lane) continue;
      while (quantity.IsPositive()) {
        Placement& last = taken.placements.back();
        const Quantity part = std::min(last.quantity, quantity);
        placements.push_back({last.location, part});
        quantity -= part;
        last.quantity -= part;
        if (last.quantity.IsZero()) taken.placements.pop_back();
      }
    }
    return placements;
  }

 private:
  std::vector<SkuFlow::Change::Taken> taken_;
};

}  // namespace

Demand DemandOf(const Inventory& inventory, const HoldLine& line) {
  const bool has_channel = line.channel != ChannelIndex::kNone;
  return has_channel ? inventory.ChannelAt(line.channel).demand : Demand::kOnline;
}

Demand DemandOf(const Inventory& inventory, const ReservationLine& line) {
  const bool has_channel = line.channel != ChannelIndex::kNone;
  return has_channel ? inventory.ChannelAt(line.channel).demand : Demand::kOnline;
}

namespace {

// Whether the location is all that the set has.
bool IsOnly(const LocationSet& set, LocationIndex location) {
  int locations = 0;
  for (size_t w = 0; w < set.word_count(); ++w) locations += std::popcount(set.word(w));
  return locations == 1 && set.Contains(location);
}

// Takes units for the lines of a request, some lines at a time.
class Taker {
 public:
  Taker(Draft& draft, const Inventory& inventory, const HoldLines& lines)
      : draft_(draft), inventory_(inventory), lines_(lines), got_(lines.size()) {
    backing_.lines.resize(lines.size());
  }

  // The parts that channels may take of what is held for them, or, if they borrow, for others. They
  // may, so they are served first; all of them before it is held for others again.
  void TakeOwnParts(Demand demand) {
    absl::InlinedVector<SkuIndex, 1> skus;
    for (size_t i = 0; i < lines_.size(); ++i) {
      const Quantity own = OwnPart(i, demand);
      if (!own.IsPositive() || !IsFree(lines_[i])) continue;
      const SkuIndex sku = lines_[i].sku;
      if (std::find(skus.begin(), skus.end(), sku) == skus.end()) {
        skus.push_back(sku);
        draft_.UseQuotas(sku);
      }
      TakeOwn(i, own, TakeFrom(i, own));
    }
    for (const SkuIndex sku : skus) draft_.KeepQuotasAgain(sku);
    TakeElsewhere(demand);
  }
  // All else, of the lines that have a pool, or a location.
  void Take(Demand demand, bool from_pool) {
    for (size_t i = 0; i < lines_.size(); ++i) {
      const HoldLine& line = lines_[i];
      if (line.from_pool != from_pool || !IsOf(line, demand)) continue;
      if (IsMissed(i)) continue;
      got_[i] += TakeFrom(i, line.quantity - got_[i]);
      if (got_[i] < line.quantity) Miss(i);
    }
  }
  // What came of it.
  Backing Finish() {
    for (ShortLine& line : backing_.short_lines) {
      line.available = got_[static_cast<size_t>(line.line)];
    }
    std::sort(backing_.short_lines.begin(), backing_.short_lines.end(),
              [](const ShortLine& a, const ShortLine& b) { return a.line < b.line; });
    absl::flat_hash_map<SkuIndex, Dealer> dealers;
    for (size_t i = 0; i < lines_.size(); ++i) {
      Backing::Line& line = backing_.lines[i];
      if (!got_[i].IsPositive()) continue;
      if (line.eligible == ClassIndex::kNone) {
        line.placements.push_back({lines_[i].location, got_[i]});
        continue;
      }
      const SkuIndex sku = lines_[i].sku;
      Dealer& dealer = dealers.try_emplace(sku, draft_.Flow(sku)).first->second;
      line.placements = dealer.Deal({line.eligible, false}, got_[i]);
      SortByMost(line.placements);
    }
    return std::move(backing_);
  }

 private:
  bool IsOf(const HoldLine& line, Demand demand) const {
    return DemandOf(inventory_, line) == demand;
  }
  // What a line may take before that is held for others.
  Quantity OwnPart(size_t i, Demand demand) const {
    const HoldLine& line = lines_[i];
    const bool of_channel = line.channel != ChannelIndex::kNone && IsOf(line, demand);
    if (!of_channel || !draft_.KeepsQuotas(line.sku)) return Quantity();
    return std::min(line.quantity - got_[i], draft_.OwnPart(line.sku, line.channel));
  }
  // Whether nothing else can be lacking because the line takes its own part: units for a channel
  // from its pool are those that are held for it; who borrows need not ask.
  bool IsFree(const HoldLine& line) const {
    if (draft_.OwnPart(line.sku, line.channel) == kEverything) return true;
    const ClassIndex own = inventory_.PoolAt(inventory_.ChannelAt(line.channel).pool).eligible;
    if (line.from_pool) return inventory_.PoolAt(line.pool).eligible == own;
    // The one location that the pool has is the pool.
    return own != ClassIndex::kNone && IsOnly(inventory_.classes.At(own), line.location);
  }
  void TakeOwn(size_t i, Quantity own, Quantity got) {
    got_[i] += got;
    draft_.NoteUse(lines_[i].sku, lines_[i].channel, got);
    // If there is no more of its own, there is none of others' either.
    if (got < own) Miss(i);
  }
  // For channels, where not all of what is held for them may stand: what they take there must not
  // make more of what is held lacking, itself being less then.
  void TakeElsewhere(Demand demand) {
    // In an order that does not differ from run to run.
    absl::btree_map<SkuIndex, std::vector<size_t>> lines;
    for (size_t i = 0; i < lines_.size(); ++i) {
      if (OwnPart(i, demand).IsPositive() && !IsFree(lines_[i])) lines[lines_[i].sku].push_back(i);
    }
    for (const auto& [sku, own_lines] : lines) {
      // All at once: what one takes may be where what is held for another need not stand any more.
      if (own_lines.size() > 1 && TakeAllElsewhere(sku, own_lines)) continue;
      for (const size_t i : own_lines) {
        const Quantity own = OwnPart(i, demand);
        if (own.IsPositive()) TakeOwn(i, own, TakeElsewhere(i, own));
      }
    }
  }
  // All of their own parts. False, and nothing is taken, if more would be lacking.
  bool TakeAllElsewhere(SkuIndex sku, const std::vector<size_t>& own_lines) {
    SkuFlow& flow = draft_.Flow(sku);
    draft_.UseQuotas(sku);
    const Quantity lacked = draft_.KeepQuotasAgain(sku);
    SkuFlow before(flow);
    draft_.UseQuotas(sku);
    std::vector<Quantity> taken;
    bool all = true;
    for (const size_t i : own_lines) {
      const HoldLine& line = lines_[i];
      const Quantity own = std::min(line.quantity, draft_.OwnPart(sku, line.channel));
      taken.push_back(TakeFrom(i, own));
      draft_.NoteUse(sku, line.channel, taken.back());
      all = all && taken.back() == own;
    }
    const bool accepted = draft_.KeepQuotasAgain(sku) <= lacked && all;
    for (size_t n = 0; n < own_lines.size(); ++n) {
      if (accepted) {
        got_[own_lines[n]] += taken[n];
      } else {
        draft_.NoteUse(sku, lines_[own_lines[n]].channel, -taken[n]);
      }
    }
    if (!accepted) flow = std::move(before);
    return accepted;
  }
  // Of one line. Every unit that makes more lacking makes one so.
  Quantity TakeElsewhere(size_t i, Quantity own) {
    const HoldLine& line = lines_[i];
    SkuFlow& flow = draft_.Flow(line.sku);
    // What was given back may not serve quotas, and borrowers have had theirs.
    draft_.UseQuotas(line.sku);
    const Quantity lacked = draft_.KeepQuotasAgain(line.sku);
    SkuFlow before(flow);
    draft_.UseQuotas(line.sku);
    Quantity got = TakeFrom(i, own);
    draft_.NoteUse(line.sku, line.channel, got);
    const Quantity lacking = draft_.KeepQuotasAgain(line.sku);
    draft_.NoteUse(line.sku, line.channel, -got);
    flow = std::move(before);
    got -= std::min(got, (lacking - lacked).OrZero());
    draft_.UseQuotas(line.sku);
    const Quantity taken = TakeFrom(i, got);
    draft_.NoteUse(line.sku, line.channel, taken);
    draft_.KeepQuotasAgain(line.sku);
    draft_.NoteUse(line.sku, line.channel, -taken);
    return taken;
  }
  Quantity TakeFrom(size_t i, Quantity quantity) {
    const HoldLine& line = lines_[i];
    if (!line.from_pool) return draft_.TakeAt(line.sku, line.location, quantity);
    const Lane lane{inventory_.PoolAt(line.pool).eligible, false};
    backing_.lines[i].eligible = lane.eligible;
    return draft_.Flow(line.sku).TakeFor(lane, quantity);
  }
  void Miss(size_t i) {
    backing_.short_lines.push_back({static_cast<int>(i), lines_[i].quantity, Quantity()});
  }
  bool IsMissed(size_t i) const {
    for (const ShortLine& line : backing_.short_lines) {
      if (line.line == static_cast<int>(i)) return true;
    }
    return false;
  }

  Draft& draft_;
  const Inventory& inventory_;
  const HoldLines& lines_;
  // By line.
  absl::InlinedVector<Quantity, 4> got_;
  Backing backing_;
};

}  // namespace

Backing PlanBacking(Draft& draft, const Inventory& inventory, const HoldLines& lines) {
  Taker taker(draft, inventory, lines);
  bool tills = false;
  bool channels = false;
  for (const HoldLine& line : lines) {
    tills = tills || DemandOf(inventory, line) == Demand::kTill;
    channels = channels || line.channel != ChannelIndex::kNone;
  }
  const bool own_parts = channels && !inventory.allotments.empty();
  if (own_parts) taker.TakeOwnParts(Demand::kOnline);
  for (const bool from_pool : {false, true}) taker.Take(Demand::kOnline, from_pool);
  if (tills) {
    draft.UseSafetyStock();
    if (own_parts) taker.TakeOwnParts(Demand::kTill);
    for (const bool from_pool : {false, true}) taker.Take(Demand::kTill, from_pool);
  }
  return taker.Finish();
}

}  // namespace quartermaster::stock
