// StockView: the inventory as of the last durable position, for readers. Readers wait for no
// decision and no sync, only for the instant in which a batch's positions are copied over.
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_STOCK_VIEW_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_STOCK_VIEW_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/base/mutex.h"
#include "services/base/time.h"
#include "services/stock/domain/change.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/sources.h"
#include "storage/frame.h"

namespace quartermaster::stock {

// What a frame changed, as observers are told of it.
struct Publication {
  // As of `head`, all of it.
  const Inventory& inventory;
  const Changes& changes;
  // The scopes whose policy was set: what is available there may be another figure.
  const std::vector<PolicyScope>& policies;
  // The SKUs that an allotment was set of: the same of them, everywhere.
  const std::vector<SkuIndex>& allotted;
  // The first one, after the replay: every position counts as changed.
  bool everything;
  // The SKUs that were made kits, or kits no more: what is available of them, and of the kits that
  // they are in, may be another figure.
  const std::vector<SkuIndex>& kits;
  // A pool was set, or a location paused or resumed: what pools hold may be another sum.
  bool pools_changed;
  // A channel was set: what is available for it may be another figure.
  bool channels_changed;
  storage::Position head;
};

// Of counts, sources and transfers: what movements name, and how it stands with them.
struct CountingView {
  Directory<SourceIndex> sources;
  Directory<CountIndex> counts;
  Directory<TransferIndex> transfers;
  // Sources that miss messages; gaps that ever opened.
  int64_t suspect_sources = 0;
  int64_t gaps_opened = 0;
  // Positions that a count is asked for, and that differed from their last one.
  int64_t recounts = 0;
  int64_t differences = 0;
  // Counts that wait for parts, and that are being switched.
  int64_t staging = 0;
  int64_t switching = 0;
};

// What readers see, all at one cut.
struct StockSnapshot {
  const Inventory& inventory;
  const CountingView& counting;
  storage::Position head;
  Instant time;
};

// Thread-safe.
class StockView {
 public:
  // Told of every publication while the view is locked for writing, so that what it notes down and
  // what readers see are at the same cut. Must be brief and must not read the view.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void OnPublish(const Publication& publication) = 0;
  };

  // Calls read(const StockSnapshot&) with the view locked against publication, and returns what
  // it returns. Must not block.
  template <typename Read>
  auto With(Read&& read) const {
    ReaderLock lock(&mutex_);
    return std::forward<Read>(read)(StockSnapshot{inventory_, counting_, head_, time_});
  }

  // Only before there are readers; must outlive the view.
  void AddObserver(Observer* observer) { observers_.push_back(observer); }

  // The writer's: what movements may name from now on. Before the ledger tells of them, which is
  // before Publish.
  void PublishNames(const Directory<SourceIndex>& sources, const Directory<CountIndex>& counts,
                    const Directory<TransferIndex>& transfers);

  // What a frame changed beside the positions.
  enum class Structure { kSame, kNewNames, kChannelsChanged, kPoolsChanged };
  // A definition, at its position.
  struct NewKit {
    KitDefined definition;
    int64_t version = 0;
  };
  struct Update {
    const Changes& changes;
    const std::vector<PolicyScope>& policies;
    const std::vector<SkuIndex>& allotted;
    const std::vector<NewKit>& kits;
    const SourceTable& sources;
    const CountTable& counts;
    Structure structure = Structure::kSame;
    bool everything = false;
  };
  // The writer's. Brings the view to `state`: names, pools and pauses unless the structure is the
  // same, and the positions and policies that were touched (all of them, if `everything`).
  void Publish(const Inventory& state, const Update& update, storage::Position head, Instant time);

 private:
  mutable SharedMutex mutex_;
  Inventory inventory_ ABSL_GUARDED_BY(mutex_);
  CountingView counting_ ABSL_GUARDED_BY(mutex_);
  storage::Position head_ ABSL_GUARDED_BY(mutex_) = 0;
  Instant time_ ABSL_GUARDED_BY(mutex_) = kDistantPast;
  std::vector<Observer*> observers_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_STOCK_VIEW_H_
