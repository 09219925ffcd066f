#include "services/routing/domain/group_planner.h"

#include <algorithm>
#include <utility>

#include "services/routing/domain/cover.h"
#include "services/routing/domain/explain.h"
#include "services/routing/domain/score.h"

namespace quartermaster::routing {
namespace {

// Units of one demand from one location.
struct Fragment {
  RankedLocation from;
  int64_t units = 0;
};

class GroupPlanner {
 public:
  GroupPlanner(const Network& network, const GroupTask& task, bool allow_partial, Supply& supply)
      : network_(network),
        task_(task),
        group_(*task.group),
        allow_partial_(allow_partial),
        supply_(supply),
        proximity_(&network, group_.destination),
        wanted_(task.demands.size()),
        fragments_(task.demands.size()) {
    for (size_t d = 0; d < wanted_.size(); ++d) wanted_[d] = task.demands[d].quantity;
    if (task.named.has_value()) return;
    for (const Demand& demand : task.demands) {
      whole_.push_back(supply.With(demand.item, demand.quantity));
    }
  }

  GroupServing Serve() {
    if (group_.method == Method::kShip) {
      ServeFromMany();
    } else if (task_.named.has_value()) {
      ServeFromOne(*task_.named);
    } else {
      ServeFromBest();
    }
    Explain();
    TakeAndAssign();
    return std::move(serving_);
  }

 private:
  // Sets wanted_ and the short lines to what `available` units of demand d allow.
  void Limit(size_t d, int64_t available, const std::string& location_id) {
    const Demand& demand = task_.demands[d];
    wanted_[d] = std::min(demand.quantity, available);
    int64_t left = available;
    for (const size_t line_index : demand.lines) {
      const PlanLine& line = group_.lines[line_index];
      const int64_t got = std::min(left, line.quantity.units());
      left -= got;
      if (got == line.quantity.units()) continue;
      serving_.short_units += line.quantity.units() - got;
      serving_.short_lines.push_back(
          {line.line_id, line.sku, location_id, line.quantity, Quantity(got)});
    }
  }

  // Short, and not to be served in part.
  bool Refused() const { return !allow_partial_ && !serving_.short_lines.empty(); }

  void ServeFromOne(LocationIndex location) {
    for (size_t d = 0; d < wanted_.size(); ++d) {
      Limit(d, supply_.Available(task_.demands[d].item, location), network_.at(location).id);
    }
    if (Refused()) return;
    for (size_t d = 0; d < wanted_.size(); ++d) {
      if (wanted_[d] > 0) fragments_[d].push_back({proximity_.Rank(location), wanted_[d]});
    }
  }

  // An unnamed pickup.
  void ServeFromBest() {
    std::optional<RankedLocation> best;
    if (task_.settled.has_value()) {
      best = proximity_.Rank(*task_.settled);
    } else {
      LocationSet everything = task_.eligible;
      for (const LocationSet& whole : whole_) everything &= whole;
      best = proximity_.NearestOf(everything);
      if (!best.has_value()) best = MostComplete();
    }
    if (best.has_value()) {
      ServeFromOne(best->location);
    } else {
      for (size_t d = 0; d < wanted_.size(); ++d) Limit(d, 0, "");
    }
  }

  // The eligible location that could serve the most demands whole, then the most units, then the
  // nearest; nothing if none has any.
  std::optional<RankedLocation> MostComplete() {
    std::vector<int> whole(network_.size());
    LocationSet any;
    for (size_t d = 0; d < whole_.size(); ++d) {
      any |= supply_.With(task_.demands[d].item, 1);
      whole_[d].ForEach([&](LocationIndex location) { ++whole[location]; });
    }
    any &= task_.eligible;
    int most_whole = 0;
    any.ForEach(
        [&](LocationIndex location) { most_whole = std::max(most_whole, whole[location]); });
    int64_t most_units = 0;
    LocationSet best;
    any.ForEach([&](LocationIndex location) {
      if (whole[location] < most_whole) return;
      int64_t units = 0;
      for (const Demand& demand : task_.demands) {
        units += std::min(demand.quantity, supply_.Available(demand.item, location));
      }
      if (units > most_units) best = LocationSet();
      most_units = std::max(most_units, units);
      if (units == most_units) best.Insert(location);
    });
    return proximity_.NearestOf(best);
  }

  void ServeFromMany() {
    std::vector<LocationSet> whole(wanted_.size());
    bool split = false;
    for (size_t d = 0; d < wanted_.size(); ++d) {
      const Demand& demand = task_.demands[d];
      whole[d] = whole_[d] & task_.eligible;
      if (!whole[d].Empty()) continue;
      Limit(d, Total(demand), "");
      if (wanted_[d] > 0) whole[d] = supply_.With(demand.item, wanted_[d]) & task_.eligible;
      split = split || (wanted_[d] > 0 && whole[d].Empty());
    }
    if (Refused()) return;
    if (split) {
      SplitOver();
    } else {
      ShipWhole(whole);
    }
  }

  int64_t Total(const Demand& demand) const {
    int64_t total = 0;
    supply_.ForEach(demand.item, [&](LocationIndex location, int64_t available) {
      if (task_.eligible.Contains(location)) total += available;
    });
    return total;
  }

  // Every wanted demand from one location.
  void ShipWhole(const std::vector<LocationSet>& whole) {
    std::vector<LocationSet> wanted;
    LocationSet all = task_.eligible;
    for (size_t d = 0; d < wanted_.size(); ++d) {
      if (wanted_[d] == 0) continue;
      wanted.push_back(whole[d]);
      all &= whole[d];
    }
    if (wanted.empty()) return;
    std::vector<RankedLocation> chosen;
    if (const auto one = proximity_.NearestOf(all); one.has_value()) {
      chosen.push_back(*one);
    } else {
      chosen = CoverWhole(wanted, proximity_);
    }
    for (size_t d = 0; d < wanted_.size(); ++d) {
      if (wanted_[d] == 0) continue;
      const auto from = std::find_if(chosen.begin(), chosen.end(), [&](const RankedLocation& c) {
        return whole[d].Contains(c.location);
      });
      fragments_[d].push_back({*from, wanted_[d]});
    }
  }

  // Some demand has to be put together.
  void SplitOver() {
    CoverProblem problem;
    std::vector<size_t> demands;
    LocationSet any;
    for (size_t d = 0; d < wanted_.size(); ++d) {
      if (wanted_[d] == 0) continue;
      demands.push_back(d);
      any |= supply_.With(task_.demands[d].item, 1);
    }
    any &= task_.eligible;
    any.ForEach([&](LocationIndex l) { problem.candidates.push_back(proximity_.Rank(l)); });
    proximity_.Sort(problem.candidates);
    for (const size_t d : demands) {
      problem.needs.push_back(wanted_[d]);
      std::vector<CoverProblem::Offer>& offers = problem.offers.emplace_back();
      for (size_t i = 0; i < problem.candidates.size(); ++i) {
        const int64_t available =
            supply_.Available(task_.demands[d].item, problem.candidates[i].location);
        if (available > 0) offers.push_back({i, std::min(available, wanted_[d])});
      }
    }
    const std::vector<size_t> chosen = SolveCover(problem);
    for (size_t i = 0; i < demands.size(); ++i) Draw(demands[i], problem, chosen);
  }

  // Takes demand d from the chosen candidates: whole from the nearest that has all of it, else
  // from those that have most, so that it ends in few pieces.
  void Draw(size_t d, const CoverProblem& problem, const std::vector<size_t>& chosen) {
    std::vector<Fragment> sources;
    for (const size_t candidate : chosen) {
      const RankedLocation& from = problem.candidates[candidate];
      sources.push_back({from, supply_.Available(task_.demands[d].item, from.location)});
    }
    int64_t missing = wanted_[d];
    std::stable_sort(sources.begin(), sources.end(), [&](const Fragment& a, const Fragment& b) {
      return std::min(a.units, missing) > std::min(b.units, missing);
    });
    for (Fragment& source : sources) {
      source.units = std::min(source.units, missing);
      if (source.units == 0) break;
      missing -= source.units;
      fragments_[d].push_back(source);
    }
  }

  void Explain() {
    std::vector<ServedUnits> served;
    for (const std::vector<Fragment>& fragments : fragments_) {
      for (const Fragment& fragment : fragments) served.push_back({fragment.from, fragment.units});
    }
    serving_.explanation = ExplainGroup(task_, supply_, whole_, served, proximity_);
  }

  void TakeAndAssign() {
    std::vector<std::pair<size_t, Fragment>> by_line;
    for (size_t d = 0; d < wanted_.size(); ++d) {
      for (const Fragment& fragment : fragments_[d]) {
        supply_.Take(task_.demands[d].item, fragment.from.location, fragment.units);
      }
      ShareOut(d, by_line);
    }
    std::sort(by_line.begin(), by_line.end(), [this](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first < b.first;
      return network_.Precedes(a.second.from, b.second.from);
    });
    for (const auto& [line_index, fragment] : by_line) {
      const PlanLine& line = group_.lines[line_index];
      serving_.assignments.push_back(
          {group_.group_id, line.line_id, line.sku, network_.at(fragment.from.location).id,
           Quantity(fragment.units), group_.destination ? fragment.from.distance_m : 0});
    }
  }

  // Gives demand d's fragments to its lines: the largest line first, each from the smallest
  // fragment that holds it whole, so that few lines are split.
  void ShareOut(size_t d, std::vector<std::pair<size_t, Fragment>>& by_line) const {
    std::vector<std::pair<size_t, int64_t>> lines;
    int64_t left = wanted_[d];
    for (const size_t line_index : task_.demands[d].lines) {
      const int64_t units = std::min(left, group_.lines[line_index].quantity.units());
      left -= units;
      if (units > 0) lines.emplace_back(line_index, units);
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<Fragment> rest = fragments_[d];
    for (auto& [line_index, missing] : lines) {
      while (missing > 0 && !rest.empty()) {
        auto from = rest.end();
        for (auto it = rest.begin(); it != rest.end(); ++it) {
          if (it->units < missing) continue;
          if (from == rest.end() || it->units < from->units) from = it;
        }
        if (from == rest.end()) {
          from = std::max_element(rest.begin(), rest.end(),
                                  [](const auto& a, const auto& b) { return a.units < b.units; });
        }
        const int64_t units = std::min(missing, from->units);
        by_line.push_back({line_index, {from->from, units}});
        missing -= units;
        from->units -= units;
        if (from->units == 0) rest.erase(from);
      }
    }
  }

  const Network& network_;
  const GroupTask& task_;
  const PlanGroup& group_;
  const bool allow_partial_;
  Supply& supply_;
  Proximity proximity_;
  // Per demand: the locations that have all of it, whatever else is true of them. Not for a named
  // location.
  std::vector<LocationSet> whole_;
  // Per demand: what is to be planned of it, and from where it comes.
  std::vector<int64_t> wanted_;
  std::vector<std::vector<Fragment>> fragments_;
  GroupServing serving_;
};

}  // namespace

GroupServing ServeGroup(const Network& network, const GroupTask& task, bool allow_partial,
                        Supply& supply) {
  return GroupPlanner(network, task, allow_partial, supply).Serve();
}

LocationSet PickupLocations(const GroupTask& task, const Supply& supply) {
  LocationSet locations = task.eligible;
  for (const Demand& demand : task.demands) {
    locations &= supply.With(demand.item, demand.quantity);
  }
  return locations;
}

}  // namespace quartermaster::routing
