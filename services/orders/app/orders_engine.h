// OrdersEngine: the partition of orders: its machine, its sequencer and its read view.
//
//   QM_ASSIGN_OR_RETURN(auto engine, OrdersEngine::Open(options, log, &clock));
//   QM_RETURN_IF_ERROR(engine->Acquire());
//   engine->AddListener(...);
//   engine->Start();
//   engine->Submit({.request_id = "r-1", .fingerprint = f, .commands = {AcceptTask{...}}},
//                  [](Answer answer) { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_ENGINE_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_ENGINE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/engine/clock.h"
#include "services/engine/sequencer.h"
#include "services/orders/app/order_machine.h"
#include "services/orders/app/order_view.h"
#include "services/orders/domain/saga.h"
#include "storage/event_log.h"

namespace quartermaster::orders {

// What is submitted. An empty request id: not remembered.
struct Call {
  std::string request_id;
  Fingerprint fingerprint;
  Instant deadline = kDistantFuture;
  // Either commands, or a refusal that is to be remembered, or neither: only recall.
  std::vector<Command> commands;
  std::optional<runtime::RpcError> refusal;
  // Roughly, in memory.
  size_t bytes = 256;
};

struct Answer {
  // It was not decided: the queue is full, not serving, the deadline passed, the id was reused.
  std::optional<runtime::RpcError> error;
  // The request was known; what follows is its first answer.
  bool recalled = false;
  // As OrderSubmission has them.
  std::optional<runtime::RpcError> refusal;
  std::vector<Outcome> outcomes;
  storage::Position position = 0;
};

// Submit, view and head are thread-safe.
class OrdersEngine {
 public:
  // Told of each durable frame, on the sequencer's thread, after the view has it and before the
  // frame's answers. Must not block.
  using Listener = std::function<void(const Changes&, storage::Position head)>;
  // Runs exactly once: on the sequencer's thread, or (not admitted) on the caller's before Submit
  // returns. Must not block.
  using Done = absl::AnyInvocable<void(Answer)>;

  // Replays the partition of the options, without taking it. `log` and `clock` must outlive the
  // engine. Errors: those of Sequencer::Open.
  static absl::StatusOr<std::unique_ptr<OrdersEngine>> Open(
      engine::SequencerOptions options, storage::EventLog* log, const engine::Clock* clock,
      const std::function<void(storage::Position, storage::Position)>& on_progress = {});

  // Takes the partition over. Errors: those of Sequencer::Acquire.
  absl::Status Acquire();

  // Before Start.
  void AddListener(Listener listener) { listeners_.push_back(std::move(listener)); }
  void Start() { sequencer_->Start(); }
  void Stop() { sequencer_->Stop(); }
  // By hand, instead of Start.
  bool Step() { return sequencer_->Step(); }

  void Submit(Call call, Done done);

  const OrderView& view() const { return view_; }
  storage::Position head() const { return sequencer_->head(); }
  bool serving() const { return sequencer_->serving(); }
  engine::SequencerStats Stats() const { return sequencer_->Stats(); }
  const storage::PartitionId& partition() const { return partition_; }

  // The machine's state: before Start, or when it is stepped by hand, from the thread that steps.
  const State& state() const { return machine_.state(); }

 private:
  OrdersEngine();

  OrderView view_;
  OrderMachine machine_;
  std::vector<Listener> listeners_;
  storage::PartitionId partition_;
  std::unique_ptr<engine::Sequencer> sequencer_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDERS_ENGINE_H_
