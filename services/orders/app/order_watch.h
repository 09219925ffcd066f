// OrderWatch: feeds any number of watchers from the log, in order and without gaps, on one thread.
// A watcher asks for what comes after a position, gets it as soon as there is something, sends it,
// and asks again: a slow one holds up nobody and loses nothing.
//
//   watch.Next(/*after=*/41, [](absl::StatusOr<LoggedEvents> events) { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WATCH_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WATCH_H_

#include <cstdint>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/base/mutex.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/order_history.h"

namespace quartermaster::orders {

// Thread-safe.
class OrderWatch {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<LoggedEvents>)>;

  // Both must outlive it; the loop must have stopped before it is destroyed.
  OrderWatch(const OrderHistory* history, EventLoop* loop) : history_(history), loop_(loop) {}
  // Cancels every watcher.
  ~OrderWatch();

  // Runs `done` once, by a task of the loop: with what follows `after`, perhaps no events but a
  // later position, as soon as the log has gone beyond it. Errors: kOutOfRange (`after` lies beyond
  // the head), kCancelled, those of the log. Returns a number for Cancel.
  uint64_t Next(Position after, Done done);
  // A watcher that waits gets kCancelled, by a task of the loop; no effect on one that does not.
  void Cancel(uint64_t watcher);
  void CancelAll();

  // The log is durable up to `head`.
  void OnHead(Position head);

 private:
  struct Watcher {
    Position after = 0;
    Done done;
  };
  void Serve();
  void Finish(Watcher watcher, absl::StatusOr<LoggedEvents> events);

  const OrderHistory* const history_;
  EventLoop* const loop_;
  Mutex mutex_;
  Position head_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint64_t, Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_WATCH_H_
