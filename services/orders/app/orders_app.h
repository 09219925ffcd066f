// OrdersApp: all of orders but its gRPC face: engine, placer, editor, saga, backorders, history,
// watchers, and the threads that drive them.
//
//   OrdersOptions options = {.data_directory = "/var/lib/quartermaster/orders"};
//   QM_ASSIGN_OR_RETURN(auto app, OrdersApp::Open(options, log, &clock, {stock, routing}));
//   QM_RETURN_IF_ERROR(app->Acquire());
//   app->Start();
//   ... serve ...
//   app->Stop();                                    // after the server has drained
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_APP_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_APP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/engine/clock.h"
#include "services/orders/app/backorder_driver.h"
#include "services/orders/app/edit_order.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/order_history.h"
#include "services/orders/app/order_waiter.h"
#include "services/orders/app/order_watch.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/peers.h"
#include "services/orders/app/pickup_codes.h"
#include "services/orders/app/place_order.h"
#include "services/orders/app/saga_driver.h"
#include "services/orders/app/sourcing.h"
#include "services/orders/app/subject_vault.h"
#include "storage/event_log.h"

namespace quartermaster::orders {

struct OrdersOptions {
  // Where the vault and the key of pickup codes are kept; created if it is not there (its parent
  // must exist). Empty: `vault` is used, or else one in memory.
  std::string data_directory;
  // For tests; the vault must outlive the app.
  SubjectVault* vault = nullptr;
  // Of the vault in the data directory, and of pickup codes: instead of keys that are made in the
  // data directory (without one, a key of pickup codes that is forgotten).
  std::optional<SecretKey> vault_key;
  std::optional<SecretKey> code_key;
  // When an order of which stock or routing is asked again and again gets an exception.
  Micros stalled_after = Seconds(900);
  // How long after one round of trying to serve what is back-ordered the next one begins.
  Micros backorder_interval = Seconds(10);
  // The partition's name defaults to "orders/0".
  engine::SequencerOptions sequencer;
  // Of request ids towards stock and of jitter; 0 takes a random one. A simulation that restarts
  // must take another one each time.
  uint64_t seed = 0;
};

// Each must outlive the app.
struct OrdersPeers {
  StockPeer* stock = nullptr;
  RoutingPeer* routing = nullptr;
  // Null: every item and location counts as known, and nothing is excluded.
  const Directory* directory = nullptr;
};

class OrdersApp {
 public:
  // Replays the log, without taking the partition. `log` and `clock` must outlive the app.
  // Errors: those of OpenFileVault, LoadOrCreateKey and Sequencer::Open.
  static absl::StatusOr<std::unique_ptr<OrdersApp>> Open(
      OrdersOptions options, storage::EventLog* log, const engine::Clock* clock, OrdersPeers peers,
      const std::function<void(storage::Position, storage::Position)>& on_progress = {});
  ~OrdersApp();

  // Takes the partition over. Errors: those of Sequencer::Acquire.
  absl::Status Acquire();
  // Carries on with what the saga had open, erases the subjects of orders that do not exist, and
  // serves.
  void Start();
  // What is under way is answered NOT_SERVING; the saga's intents stay open in the log.
  void Stop();

  // By hand, for simulation, instead of Start: Resume once, then Step until it returns false.
  void Resume();
  bool Step();
  // When Step will have something to do again; kDistantFuture if nothing waits for a time.
  Instant next_due() const { return loop_->next_due(); }

  // All that follows is thread-safe.
  OrdersEngine& engine() { return *engine_; }
  const OrderView& view() const { return engine_->view(); }
  OrderPlacer& placer() { return *placer_; }
  OrderEditor& editor() { return *editor_; }
  OrderWatch& watch() { return *watch_; }
  const PickupCodes& codes() const { return *codes_; }
  SubjectVault& vault() { return *vault_; }
  const SagaDriver& saga() const { return *saga_; }
  const BackorderDriver& backorders() const { return *backorders_; }
  const engine::Clock& clock() const { return *clock_; }
  const std::string& tenant() const { return engine_->partition().tenant; }
  bool KnowsItem(std::string_view sku) const;
  // False if the catalog does not know it.
  bool IsNotReturnable(std::string_view sku) const;
  bool KnowsLocation(std::string_view location_id) const;
  // When the task's location closes on the next days on which it is open, as many as a policy may
  // ask for. Empty if there is no such task, and where nobody knows its location.
  std::vector<Instant> NextCloses(std::string_view task_id) const;

  // Submits, and holds the answer back until stock has taken the effects of these orders, or
  // `until`. `done` runs once, on the loop's or the sequencer's thread; must not block.
  void SubmitAndSettle(Call call, std::vector<std::string> order_ids, Instant until,
                       OrdersEngine::Done done);
  // The order's subject, as PlaceCall had it. `done` runs on a thread of its own. Errors: those of
  // SubjectVault::Get.
  void ReadSubject(std::string order_id,
                   absl::AnyInvocable<void(absl::StatusOr<std::string>)> done);
  // Puts a subject in the place of the order's, then submits the call's command, which records it.
  // The order must exist; of one whose subject was erased, the vault keeps nothing, and the command
  // is refused. If the request id is known, nothing is changed. OVERLOADED while another change of
  // the order's subject is under way. `done` runs once, on a thread of its own or the sequencer's;
  // must not block.
  void SubmitSubject(Call call, std::string order_id, std::string bytes, OrdersEngine::Done done);
  // The same, but the subject is erased.
  void SubmitErased(Call call, std::string order_id, OrdersEngine::Done done);
  // As OrderHistory::Read. `done` runs on a thread of its own.
  void ReadHistory(std::vector<Position> positions, size_t bytes_max,
                   absl::AnyInvocable<void(absl::StatusOr<std::vector<LoggedEvent>>)> done);

 private:
  // SubmitSubject and SubmitErased, which differ by what they do to the vault.
  void ChangeSubject(Call call, std::string order_id, OrdersEngine::Done done,
                     absl::AnyInvocable<absl::Status()> change);
  OrdersApp(const engine::Clock* clock, OrdersPeers peers)
      : clock_(clock),
        peers_(peers),
        loop_(std::make_shared<EventLoop>(clock)),
        disk_loop_(clock),
        reader_loop_(clock) {}
  void OnFrame(const Changes& changes, storage::Position head);
  void EraseStraySubjects();

  const engine::Clock* const clock_;
  const OrdersPeers peers_;
  // The placer's, the editor's, the saga's, the waiter's and the backorders'; blocks on nothing.
  const std::shared_ptr<EventLoop> loop_;
  // Reads and writes the vault.
  EventLoop disk_loop_;
  // Orders whose subject is being changed. The disk loop's.
  absl::flat_hash_set<std::string> changing_;
  // Reads of the log.
  EventLoop reader_loop_;
  std::unique_ptr<SubjectVault> own_vault_;
  SubjectVault* vault_ = nullptr;
  std::unique_ptr<PickupCodes> codes_;
  std::unique_ptr<OrdersEngine> engine_;
  std::unique_ptr<OrderHistory> history_;
  std::unique_ptr<OrderWatch> watch_;
  std::unique_ptr<OrderWaiter> waiter_;
  std::unique_ptr<Sourcing> sourcing_;
  std::unique_ptr<SagaDriver> saga_;
  std::unique_ptr<BackorderDriver> backorders_;
  std::unique_ptr<OrderPlacer> placer_;
  std::unique_ptr<OrderEditor> editor_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_APP_H_
