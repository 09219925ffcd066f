// OrderPlacer: the way of an order from the request to the point of no return, and the wait for
// stock's confirmation.
//
//   recall -> catalog's terms -> checkout hold -> plan and hold (Sourcing) -> vault -> PlaceOrder,
//   durable -> PLACED
//
// A refusal is recorded under the request id like any other answer. A request that fails because a
// peer does not answer is not recorded; its hold, if there is one, is given back or expires, and a
// retry takes its place.
//
//   placer.Place({.request_id = "web-4711", .content = ..., .fingerprint = ...},
//                [](PlaceReply reply) { ... });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_PLACE_ORDER_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_PLACE_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "services/orders/app/event_loop.h"
#include "services/orders/app/order_waiter.h"
#include "services/orders/app/orders_engine.h"
#include "services/orders/app/peers.h"
#include "services/orders/app/sourcing.h"
#include "services/orders/app/subject_vault.h"
#include "services/orders/codec/requests.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::orders {

struct PlaceCall {
  std::string request_id;
  Fingerprint fingerprint;
  OrderContent content;
  // Personal data, serialised; empty if there is none. Goes to the vault under the order's id.
  std::string subject;
  // The caller's.
  Instant deadline = kDistantFuture;
};

struct Placed {
  // Of the request; or of an earlier one with the same content under the same external id.
  std::string order_id;
  // Stock has confirmed.
  bool confirmed = false;
  std::vector<DroppedLine> dropped;
};

using PlaceReply = std::variant<Placed, runtime::RpcError>;

// How long a reply waits for stock's confirmation, at most; and at most half of what is left until
// the caller's deadline.
inline constexpr Micros kConfirmWait = Seconds(2);

// How many orders may be under way at once, each for up to ten seconds while a peer does not
// answer.
inline constexpr size_t kPlacementsMax = 8'192;

class OrderPlacer {
 public:
  using Done = absl::AnyInvocable<void(PlaceReply)>;

  struct Parts {
    std::string tenant;
    OrdersEngine* engine = nullptr;
    SubjectVault* vault = nullptr;
    StockPeer* stock = nullptr;
    // Null: everything may be sold.
    const Directory* directory = nullptr;
    Sourcing* sourcing = nullptr;
    OrderWaiter* waiter = nullptr;
    std::shared_ptr<EventLoop> loop;
    // Where the vault may block.
    EventLoop* disk_loop = nullptr;
    // Of jitter.
    uint64_t seed = 0;
  };

  // The parts must outlive the placer, and the loops must have stopped before it is destroyed.
  explicit OrderPlacer(Parts parts) : parts_(std::move(parts)), random_(parts_.seed) {}

  // Thread-safe. Runs `done` once, by a task of the loop. Calls with one request id join.
  // OVERLOADED when kPlacementsMax orders are under way.
  void Place(PlaceCall call, Done done);
  // Answers what is under way with NOT_SERVING. By a task of the loop, which is about to stop.
  void Abandon();

 private:
  // One request id under way.
  struct Attempt;
  using AttemptPtr = std::shared_ptr<Attempt>;

  static PlaceOrder CommandOf(const Attempt& attempt);
  void Begin(PlaceCall call, Done done);
  void OnRecalled(const AttemptPtr& attempt, Answer answer);
  // It is a new order, or one that its channel has under the external id.
  void Proceed(const AttemptPtr& attempt);
  // Whether the channel has an order under the external id, which is not empty.
  bool HasExternalId(const OrderContent& content) const;
  // Why the channel may not sell all of it; nothing if it may.
  std::optional<runtime::RpcError> Ineligible(const OrderContent& content) const;
  void LookAtCheckoutHold(const AttemptPtr& attempt, const std::string& reservation_id);
  void OnCheckoutHold(const AttemptPtr& attempt, PeerResult<StockReservation> result);
  void Source(const AttemptPtr& attempt);
  void OnSourced(const AttemptPtr& attempt, PeerResult<Sourced> result);
  void Keep(const AttemptPtr& attempt);
  void Submit(const AttemptPtr& attempt);
  void OnSubmitted(const AttemptPtr& attempt, Answer answer);
  // Records the refusal and answers it; a retriable one is only answered.
  void Refuse(const AttemptPtr& attempt, const PeerError& error);
  void Record(const AttemptPtr& attempt, runtime::RpcError refusal);
  void Forget(const AttemptPtr& attempt);
  void AwaitConfirmation(const AttemptPtr& attempt, Placed placed);
  void Finish(const AttemptPtr& attempt, PlaceReply reply);
  PlaceReply ReplyOf(const AttemptPtr& attempt, Answer answer) const;

  template <typename T>
  absl::AnyInvocable<void(T)> OnLoop(absl::AnyInvocable<void(T)> then);

  const Parts parts_;
  std::mt19937_64 random_;
  // By order id; at most kPlacementsMax.
  absl::flat_hash_map<std::string, AttemptPtr> attempts_;
  // By channel and external id: the first of those under way.
  absl::flat_hash_map<std::pair<std::string, std::string>, AttemptPtr> external_ids_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_PLACE_ORDER_H_
