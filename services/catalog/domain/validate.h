// The rules of single fields, and their defaults.
//
// apply holds stored events to these rules too. They may be loosened; a tighter one needs a new
// version of the event, or old logs could no longer be read.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_VALIDATE_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_VALIDATE_H_

#include <vector>

#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/rejections.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

inline constexpr size_t kMaxBatch = 2'000;
inline constexpr size_t kMaxTitleBytes = 128;
inline constexpr size_t kMaxGtins = 32;
inline constexpr int32_t kMaxWeightG = 10'000'000;

// Fills in the defaults of empty fields, puts sets in order, and forgets the version.
Item Canonical(Item item);
Location Canonical(Location location);

// Everything in a canonical item that breaks its rule, in the order of the fields.
std::vector<Violation> CheckItem(const Item& item);
// As above; the location need not be canonical, so that `capabilities[2]` is the caller's third.
std::vector<Violation> CheckLocation(const Location& location, bool time_zone_known);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_VALIDATE_H_
