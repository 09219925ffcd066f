#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

std::shared_ptr<const Item> State::FindItem(const std::string& sku) const {
  const auto found = items.find(sku);
  return found == items.end() ? nullptr : found->second;
}

std::shared_ptr<const Location> State::FindLocation(const std::string& location_id) const {
  const auto found = locations.find(location_id);
  return found == locations.end() ? nullptr : found->second;
}

}  // namespace quartermaster::catalog
