// BackorderDriver: serves back-ordered units as soon as stock has come: in rounds, the oldest order
// first, it plans and holds what it can, and reports what is held. What cannot be served leaves no
// trace: neither an event nor an exception.
//
//   BackorderDriver driver(engine.get(), &sourcing, loop, Seconds(10));
//   driver.Resume(state);                                // before the engine starts
//   driver.OnChanged({"o-7k2"});                         // after each durable frame, on the loop
//
// Each round asks routing once for every order that waits. A peer that does not answer ends it, and
// the next one goes on behind the order that was asked for. A peer's refusal for another cause than
// a shortage is told once as an exception (ReportStalled); the order is tried all the same.
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_BACKORDER_DRIVER_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_BACKORDER_DRIVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/sourcing.h"
#include "services/orders/domain/saga.h"

namespace quartermaster::orders {

// Used by the loop's tasks only, but for what says otherwise.
class BackorderDriver {
 public:
  // All must outlive the driver; the loop must have stopped before it is destroyed. A round begins
  // `interval` after the last one has ended.
  BackorderDriver(OrdersEngine* engine, Sourcing* sourcing, std::shared_ptr<EventLoop> loop,
                  Micros interval)
      : engine_(engine), sourcing_(sourcing), loop_(std::move(loop)), interval_(interval) {}

  // What waits when the process starts.
  void Resume(const State& state);
  // Durable changes of these orders.
  void OnChanged(const std::vector<std::string>& order_ids);

  // Orders that wait for stock to come. Thread-safe.
  int64_t waiting() const { return count_.load(std::memory_order_relaxed); }

 private:
  // Of one order in the round.
  struct Try;
  using TryPtr = std::shared_ptr<Try>;

  void Note(const Order& order);
  void ScheduleRound();
  // The first order behind `after`; the round has ended if there is none.
  void TryNext(Position after);
  void OnSourced(const TryPtr& attempt, PeerResult<Sourced> result);
  void OnReported(const TryPtr& attempt, const std::string& reservation_id, const Answer& answer);
  // The next round begins behind `after`.
  void EndRound(Position after);

  OrdersEngine* const engine_;
  Sourcing* const sourcing_;
  const std::shared_ptr<EventLoop> loop_;
  const Micros interval_;
  // By the position of their first event: the oldest first.
  absl::btree_map<Position, std::string> waiting_;
  // Where the next round begins; 0: with the oldest order.
  Position resume_ = 0;
  // A round is under way, or is to begin.
  bool scheduled_ = false;
  std::atomic<int64_t> count_{0};
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_BACKORDER_DRIVER_H_
