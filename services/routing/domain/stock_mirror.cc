#include "services/routing/domain/stock_mirror.h"

#include <algorithm>

namespace quartermaster::routing {

int64_t SkuStock::AvailableAt(LocationIndex location) const {
  if (!present_.Contains(location)) return 0;
  const auto found = std::lower_bound(locations_.begin(), locations_.end(), location);
  return available_[static_cast<size_t>(found - locations_.begin())];
}

void SkuStock::Set(LocationIndex location, int64_t available) {
  const auto found = std::lower_bound(locations_.begin(), locations_.end(), location);
  const auto at = available_.begin() + (found - locations_.begin());
  if (present_.Contains(location)) {
    if (available > 0) {
      *at = available;
      return;
    }
    available_.erase(at);
    locations_.erase(found);
    present_.Erase(location);
  } else if (available > 0) {
    available_.insert(at, available);
    locations_.insert(found, location);
    present_.Insert(location);
  }
}

LocationSet SkuStock::With(int64_t quantity) const {
  if (locations_.empty()) return {};
  LocationSet with(locations_.back() + 1);
  for (size_t i = 0; i < locations_.size(); ++i) {
    with.InsertIf(locations_[i], available_[i] >= quantity);
  }
  return with;
}

void StockMirror::Set(std::string_view sku, LocationIndex location, int64_t available) {
  auto entry = by_sku_.find(sku);
  if (entry == by_sku_.end()) {
    entry = by_sku_.emplace(std::string(sku), &stock_.emplace_back()).first;
  }
  entry->second->Set(location, available);
}

const SkuStock* StockMirror::Find(std::string_view sku) const {
  const auto entry = by_sku_.find(sku);
  return entry == by_sku_.end() ? nullptr : entry->second;
}

}  // namespace quartermaster::routing
