// What can be asked of supply, and told of it.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_COMMANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

// Lines of a purchase order as they are now said to be. Of each, an older revision than the one
// that is known changes nothing.
struct ExpectSupply {
  struct Line {
    std::string line_id;
    SkuIndex sku = SkuIndex::kNone;
    LocationIndex location = LocationIndex::kNone;
    Quantity quantity;
    Instant due;
  };
  std::string supply_id;
  // From 1.
  int64_t revision = 1;
  std::vector<Line> lines;
  Attribution attribution;
};

// A fact: goods of a purchase order have come. Names instead of ids, as a fact may name what nobody
// registered.
struct ReceiveSupply {
  struct Line {
    std::string line_id;
    // Empty: those of the line, which must then be known.
    std::string sku;
    std::string location;
    Quantity quantity;
    Condition condition = Condition::kSellable;
    // No more of the line will come.
    bool last = false;
    // Empty: none.
    std::string effect_key;
  };
  std::string supply_id;
  std::vector<Line> lines;
  Attribution attribution;
  // Which message of which source tells it; all lines are one message.
  SourceMessage message = {};
  // When it happened; Instant(): nobody said.
  Instant business_time = {};
};

// What is still to come of these lines, or of all if there are none, will not.
struct CancelSupply {
  std::string supply_id;
  std::vector<std::string> line_ids;
  Attribution attribution;
  // Lines that a later one told of stay. 0: none does.
  int64_t revision = 0;
};

struct GetSupply {
  std::string supply_id;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLY_COMMANDS_H_
