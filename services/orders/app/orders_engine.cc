#include "services/orders/app/orders_engine.h"

#include <utility>

#include "services/base/status_macros.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {
namespace {

// Owns itself until it is done.
class CallSubmission : public OrderSubmission {
 public:
  CallSubmission(Call call, OrdersEngine::Done done)
      : id_(std::move(call.request_id)), done_(std::move(done)) {
    request_id = id_;
    fingerprint = call.fingerprint;
    deadline = call.deadline;
    bytes = call.bytes;
    recall_only = call.commands.empty() && !call.refusal;
    commands = std::move(call.commands);
    refusal = std::move(call.refusal);
  }

  void Done(engine::Fate fate, storage::Position position) override {
    Answer answer;
    answer.position = position;
    if (fate == engine::Fate::kDecided || fate == engine::Fate::kRecalled) {
      answer.recalled = fate == engine::Fate::kRecalled;
      answer.refusal = std::move(refusal);
      answer.outcomes = std::move(outcomes);
    } else {
      answer.error = runtime::FateError(fate);
    }
    Finish(std::move(answer));
  }

  void Refuse(runtime::RpcError error) {
    Answer answer;
    answer.error = std::move(error);
    Finish(std::move(answer));
  }

 private:
  void Finish(Answer answer) {
    OrdersEngine::Done done = std::move(done_);
    delete this;
    done(std::move(answer));
  }

  const std::string id_;
  OrdersEngine::Done done_;
};

}  // namespace

OrdersEngine::OrdersEngine() : machine_(&view_) {}

absl::StatusOr<std::unique_ptr<OrdersEngine>> OrdersEngine::Open(
    engine::SequencerOptions options, storage::EventLog* log, const engine::Clock* clock,
    const std::function<void(storage::Position, storage::Position)>& on_progress) {
  std::unique_ptr<OrdersEngine> engine(new OrdersEngine());
  engine->partition_ = options.partition;
  QM_ASSIGN_OR_RETURN(
      engine->sequencer_,
      engine::Sequencer::Open(std::move(options), log, &engine->machine_, clock, on_progress));
  return engine;
}

absl::Status OrdersEngine::Acquire() {
  QM_RETURN_IF_ERROR(sequencer_->Acquire());
  // Nobody is told of what was replayed.
  machine_.SetListener([this](const Changes& changes, storage::Position head) {
    for (const Listener& listener : listeners_) listener(changes, head);
  });
  return absl::OkStatus();
}

void OrdersEngine::Submit(Call call, Done done) {
  auto* submission = new CallSubmission(std::move(call), std::move(done));
  switch (sequencer_->Submit(submission)) {
    case engine::Sequencer::Admission::kAccepted:
      return;
    case engine::Sequencer::Admission::kQueueFull:
      submission->Refuse(runtime::Overloaded());
      return;
    case engine::Sequencer::Admission::kNotServing:
      submission->Refuse(runtime::NotServing());
      return;
  }
}

}  // namespace quartermaster::orders
