#include "services/stock/domain/settle.h"

#include <utility>
#include <vector>

#include "services/stock/domain/sku_flow.h"

namespace quartermaster::stock {
namespace {

// Moves what is short somewhere and has room elsewhere.
void Rearrange(const State& state, SkuIndex sku, Events& events) {
  if (state.backings.Find(sku) == nullptr) return;
  SkuFlow flow(state, sku);
  for (const SkuPositions::Entry& entry : *state.positions.Find(sku)) {
    if (entry.position.uncommitted().IsNegative()) flow.Relieve(entry.location);
  }
  std::vector<BackingMove> moves = flow.Plan().moves;
  if (!moves.empty()) events.push_back(BackingMoved{sku, std::move(moves)});
}

}  // namespace

void Settle(State& state, Events& events) {
  if (state.unsettled.empty()) return;
  for (const SkuIndex sku : std::exchange(state.unsettled, {})) {
    if (state.short_locations.contains(sku)) Rearrange(state, sku, events);
  }
}

}  // namespace quartermaster::stock
