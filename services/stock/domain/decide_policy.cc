#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock::internal {

Decision DecidePolicy(const State& state, const SetStockPolicy& command, int64_t next,
                      Events& events) {
  if (command.of_sku && !state.skus.Knows(command.sku)) {
    return Reject(RejectionKind::kItemNotFound);
  }
  if (command.of_location && !state.locations.Knows(command.location)) {
    return Reject(RejectionKind::kLocationNotFound);
  }
  const PolicyScope scope{command.of_sku ? command.sku : SkuIndex::kNone,
                          command.of_location ? command.location : LocationIndex::kNone};
  const SafetyStock::Setting* const before = state.safety_stock.Find(scope);
  const int64_t version = before == nullptr ? 0 : before->version;
  if (command.expected_version.value_or(version) != version) {
    Decision refused = Reject(RejectionKind::kVersionChanged);
    refused.rejection->expected = Quantity(*command.expected_version);
    refused.rejection->actual = Quantity(version);
    return refused;
  }
  Decision decision;
  decision.version = command.safety_stock ? next + static_cast<int64_t>(events.size()) : 0;
  events.push_back(StockPolicySet{scope, command.safety_stock, command.attribution});
  return decision;
}

}  // namespace quartermaster::stock::internal
