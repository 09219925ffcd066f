// StockNames: stock's events name SKUs, locations, pools and channels by compact ids, which other
// events of the same partition declared. This puts their names beside them:
//
//   {"sku": 3, "location": 7} -> {"sku": 3, "sku_id": "A-1", "location": 7, "location_id":
//   "store-5"}
#ifndef QUARTERMASTER_TOOLS_QM_LOG_STOCK_NAMES_H_
#define QUARTERMASTER_TOOLS_QM_LOG_STOCK_NAMES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tools/qm/output/json.h"

namespace quartermaster::qm {

// Thread-compatible.
class StockNames {
 public:
  // Whether a record of this type declares a name.
  static bool Declares(int type);
  // Learns what the record declares, if anything.
  void Learn(int type, std::string_view payload);
  // Adds names, at any depth, to what RecordToJson made of an event. What was never declared stays
  // as it is. A reservation's number gets its id too: "reservation_id": "r17".
  void AddTo(Json* event) const;

 private:
  using Names = std::map<int64_t, std::string>;
  void AddToObject(Json* object) const;

  Names skus_, locations_, pools_, channels_, transfers_;
};

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_LOG_STOCK_NAMES_H_
