// Regroup: who is refused where units lie scattered may be served if lines that must be at one
// location move to another, all of them together.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_REGROUP_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_REGROUP_H_

#include <functional>
#include <memory>
#include <vector>

#include "services/stock/domain/backing.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

// As many of the latest groups that have units of the SKUs are tried, first all at once, then each.
// To place all of them in every way would be exact, and for nobody to wait for: what is refused
// although some arrangement serves it is counted by groups_test.
inline constexpr size_t kGroupsTriedMax = 16;
// Nor is it tried for requests of more lines, kits counted by their parts: each try plans them
// anew.
inline constexpr size_t kRegroupedLinesMax = 200;

// A draft in which all is served, and which groups have moved for it.
struct Regrouped {
  Draft draft;
  Backing backing;
  std::vector<GroupMoved> moved;
};

// `start()` makes a draft without what is replaced, `plan(draft)` takes in it what is asked;
// `is_kept(reservation)` tells who is not replaced. nullptr if it does not help.
std::unique_ptr<Regrouped> Regroup(const State& state, const std::vector<SkuIndex>& skus,
                                   const std::function<Draft()>& start,
                                   const std::function<Backing(Draft&)>& plan,
                                   const std::function<bool(ReservationId)>& is_kept);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_REGROUP_H_
