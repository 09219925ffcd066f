// SagaDriver: carries out what the saga intends (domain/saga.h): asks stock and routing, again and
// again while they do not answer, and brings the answer back as a command. What is open is derived
// from durable orders only, so that a restart carries on where the last process stopped.
//
//   SagaDriver driver(engine.get(), stock, routing, &sourcing, &loop, seed);
//   driver.Resume(AllPendingIntents(engine->state()));   // before the engine starts
//   driver.OnChanged({"o-7k2"}, {});                     // after each durable frame, on the loop
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_SAGA_DRIVER_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_SAGA_DRIVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/peers.h"
#include "services/orders/app/sourcing.h"
#include "services/orders/domain/saga.h"

namespace quartermaster::orders {

// Used by the loop's tasks only, but for what says otherwise.
class SagaDriver {
 public:
  // All must outlive the driver; the loop must have stopped before it is destroyed. An order of
  // which an intent has been retried for `stalled_after` gets an exception.
  SagaDriver(OrdersEngine* engine, StockPeer* stock, Sourcing* sourcing,
             std::shared_ptr<EventLoop> loop, Micros stalled_after, uint64_t seed)
      : engine_(engine),
        stock_(stock),
        sourcing_(sourcing),
        loop_(std::move(loop)),
        stalled_after_(stalled_after),
        random_(seed) {}

  // What was open when the process started.
  void Resume(std::vector<Intent> intents);
  // Durable changes of these orders and unmatched returns.
  void OnChanged(const std::vector<std::string>& order_ids,
                 const std::vector<std::string>& return_ids);

  // Intents under way. Thread-safe.
  int64_t open() const { return open_.load(std::memory_order_relaxed); }
  // How long the oldest of them has been, in this process; 0 if there is none. Thread-safe.
  Micros oldest_age() const;
  // Answers of peers that were asked again. Thread-safe.
  int64_t retries() const { return retries_.load(std::memory_order_relaxed); }

 private:
  // One intent under way. At most one per key.
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;

  void Begin(std::vector<Intent> intents);
  std::vector<Intent> Derive(const std::string& order_id, const std::string& return_id) const;
  void Perform(const FlightPtr& flight);
  void Do(const FlightPtr& flight, const ConfirmStock& intent);
  void Do(const FlightPtr& flight, const FulfilStock& intent);
  void Do(const FlightPtr& flight, const ReleaseStock& intent);
  void Do(const FlightPtr& flight, const SellStock& intent);
  void Do(const FlightPtr& flight, const RestockReturn& intent);
  void Do(const FlightPtr& flight, const ReclassifyReturn& intent);
  void Do(const FlightPtr& flight, const Reroute& intent);
  void OnRerouted(const FlightPtr& flight, const Reroute& intent, Sourced sourced);
  // A callback of a peer that becomes a task of the loop: `settle` makes the command out of what is
  // final; what can be retried is.
  template <typename T>
  PeerCallback<T> Settle(const FlightPtr& flight,
                         absl::AnyInvocable<Command(const PeerResult<T>&)> settle);
  // `reason`: the name of the answer's; empty if it was none of a peer's.
  void PerformLater(const FlightPtr& flight, std::string reason);
  void TellIfStalled(Flight& flight, std::string reason);
  void NoteOldest();
  void Report(const FlightPtr& flight, Command command);
  void OnReported(const FlightPtr& flight, Command command, Answer answer);
  void Land(const FlightPtr& flight);

  OrdersEngine* const engine_;
  StockPeer* const stock_;
  Sourcing* const sourcing_;
  const std::shared_ptr<EventLoop> loop_;
  const Micros stalled_after_;
  std::mt19937_64 random_;
  absl::flat_hash_set<std::string> flying_;
  // Of each under way: since when, and its key.
  absl::btree_set<std::pair<Instant, std::string>> begun_;
  std::atomic<int64_t> oldest_us_{kDistantFuture.unix_us};
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> retries_{0};
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_SAGA_DRIVER_H_
