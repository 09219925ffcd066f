// CatalogView: what readers and followers see of the catalog. Only what is durable is in it.
//
// A follower in the same process (stock's and routing's registers) implements CatalogListener: it
// is told of every item and location, first of those that exist, then of every change, before the
// caller who made the change gets its answer.
#ifndef QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_VIEW_H_
#define QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_VIEW_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "services/base/mutex.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

// Told in the order of the log. The calls come one at a time, from the thread that adds the
// listener and then from the sequencer's; they must not block and must not call AddListener.
class CatalogListener {
 public:
  virtual ~CatalogListener() = default;
  // Created or changed. The reference is good for the call only.
  virtual void OnItem(const Item& item) = 0;
  virtual void OnLocation(const Location& location) = 0;
};

// What a frame changed, in the order of its events.
struct CatalogChanges {
  std::vector<std::shared_ptr<const Item>> items;
  std::vector<std::shared_ptr<const Location>> locations;

  bool empty() const { return items.empty() && locations.empty(); }
};

// Thread-safe. Every answer is a cut at one position of the log.
class CatalogView {
 public:
  // Null if there is none.
  std::shared_ptr<const Item> FindItem(std::string_view sku) const;
  std::shared_ptr<const Location> FindLocation(std::string_view location_id) const;

  // The first `limit` with an id greater than `after`, ascending, bytewise.
  std::vector<std::shared_ptr<const Item>> ListItems(std::string_view after, size_t limit) const;
  std::vector<std::shared_ptr<const Location>> ListLocations(std::string_view after,
                                                             size_t limit) const;

  // The position up to which the view has followed the log.
  Position head() const;

  // Tells `listener` of everything that exists, then of every change, until the view is gone. It
  // must outlive the view's publishing.
  void AddListener(CatalogListener* listener);

  // Shows changes that have become durable, to readers and then to listeners. Called by the
  // machine only.
  void Publish(const CatalogChanges& changes, Position head);

 private:
  template <typename Value>
  using Values = absl::btree_map<std::string, std::shared_ptr<const Value>>;

  // Held while listeners are told: no change falls between what a new one is told first and what
  // it is told later. Taken before mutex_.
  Mutex publishing_;
  std::vector<CatalogListener*> listeners_ ABSL_GUARDED_BY(publishing_);

  mutable SharedMutex mutex_;
  Values<Item> items_ ABSL_GUARDED_BY(mutex_);
  Values<Location> locations_ ABSL_GUARDED_BY(mutex_);
  Position head_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_APP_CATALOG_VIEW_H_
