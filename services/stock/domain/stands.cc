#include "services/stock/domain/stands.h"

#include <algorithm>

#include "services/stock/domain/sku_backing.h"

namespace quartermaster::stock {

Placements Stands::Next(const ReservationLine& line) {
  Placements stand;
  if (!line.flexible()) return stand;
  const SkuBacking* const backing = inventory_.backings.Find(line.sku);
  if (backing == nullptr) return stand;
  const Lane lane{line.eligible, reservation_.state == ReservationState::kConfirmed};
  for (const SkuBacking::Entry& entry : *backing) {
    if (entry.lane == lane) stand.push_back({entry.location, entry.quantity});
  }
  SortByMost(stand);
  Quantity skipped;
  if (reservation_.lines.size() > 1) {
    Quantity& said = said_[{line.sku, line.eligible}];
    skipped = said;
    said += line.open();
  }
  Quantity left = line.open();
  size_t kept = 0;
  for (Placement place : stand) {
    const Quantity others = std::min(place.quantity, skipped);
    skipped -= others;
    place.quantity = std::min(place.quantity - others, left);
    left -= place.quantity;
    if (place.quantity.IsPositive()) stand[kept++] = place;
  }
  stand.resize(kept);
  return stand;
}

}  // namespace quartermaster::stock
