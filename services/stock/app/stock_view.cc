#include "services/stock/app/stock_view.h"

namespace quartermaster::stock {
namespace {

template <typename Index>
void CopyNewNames(const Directory<Index>& from, Directory<Index>& to) {
  while (to.size() < from.size()) to.Add(to.next(), from.Name(to.next()));
}

}  // namespace

void StockView::Publish(const Inventory& state, const Changes& changes, bool structure_changed,
                        bool everything, storage::Position head, Instant time) {
  WriterLock lock(&mutex_);
  if (structure_changed || everything) {
    CopyNewNames(state.skus, inventory_.skus);
    CopyNewNames(state.locations, inventory_.locations);
    CopyNewNames(state.pool_names, inventory_.pool_names);
    inventory_.pools = state.pools;
    inventory_.paused = state.paused;
  }
  if (everything) {
    inventory_.positions = state.positions;
  } else {
    for (const Change& change : changes) {
      inventory_.positions.At(change.sku, change.location) = change.after;
    }
  }
  head_ = head;
  time_ = time;
  const Publication publication{inventory_, changes, everything, head};
  for (Observer* observer : observers_) observer->OnPublish(publication);
}

}  // namespace quartermaster::stock
