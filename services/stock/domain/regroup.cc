#include "services/stock/domain/regroup.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/stock/domain/bundles.h"

namespace quartermaster::stock {
namespace {

// The units of a group at one location: they stay together, whatever they are.
struct Piece {
  LocationIndex from = LocationIndex::kNone;
  LocationIndex to = LocationIndex::kNone;
  Needs needs;
  // Lines of the reservation, and their units here.
  std::vector<std::pair<uint32_t, Quantity>> units;
};

// A group that stands aside while others are placed.
class Aside {
 public:
  Aside(const State& state, GroupRef ref) : r_(*state.FindReservation(ref.reservation)) {
    std::map<LocationIndex, Piece> pieces;
    for (uint32_t i = 0; i < r_.lines.size(); ++i) {
      const ReservationLine& line = r_.lines[i];
      if (line.group != ref.group) continue;
      eligible_ = line.eligible;
      lines_.push_back(i);
      for (const Placement& p : line.placements) {
        Piece& piece = pieces[p.location];
        piece.from = p.location;
        piece.units.emplace_back(i, p.quantity);
        const auto same = [&](const KitPart& need) { return need.sku == line.sku; };
        const auto it = std::find_if(piece.needs.begin(), piece.needs.end(), same);
        if (it != piece.needs.end()) {
          it->count += p.quantity.units();
        } else {
          piece.needs.push_back({line.sku, p.quantity.units()});
        }
      }
    }
    for (auto& [location, piece] : pieces) pieces_.push_back(std::move(piece));
  }

  void Leave(Draft& draft) const {
    for (const Piece& piece : pieces_) {
      for (const KitPart& need : piece.needs) {
        // What is held for channels is so before anything is given back.
        if (draft.KeepsQuotas(need.sku)) draft.Flow(need.sku);
        draft.Take(need.sku, piece.from, Quantity(-need.count));
      }
    }
  }

  // Where it was, if it can be, or elsewhere. False: there is no room for it.
  bool Return(const State& state, Draft& draft) {
    for (Piece& piece : pieces_) {
      const Placements places = PlaceWhole(draft, state, piece.needs, state.classes.At(eligible_),
                                           Quantity(1), {Placement{piece.from, Quantity(1)}});
      if (places.empty()) return false;
      piece.to = places.front().location;
      moved_ = moved_ || piece.to != piece.from;
    }
    return true;
  }

  bool moved() const { return moved_; }
  GroupMoved Event() const {
    GroupMoved event{r_.id, {}};
    for (const uint32_t line : lines_) {
      ReservationBound::Line& to = event.lines.emplace_back();
      to.line = line;
      std::map<LocationIndex, Quantity> places;
      for (const Piece& piece : pieces_) {
        for (const auto& [i, quantity] : piece.units) {
          if (i == line) places[piece.to] += quantity;
        }
      }
      for (const auto& [location, quantity] : places) to.placements.push_back({location, quantity});
    }
    return event;
  }

 private:
  const Reservation& r_;
  ClassIndex eligible_ = ClassIndex::kNone;
  std::vector<uint32_t> lines_;
  std::vector<Piece> pieces_;
  bool moved_ = false;
};

// The latest ones first.
std::vector<GroupRef> FindGroups(const State& state, const std::vector<SkuIndex>& skus,
                                 const std::function<bool(ReservationId)>& is_kept) {
  std::set<GroupRef, std::greater<>> found;
  for (const SkuIndex sku : skus) {
    const MovableGroups::Refs* const refs = state.movable_groups.Find(sku);
    if (refs == nullptr) continue;
    size_t seen = 0;
    for (auto it = refs->rbegin(); it != refs->rend() && seen < kGroupsTriedMax; ++it) {
      if (!is_kept(it->reservation)) continue;
      found.insert(*it);
      ++seen;
    }
  }
  std::vector<GroupRef> groups(found.begin(), found.end());
  if (groups.size() > kGroupsTriedMax) groups.resize(kGroupsTriedMax);
  return groups;
}

}  // namespace

std::unique_ptr<Regrouped> Regroup(const State& state, const std::vector<SkuIndex>& skus,
                                   const std::function<Draft()>& start,
                                   const std::function<Backing(Draft&)>& plan,
                                   const std::function<bool(ReservationId)>& is_kept) {
  const std::vector<GroupRef> groups = FindGroups(state, skus, is_kept);
  const auto attempt = [&](const std::vector<GroupRef>& tried) -> std::unique_ptr<Regrouped> {
    auto result = std::make_unique<Regrouped>(Regrouped{start(), {}, {}});
    std::vector<Aside> aside;
    for (const GroupRef& group : tried) aside.emplace_back(state, group).Leave(result->draft);
    result->backing = plan(result->draft);
    if (!result->backing.short_lines.empty()) return nullptr;
    for (Aside& group : aside) {
      if (!group.Return(state, result->draft)) return nullptr;
      if (group.moved()) result->moved.push_back(group.Event());
    }
    return result;
  };
  if (groups.empty()) return nullptr;
  if (auto all = attempt(groups)) return all;
  if (groups.size() == 1) return nullptr;
  for (const GroupRef& group : groups) {
    if (auto one = attempt({group})) return one;
  }
  return nullptr;
}

}  // namespace quartermaster::stock
