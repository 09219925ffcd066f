// OrderMachine: the domain of orders as the sequencer sees it, and the submissions that it decides.
//
//   auto* s = new OrderSubmission(...);              // or a class of one's own with Done
//   s->commands = {AcceptTask{.task_id = "o-7k2.t1"}};
//   engine.Submit(s);                                // Done: s->outcomes has one entry per command
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_MACHINE_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_MACHINE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/engine/machine.h"
#include "services/engine/submission.h"
#include "services/orders/app/order_view.h"
#include "services/orders/codec/outcome_codec.h"
#include "services/orders/domain/commands.h"
#include "services/orders/domain/state.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

// One request: a command, the facts of a batch, or a refusal that is to be remembered.
class OrderSubmission : public engine::Submission {
 public:
  // Decided one after another, each on its own.
  std::vector<Command> commands;
  // Instead of commands: the request was refused before it came here (there is no stock, no plan);
  // a repetition gets the same answer. Of a recalled submission: the refusal that was recorded.
  std::optional<runtime::RpcError> refusal;
  // The answers, in the order of the commands.
  std::vector<Outcome> outcomes;
};

// Only the sequencer's thread calls it.
class OrderMachine : public engine::Machine {
 public:
  // Told of each durable frame, after the view has it. Must not block.
  using Listener = std::function<void(const Changes& changes, storage::Position head)>;

  // `view` must outlive the machine.
  explicit OrderMachine(OrderView* view) : view_(view) {}

  absl::Status Replay(const storage::Record& record, Instant time) override;
  int ExpireDue(Instant now, int max, storage::FrameBuilder& frame) override;
  bool Execute(engine::Submission& submission, Instant now, storage::FrameBuilder& frame,
               std::string& outcome) override;
  void Recall(engine::Submission& submission, std::string_view outcome,
              storage::Position position) override;
  void Publish(storage::Position head, Instant time) override;

  // Before the sequencer starts.
  void SetListener(Listener listener) { listener_ = std::move(listener); }
  const State& state() const { return state_; }

 private:
  // Adds the events to the frame and applies them, with what follows for payments. False if they do
  // not fit into the request's share of it, which begins at `start`: then nothing has changed.
  bool Log(const std::vector<Event>& events, Instant now, size_t start,
           storage::FrameBuilder& frame);
  void AddTo(const std::vector<Event>& events, storage::FrameBuilder& frame);
  void ApplyAt(const Event& event, storage::Position position, Instant time);

  OrderView* const view_;
  Listener listener_;
  State state_;
  // Since the last Publish.
  Changes changes_;
  std::string payload_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_ORDER_MACHINE_H_
