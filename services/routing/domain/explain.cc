#include "services/routing/domain/explain.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quartermaster::routing {
namespace {

// The locations of each fate; together all registered ones.
class Fates {
 public:
  Fates(const GroupTask& task, const Supply& supply, const std::vector<LocationSet>& whole,
        const std::vector<ServedUnits>& served)
      : with_stock_(AnyOf(task, supply)) {
    with_stock_ &= task.eligible;
    LocationSet enough = EnoughOf(task, whole);
    enough &= task.eligible;
    LocationSet& chosen = Of(Fate::kChosen);
    for (const ServedUnits& units : served) chosen.Insert(units.from.location);
    Of(Fate::kNotEnoughStock) = with_stock_ - enough;
    Of(Fate::kNotEnoughStock) -= chosen;
    Of(Fate::kOutranked) = std::move(enough);
    Of(Fate::kOutranked) -= chosen;
    Of(Fate::kNoStock) = task.eligible - with_stock_;
    Of(Fate::kExcluded) = task.excluded;
    Of(Fate::kPaused) = task.paused;
    Of(Fate::kNotCapable) = task.not_capable;
  }

  Fate FateOf(LocationIndex location) const {
    for (size_t i = 0; i < kFates; ++i) {
      if (by_fate_[i].Contains(location)) return static_cast<Fate>(i);
    }
    return Fate::kNotCapable;
  }

  int Count(size_t fate) const { return static_cast<int>(by_fate_[fate].Count()); }
  const LocationSet& with_stock() const { return with_stock_; }

 private:
  static LocationSet AnyOf(const GroupTask& task, const Supply& supply) {
    LocationSet any;
    for (const Demand& demand : task.demands) any |= supply.With(demand.item, 1);
    return any;
  }

  // A parcel may carry one demand, a pickup has to be complete.
  static LocationSet EnoughOf(const GroupTask& task, const std::vector<LocationSet>& whole) {
    LocationSet enough;
    if (task.group->method == Method::kShip) {
      for (const LocationSet& set : whole) enough |= set;
    } else {
      enough = task.eligible;
      for (const LocationSet& set : whole) enough &= set;
    }
    return enough;
  }

  LocationSet& Of(Fate fate) { return by_fate_[static_cast<size_t>(fate)]; }

  std::array<LocationSet, kFates> by_fate_;
  LocationSet with_stock_;
};

int LinesCovered(const GroupTask& task, const Supply& supply, const std::vector<LocationSet>& whole,
                 LocationIndex location) {
  int covered = 0;
  for (size_t d = 0; d < task.demands.size(); ++d) {
    const Demand& demand = task.demands[d];
    if (!whole.empty() && whole[d].Contains(location)) {
      covered += static_cast<int>(demand.lines.size());
      continue;
    }
    if (demand.lines.size() == 1 && !whole.empty()) continue;
    int64_t left = supply.Available(demand.item, location);
    for (const size_t line : demand.lines) {
      const int64_t quantity = task.group->lines[line].quantity.units();
      if (left < quantity) continue;
      left -= quantity;
      ++covered;
    }
  }
  return covered;
}

std::vector<RankedLocation> Listed(const GroupTask& task, const Fates& fates,
                                   const std::vector<ServedUnits>& served, Proximity& proximity) {
  std::vector<RankedLocation> listed;
  if (task.named.has_value()) {
    listed.push_back(proximity.Rank(*task.named));
    return listed;
  }
  listed = proximity.NearestOf(proximity.network().registered(), kNearestListed);
  for (const RankedLocation& near : proximity.NearestOf(fates.with_stock(), kRankedListed)) {
    listed.push_back(near);
  }
  for (const ServedUnits& units : served) listed.push_back(units.from);
  proximity.Sort(listed);
  const auto same = [](const RankedLocation& a, const RankedLocation& b) {
    return a.location == b.location;
  };
  listed.erase(std::unique(listed.begin(), listed.end(), same), listed.end());
  return listed;
}

}  // namespace

GroupExplanation ExplainGroup(const GroupTask& task, const Supply& supply,
                              const std::vector<LocationSet>& whole,
                              const std::vector<ServedUnits>& served, Proximity& proximity) {
  const Fates fates(task, supply, whole, served);
  GroupExplanation explanation;
  for (const RankedLocation& ranked : Listed(task, fates, served, proximity)) {
    Candidate candidate;
    candidate.location_id = proximity.network().at(ranked.location).id;
    candidate.fate = fates.FateOf(ranked.location);
    candidate.distance_m = ranked.distance_m;
    candidate.lines_covered = LinesCovered(task, supply, whole, ranked.location);
    for (const ServedUnits& units : served) {
      if (units.from.location == ranked.location) candidate.units += units.units;
    }
    if (candidate.fate == Fate::kChosen) ++explanation.parcels;
    --explanation.others[static_cast<size_t>(candidate.fate)];
    explanation.candidates.push_back(std::move(candidate));
  }
  if (task.named.has_value()) {
    explanation.others.fill(0);
    return explanation;
  }
  for (size_t fate = 0; fate < kFates; ++fate) explanation.others[fate] += fates.Count(fate);
  return explanation;
}

}  // namespace quartermaster::routing
