#include "services/stock/domain/sku_flow.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "services/base/check.h"

namespace quartermaster::stock {

SkuFlow::SkuFlow(const Inventory& inventory, SkuIndex sku) : inventory_(&inventory), sku_(sku) {
  const SkuPositions* const positions = inventory.positions.Find(sku);
  if (positions == nullptr || positions->size() == 0) return;
  const LocationIndex last = (positions->end() - 1)->location;
  free_.resize(static_cast<uint32_t>(last) + 1);
  room_ = LocationSet(last);
  backed_ = LocationSet(last);
  short_ = LocationSet(last);
  for (const SkuPositions::Entry& entry : *positions) {
    const Quantity free = entry.position.uncommitted();
    free_[static_cast<uint32_t>(entry.location)] = free;
    if (free.IsPositive() && !inventory.IsPaused(entry.location)) room_.Insert(entry.location);
    if (free.IsNegative()) short_.Insert(entry.location);
  }
  const SkuBacking* const backing = inventory.backings.Find(sku);
  if (backing == nullptr) return;
  standing_.reserve(backing->size() + 16);
  // Lane ids by class and column: a lane that is seen again is found at once.
  std::vector<LaneId> ids(2 * (inventory.classes.size() + 1), ~LaneId{0});
  for (const SkuBacking::Entry& entry : *backing) {
    LaneId& id = ids[2 * static_cast<uint32_t>(entry.lane.eligible) + entry.lane.allocated];
    if (id == ~LaneId{0}) {
      id = static_cast<LaneId>(lanes_.size());
      lanes_.push_back(entry.lane);
      eligible_.push_back(&inventory.classes.At(entry.lane.eligible));
      is_quota_.push_back(false);
    }
    standing_.push_back({entry.location, id, entry.quantity});
    if (!inventory.IsPaused(entry.location)) backed_.Insert(entry.location);
  }
  taken_.resize(lanes_.size());
  // Ids come in the order of first sight: by id within a location, for the search.
  std::sort(standing_.begin(), standing_.end(), [](const Stand& a, const Stand& b) {
    return std::tie(a.location, a.lane) < std::tie(b.location, b.lane);
  });
}

void SkuFlow::KeepSafetyStock() {
  const SkuPositions* const positions = inventory_->positions.Find(sku_);
  if (positions == nullptr) return;
  const SafetyStock::OfOneSku settings = inventory_->safety_stock.OfSku(sku_);
  auto stand = standing_.cbegin();
  for (const SkuPositions::Entry& entry : *positions) {
    const Quantity units = settings.At(entry.location);
    if (units.IsZero()) continue;
    while (stand != standing_.cend() && stand->location < entry.location) ++stand;
    const Quantity free = Free(entry.location);
    const bool moves = stand != standing_.cend() && stand->location == entry.location;
    // Where nobody can move, what is lacking stays lacking.
    const Quantity kept = moves ? units : std::min(units, free.OrZero());
    if (kept.IsZero()) continue;
    kept_.push_back({entry.location, kept});
    SetFree(entry.location, free - kept);
  }
  if (!short_.IsEmpty() && RelieveAll()) {
    moved_first_ = Plan().moves;
    steps_.clear();
    for (const BackingMove& move : moved_first_) {
      if (inventory_->IsPaused(move.from)) NoteLeft(move.from, IdOf(move.lane), move.quantity);
    }
  }
  // Nobody can give what is still lacking.
  for (auto& [location, units] : kept_) {
    const Quantity lacking = std::min(units, (-Free(location)).OrZero());
    units -= lacking;
    SetFree(location, Free(location) + lacking);
  }
}

void SkuFlow::UseSafetyStock() {
  for (const auto& [location, units] : kept_) SetFree(location, Free(location) + units);
  kept_.clear();
}

Quantity SkuFlow::KeepQuotas(const Quotas& quotas) {
  const Quantity kept = KeepQuotasAgain(quotas, kEverything);
  if (!steps_.empty()) {
    moved_first_ = Plan().moves;
    steps_.clear();
  }
  return kept;
}

Quantity SkuFlow::KeepQuotasAgain(const Quotas& quotas, Quantity most) {
  Quantity sum;
  std::vector<Quantity> kept(quotas.size());
  for (const bool as_before : {true, false}) {
    for (size_t i = 0; i < quotas.size(); ++i) {
      const LaneId lane = QuotaLaneOf(quotas[i].eligible);
      Quantity more = std::min(quotas[i].units - kept[i], most - sum);
      for (const auto& [other, before] : quotas_) {
        if (as_before && other == lane) more = std::min(more, before);
      }
      if (!more.IsPositive()) continue;
      Quantity got = TakeDirectly(lane, more);
      if (got < more) got += TakeUnder(lane, more - got, Prefer::kMostFree);
      kept[i] += got;
      sum += got;
    }
  }
  for (auto& [lane, before] : quotas_) {
    before = Quantity();
    for (size_t i = 0; i < quotas.size(); ++i) {
      if (lanes_[lane].eligible == quotas[i].eligible) before = kept[i];
    }
  }
  return sum;
}

void SkuFlow::UseQuotas() {
  for (Stand& stand : standing_) {
    if (!is_quota_[stand.lane] || stand.quantity.IsZero()) continue;
    SetFree(stand.location, Free(stand.location) + stand.quantity);
    stand.quantity = Quantity();
  }
}

Quantity SkuFlow::Free(LocationIndex location) const {
  const auto i = static_cast<uint32_t>(location);
  return i < free_.size() ? free_[i] : Quantity();
}

void SkuFlow::SetFree(LocationIndex location, Quantity quantity) {
  const auto i = static_cast<uint32_t>(location);
  if (i >= free_.size()) free_.resize(i + 1);
  free_[i] = quantity;
  if (quantity.IsPositive() && !inventory_->IsPaused(location)) {
    room_.Insert(location);
  } else {
    room_.Erase(location);
  }
  if (quantity.IsNegative()) {
    short_.Insert(location);
  } else {
    short_.Erase(location);
  }
}

SkuFlow::LaneId SkuFlow::FindLane(Lane lane) const {
  LaneId id = 0;
  while (id < lanes_.size() && (lanes_[id] != lane || is_quota_[id])) ++id;
  return id;
}

SkuFlow::LaneId SkuFlow::IdOf(Lane lane) {
  const LaneId id = FindLane(lane);
  return id < lanes_.size() ? id : AddLane(lane, /*is_quota=*/false);
}

SkuFlow::LaneId SkuFlow::AddLane(Lane lane, bool is_quota) {
  lanes_.push_back(lane);
  eligible_.push_back(&inventory_->classes.At(lane.eligible));
  is_quota_.push_back(is_quota);
  taken_.emplace_back();
  return static_cast<LaneId>(lanes_.size() - 1);
}

SkuFlow::LaneId SkuFlow::QuotaLaneOf(ClassIndex eligible) {
  for (const auto& [lane, kept] : quotas_) {
    if (lanes_[lane].eligible == eligible) return lane;
  }
  const LaneId lane = AddLane({eligible, false}, /*is_quota=*/true);
  quotas_.emplace_back(lane, Quantity());
  return lane;
}

std::vector<SkuFlow::Stand>::const_iterator SkuFlow::FirstAt(LocationIndex location) const {
  return std::lower_bound(standing_.begin(), standing_.end(), location,
                          [](const Stand& stand, LocationIndex l) { return stand.location < l; });
}

Quantity SkuFlow::Standing(LocationIndex location, LaneId lane) const {
  for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
    if (it->lane == lane) return it->quantity;
  }
  return Quantity();
}

void SkuFlow::AddStanding(LocationIndex location, LaneId lane, Quantity delta) {
  auto it = standing_.begin() + (FirstAt(location) - standing_.cbegin());
  while (it != standing_.end() && it->location == location && it->lane < lane) ++it;
  if (it == standing_.end() || it->location != location || it->lane != lane) {
    it = standing_.insert(it, {location, lane, Quantity()});
    if (!inventory_->IsPaused(location)) backed_.Insert(location);
  }
  it->quantity += delta;
  QM_CHECK(!it->quantity.IsNegative()) << "moves more units than stand there";
  steps_.push_back({location, lane, delta});
}

void SkuFlow::AddFree(LocationIndex location, Quantity quantity) {
  given_back_ = given_back_ || quantity.IsPositive();
  SetFree(location, Free(location) + quantity);
}

Placements SkuFlow::End(Lane lane, Quantity quantity, const Placements& preferred) {
  const LaneId id = IdOf(lane);
  Placements ended;
  const auto end_at = [&](LocationIndex location, Quantity most) {
    const Quantity part = std::min({most, quantity, Standing(location, id)});
    if (!part.IsPositive()) return;
    AddStanding(location, id, -part);
    AddFree(location, part);
    ended.push_back({location, part});
    ended_.push_back({location, id, part});
    quantity -= part;
  };
  for (const Placement& place : preferred) end_at(place.location, place.quantity);
  if (quantity.IsZero()) return ended;
  std::vector<Placement> candidates;
  for (const Stand& stand : standing_) {
    if (stand.lane == id && stand.quantity.IsPositive()) {
      candidates.push_back({stand.location, stand.quantity});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [this](const Placement& a, const Placement& b) {
                     return Free(a.location) < Free(b.location);
                   });
  for (const Placement& candidate : candidates) {
    if (quantity.IsZero()) break;
    end_at(candidate.location, candidate.quantity);
  }
  QM_CHECK(quantity.IsZero()) << "a lane has fewer units than its reservations";
  return ended;
}

bool SkuFlow::EndAt(LocationIndex location, Lane lane, Quantity quantity) {
  const LaneId id = IdOf(lane);
  // Those that stand there need not come.
  const Quantity there = std::min(Standing(location, id), quantity);
  SkuFlow attempt(*this);
  attempt.AddStanding(location, id, -there);
  if (there < quantity) {
    const size_t ended_before = attempt.ended_.size();
    attempt.End(lane, quantity - there);
    attempt.ended_.resize(ended_before);
    if (attempt.TakeAt(location, quantity - there) < quantity - there) return false;
    // They came, and go.
    attempt.AddFree(location, quantity - there);
  }
  attempt.AddFree(location, there);
  attempt.ended_.push_back({location, id, quantity});
  *this = std::move(attempt);
  return true;
}

Quantity SkuFlow::TakeAt(LocationIndex location, Quantity quantity) {
  // A location that is short has to be made whole before anyone else gets a unit there.
  if (given_back_) Relieve(location);
  if (Free(location).IsNegative()) return Quantity();
  const Quantity own = std::min(Free(location), quantity);
  SetFree(location, Free(location) - own);
  return own == quantity ? own : own + TakeOver(location, quantity - own, Prefer::kMostFree);
}

Quantity SkuFlow::TakeFor(Lane lane, Quantity quantity) {
  const LaneId id = IdOf(lane);
  Quantity got = TakeDirectly(id, quantity);
  if (got < quantity) got += TakeUnder(id, quantity - got, Prefer::kMostFree);
  taken_[id] += got;
  return got;
}

void SkuFlow::Relieve(LocationIndex location) {
  const Quantity short_of = (-Free(location)).OrZero();
  if (short_of.IsZero()) return;
  SetFree(location, Free(location) + PushFrom(location, short_of, Prefer::kMostFree));
}

Quantity SkuFlow::AvailableAt(LocationIndex location) const {
  const auto first = FirstAt(location);
  if (first == standing_.end() || first->location != location) return Free(location).OrZero();
  SkuFlow attempt(*this);
  if (given_back_) attempt.Relieve(location);
  if (attempt.Free(location).IsNegative()) return Quantity();
  const Quantity own = attempt.Free(location);
  attempt.SetFree(location, Quantity());
  return own + attempt.TakeOver(location, kEverything, Prefer::kAny);
}

Quantity SkuFlow::MostAt(LocationIndex location) const {
  Quantity most = Free(location);
  for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
    most += it->quantity;
  }
  return most.OrZero();
}

Quantity SkuFlow::AvailableTo(ClassIndex eligible) const {
  Quantity direct;
  const LocationSet& locations = inventory_->classes.At(eligible);
  VisitBoth(locations, room_, [&](LocationIndex location) { direct += Free(location); });
  bool somebody_might_move = false;
  VisitBoth(locations, backed_, [&](LocationIndex) { somebody_might_move = true; });
  if (!somebody_might_move) return direct;
  SkuFlow attempt(*this);
  const LaneId id = attempt.IdOf({eligible, false});
  attempt.TakeDirectly(id, kEverything);
  return direct + attempt.TakeUnder(id, kEverything, Prefer::kAny);
}

Quantity SkuFlow::TakeDirectly(LaneId lane, Quantity quantity) {
  std::vector<Placement> candidates;
  Quantity sum;
  VisitBoth(Eligible(lane), room_, [&](LocationIndex location) {
    candidates.push_back({location, Free(location)});
    sum += Free(location);
  });
  // The most first; of equals, the one registered first.
  const auto less = [](const Placement& a, const Placement& b) {
    return a.quantity != b.quantity ? a.quantity < b.quantity : a.location > b.location;
  };
  if (quantity < sum) std::make_heap(candidates.begin(), candidates.end(), less);
  Quantity got;
  while (got < quantity && !candidates.empty()) {
    if (quantity < sum) std::pop_heap(candidates.begin(), candidates.end(), less);
    const Placement candidate = candidates.back();
    candidates.pop_back();
    const Quantity part = std::min(candidate.quantity, quantity - got);
    SetFree(candidate.location, candidate.quantity - part);
    AddStanding(candidate.location, lane, part);
    got += part;
  }
  return got;
}

Quantity SkuFlow::TakeUnder(LaneId lane, Quantity quantity, Prefer prefer) {
  Quantity got;
  do {
    while (got < quantity && FindWays({lane}, LocationIndex::kNone)) {
      got += Descend(lane, 0, quantity - got, prefer);
    }
  } while (got < quantity && given_back_ && RelieveAll());
  return got;
}

Quantity SkuFlow::TakeOver(LocationIndex location, Quantity quantity, Prefer prefer) {
  Quantity got;
  do {
    got += PushFrom(location, quantity - got, prefer);
  } while (got < quantity && given_back_ && RelieveAll());
  return got;
}

Quantity SkuFlow::PushFrom(LocationIndex location, Quantity quantity, Prefer prefer) {
  Quantity pushed;
  std::vector<LaneId> sources;
  while (pushed < quantity) {
    sources.clear();
    for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
      if (it->quantity.IsPositive()) sources.push_back(it->lane);
    }
    if (!FindWays(sources, location)) break;
    for (const LaneId lane : sources) {
      const Quantity most = std::min(Standing(location, lane), quantity - pushed);
      const Quantity moved = Descend(lane, 0, most, prefer);
      AddStanding(location, lane, -moved);
      pushed += moved;
    }
  }
  return pushed;
}

std::vector<SkuFlow::Stand> SkuFlow::StandsAt(const LocationSet& locations) const {
  std::vector<Stand> stands;
  VisitBoth(locations, locations, [&](LocationIndex location) {
    for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
      if (it->quantity.IsPositive()) stands.push_back(*it);
    }
  });
  return stands;
}

std::vector<SkuFlow::LaneId> SkuFlow::LanesOf(const std::vector<Stand>& stands) {
  std::vector<LaneId> lanes;
  for (const Stand& stand : stands) lanes.push_back(stand.lane);
  std::sort(lanes.begin(), lanes.end());
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  return lanes;
}

bool SkuFlow::RelieveAll() {
  bool relieved = false;
  while (true) {
    const std::vector<Stand> sources = StandsAt(short_);
    if (!FindWays(LanesOf(sources), LocationIndex::kNone)) return relieved;
    for (const Stand& stand : sources) {
      const Quantity most = std::min(stand.quantity, -Free(stand.location));
      if (!most.IsPositive()) continue;
      const Quantity moved = Descend(stand.lane, 0, most, Prefer::kMostFree);
      AddStanding(stand.location, stand.lane, -moved);
      SetFree(stand.location, Free(stand.location) + moved);
      relieved = relieved || moved.IsPositive();
    }
  }
}

Quantity SkuFlow::Shortage() const {
  Quantity sum;
  VisitBoth(short_, short_, [&](LocationIndex location) { sum -= Free(location); });
  return sum;
}

LocationSet SkuFlow::Contested() {
  LocationSet contested = short_;
  const std::vector<LaneId> lanes = LanesOf(StandsAt(short_));
  if (lanes.empty()) return contested;
  const bool room = FindLevels(lanes, LocationIndex::kNone);
  QM_CHECK(!room) << "units are short that could stand elsewhere";
  for (LaneId lane = 0; lane < lanes_.size(); ++lane) {
    if (lane_level_[lane] < 0) continue;
    VisitBoth(Eligible(lane), Eligible(lane), [&](LocationIndex location) {
      if (!inventory_->IsPaused(location)) contested.Insert(location);
    });
  }
  return contested;
}

Placements SkuFlow::StandsIn(const LocationSet& locations, Lane lane) const {
  Placements stands;
  for (const Stand& stand : standing_) {
    if (lanes_[stand.lane] == lane && stand.quantity.IsPositive() &&
        locations.Contains(stand.location)) {
      stands.push_back({stand.location, stand.quantity});
    }
  }
  return stands;
}

Quantity SkuFlow::TakeBack(LocationIndex location, Lane lane, Quantity quantity) {
  const Quantity got = std::min(quantity, Free(location).OrZero());
  if (!got.IsPositive()) return Quantity();
  const LaneId id = IdOf(lane);
  SetFree(location, Free(location) - got);
  AddStanding(location, id, got);
  taken_[id] += got;
  return got;
}

bool SkuFlow::FindWays(const std::vector<LaneId>& sources, LocationIndex avoided) {
  return !sources.empty() && !room_.IsEmpty() && FindLevels(sources, avoided);
}

uint64_t SkuFlow::Enterable(size_t w, uint64_t bits, const std::vector<LaneId>& lanes) const {
  for (uint64_t closed = bits & left_locations_.word(w); closed != 0; closed &= closed - 1) {
    const LocationIndex location = LocationSet::Lowest(w, closed);
    const bool open = std::any_of(lanes.begin(), lanes.end(), [&](LaneId lane) {
      return MayEnter(location, lane).IsPositive();
    });
    if (!open) bits &= ~(closed & -closed);
  }
  return bits;
}

Quantity SkuFlow::MayEnter(LocationIndex location, LaneId lane) const {
  if (!left_locations_.Contains(location)) return kEverything;
  for (const Stand& left : left_) {
    if (left.location == location && left.lane == lane) return left.quantity;
  }
  return Quantity();
}

void SkuFlow::NoteLeft(LocationIndex location, LaneId lane, Quantity delta) {
  left_locations_.Insert(location);
  came_back_ = came_back_ || delta.IsNegative();
  for (Stand& left : left_) {
    if (left.location != location || left.lane != lane) continue;
    left.quantity += delta;
    return;
  }
  left_.push_back({location, lane, delta});
}

bool SkuFlow::FindLevels(const std::vector<LaneId>& sources, LocationIndex avoided) {
  level_locations_.clear();
  lane_level_.assign(lanes_.size(), -1);
  LocationSet unseen = Union(room_, backed_);
  if (!left_.empty()) unseen = Union(unseen, left_locations_);
  for (size_t w = 0; w < unseen.word_count(); ++w) {
    unseen.set_word(w, unseen.word(w) & ~short_.word(w));
  }
  unseen.Erase(avoided);
  std::vector<LaneId> frontier = sources;
  for (const LaneId lane : frontier) lane_level_[lane] = 0;
  while (!frontier.empty()) {
    LocationSet& reached = level_locations_.emplace_back(unseen);
    reached.Clear();
    bool room = false;
    for (size_t w = 0; w < unseen.word_count(); ++w) {
      uint64_t bits = 0;
      for (const LaneId lane : frontier) bits |= Eligible(lane).word(w);
      bits &= unseen.word(w);
      if (!left_.empty()) bits = Enterable(w, bits, frontier);
      reached.set_word(w, bits);
      unseen.set_word(w, unseen.word(w) & ~bits);
      room = room || (bits & room_.word(w)) != 0;
    }
    if (room) {
      // Ways that end later are not the shortest.
      for (size_t w = 0; w < reached.word_count(); ++w) {
        reached.set_word(w, reached.word(w) & room_.word(w));
      }
      return true;
    }
    const auto level = static_cast<int>(level_locations_.size());
    frontier.clear();
    const auto go_on_from = [&](LocationIndex location) {
      for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
        if (it->quantity.IsZero() || lane_level_[it->lane] >= 0) continue;
        lane_level_[it->lane] = level;
        frontier.push_back(it->lane);
      }
    };
    VisitBoth(reached, backed_, go_on_from);
    if (!left_.empty()) VisitBoth(reached, left_locations_, go_on_from);
  }
  return false;
}

Quantity SkuFlow::Descend(LaneId lane, size_t level, Quantity quantity, Prefer prefer) {
  LocationSet& open = level_locations_[level];
  if (level + 1 == level_locations_.size()) return Settle(lane, open, quantity, prefer);
  Quantity got;
  const LocationSet& eligible = Eligible(lane);
  for (size_t w = 0; w < open.word_count(); ++w) {
    // Paused ones that this lane has entered as often as it may.
    uint64_t closed = 0;
    while (got < quantity) {
      const uint64_t bits = open.word(w) & eligible.word(w) & ~closed;
      if (bits == 0) break;
      const LocationIndex location = LocationSet::Lowest(w, bits);
      const bool is_left = left_locations_.Contains(location);
      absl::InlinedVector<LaneId, 8> others;
      for (auto it = FirstAt(location); it != standing_.end() && it->location == location; ++it) {
        if (lane_level_[it->lane] == static_cast<int>(level) + 1) others.push_back(it->lane);
      }
      for (const LaneId other : others) {
        const Quantity most =
            std::min({Standing(location, other), quantity - got, MayEnter(location, lane)});
        if (most.IsZero()) continue;
        const Quantity moved = Descend(other, level + 1, most, prefer);
        if (moved.IsZero()) continue;
        AddStanding(location, other, -moved);
        AddStanding(location, lane, moved);
        if (is_left) {
          NoteLeft(location, lane, -moved);
          NoteLeft(location, other, moved);
        }
        got += moved;
        if (got == quantity) return got;
      }
      // No more way through here in this phase, for nobody; through a paused one, for this lane.
      if (is_left) {
        closed |= bits & -bits;
      } else {
        open.Erase(location);
      }
    }
  }
  return got;
}

Quantity SkuFlow::Settle(LaneId lane, LocationSet& open, Quantity quantity, Prefer prefer) {
  Quantity got;
  while (got < quantity) {
    LocationIndex best = LocationIndex::kNone;
    for (size_t w = 0; w < open.word_count(); ++w) {
      for (uint64_t bits = open.word(w) & Eligible(lane).word(w); bits != 0; bits &= bits - 1) {
        const LocationIndex location = LocationSet::Lowest(w, bits);
        if (best == LocationIndex::kNone || Free(best) < Free(location)) best = location;
        if (prefer == Prefer::kAny) break;
      }
      if (prefer == Prefer::kAny && best != LocationIndex::kNone) break;
    }
    if (best == LocationIndex::kNone) break;
    const Quantity part = std::min(Free(best), quantity - got);
    SetFree(best, Free(best) - part);
    AddStanding(best, lane, part);
    if (Free(best).IsZero()) open.Erase(best);
    got += part;
  }
  return got;
}

SkuFlow::Change SkuFlow::Plan() const {
  // Per lane and location: the units that must come, or go if negative.
  std::map<std::pair<Lane, LocationIndex>, Quantity> differences;
  for (const std::vector<Stand>& list : {std::cref(steps_), std::cref(ended_)}) {
    for (const Stand& stand : list) {
      if (is_quota_[stand.lane]) continue;
      differences[{lanes_[stand.lane], stand.location}] += stand.quantity;
    }
  }
  Change change;
  if (came_back_) {
    // Some of what moved first is undone: all of it is one plan.
    for (const BackingMove& move : moved_first_) {
      differences[{move.lane, move.from}] -= move.quantity;
      differences[{move.lane, move.to}] += move.quantity;
    }
  } else {
    change.moves = moved_first_;
  }
  for (auto it = differences.begin(); it != differences.end();) {
    const Lane lane = it->first.first;
    auto from = it;
    const auto end = std::find_if(it, differences.end(),
                                  [&](const auto& other) { return other.first.first != lane; });
    Quantity taken = taken_[FindLane(lane)];
    if (taken.IsPositive()) change.taken.emplace_back().lane = lane;
    for (; it != end; ++it) {
      const auto& [key, coming] = *it;
      Quantity left = coming;
      const Quantity fresh = std::min(left.OrZero(), taken);
      if (fresh.IsPositive()) change.taken.back().placements.push_back({key.second, fresh});
      taken -= fresh;
      left -= fresh;
      while (left.IsPositive()) {
        while (!from->second.IsNegative()) ++from;
        const Quantity part = std::min(left, -from->second);
        change.moves.push_back({lane, from->first.second, key.second, part});
        from->second += part;
        left -= part;
      }
    }
  }
  return change;
}

}  // namespace quartermaster::stock
