// What the clients wrote down: each order, hold, sale and return with what was acknowledged, and
// the units at each place that follow from it. The checker compares the server with these.
#ifndef QUARTERMASTER_TOOLS_RETAIL_RECORDS_H_
#define QUARTERMASTER_TOOLS_RETAIL_RECORDS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "services/base/mutex.h"
#include "services/base/time.h"
#include "tools/retail/books.h"
#include "tools/retail/world.h"

namespace quartermaster::retail {

// Units at places, by place.
using AtPlaces = std::map<PlaceIndex, int64_t>;

struct LineRecord {
  ItemIndex item = 0;
  // 0: the line was dropped, or the shelf was empty.
  int64_t ordered = 0;
  int64_t cancelled = 0;
  int64_t fulfilled = 0;
  int64_t returned = 0;
  // Announced and not yet received.
  int64_t return_requested = 0;
  // Allocated and not gone, where: as the latest answer had it.
  AtPlaces open;
  // Without stock.
  int64_t unallocated = 0;
  // Left as parcels or over the counter, and looked for in vain.
  AtPlaces gone;
  AtPlaces missing;
};

struct OrderRecord {
  enum class Fate { kNone, kRefused, kPlaced, kUnknown };

  int32_t planned = 0;
  Fate fate = Fate::kNone;
  std::string order_id;
  // A till's sale, which was never a request.
  bool sale = false;
  // One per planned line.
  std::vector<LineRecord> lines;
  // What of it the books count as possibly taken, by item: settled after each change.
  std::map<ItemIndex, AtPlaces> booked;
  std::vector<std::string> reservation_ids;
};

struct HoldRecord {
  // What has become of it by the end.
  enum class Fate {
    // Nobody confirmed it.
    kExpires,
    kReleased,
    // An order took its place; or it had expired before that.
    kTakenOver,
  };
  std::string reservation_id;
  Fate fate = Fate::kExpires;
  std::vector<Want> wants;
};

struct ReturnRecord {
  std::string return_id;
  bool matched = false;
};

// Units of one item at one place, by what happened to them.
struct KeyRecord {
  int64_t received = 0;
  int64_t returned_sellable = 0;
  int64_t returned_unusable = 0;
  // Shipped, handed over or sold.
  int64_t gone = 0;
  // Short picks.
  int64_t missing = 0;

  int64_t on_hand() const { return received + returned_sellable + returned_unusable - gone; }
  int64_t unusable() const { return returned_unusable + missing; }
};

// Thread-safe.
class Records {
 public:
  // One order record per planned order, owned by whoever replays it until Finish; then guarded by
  // LockOrder.
  explicit Records(size_t orders) : orders_(orders), finished_(orders, false) {}

  OrderRecord& order(int32_t index) { return orders_[index]; }
  // The order has been worked through: returns may name it.
  void Finish(int32_t index);
  // Waits until it has been.
  void AwaitFinished(int32_t index);
  // Guards what returns change of finished orders.
  Mutex& returns_mutex() { return returns_mutex_; }

  void AddHold(HoldRecord hold);
  void AddReturn(ReturnRecord record);
  void AddAtKey(ItemIndex item, PlaceIndex place, int64_t KeyRecord::*field, int64_t quantity);

  // After the replay only.
  const std::deque<OrderRecord>& orders() const { return orders_; }
  const std::deque<HoldRecord>& holds() const ABSL_NO_THREAD_SAFETY_ANALYSIS { return holds_; }
  const std::deque<ReturnRecord>& returns() const ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return returns_;
  }
  const std::map<std::pair<ItemIndex, PlaceIndex>, KeyRecord>& keys() const
      ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return keys_;
  }

 private:
  std::deque<OrderRecord> orders_;
  Mutex returns_mutex_;
  Mutex mutex_;
  CondVar one_finished_;
  std::vector<bool> finished_ ABSL_GUARDED_BY(mutex_);
  std::deque<HoldRecord> holds_ ABSL_GUARDED_BY(mutex_);
  std::deque<ReturnRecord> returns_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<ItemIndex, PlaceIndex>, KeyRecord> keys_ ABSL_GUARDED_BY(mutex_);
};

// The units at tills of stores that sell at tills only: who takes one from a shelf has it. Thread-
// safe.
class Shelves {
 public:
  void Add(ItemIndex item, PlaceIndex place, int64_t quantity);
  // False if there are not that many: then none is taken.
  bool Take(ItemIndex item, PlaceIndex place, int64_t quantity);

 private:
  Mutex mutex_;
  std::map<std::pair<ItemIndex, PlaceIndex>, int64_t> units_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_RECORDS_H_
