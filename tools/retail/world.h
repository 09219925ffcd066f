// The retailer that is replayed: its network, its items, and what its customers do, all drawn
// before the first call, so that the same seed gives the same input. Plain values.
#ifndef QUARTERMASTER_TOOLS_RETAIL_WORLD_H_
#define QUARTERMASTER_TOOLS_RETAIL_WORLD_H_

#include <cstdint>
#include <string>
#include <vector>

namespace quartermaster::retail {

struct Point {
  // Degrees, WGS 84.
  double latitude = 0;
  double longitude = 0;
};

// Great-circle distance on a sphere of 6,371.0088 km (the IUGG mean radius), by the haversine
// formula.
double DistanceKm(const Point& a, const Point& b);

// From text; false if one of them is no number or out of range.
bool ParsePoint(const std::string& latitude, const std::string& longitude, Point* point);

// Indexes into World's vectors.
using ItemIndex = int32_t;
using PlaceIndex = int32_t;
inline constexpr PlaceIndex kNoPlace = -1;

struct Place {
  std::string id;
  std::string title;
  bool warehouse = false;
  Point point;
  std::string time_zone;
  bool ship = false;
  bool pickup = false;
  bool takes_returns = false;
  bool till = false;
  bool paused = false;

  // Whether web orders may take its units. The others sell at their tills only, so that a sale
  // there, a fact that is never refused, cannot take what was promised to someone else: their
  // shelves are exact in the clients' own records.
  bool online() const { return ship && !paused; }
};

struct Item {
  std::string sku;
  std::string title;
  std::string base_unit;
  int32_t quantity_scale = 0;
  std::vector<std::string> gtins;
  int32_t weight_g = 0;
  std::string handling_class;
  bool returnable = true;
  bool online = true;
};

struct City {
  std::string name;
  std::string country;
  Point point;
  int64_t population = 0;
};

struct World {
  std::vector<Place> places;
  std::vector<Item> items;
  std::vector<City> cities;
  std::string currency;
};

enum class Channel {
  // A parcel, from anywhere in the online network.
  kWeb,
  // Click & collect.
  kPickup,
  // A till of a store whose stock is online too: an order that may be refused.
  kCarryOut,
  // A till of a store that sells at tills only: a fact.
  kSale,
};

struct PlannedLine {
  ItemIndex item = 0;
  int32_t quantity = 0;
  int64_t unit_price_minor = 0;
};

struct PlannedOrder {
  std::string external_id;
  std::string customer_ref;
  Channel channel = Channel::kWeb;
  int32_t city = 0;
  // kPickup, kCarryOut, kSale: the store.
  PlaceIndex place = kNoPlace;
  // kPickup: the request names the store; otherwise the nearest that has everything is asked for.
  bool names_place = true;
  std::vector<PlannedLine> lines;
};

// Some units of an earlier order's line that come back.
struct ReturnPart {
  int32_t order = 0;
  int32_t line = 0;
  int32_t quantity = 0;
};

struct PlannedReturnLine {
  ItemIndex item = 0;
  int32_t quantity = 0;
  // Covers the quantity, or is empty: goods without a known sale.
  std::vector<ReturnPart> parts;
};

struct PlannedReturn {
  std::string external_id;
  PlaceIndex place = kNoPlace;
  std::vector<PlannedReturnLine> lines;
};

// One step of the replay: an order, or a return of earlier ones. Exactly one index is set.
struct Step {
  int32_t order = -1;
  int32_t planned_return = -1;
};

// A row of the input that makes nothing, and why.
struct Reject {
  std::string file;
  int64_t line = 0;
  std::string reason;
  std::string content;
};

// What was read, for the sums that are printed.
struct InputCounts {
  // Rows of the order file; order_lines + return_lines + rejected_lines + left_out_lines = lines.
  int64_t lines = 0;
  int64_t order_lines = 0;
  int64_t return_lines = 0;
  int64_t rejected_lines = 0;
  // Rows of invoices beyond the limit on orders.
  int64_t left_out_lines = 0;
  int64_t invoices = 0;
  int64_t rejected_invoices = 0;
  int64_t store_rows = 0;
  int64_t city_rows = 0;
};

struct Plan {
  std::vector<PlannedOrder> orders;
  std::vector<PlannedReturn> returns;
  std::vector<Step> steps;
  std::vector<Reject> rejects;
  InputCounts input;
};

// Units that a place receives before the replay. 1 to 2^31-1.
struct Supply {
  ItemIndex item = 0;
  PlaceIndex place = 0;
  int32_t quantity = 0;
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_WORLD_H_
