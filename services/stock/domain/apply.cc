#include "services/stock/domain/apply.h"

#include <algorithm>
#include <variant>

#include "services/base/check.h"
#include "services/stock/domain/applier.h"
#include "services/stock/domain/sku_chain.h"

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
  AskWaiters();
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
  if (e.scope.sku == SkuIndex::kNone) {
    AskWaiters();
  } else {
    AskWaitersOf(e.scope.sku);
  }
}

template <typename Visit>
void Applier::VisitOpenLines(SkuIndex sku, ChannelIndex channel, const Visit& visit) {
  SkuChain chain(state_, sku);
  while (const Reservation* r = chain.Next()) {
    for (const ReservationLine& line : r->lines) {
      if (line.sku == sku && line.channel == channel) visit(*r, line);
    }
  }
}

void Applier::operator()(const AllotmentSet& e) {
  QM_CHECK(state_.skus.Knows(e.sku) && state_.channel_names.Knows(e.channel))
      << "record " << position_ << " is an allotment of an unknown name";
  AskWaitersOf(e.sku);
  if (e.terms.empty()) {
    state_.allotments.Remove(e.sku, e.channel);
    state_.customers.End(e.sku, e.channel);
    return;
  }
  const Allotment* const before = state_.allotments.Find(e.sku, e.channel);
  QM_CHECK(before != nullptr || e.new_window)
      << "record " << position_ << " goes on with a window that never began";
  const bool counts_customers = before != nullptr && before->terms.customer_cap && !e.new_window;
  Allotment allotment{.channel = e.channel, .terms = e.terms, .version = position_};
  allotment.window_start = e.new_window ? time_ : before->window_start;
  if (!e.new_window) allotment.sold = before->sold;
  if (before != nullptr) {
    allotment.open = before->open;
  } else {
    VisitOpenLines(e.sku, e.channel, [&](const Reservation&, const ReservationLine& line) {
      allotment.open += line.promised();
    });
  }
  state_.allotments.Set(e.sku, allotment);
  if (!e.terms.customer_cap) return state_.customers.End(e.sku, e.channel);
  if (counts_customers) return;
  state_.customers.Begin(e.sku, e.channel);
  VisitOpenLines(e.sku, e.channel, [&](const Reservation& r, const ReservationLine& line) {
    const std::string_view customer = state_.customers.Of(r.id);
    if (!customer.empty()) state_.customers.Add(e.sku, e.channel, customer, line.promised());
  });
}

void Applier::operator()(const ChannelSet& e) {
  QM_CHECK(state_.pool_names.Knows(e.pool))
      << "record " << position_ << " is a channel of an unknown pool";
  if (!state_.channel_names.Knows(e.channel)) {
    state_.channel_names.Add(e.channel, e.name);
    state_.channels.emplace_back();
  }
  state_.channels[static_cast<uint32_t>(e.channel)] = {e.pool, e.demand, e.buffer, position_};
  AskWaiters();
}

void Applier::operator()(const KitDefined& e) {
  bool known = state_.skus.Knows(e.sku);
  for (const KitPart& component : e.components) known = known && state_.skus.Knows(component.sku);
  QM_CHECK(known) << "record " << position_ << " is a kit of unknown names";
  const auto flaw = state_.kits.FindFlaw(e.sku, e.components);
  QM_CHECK(!flaw) << "record " << position_ << " is a kit that cannot be";
  state_.kits.Set(e.sku, e.components, e.same_location, position_);
}

}  // namespace internal

void Apply(State& state, const Event& event, int64_t position, Instant time, Changes& changes) {
  std::visit(internal::Applier(state, position, time, changes), event);
}

}  // namespace quartermaster::stock
