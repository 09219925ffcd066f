#include "services/stock/domain/apply.h"

#include <algorithm>
#include <variant>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"

namespace quartermaster::stock {
namespace internal {

void Applier::operator()(const PoolSet& e) {
  if (!state_.pool_names.Knows(e.pool)) {
    state_.pool_names.Add(e.pool, e.name);
    state_.pools.emplace_back();
  }
  Pool& pool = state_.pools[static_cast<uint32_t>(e.pool)];
  pool.locations = e.locations;
  std::sort(pool.locations.begin(), pool.locations.end());
  pool.eligible = state_.classes.Intern(pool.locations);
}

void Applier::operator()(const StockPolicySet& e) {
  const bool known =
      (e.scope.sku == SkuIndex::kNone || state_.skus.Knows(e.scope.sku)) &&
      (e.scope.location == LocationIndex::kNone || state_.locations.Knows(e.scope.location));
  QM_CHECK(known) << "record " << position_ << " is a policy of an unknown name";
  if (e.safety_stock) {
    state_.safety_stock.Set(e.scope, {*e.safety_stock, position_});
  } else {
    state_.safety_stock.Remove(e.scope);
  }
}

void Applier::operator()(const ChannelSet& e) {
  QM_CHECK(state_.pool_names.Knows(e.pool))
      << "record " << position_ << " is a channel of an unknown pool";
  if (!state_.channel_names.Knows(e.channel)) {
    state_.channel_names.Add(e.channel, e.name);
    state_.channels.emplace_back();
  }
  state_.channels[static_cast<uint32_t>(e.channel)] = {e.pool, e.demand, e.buffer, position_};
}

}  // namespace internal

void Apply(State& state, const Event& event, int64_t position, Instant time, Changes& changes) {
  std::visit(internal::Applier(state, position, time, changes), event);
}

}  // namespace quartermaster::stock
