// OrderEditor: the way of an edit from the request to its event: what is added is planned and held
// before anything changes, and given back if the order no longer allows the edit.
//
//   recall -> obstacles -> catalog's terms -> plan and hold (Sourcing) -> EditOrder, durable
//
// A refusal is recorded under the request id like any other answer. Not recorded are: an order that
// is not there, what `prepare` says, a defect, and that a peer does not answer. If the order was
// routed otherwise meanwhile, what is held is given back, and planned anew.
//
//   editor.Edit({.request_id = "web-4712", .fingerprint = ..., .edit = ...},
//               [](EditReply reply) { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_EDIT_ORDER_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_EDIT_ORDER_H_

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/peers.h"
#include "services/orders/app/sourcing.h"
#include "services/orders/domain/commands.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

struct EditCall {
  std::string request_id;
  Fingerprint fingerprint;
  // Without what is held.
  EditOrder edit;
  // Fills in what depends on the order, or says why that does not allow it. Asked before each plan,
  // by a task of the loop, and not of a repetition; what it refers to must live until `done` has
  // run. May be null.
  absl::AnyInvocable<std::optional<runtime::RpcError>(const Order&, EditOrder&)> prepare;
  // The caller's.
  Instant deadline = kDistantFuture;
};

// The order's id, if it was edited.
using EditReply = std::variant<std::string, runtime::RpcError>;

// How many edits may be under way at once, waiting ones too.
inline constexpr size_t kEditsMax = 1'024;

class OrderEditor {
 public:
  using Done = absl::AnyInvocable<void(EditReply)>;

  struct Parts {
    OrdersEngine* engine = nullptr;
    // Null: everything may be sold.
    const Directory* directory = nullptr;
    Sourcing* sourcing = nullptr;
    std::shared_ptr<EventLoop> loop;
  };

  // The parts must outlive the editor, and the loop must have stopped before it is destroyed.
  explicit OrderEditor(Parts parts) : parts_(std::move(parts)) {}

  // Thread-safe. Runs `done` once, by a task of the loop. OVERLOADED when kEditsMax are under way.
  void Edit(EditCall call, Done done);
  // Answers what is under way with NOT_SERVING. By a task of the loop, which is about to stop.
  void Abandon();

 private:
  struct Attempt {
    EditCall call;
    Done done;
    Instant give_up;
    // How many plans were of an order that was another one by then.
    int stale = 0;
    Sourced sourced;
  };
  using AttemptPtr = std::shared_ptr<Attempt>;

  void Begin(EditCall call, Done done);
  void Recall(const AttemptPtr& attempt);
  void Proceed(const AttemptPtr& attempt);
  // Why the channel may not sell what is added; nothing if it may.
  std::optional<runtime::RpcError> Ineligible(const Order& order, const EditOrder& edit) const;
  void Source(const AttemptPtr& attempt, const Order& order);
  void OnSourced(const AttemptPtr& attempt, PeerResult<Sourced> result);
  void Submit(const AttemptPtr& attempt);
  void OnSubmitted(const AttemptPtr& attempt, Answer answer);
  void GiveBack(const AttemptPtr& attempt);
  void Record(const AttemptPtr& attempt, runtime::RpcError refusal);
  void Finish(const AttemptPtr& attempt, EditReply reply);
  static EditReply ReplyOf(const AttemptPtr& attempt, Answer answer);
  // Turns an answer into a task of the loop.
  absl::AnyInvocable<void(Answer)> OnLoop(absl::AnyInvocable<void(Answer)> then);

  const Parts parts_;
  size_t under_way_ = 0;
  // By order id: the first is under way, the others wait. Planned at the same time, they would all
  // be for the order's next attempt, and all but one in vain.
  absl::flat_hash_map<std::string, std::deque<AttemptPtr>> attempts_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_EDIT_ORDER_H_
