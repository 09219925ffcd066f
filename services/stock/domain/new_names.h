// NewNames: SKUs and locations that a fact names first: its own events register them, in front of
// what it says of them.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_NEW_NAMES_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_NEW_NAMES_H_

#include <cstdint>
#include <map>
#include <string>

#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/inventory.h"

namespace quartermaster::stock {

// Of one command. Not thread-safe.
class NewNames {
 public:
  // Registrations go to the end of `events`.
  NewNames(const Inventory& inventory, Events& events) : inventory_(inventory), events_(events) {}

  // The name's index, which it has from here on if it is new.
  SkuIndex Sku(const std::string& name) { return Of<SkuRegistered>(inventory_.skus, name, skus_); }
  LocationIndex Location(const std::string& name) {
    return Of<LocationRegistered>(inventory_.locations, name, locations_);
  }

 private:
  template <typename Registered, typename Names, typename Index>
  Index Of(const Names& known, const std::string& name, std::map<std::string, Index>& added) {
    if (const Index index = known.Find(name); index != Index::kNone) return index;
    const Index next{static_cast<uint32_t>(known.next()) + static_cast<uint32_t>(added.size())};
    const auto [it, is_new] = added.emplace(name, next);
    if (is_new) events_.push_back(Registered{next, name, true});
    return it->second;
  }

  const Inventory& inventory_;
  Events& events_;
  std::map<std::string, SkuIndex> skus_;
  std::map<std::string, LocationIndex> locations_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_NEW_NAMES_H_
