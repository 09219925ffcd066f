// Caps: how much of a SKU a channel, and each of its customers, may use. Counters, checked before
// anybody looks for units.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CAPS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CAPS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/quantity.h"
#include "services/stock/domain/allotment.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// What a channel with a cap may still take, if it gives `given_back` of its open units back, which
// it may have again in any case; kEverything without a cap. Never negative.
Quantity LeftOfCap(const Allotment& allotment, Quantity given_back);

// Lines that ask for more than is left of a cap.
struct OverCap {
  // By the channel's, and by the customer's; in the order of the lines.
  std::vector<ShortLine> by_channel;
  std::vector<ShortLine> by_customer;

  bool empty() const { return by_channel.empty() && by_customer.empty(); }
  // What to refuse the request with; not if it is empty.
  Rejection Refusal() const;
};

// Lowers the lines' quantities to what caps leave them, in the order of the lines, once the open
// units of `replaced` are given back. `customer` may be empty: nobody's units are counted then. All
// names must be known.
OverCap ApplyCaps(const State& state, std::string_view customer,
                  const absl::InlinedVector<const Reservation*, 2>& replaced, HoldLines& lines);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CAPS_H_
