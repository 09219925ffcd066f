// Real input: a chain's stores, cities with their population, and an online retailer's invoices,
// raw as they are. Any directory with files of these names and columns works the same:
//
//   us_stores.csv                         store_number,type,city,state,zip,latitude,longitude
//   us_cities.csv                         city,population,latitude,longitude
//   online_retail_2010-12_2011-05.csv.gz  invoice,sku,quantity,invoiced_at,unit_price_gbp,
//                                         customer_id,country
//
// Every row becomes something or is rejected with its line and reason; nothing is skipped.
#ifndef QUARTERMASTER_TOOLS_RETAIL_INVOICES_H_
#define QUARTERMASTER_TOOLS_RETAIL_INVOICES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/retail/network.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// Stores, cities, and five warehouses that the files do not have: one at each of five
// population-weighted centres of the cities. Every twentieth store sells at its tills only.
// Rejected rows are added to `plan`, with the counts of rows. Errors: those of ReadCsv, and
// FailedPrecondition if no store or no city is usable.
absl::StatusOr<World> ReadStoresAndCities(const std::string& directory, Plan* plan);

// Adds the items that the invoices name to `world` and the invoices to `plan`: an invoice is an
// order, of at most 2,000 lines, its destination drawn by population; one whose number begins with
// C is a return. A duplicate of a SKU within an invoice stays a line of its own. A returned line
// is matched with earlier purchases of the same customer and SKU, newest first; one that they do
// not cover is of an unknown sale. At most `limit` invoices become orders; 0 means all.
//
// Rejected: a row with another number of columns, an invoice number that is not digits or C and
// digits, a SKU that is no product's (POST, D, M, ...: a product's starts with five digits or
// DCGS), a quantity that is zero or no number, a negative one outside of a return, a positive one
// in a return, a price that is not above zero.
absl::Status ReadInvoices(const std::string& directory, uint64_t seed, int64_t limit, World* world,
                          Plan* plan);

// Empty if the row makes a line of an order or a return; else the reason that it is rejected for.
std::string RejectReason(const std::vector<std::string>& fields);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_INVOICES_H_
