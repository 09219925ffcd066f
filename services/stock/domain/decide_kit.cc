// What a kit consists of, and which lines of a reservation are meant by one that was a kit.
#include <algorithm>
#include <utility>

#include "services/stock/domain/decide_internal.h"

namespace quartermaster::stock::internal {
namespace {

// Whether anything is there, or promised, as itself.
// Or is to have any.
bool HasStock(const State& state, SkuIndex sku) {
  bool coming = state.waiting.Find(sku) != nullptr;
  state.supplies.ForEachOpenOf(sku, [&](const SupplyLine&) { coming = true; });
  state.in_transit.ForEach(
      [&](SkuIndex other, LocationIndex, Quantity) { coming = coming || other == sku; });
  if (coming) return true;
  const SkuPositions* const positions = state.positions.Find(sku);
  return positions != nullptr &&
         std::any_of(positions->begin(), positions->end(),
                     [](const SkuPositions::Entry& entry) { return entry.position != Balances{}; });
}

}  // namespace

Decision DecideKit(const State& state, const DefineKit& command, int64_t next, Events& events) {
  if (!state.skus.Knows(command.sku)) return Reject(RejectionKind::kItemNotFound);
  for (size_t i = 0; i < command.components.size(); ++i) {
    if (!state.skus.Knows(command.components[i].sku)) {
      return Reject(RejectionKind::kItemNotFound, static_cast<int>(i));
    }
  }
  const int64_t version = state.kits.VersionOf(command.sku);
  if (auto refused = RefuseVersion(command.expected_version, version)) return *std::move(refused);
  Decision decision;
  if (!command.components.empty() && HasStock(state, command.sku)) {
    return Reject(RejectionKind::kSkuHasStock);
  }
  if ((decision.rejection = state.kits.FindFlaw(command.sku, command.components))) return decision;
  decision.version = command.components.empty() ? 0 : next + static_cast<int64_t>(events.size());
  events.push_back(
      KitDefined{command.sku, command.components, command.same_location, command.attribution});
  return decision;
}

std::vector<uint32_t> FindLines(const Reservation& r, std::string_view line_id, bool of_part,
                                SkuIndex part) {
  std::vector<uint32_t> lines;
  const auto first = FindLine(r, line_id);
  if (!first) return lines;
  if (r.lines[*first].kit == SkuIndex::kNone) {
    if (!of_part) lines.push_back(*first);
    return lines;
  }
  for (uint32_t i = *first; i < r.lines.size() && r.lines[i].line_id == line_id; ++i) {
    if (!of_part || r.lines[i].sku == part) lines.push_back(i);
  }
  return lines;
}

}  // namespace quartermaster::stock::internal
