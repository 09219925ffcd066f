// Expiry: which holds have run out. A hold is live iff now < its deadline.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/time.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// The holds that are due at `now`, in (deadline, id) order, at most `max`: an event each, appended
// to `events`. Takes their deadlines, and stale ones on the way, out of the queue.
void ExpireDue(State& state, Instant now, int max, Events& events);

// When more holds are due than a batch may end, the rest wait for the next batches; but a command
// on a SKU must not find units held by a hold that is over. Made once per batch, after ExpireDue.
class OverdueHolds {
 public:
  // Forgets the batch before; cheap when nothing is due.
  void Reset(const State& state, Instant now);
  // Events that end the overdue holds on the command's SKUs, and on the reservation it names.
  void ExpireFor(const State& state, const Command& command, Events& events) const;

 private:
  absl::flat_hash_map<SkuIndex, std::vector<ReservationId>> by_sku_;
  Instant now_ = kDistantPast;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_H_
