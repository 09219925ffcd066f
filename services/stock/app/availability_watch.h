// WatchHub and Watch: who wants to know when availability changes.
//
// A watch first yields the current values of its keys, then those of keys that have changed, each
// key at most once per round however often it changed. What it yields is an exact cut whenever it
// is drained.
//
//   auto watch = hub.Open(keys, resume, [&] { /* call Take soon, from another thread */ });
//   WatchRound round = watch->Take(1'000);
#ifndef QUARTERMASTER_SERVICES_STOCK_APP_AVAILABILITY_WATCH_H_
#define QUARTERMASTER_SERVICES_STOCK_APP_AVAILABILITY_WATCH_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/base/mutex.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/commands.h"
#include "storage/frame.h"

namespace quartermaster::stock {

struct WatchRound {
  struct Entry {
    StockKey key;
    AvailabilityFigures figures;
  };
  std::vector<Entry> entries;
  // The cut that the entries were read at.
  storage::Position position = 0;
  // Nothing is left: with the entries of the rounds before, this is the state at `position`.
  bool drained = false;
  // The first round that is.
  bool current = false;
  // Nothing is left of what changed key by key: only what a policy may have changed is, which comes
  // in pieces.
  bool caught_up = false;
};

class WatchHub;

// Take is for one thread at a time.
class Watch {
 public:
  ~Watch();
  // Up to `entries_max` keys whose values the watcher does not have yet; none only if the round is
  // drained. When it returns a drained round, `wake` is called after the next change, once.
  WatchRound Take(int entries_max);
  // Something has changed since the last round that was caught up. Thread-safe.
  bool IsBehind() const { return behind_.load(std::memory_order_acquire); }

 private:
  friend class WatchHub;
  Watch(WatchHub* hub, std::vector<StockKey> keys, std::function<void()> wake);

  // The scan of all positions behind a policy that is for more than one SKU. It goes round: what
  // comes while it is under way makes it go on to where it is then, not start again.
  struct Rescan {
    bool due = false;
    // What is next: a SKU, and which of its positions.
    uint32_t sku = 1;
    size_t entry = 0;
    // It is done when it comes to this SKU after it was at the end.
    uint32_t end = 1;
    bool wrapped = false;
    // Only these locations, unless all.
    bool everywhere = false;
    absl::flat_hash_set<LocationIndex> locations;
  };

  // kNone: every location where flexible units of the SKU stand, or, if it has safety stock or
  // allotments, where the SKU ever was. kEverywhere: that, whatever it has by the time of Take.
  static constexpr auto kEverywhere = static_cast<LocationIndex>(0xffffffff);
  void Note(SkuIndex sku, LocationIndex location);
  // Every key of a channel, and of SKUs of which something is held for channels.
  void NoteChannels(const Inventory& inventory);
  // Every key of the SKUs that have allotments.
  void NoteAllotments(const Inventory& inventory);
  // Every key; what kits consist of has changed.
  void NoteAllKeys();
  // Every key whose figures depend on what is in a pool, or paused.
  void NotePools(const Inventory& inventory);
  // Every key whose figures depend on the scope's policy. `moves`: there were flexible units, so
  // that one location's may change what is available at others.
  void NotePolicy(const Inventory& inventory, const PolicyScope& scope, bool moves);
  // What a note of kNone or kEverywhere is short for.
  void NoteAll(const Inventory& inventory, SkuIndex sku, bool everywhere);
  void NoteRescan(LocationIndex location);
  void WakeIfDue();

  WatchRound TakeOnce(size_t entries_max);
  void TakeInitial(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round);
  void TakeChanged(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round);
  void TakeRescan(const StockSnapshot& snapshot, size_t entries_max, WatchRound& round);

  WatchHub* const hub_;
  const std::vector<StockKey> keys_;  // empty: every SKU at every location
  const std::function<void()> wake_;
  // Keys by SKU, of a kit also by what it comes to, and came to: indices into keys_.
  absl::flat_hash_map<SkuIndex, std::vector<uint32_t>> keys_of_sku_;

  // Guarded by the hub's mutex.
  // An index into keys_, or sku and location (kNone and kEverywhere as in Note). Those in taking_
  // were there before those in changed_, and are taken before them: none waits for ever.
  absl::flat_hash_set<uint64_t> changed_, taking_;
  Rescan rescan_;
  // A round was drained; and none of the changes since was told of.
  bool was_current_ = false;
  bool armed_ = false;
  bool wake_due_ = false;
  // It is among those that are to be woken, at that time; and when it last was.
  bool waking_ = false;
  std::chrono::steady_clock::time_point wake_at_, woken_at_;
  // Not only under the mutex, so that whoever asks often asks for nothing.
  std::atomic<bool> behind_{true};

  // How far the current values have been sent, and whether all have. Take's own: with the view
  // locked, so that publications may read it.
  bool initial_done_ = false;
  uint32_t next_sku_ = 1;
  size_t next_entry_ = 0;
};

// Thread-safe. Has a thread that calls the wakes.
class WatchHub final : public StockView::Observer {
 public:
  explicit WatchHub(const StockView* view);
  ~WatchHub() override;
  // No wake is called after it returns.
  void Stop();

  static constexpr std::chrono::milliseconds kPace{20};
  // Watches at a time.
  static constexpr size_t kWatchesMax = 10'000;

  // Watches the keys, or every SKU at every location if there are none. `resume` is the last
  // drained position that the watcher has seen, 0 if none: if what has changed since is still
  // known, only that is yielded; otherwise all current values are. All names must be known. `wake`
  // runs on the hub's thread and must not block; the watch must not be destroyed from within it.
  // The first change wakes at once, others kPace after the wake before: what happens between two
  // wakes is told together.
  // Null if there are kWatchesMax.
  std::shared_ptr<Watch> Open(std::vector<StockKey> keys, storage::Position resume,
                              std::function<void()> wake);

  void OnPublish(const Publication& publication) override;

 private:
  friend class Watch;
  // A change at a location (or as Watch::Note has it).
  struct Recent {
    storage::Position head;
    SkuIndex sku;
    LocationIndex location;
  };

  void Close(Watch* watch);
  void Run();
  // Adds a key to those of its SKU and of what that comes to.
  void Follow(Watch& watch, const KitTable& kits, uint32_t key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Every key of these kits, whose parts the watch follows from now on, too.
  void NoteKits(Watch& watch, const KitTable& kits, const std::vector<SkuIndex>& changed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Keeps it, and tells the watches that it concerns.
  void Note(const Recent& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StockView* const view_;
  Mutex mutex_;
  CondVar due_;
  std::vector<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  // Of them those that watch everything; the others by what their keys are of, or come to.
  std::vector<Watch*> of_everything_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<SkuIndex, std::vector<Watch*>> of_sku_ ABSL_GUARDED_BY(mutex_);
  // What changed lately, oldest first, for watchers that come back.
  std::deque<Recent> recent_ ABSL_GUARDED_BY(mutex_);
  // Every change behind this position is in recent_.
  storage::Position recent_from_ ABSL_GUARDED_BY(mutex_) = 0;
  // The policies that were set lately; as recent_.
  struct RecentPolicy {
    storage::Position head;
    PolicyScope scope;
    bool moves;
  };
  std::deque<RecentPolicy> recent_policies_ ABSL_GUARDED_BY(mutex_);
  // The last time that pools or pauses changed, and that channels did.
  storage::Position pools_changed_ ABSL_GUARDED_BY(mutex_) = 0;
  storage::Position channels_changed_ ABSL_GUARDED_BY(mutex_) = 0;
  // And that a kit was defined.
  storage::Position kits_changed_ ABSL_GUARDED_BY(mutex_) = 0;
  // By when they are to be woken.
  absl::btree_set<std::pair<std::chrono::steady_clock::time_point, Watch*>> waking_
      ABSL_GUARDED_BY(mutex_);
  Watch* in_wake_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_APP_AVAILABILITY_WATCH_H_
