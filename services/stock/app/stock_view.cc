#include "services/stock/app/stock_view.h"

namespace quartermaster::stock {
namespace {

template <typename Index>
void CopyNewNames(const Directory<Index>& from, Directory<Index>& to) {
  while (to.size() < from.size()) to.Add(to.next(), from.Name(to.next()));
}

}  // namespace

void StockView::PublishNames(const Directory<SourceIndex>& sources,
                             const Directory<CountIndex>& counts,
                             const Directory<TransferIndex>& transfers) {
  WriterLock lock(&mutex_);
  CopyNewNames(transfers, counting_.transfers);
  CopyNewNames(sources, counting_.sources);
  CopyNewNames(counts, counting_.counts);
}

void StockView::Publish(const Inventory& state, const Update& update, storage::Position head,
                        Instant time) {
  const auto& [changes, policies, allotted, kits, sources, counts, structure, everything] = update;
  WriterLock lock(&mutex_);
  counting_.suspect_sources = sources.suspects;
  counting_.gaps_opened = sources.gaps_opened;
  counting_.recounts = static_cast<int64_t>(counts.recounts.size());
  counting_.differences = static_cast<int64_t>(counts.differences.size());
  counting_.staging = static_cast<int64_t>(counts.staging().size());
  counting_.switching = static_cast<int64_t>(counts.switching());
  if (structure != Structure::kSame || everything) {
    CopyNewNames(state.skus, inventory_.skus);
    CopyNewNames(state.locations, inventory_.locations);
    CopyNewNames(state.pool_names, inventory_.pool_names);
    inventory_.pools = state.pools;
    CopyNewNames(state.channel_names, inventory_.channel_names);
    inventory_.channels = state.channels;
    if (inventory_.classes.size() < state.classes.size()) inventory_.classes = state.classes;
    inventory_.paused = state.paused;
  }
  if (everything) {
    inventory_.positions = state.positions;
    inventory_.backings = state.backings;
    inventory_.conditions = state.conditions;
    inventory_.in_transit = state.in_transit;
    inventory_.safety_stock = state.safety_stock;
    inventory_.allotments = state.allotments;
    inventory_.kits = state.kits;
  } else {
    const bool has_allotments = !state.allotments.empty();
    constexpr size_t kAhead = 16;
    for (size_t i = 0; i < changes.size(); ++i) {
      if (i + kAhead < changes.size()) inventory_.positions.Prefetch(changes[i + kAhead].sku);
      const Change& change = changes[i];
      inventory_.positions.At(change.sku, change.location) = change.after;
      if (IsUnusable(change.from) || IsUnusable(change.to)) {
        inventory_.conditions.Set(change.sku, change.location,
                                  state.conditions.Get(change.sku, change.location));
      }
      const bool last = i + 1 == changes.size() || changes[i + 1].sku != change.sku;
      // What is used of them may have changed.
      if (last && has_allotments && state.allotments.AppliesTo(change.sku)) {
        inventory_.allotments.CopyFrom(state.allotments, change.sku);
      }
      if (!change.in_transit.IsZero()) {
        inventory_.in_transit.CopyFrom(state.in_transit, change.sku, change.location);
      }
      if (!change.flexible) continue;
      if (last || !changes[i + 1].flexible)
        inventory_.backings.CopyFrom(state.backings, change.sku);
    }
  }
  for (const PolicyScope& scope : policies) {
    inventory_.safety_stock.CopyFrom(state.safety_stock, scope);
  }
  for (const SkuIndex sku : allotted) inventory_.allotments.CopyFrom(state.allotments, sku);
  std::vector<SkuIndex> defined;
  for (const auto& [kit, version] : kits) {
    inventory_.kits.Set(kit.sku, kit.components, kit.same_location, version);
    defined.push_back(kit.sku);
  }
  head_ = head;
  time_ = time;
  const Publication publication{.inventory = inventory_,
                                .changes = changes,
                                .policies = policies,
                                .allotted = allotted,
                                .everything = everything,
                                .kits = defined,
                                .pools_changed = structure == Structure::kPoolsChanged,
                                .channels_changed = structure >= Structure::kChannelsChanged,
                                .head = head};
  for (Observer* observer : observers_) observer->OnPublish(publication);
}

}  // namespace quartermaster::stock
