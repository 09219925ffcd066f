#include "services/routing/domain/score.h"

#include <algorithm>

namespace quartermaster::routing {
namespace {

// Up to so many locations a look at each is cheaper than a walk over the index.
constexpr size_t kScanMax = 192;
constexpr size_t kFirstWalk = 32;

}  // namespace

Proximity::Proximity(const Network* network, const std::optional<GeoPoint>& destination)
    : network_(network) {
  if (destination.has_value()) destination_ = ToUnitVector(*destination);
}

int64_t Proximity::DistanceM(LocationIndex location) const {
  if (!destination_.has_value()) return 0;
  return routing::DistanceM(*destination_, network_->at(location).position);
}

std::optional<RankedLocation> Proximity::NearestOf(const LocationSet& set) {
  if (!destination_.has_value() || set.Count() <= kScanMax) {
    NearestSoFar nearest;
    set.ForEach([&](LocationIndex location) { nearest.Offer(*network_, destination_, location); });
    return nearest.best();
  }
  size_t walked = 0;
  for (size_t count = kFirstWalk;; count *= 4) {
    const bool more = Ranked(count).size() >= count;
    for (; walked < ranked_.size(); ++walked) {
      if (set.Contains(ranked_[walked].location)) return ranked_[walked];
    }
    if (!more) return std::nullopt;
  }
}

std::vector<RankedLocation> Proximity::NearestOf(const LocationSet& set, size_t count) {
  std::vector<RankedLocation> nearest;
  if (!destination_.has_value() || set.Count() <= kScanMax) {
    set.ForEach([&](LocationIndex location) { nearest.push_back(Rank(location)); });
    Sort(nearest);
    if (nearest.size() > count) nearest.resize(count);
    return nearest;
  }
  size_t walked = 0;
  for (size_t walk = std::max(count, kFirstWalk);; walk *= 4) {
    const bool more = Ranked(walk).size() >= walk;
    for (; walked < ranked_.size() && nearest.size() < count; ++walked) {
      if (set.Contains(ranked_[walked].location)) nearest.push_back(ranked_[walked]);
    }
    if (nearest.size() == count || !more) return nearest;
  }
}

void Proximity::Sort(std::vector<RankedLocation>& locations) const {
  std::sort(locations.begin(), locations.end(),
            [this](const auto& a, const auto& b) { return network_->Precedes(a, b); });
}

const std::vector<RankedLocation>& Proximity::Ranked(size_t count) {
  if (ranked_.size() < count) ranked_ = network_->Nearest(*destination_, count);
  return ranked_;
}

void NearestSoFar::Offer(const Network& network, const std::optional<UnitVector>& destination,
                         LocationIndex location) {
  RankedLocation offered{location, 0};
  if (destination.has_value()) {
    const double chord = ChordSquared(*destination, network.at(location).position);
    if (chord > cutoff_) return;
    offered.distance_m = DistanceOfChordM(chord);
  }
  if (best_.has_value() && !network.Precedes(offered, *best_)) return;
  best_ = offered;
  cutoff_ = ChordOfDistance(static_cast<double>(offered.distance_m) + 1);
}

}  // namespace quartermaster::routing
