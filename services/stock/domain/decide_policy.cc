#include <optional>
#include <utility>

#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock::internal {

std::optional<Decision> RefuseVersion(std::optional<int64_t> expected, int64_t version) {
  if (expected.value_or(version) == version) return std::nullopt;
  Decision refused = Reject(RejectionKind::kVersionChanged);
  refused.rejection->expected = Quantity(*expected);
  refused.rejection->actual = Quantity(version);
  return refused;
}

Decision DecideChannel(const State& state, const SetChannel& command, int64_t next,
                       Events& events) {
  if (!state.pool_names.Knows(command.pool)) return Reject(RejectionKind::kPoolNotFound);
  const ChannelIndex known = state.channel_names.Find(command.channel);
  const bool is_new = known == ChannelIndex::kNone;
  const int64_t version = is_new ? 0 : state.ChannelAt(known).version;
  if (auto refused = RefuseVersion(command.expected_version, version)) return *std::move(refused);
  Decision decision;
  decision.version = next + static_cast<int64_t>(events.size());
  events.push_back(ChannelSet{is_new ? state.channel_names.next() : known, command.channel,
                              command.pool, command.demand, command.buffer, command.attribution});
  return decision;
}

Decision DecideAllotment(const State& state, const SetAllotment& command, int64_t next,
                         Events& events) {
  if (!state.skus.Knows(command.sku)) return Reject(RejectionKind::kItemNotFound);
  if (!state.channel_names.Knows(command.channel)) return Reject(RejectionKind::kChannelNotFound);
  const Allotment* const before = state.allotments.Find(command.sku, command.channel);
  const int64_t version = before == nullptr ? 0 : before->version;
  if (auto refused = RefuseVersion(command.expected_version, version)) return *std::move(refused);
  Decision decision;
  decision.version = command.terms.empty() ? 0 : next + static_cast<int64_t>(events.size());
  events.push_back(AllotmentSet{command.channel, command.sku, command.terms,
                                command.new_window || before == nullptr, command.attribution});
  return decision;
}

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
  if (auto refused = RefuseVersion(command.expected_version, version)) return *std::move(refused);
  Decision decision;
  decision.version = command.safety_stock ? next + static_cast<int64_t>(events.size()) : 0;
  events.push_back(StockPolicySet{scope, command.safety_stock, command.attribution});
  return decision;
}

}  // namespace quartermaster::stock::internal
