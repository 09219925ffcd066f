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

// What the end of an open hold costs, by its event: 1 for each place where units of it stood, at
// least 1; 0 of another event.
int ExpiryCost(const State& state, const Event& event);

// The holds that are due at `now`, in (deadline, id) order, until their events cost `max`: an event
// each, appended to `events`. Takes their deadlines, and stale ones on the way, out of the queue.
void ExpireDue(State& state, Instant now, int max, Events& events);

// When more holds are due than a batch may end, the rest wait for the next batches; but a command
// on a SKU must not find units held by a hold that is over. Knows who waits, by SKU: each hold is
// looked at once when it begins to wait, and once when it is its turn.
class OverdueHolds {
 public:
  // Once per batch, after ExpireDue: sets aside in the state's queue whatever else is due. Cheap
  // when nothing is.
  void Update(State& state, Instant now);
  bool empty() const { return !waiting_; }

  // Ends the overdue holds on the command's SKUs, the one that it names, and its owner's: an event
  // each, appended to `events`, which the caller must apply. Until they cost `max`: false if that
  // was not enough; then the command must not be decided yet.
  bool ExpireFor(const State& state, const Command& command, int max, Events& events);
  // The same for a fact about a SKU.
  bool ExpireFor(const State& state, SkuIndex sku, int max, Events& events);

 private:
  // In the order of their deadlines; those before `next` have ended.
  struct Waiting {
    std::vector<ReservationId> holds;
    size_t next = 0;
  };
  class Ending;
  bool ExpireFor(SkuIndex sku, Ending& ending);

  absl::flat_hash_map<SkuIndex, Waiting> by_sku_;
  bool waiting_ = false;
  Instant now_ = kDistantPast;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_EXPIRY_H_
