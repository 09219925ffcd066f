#include "services/routing/domain/network.h"

#include <algorithm>

namespace quartermaster::routing {

LocationIndex Network::Intern(std::string_view location_id) {
  const auto next = static_cast<LocationIndex>(locations_.size());
  const auto [entry, inserted] = index_by_id_.try_emplace(std::string(location_id), next);
  if (inserted) locations_.push_back({.id = entry->first});
  return entry->second;
}

LocationIndex Network::PutLocation(std::string_view location_id, const LocationData& data) {
  const LocationIndex index = Intern(location_id);
  Location& location = locations_[index];
  const bool moved = location.registered && !(location.data.point == data.point);
  if (moved) nearest_.Remove(index, location.position);
  if (!location.registered) ++registered_count_;
  if (moved || !location.registered) {
    location.position = ToUnitVector(data.point);
    nearest_.Add(index, location.position);
  }
  location.data = data;
  location.registered = true;
  registered_.Insert(index);
  paused_.Assign(index, data.paused);
  for (size_t i = 0; i < kCapabilities; ++i) {
    capable_[i].Assign(index, data.capabilities.Contains(static_cast<Capability>(i)));
  }
  return index;
}

void Network::SetPaused(std::string_view location_id, bool paused) {
  const std::optional<LocationIndex> index = Find(location_id);
  if (!index.has_value()) return;
  locations_[*index].data.paused = paused;
  paused_.Assign(*index, paused);
}

void Network::PutItem(std::string_view sku) { items_.emplace(sku); }

std::optional<LocationIndex> Network::Find(std::string_view location_id) const {
  const std::optional<LocationIndex> index = FindInterned(location_id);
  if (index.has_value() && !locations_[*index].registered) return std::nullopt;
  return index;
}

std::optional<LocationIndex> Network::FindInterned(std::string_view location_id) const {
  const auto entry = index_by_id_.find(location_id);
  if (entry == index_by_id_.end()) return std::nullopt;
  return entry->second;
}

bool Network::HasItem(std::string_view sku) const { return items_.contains(sku); }

std::vector<RankedLocation> Network::Nearest(const UnitVector& from, size_t count) const {
  std::vector<RankedLocation> ranked;
  // Fetches some more than asked: what is as near as the last one fetched may be incomplete, and
  // is dropped.
  for (size_t fetch = count + 4;; fetch *= 2) {
    ranked.clear();
    for (const LocationIndex location : nearest_.Nearest(from, fetch)) {
      ranked.push_back({location, DistanceM(from, locations_[location].position)});
    }
    std::sort(ranked.begin(), ranked.end(),
              [this](const auto& a, const auto& b) { return Precedes(a, b); });
    if (ranked.size() >= registered_count_) return ranked;
    // A metre of slack for the rounding of S2's order against ours.
    const int64_t incomplete_m = ranked.back().distance_m - 1;
    while (!ranked.empty() && ranked.back().distance_m >= incomplete_m) ranked.pop_back();
    if (ranked.size() >= count) return ranked;
  }
}

}  // namespace quartermaster::routing
