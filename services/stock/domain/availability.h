// Availability: the largest quantity that Reserve would accept for a key.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_

#include <optional>

#include "services/base/quantity.h"
#include "services/stock/domain/backing.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/positions.h"
#include "services/stock/domain/rejections.h"

namespace quartermaster::stock {

struct AvailabilityFigures {
  // Never below zero.
  Quantity available;
  // Of the location, or summed over the pool's locations (paused ones too: the goods are there).
  Balances position;
  // Of what is reserved and allocated there: units of flexible holds, which may move.
  Quantity flexible;
  // Of the location, or summed over the pool's locations: one's surplus does not cover another.
  Quantity shortage;
  // What position.unusable is made of.
  ConditionCounts conditions;
  // What is set for the location, or summed over the pool's: as much of it as there is, is not for
  // online demand.
  Quantity safety_stock;

  friend bool operator==(const AvailabilityFigures&, const AvailabilityFigures&) = default;
};

// Which of the key's names nobody registered; nullopt if all are known.
std::optional<RejectionKind> FindUnknownName(const Inventory& inventory, const StockKey& key);

// `draft` carries what counts as free although it is held: the asker's own hold; for several keys
// it is best the same. The key's names must be known.
AvailabilityFigures FindAvailability(const Inventory& inventory, Draft& draft, const StockKey& key);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_AVAILABILITY_H_
