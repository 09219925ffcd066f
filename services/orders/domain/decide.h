// Decide: what a command does to the state, as events, or why it is refused. Pure; changes nothing.
//
//   Decision d = Decide(state, AcceptTask{.task_id = "o-7k2.t1"}, now);
//   for (const Event& event : d.events) Apply(state, event, position++, now);
//
// A command is checked in a fixed order, and the first failure is its rejection:
//   1. what it names exists (order, task, return, exception; then groups; then each line, in the
//      given order), and a line that an edit adds does not;
//   2. it is not a repetition (then: no events, `duplicate`), nor a reused id with other content. A
//      cancel repeats another only if all that it names is cancelled, which is known behind 7;
//   3. the etag is current;
//   4. the state machine allows it (transitions.h);
//   5. the order is not on hold, if it is work on a task;
//   6. the pickup code is right and not locked;
//   7. each line's quantity: in the given order, or in the order's (cancels, edits).
// After that it succeeds. A rejection comes without events, with one exception: PickupCodeWrong
// comes with the PickupCodeFailed that counts it.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_H_

#include <optional>
#include <string>
#include <vector>

#include "services/base/time.h"
#include "services/orders/domain/commands.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/rejections.h"
#include "services/orders/domain/state.h"

namespace quartermaster::orders {

// An order is not placed with less left on its hold.
inline constexpr Micros kMinHoldLeft = Seconds(30);
// Wrong pickup codes until the task is locked, and for how long.
inline constexpr int kMaxWrongCodes = 5;
inline constexpr Micros kPickupCodeLock = Seconds(15 * 60);

// What the answer is about: as far as the command's kind has them.
struct Result {
  std::string order_id;
  std::string task_id;
  std::string return_id;
  std::string exception_id;
  std::string parcel_id;
  std::string payment_ref;
  // It had been done before; nothing changed.
  bool duplicate = false;
  std::vector<DroppedLine> dropped;
  friend bool operator==(const Result&, const Result&) = default;
};

struct Decision {
  std::vector<Event> events;
  std::optional<Rejection> rejection;
  Result result;
};

Decision Decide(const State& state, const Command& command, Instant now);

// Why the order does not allow the edit, whatever is planned and held for it; nothing if it does.
// Decide asks the same first: known before, nothing need be held for nothing.
std::optional<Rejection> ObstacleToEdit(const Order& order, const EditOrder& edit);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDE_H_
