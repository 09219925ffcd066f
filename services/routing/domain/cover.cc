#include "services/routing/domain/cover.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "services/base/check.h"

namespace quartermaster::routing {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

using Mask = uint32_t;

// The two locations that cover all demands at the shortest distance, if they can be told from the
// nearest locations alone: most orders of two parcels, at little cost.
std::optional<std::vector<RankedLocation>> NearPair(const std::vector<LocationSet>& whole,
                                                    Proximity& proximity) {
  constexpr size_t kNear = 64;
  constexpr size_t kMaskBits = 64;
  if (!proximity.destination().has_value() || whole.size() > kMaskBits) return std::nullopt;
  const uint64_t full = ~uint64_t{0} >> (kMaskBits - whole.size());
  const std::vector<RankedLocation>& ranked = proximity.Ranked(kNear);
  std::vector<std::pair<RankedLocation, uint64_t>> useful;
  for (const RankedLocation& near : ranked) {
    uint64_t coverage = 0;
    for (size_t demand = 0; demand < whole.size(); ++demand) {
      coverage |= uint64_t{whole[demand].Contains(near.location)} << demand;
    }
    if (coverage != 0) useful.emplace_back(near, coverage);
  }
  int64_t best_m = kNever;
  std::vector<RankedLocation> pair;
  for (size_t j = 1; j < useful.size(); ++j) {
    for (size_t i = 0; i < j; ++i) {
      const int64_t total_m = useful[i].first.distance_m + useful[j].first.distance_m;
      if (total_m >= best_m) break;
      if ((useful[i].second | useful[j].second) != full) continue;
      best_m = total_m;
      pair = {useful[i].first, useful[j].first};
      break;
    }
  }
  if (pair.empty()) return std::nullopt;
  // Every other location is farther than the last one here.
  const bool all = ranked.size() < kNear;
  if (!all && best_m > useful[0].first.distance_m + ranked.back().distance_m) return std::nullopt;
  return pair;
}

// Set cover over the subsets of at most kExactDemands demands.
class WholeCover {
 public:
  WholeCover(const std::vector<LocationSet>& whole, const Proximity& proximity)
      : proximity_(proximity),
        full_((Mask{1} << whole.size()) - 1),
        distance_m_(full_ + 1, kNever),
        location_(full_ + 1) {
    RankByCoverage(whole);
    SpreadToSubsets();
  }

  std::vector<RankedLocation> Solve() {
    // layers[k]: with k + 2 parcels.
    std::vector<Layer> layers;
    // One more parcel at a time: the first number that covers everything is the fewest.
    do {
      Layer next(full_ + 1);
      const std::vector<int64_t>& fewer = layers.empty() ? distance_m_ : layers.back().distance_m;
      Extend(fewer, full_, next);
      if (next.distance_m[full_] == kNever) {
        for (Mask mask = 1; mask < full_; ++mask) Extend(fewer, mask, next);
      }
      layers.push_back(std::move(next));
    } while (layers.back().distance_m[full_] == kNever);

    std::vector<RankedLocation> chosen;
    Mask rest = full_;
    for (size_t k = layers.size(); k-- > 0 && rest != 0;) {
      const Mask first = layers[k].first[rest];
      chosen.push_back(Nearest(first));
      rest &= ~first;
    }
    if (rest != 0) chosen.push_back(Nearest(rest));
    proximity_.Sort(chosen);
    return chosen;
  }

 private:
  // The best way to cover each subset with at most so many locations: its total distance, and the
  // part that the first of them covers.
  struct Layer {
    explicit Layer(size_t masks) : distance_m(masks, kNever), first(masks) {}
    std::vector<int64_t> distance_m;
    std::vector<Mask> first;
  };

  RankedLocation Nearest(Mask mask) const { return {location_[mask], distance_m_[mask]}; }

  // Nearest(mask): the nearest location that covers exactly `mask`.
  void RankByCoverage(const std::vector<LocationSet>& whole) {
    const Network& network = proximity_.network();
    std::vector<uint16_t> coverage(network.size());
    LocationSet any;
    for (size_t demand = 0; demand < whole.size(); ++demand) {
      const auto bit = static_cast<uint16_t>(1u << demand);
      whole[demand].ForEach([&](LocationIndex location) {
        coverage[location] = static_cast<uint16_t>(coverage[location] | bit);
      });
      any |= whole[demand];
    }
    std::vector<NearestSoFar> nearest(full_ + 1);
    any.ForEach([&](LocationIndex location) {
      nearest[coverage[location]].Offer(network, proximity_.destination(), location);
    });
    for (Mask mask = 1; mask <= full_; ++mask) {
      const std::optional<RankedLocation>& best = nearest[mask].best();
      if (!best.has_value()) continue;
      distance_m_[mask] = best->distance_m;
      location_[mask] = best->location;
    }
  }

  // Nearest(mask): the nearest location that covers at least `mask`.
  void SpreadToSubsets() {
    for (Mask bit = 1; bit <= full_; bit <<= 1) {
      for (Mask mask = 1; mask <= full_; ++mask) {
        const Mask more = mask | bit;
        if (more == mask || distance_m_[more] > distance_m_[mask]) continue;
        if (distance_m_[more] == kNever) continue;
        if (distance_m_[mask] == kNever ||
            proximity_.network().Precedes(Nearest(more), Nearest(mask))) {
          distance_m_[mask] = distance_m_[more];
          location_[mask] = location_[more];
        }
      }
    }
  }

  // Covers `mask` with one location more than `fewer` does. That location takes the lowest demand,
  // so that no division of the mask is tried twice.
  void Extend(const std::vector<int64_t>& fewer, Mask mask, Layer& next) const {
    const Mask lowest = mask & (~mask + 1);
    const Mask others = mask & ~lowest;
    for (Mask sub = others;; sub = (sub - 1) & others) {
      const Mask first = sub | lowest;
      const Mask rest = mask & ~first;
      const int64_t head = distance_m_[first];
      const int64_t tail = rest == 0 ? 0 : fewer[rest];
      if (head != kNever && tail != kNever && head + tail < next.distance_m[mask]) {
        next.distance_m[mask] = head + tail;
        next.first[mask] = first;
      }
      if (sub == 0) break;
    }
  }

  const Proximity& proximity_;
  const Mask full_;
  // The nearest location for each mask; none if the distance is kNever.
  std::vector<int64_t> distance_m_;
  std::vector<LocationIndex> location_;
};

// Branch and bound over a CoverProblem, from a greedy set on.
class CoverSearch {
 public:
  CoverSearch(const CoverProblem& problem, int64_t steps_max)
      : problem_(problem),
        steps_left_(steps_max),
        remaining_(problem.needs),
        banned_(problem.candidates.size()) {
    for (const std::vector<CoverProblem::Offer>& offers : problem.offers) {
      std::vector<int64_t> units;
      units.reserve(offers.size());
      for (const CoverProblem::Offer& offer : offers) units.push_back(offer.units);
      std::sort(units.rbegin(), units.rend());
      largest_.push_back(std::move(units));
    }
    by_candidate_.resize(problem.candidates.size());
    for (size_t demand = 0; demand < problem.offers.size(); ++demand) {
      for (const CoverProblem::Offer& offer : problem.offers[demand]) {
        by_candidate_[offer.candidate].push_back({demand, offer.units});
      }
    }
  }

  std::vector<size_t> Solve() {
    Greedy();
    DropRedundant();
    best_score_ = ScoreOf(best_);
    Branch({});
    std::sort(best_.begin(), best_.end());
    return best_;
  }

 private:
  struct Contribution {
    size_t demand = 0;
    int64_t units = 0;
  };

  Score ScoreOf(const std::vector<size_t>& chosen) const {
    Score score;
    for (const size_t candidate : chosen) {
      ++score.parcels;
      score.distance_m += problem_.candidates[candidate].distance_m;
    }
    return score;
  }

  void Add(size_t candidate) {
    for (const Contribution& c : by_candidate_[candidate]) remaining_[c.demand] -= c.units;
  }
  void Remove(size_t candidate) {
    for (const Contribution& c : by_candidate_[candidate]) remaining_[c.demand] += c.units;
  }
  bool Covered() const {
    return std::all_of(remaining_.begin(), remaining_.end(), [](int64_t r) { return r <= 0; });
  }

  // Again and again the candidate that covers the largest share of what is still missing.
  void Greedy() {
    // Shares in units of 2^-20 of a demand; at most 2,000 lines of 10^9 units keep it below 2^62.
    constexpr int64_t kShare = 1 << 20;
    std::vector<int64_t> share(problem_.candidates.size());
    while (!Covered()) {
      std::fill(share.begin(), share.end(), 0);
      for (size_t demand = 0; demand < remaining_.size(); ++demand) {
        if (remaining_[demand] <= 0) continue;
        for (const CoverProblem::Offer& offer : problem_.offers[demand]) {
          if (banned_[offer.candidate]) continue;
          const int64_t units = std::min(offer.units, remaining_[demand]);
          share[offer.candidate] += units * kShare / problem_.needs[demand] + 1;
        }
      }
      const auto most = std::max_element(share.begin(), share.end());
      QM_CHECK(most != share.end() && *most > 0) << "offers do not add up to the need";
      const auto candidate = static_cast<size_t>(most - share.begin());
      banned_[candidate] = true;
      best_.push_back(candidate);
      Add(candidate);
    }
  }

  // Farthest first. Leaves remaining_ and banned_ as they were before Greedy.
  void DropRedundant() {
    std::sort(best_.rbegin(), best_.rend());
    std::vector<size_t> kept;
    for (const size_t candidate : best_) {
      banned_[candidate] = false;
      Remove(candidate);
      if (Covered()) continue;
      Add(candidate);
      kept.push_back(candidate);
    }
    best_ = std::move(kept);
    remaining_ = problem_.needs;
  }

  // How many more locations it takes at least: for the worst demand, by its largest offers.
  int LeastMore() {
    int least = 0;
    for (size_t demand = 0; demand < remaining_.size(); ++demand) {
      int64_t missing = remaining_[demand];
      int count = 0;
      for (size_t i = 0; missing > 0; ++i, ++count) {
        --steps_left_;
        if (i == largest_[demand].size()) return std::numeric_limits<int>::max() / 2;
        missing -= largest_[demand][i];
      }
      least = std::max(least, count);
    }
    return least;
  }

  // The unmet demand with the fewest offers: one of them must be in the set.
  size_t Narrowest() const {
    size_t narrowest = remaining_.size();
    for (size_t demand = 0; demand < remaining_.size(); ++demand) {
      if (remaining_[demand] <= 0) continue;
      if (narrowest == remaining_.size() ||
          problem_.offers[demand].size() < problem_.offers[narrowest].size()) {
        narrowest = demand;
      }
    }
    return narrowest;
  }

  void Branch(std::vector<size_t> chosen) {
    const Score score = ScoreOf(chosen);
    if (Covered()) {
      if (score < best_score_) {
        best_score_ = score;
        best_ = chosen;
      }
      return;
    }
    const int more = LeastMore();
    std::vector<size_t> tried;
    for (const CoverProblem::Offer& offer : problem_.offers[Narrowest()]) {
      if (--steps_left_ <= 0) break;
      const int64_t next_m = problem_.candidates[offer.candidate].distance_m;
      // Candidates come nearest first, and none of the others is nearer than the nearest.
      const Score bound{score.parcels + more,
                        score.distance_m + next_m + problem_.candidates[0].distance_m * (more - 1)};
      if (bound >= best_score_) break;
      if (banned_[offer.candidate]) continue;
      chosen.push_back(offer.candidate);
      banned_[offer.candidate] = true;
      Add(offer.candidate);
      Branch(chosen);
      Remove(offer.candidate);
      chosen.pop_back();
      // Stays out of the siblings: sets with it have been looked at.
      tried.push_back(offer.candidate);
    }
    for (const size_t candidate : tried) banned_[candidate] = false;
  }

  const CoverProblem& problem_;
  int64_t steps_left_;
  // Per demand, what is still missing; at or below 0 it is covered.
  std::vector<int64_t> remaining_;
  // Chosen, or left out of this branch.
  std::vector<bool> banned_;
  // Per demand, its offers' units, largest first.
  std::vector<std::vector<int64_t>> largest_;
  std::vector<std::vector<Contribution>> by_candidate_;
  std::vector<size_t> best_;
  Score best_score_;
};

}  // namespace

std::vector<RankedLocation> CoverWhole(const std::vector<LocationSet>& whole,
                                       Proximity& proximity) {
  if (auto pair = NearPair(whole, proximity)) return *std::move(pair);
  if (whole.size() <= kExactDemands) return WholeCover(whole, proximity).Solve();
  CoverProblem problem;
  LocationSet any;
  for (const LocationSet& set : whole) any |= set;
  any.ForEach([&](LocationIndex l) { problem.candidates.push_back(proximity.Rank(l)); });
  proximity.Sort(problem.candidates);
  problem.needs.assign(whole.size(), 1);
  problem.offers.resize(whole.size());
  for (size_t i = 0; i < problem.candidates.size(); ++i) {
    for (size_t demand = 0; demand < whole.size(); ++demand) {
      if (whole[demand].Contains(problem.candidates[i].location)) {
        problem.offers[demand].push_back({i, 1});
      }
    }
  }
  std::vector<RankedLocation> chosen;
  for (const size_t candidate : SolveCover(problem)) {
    chosen.push_back(problem.candidates[candidate]);
  }
  return chosen;
}

std::vector<size_t> SolveCover(const CoverProblem& problem, int64_t steps_max) {
  return CoverSearch(problem, steps_max).Solve();
}

}  // namespace quartermaster::routing
