// OrderView: what readers see of orders: copies of what is durable, and the indexes of the lists.
// The sequencer's thread publishes after each sync; any thread reads. A read never shows what a
// crash could undo.
//
//   std::shared_ptr<const Order> order = view.FindOrder("o-7k2");
//   OrderFilter filter{.customer_ref = "c-1"};
//   auto page = view.ListOrders(filter, OrderBy::kNewestFirst, /*last=*/0, /*limit=*/100);
//   if (page.more) view.ListOrders(filter, OrderBy::kNewestFirst, page.last, 100);
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_VIEW_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_VIEW_H_

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "services/base/mutex.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// What a frame changed; in order, so that what follows from it comes in the same order each time.
struct Changes {
  absl::btree_set<std::string> orders;
  // Unmatched ones, by return_id.
  absl::btree_set<std::string> returns;
  absl::btree_set<Position> exceptions;
  // Channels whose own policy was set; empty: that of all others.
  absl::btree_set<std::string> policies;
  // (order_id, position) of each event that is about an order, ascending.
  std::vector<std::pair<std::string, Position>> history;

  void Clear();
};

// Each field empty: any. All that are set must match.
struct OrderFilter {
  std::string customer_ref;
  std::string channel_id;
  std::string external_id;
  std::optional<OrderState> state;
  // With a task there.
  std::string location_id;
  // With a line of it.
  std::string sku;
  // When it was placed: from the first on, before the second.
  Instant created_from = kDistantPast;
  Instant created_before = kDistantFuture;
  // With units that are open although their group's promise was for before then.
  std::optional<Instant> overdue_at;
};

enum class OrderBy : uint8_t { kNewestFirst, kOldestFirst };

struct TaskFilter {
  std::string location_id;
  std::optional<TaskState> state;
  std::string order_id;
};

struct ExceptionFilter {
  bool include_resolved = false;
  std::string order_id;
};

// Of any order: only those of which something is to be looked at.
struct ReturnFilter {
  std::string order_id;
  // Where it was received.
  std::string location_id;
};

// Of any order: only the open ones.
struct IntentFilter {
  std::string order_id;
  std::optional<PaymentIntentState> state;
};

// A task, with the order that it is part of.
struct TaskRef {
  std::shared_ptr<const Order> order;
  int number = 0;
  const Task& task() const { return order->tasks[static_cast<size_t>(number) - 1]; }
};

struct ParcelRef {
  std::shared_ptr<const Order> order;
  int number = 0;
  const Parcel& parcel() const { return order->parcels[static_cast<size_t>(number) - 1]; }
};

struct IntentRef {
  std::shared_ptr<const Order> order;
  int number = 0;
  const PaymentIntent& intent() const {
    return order->payments.intents[static_cast<size_t>(number) - 1];
  }
};

template <typename T>
struct Page {
  std::vector<T> items;
  // There may be more, behind `last`, which is the last position that was looked at. A page that
  // looked at a great many is not full, and may be empty.
  bool more = false;
  Position last = 0;
  // What the page shows is exactly what held here.
  Position position = 0;
};

// A return, with the order that it is part of (null: unmatched), as they were at the position.
struct ReturnRef {
  Return item;
  std::shared_ptr<const Order> order;
  Position position = 0;
};

// Thread-safe.
class OrderView {
 public:
  // How many entries a list looks at before it gives back what it has found: some milliseconds, for
  // which the writer may have to wait.
  static constexpr size_t kScanMax = 10'000;

  explicit OrderView(size_t scan_max = kScanMax) : scan_max_(scan_max) {}

  // Takes over what the changes name from the state; everything up to `head` is durable. Called by
  // the sequencer's thread only.
  void Publish(const State& state, const Changes& changes, Position head);

  Position head() const;

  // Null if there is none.
  std::shared_ptr<const Order> FindOrder(std::string_view order_id) const;
  std::optional<TaskRef> FindTask(std::string_view task_id) const;
  std::optional<ParcelRef> FindParcel(std::string_view parcel_id) const;
  // Announced, received and unmatched ones.
  std::optional<ReturnRef> ReadReturn(std::string_view return_id) const;
  std::optional<Return> FindReturn(std::string_view return_id) const;
  std::optional<ExceptionItem> FindException(std::string_view exception_id) const;
  // The positions of the order's events, ascending. Empty if there is no such order.
  std::vector<Position> HistoryOf(std::string_view order_id) const;

  // What holds for the channel: see PolicyOf of domain/state.h.
  SetPolicy FindPolicy(std::string_view channel_id) const;

  // How many exceptions nobody has resolved.
  size_t open_exceptions() const;
  // How many intents of payments nobody has answered.
  size_t open_intents() const;
  // How many pickups nobody fetched in time, to be put back.
  size_t expiring_pickups() const;

  // Those that come after the one at position `last` (0: from the start), at most `limit`.
  Page<std::shared_ptr<const Order>> ListOrders(const OrderFilter& filter, OrderBy order_by,
                                                Position last, size_t limit) const;
  // Oldest first: those created after position `after`, at most `limit`.
  Page<TaskRef> ListTasks(const TaskFilter& filter, Position after, size_t limit) const;
  Page<ExceptionItem> ListExceptions(const ExceptionFilter& filter, Position after,
                                     size_t limit) const;
  Page<ReturnRef> ListReturns(const ReturnFilter& filter, Position after, size_t limit) const;
  // Without an order_id the filter must ask for open ones.
  Page<IntentRef> ListIntents(const IntentFilter& filter, Position after, size_t limit) const;

 private:
  using Positions = absl::btree_set<Position>;
  using Index = absl::flat_hash_map<std::string, Positions>;

  // Of orders placed within these times: from the first position on, and before the second.
  std::pair<Position, Position> PlacedBetween(Instant from, Instant before) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void PublishOrder(const Order& order) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PublishReturn(const Return& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PublishException(const ExceptionItem& item) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The positions of the smallest of the named sets; null if one of them is empty.
  const Positions* Smallest(const Index& index, const std::vector<std::string>& keys) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const Order> Find(std::string_view order_id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const size_t scan_max_;
  mutable SharedMutex mutex_;
  Position head_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, std::shared_ptr<const Order>> orders_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::vector<Position>> history_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, Return> unmatched_returns_ ABSL_GUARDED_BY(mutex_);
  // By the position of the order's first event, and of the task's; the indexes hold the same.
  absl::flat_hash_map<Position, std::string> order_at_ ABSL_GUARDED_BY(mutex_);
  Index order_index_ ABSL_GUARDED_BY(mutex_);
  // The first order of each hour that has one: positions and times rise together.
  absl::btree_map<int64_t, Position> first_of_hour_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Position, std::pair<std::string, int>> task_at_ ABSL_GUARDED_BY(mutex_);
  Index task_index_ ABSL_GUARDED_BY(mutex_);
  // Those of which something is to be looked at, by the position of their first event: the order's
  // id (empty: unmatched), and their own.
  absl::btree_map<Position, std::pair<std::string, std::string>> to_inspect_
      ABSL_GUARDED_BY(mutex_);
  // The open ones, by the position of their PaymentIntended.
  absl::btree_map<Position, std::pair<std::string, int>> open_intents_ ABSL_GUARDED_BY(mutex_);
  absl::btree_map<Position, ExceptionItem> exceptions_ ABSL_GUARDED_BY(mutex_);
  Index exception_index_ ABSL_GUARDED_BY(mutex_);
  Policies policies_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_VIEW_H_
