// NearestIndex: points on the sphere, found nearest first without looking at all of them. Over S2's
// point index, whose headers stay out of this one.
#ifndef QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_INDEX_H_
#define QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_INDEX_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "services/routing/domain/geo.h"
#include "services/routing/domain/location_set.h"

namespace quartermaster::routing {

// Const methods may run on several threads at once; changes need exclusion.
class NearestIndex {
 public:
  NearestIndex();
  ~NearestIndex();
  NearestIndex(NearestIndex&&) noexcept;
  NearestIndex& operator=(NearestIndex&&) noexcept;

  void Add(LocationIndex location, const UnitVector& point);
  // `point` as it was added.
  void Remove(LocationIndex location, const UnitVector& point);

  // The `count` nearest of `from`, or all if there are fewer. Nearest first, up to the rounding of
  // S2's distances; equally distant ones in no particular order.
  std::vector<LocationIndex> Nearest(const UnitVector& from, size_t count) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quartermaster::routing

#endif  // QUARTERMASTER_SERVICES_ROUTING_DOMAIN_NEAREST_INDEX_H_
