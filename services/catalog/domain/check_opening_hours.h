// The rules of opening hours.
#ifndef QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CHECK_OPENING_HOURS_H_
#define QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CHECK_OPENING_HOURS_H_

#include <vector>

#include "services/catalog/domain/opening_hours.h"
#include "services/catalog/domain/rejections.h"

namespace quartermaster::catalog {

// Everything that breaks a rule, under the API's names of the fields: "opening_hours[2].weekday",
// "special_days[0].spans[1]". The hours need not be canonical, so that the indexes are the
// caller's. What overlaps is looked for once each span and each date by itself is right.
std::vector<Violation> CheckOpeningHours(const OpeningHours& hours);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_DOMAIN_CHECK_OPENING_HOURS_H_
