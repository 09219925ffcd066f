#include "services/routing/domain/supply.h"

#include <algorithm>
#include <optional>

#include "services/base/check.h"

namespace quartermaster::routing {

SupplyItem Supply::Add(std::string_view sku) {
  entries_.push_back({.stock = mirror_->Find(sku)});
  return entries_.size() - 1;
}

void Supply::Believe(SupplyItem item, std::string_view location_id, int64_t available) {
  const std::optional<LocationIndex> location = network_->FindInterned(location_id);
  if (!location.has_value()) return;
  entries_[item].patches[*location] = std::max<int64_t>(available, 0);
}

void Supply::Credit(SupplyItem item, std::string_view location_id, int64_t quantity) {
  const std::optional<LocationIndex> location = network_->FindInterned(location_id);
  if (!location.has_value()) return;
  entries_[item].patches[*location] = Available(item, *location) + quantity;
}

void Supply::Take(SupplyItem item, LocationIndex location, int64_t quantity) {
  const int64_t available = Available(item, location);
  QM_CHECK(quantity <= available) << "a plan takes " << quantity << " of " << available;
  entries_[item].patches[location] = available - quantity;
}

int64_t Supply::Available(SupplyItem item, LocationIndex location) const {
  const Entry& entry = entries_[item];
  if (const auto patch = entry.patches.find(location); patch != entry.patches.end()) {
    return patch->second;
  }
  return entry.stock == nullptr ? 0 : entry.stock->AvailableAt(location);
}

LocationSet Supply::With(SupplyItem item, int64_t quantity) const {
  const Entry& entry = entries_[item];
  LocationSet with;
  if (entry.stock != nullptr) {
    with = quantity == 1 ? entry.stock->present() : entry.stock->With(quantity);
  }
  for (const auto& [location, available] : entry.patches) {
    with.Assign(location, available >= quantity);
  }
  return with;
}

}  // namespace quartermaster::routing
