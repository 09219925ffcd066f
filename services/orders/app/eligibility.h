// Eligibility: whether the catalog lets a channel sell what is asked for, as one refusal that names
// every line that it does not.
//
//   Eligibility eligibility(directory, channel_id);
//   for (...) eligibility.Look(line, group.method, "groups[0].lines[2].sku");
//   if (auto refusal = std::move(eligibility).refusal()) return Record(attempt, *refusal);
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ELIGIBILITY_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ELIGIBILITY_H_

#include <optional>
#include <string>
#include <utility>

#include "services/orders/app/peers.h"
#include "services/orders/domain/events.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

class Eligibility {
 public:
  // `directory`: null if everything may be sold; must outlive this. Tills sell what they have.
  Eligibility(const Directory* directory, const std::string& channel_id)
      : directory_(channel_id == kTillChannel ? nullptr : directory) {}

  // `path`: of the SKU in the request. What is taken along at once is over the counter already;
  // what is not known at all is stock's and routing's to refuse.
  void Look(const PlacedLine& line, Method method, const std::string& path);

  // ITEM_NOT_ELIGIBLE; nothing if all of it may be sold.
  std::optional<runtime::RpcError> refusal() && { return std::move(refusal_); }

 private:
  const Directory* const directory_;
  std::optional<runtime::RpcError> refusal_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ELIGIBILITY_H_
