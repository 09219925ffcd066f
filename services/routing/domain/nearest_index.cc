#include "services/routing/domain/nearest_index.h"

#include <algorithm>
#include <climits>

// S2 defines global integer types and LOG macros: this is the only file that includes it.
#include <s2/s2closest_point_query.h>
#include <s2/s2point_index.h>

namespace quartermaster::routing {

struct NearestIndex::Impl {
  S2PointIndex<LocationIndex> index;
};

NearestIndex::NearestIndex() : impl_(std::make_unique<Impl>()) {}
NearestIndex::~NearestIndex() = default;
NearestIndex::NearestIndex(NearestIndex&&) noexcept = default;
NearestIndex& NearestIndex::operator=(NearestIndex&&) noexcept = default;

void NearestIndex::Add(LocationIndex location, const UnitVector& point) {
  impl_->index.Add(S2Point(point.x, point.y, point.z), location);
}

void NearestIndex::Remove(LocationIndex location, const UnitVector& point) {
  impl_->index.Remove(S2Point(point.x, point.y, point.z), location);
}

std::vector<LocationIndex> NearestIndex::Nearest(const UnitVector& from, size_t count) const {
  S2ClosestPointQuery<LocationIndex> query(&impl_->index);
  query.mutable_options()->set_max_results(static_cast<int>(std::clamp<size_t>(count, 1, INT_MAX)));
  S2ClosestPointQuery<LocationIndex>::PointTarget target(S2Point(from.x, from.y, from.z));
  std::vector<LocationIndex> locations;
  for (const auto& result : query.FindClosestPoints(&target)) locations.push_back(result.data());
  return locations;
}

}  // namespace quartermaster::routing
