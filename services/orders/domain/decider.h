// Internal to Decide: one handler per command, each in the file of its subject.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDER_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDER_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/time.h"
#include "services/orders/domain/commands.h"
#include "services/orders/domain/decide.h"
#include "services/orders/domain/open_exceptions.h"
#include "services/orders/domain/state.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

// Line ids -> indexes, so that a command with 2,000 lines costs 2,000 steps. Points into the order.
class LineIndex {
 public:
  // Of the order's lines.
  explicit LineIndex(const Order& order);
  // Of the task's lines.
  LineIndex(const Order& order, const Task& task);

  std::optional<uint32_t> Find(const std::string& line_id) const;

 private:
  absl::flat_hash_map<std::string_view, uint32_t> index_;
};

// Takes as much of `wanted` as there is, and says how much.
inline Quantity TakeUpTo(Quantity& wanted, Quantity there) {
  const Quantity taken = std::min(wanted, there);
  wanted -= taken;
  return taken;
}

// A time that was told, if one was: later than now counts as now.
inline std::optional<Instant> NotLaterThan(Instant now, const std::optional<Instant>& told) {
  if (!told.has_value()) return std::nullopt;
  return std::min(*told, now);
}

// Lives for one command. Handlers fill `decision`.
class Decider {
 public:
  Decider(const State& state, Instant now, Decision& decision)
      : state_(state), now_(now), decision_(decision) {}

  // decide.cc: placing, cancelling, routing again, subjects, the exception queue
  void operator()(const PlaceOrder& c);
  void operator()(const CancelOrder& c);
  void operator()(const RerouteOrder& c);
  void operator()(const UpdateSubject& c);
  void operator()(const EraseSubject& c);
  void operator()(const ResolveException& c);

  // decide_edits.cc
  void operator()(const EditOrder& c);

  // decide_tasks.cc
  void operator()(const AcceptTask& c);
  void operator()(const PutBack& c);
  void operator()(const PackTask& c);
  void operator()(const MarkReadyForPickup& c);
  void operator()(const HandOver& c);

  // decide_shortfalls.cc: what locations give back or do not find
  void operator()(const RejectTask& c);
  void operator()(const RecordPick& c);

  // decide_holds.cc
  void operator()(const HoldOrder& c);
  void operator()(const ReleaseHold& c);

  // decide_payments.cc
  void operator()(const RecordPayment& c);

  // decide_policies.cc
  void operator()(const SetFulfilmentPolicy& c);
  // decide_parcels.cc
  void operator()(const RecordShipment& c);
  void operator()(const RecordDelivery& c);
  // decide_pickups.cc
  void operator()(const ExtendPickup& c);
  void operator()(const SetPickupProxy& c);

  // decide_returns.cc: returns and sales
  void operator()(const RequestReturn& c);
  void operator()(const ReceiveReturn& c);
  void operator()(const MatchReturn& c);
  void operator()(const InspectReturn& c);
  void operator()(const RecordSale& c);

  // decide_saga.cc
  void operator()(const ReportStockConfirmed& c);
  void operator()(const ReportConfirmFailed& c);
  void operator()(const ReportStockSettled& c);
  void operator()(const ReportReturnRestocked& c);
  void operator()(const ReportReclassified& c);
  void operator()(const ReportRerouted& c);
  void operator()(const ReportBackorderFilled& c);
  void operator()(const ReportStalled& c);

 private:
  void Emit(Event event) { decision_.events.push_back(std::move(event)); }
  void Reject(Rejection rejection) { decision_.rejection = std::move(rejection); }
  void Repeat() { decision_.result.duplicate = true; }

  // The order, its id in the result; or null, and it is rejected.
  const Order* NeedOrder(const std::string& order_id);
  const Order* NeedPaidOrder(const RecordPayment& c);
  // The task, its and its order's id in the result; or null, and it is rejected.
  const Task* NeedTask(const std::string& task_id, const Order*& order);
  // False, and it is rejected, if the state does not allow it.
  bool NeedTransition(const Task& task, TaskAction action);
  void RejectTransition(const Task& task);
  // It is a fact that the task's state contradicts.
  static bool IsConflict(const Task& task, TaskAction action);
  // Quantities by index of the order's line, lines named twice added up; empty, and it is
  // rejected, if there is no such line.
  std::vector<Quantity> ByLine(const Order& order, const std::vector<LineQuantity>& lines,
                               bool& found);
  // The index of the task's line of an order line's id; or empty, and it is rejected.
  std::optional<size_t> NeedTaskLine(const LineIndex& lines, const std::string& line_id);

  const FulfilmentPolicy& PolicyFor(const Order& order) const {
    return PolicyOf(state_.policies, order.channel_id).policy;
  }
  // True if units that leave the task may be routed again without asking a person, as far as no
  // reason says otherwise.
  bool MayReroute(const Order& order, const Task& task) const;
  // False, and it is rejected, if the order is on hold.
  bool NeedNoHold(const Order& order);
  // The event of a new hold of the order, the `number`th.
  OrderHeld HeldBy(const std::string& order_id, int number, const NewHold& hold,
                   const Attribution& attribution) const;
  // The task was shipped: an exception, if its order is on hold.
  void RaiseShippedOnHold(const Order& order, const Task& task);
  // An exception of the kind is open for the order (and the task, if one is named).
  bool HasOpenException(const Order& order, ExceptionKind kind, const std::string& task_id) const;
  // Units of the order (of its task) await stock: raises the exception, unless it is open.
  // `reason`: the peer's if one refused, or the location's. `suggested_action`: empty, the usual.
  void RaiseUnfilled(const Order& order, const Task* task, const std::string& reason = "",
                     const std::string& suggested_action = "");
  // An open exception of the order is so: `which(item)`.
  template <typename Which>
  bool HasOpenException(const Order& order, Which which) const {
    return orders::HasOpenException(state_, order, which);
  }
  // Resolves the order's open exceptions that are so: `which(item)`.
  template <typename Which>
  void ResolveWhere(const Order& order, const Attribution& attribution, Which which) {
    for (const Position position : order.exceptions) {
      const auto found = state_.exceptions.find(position);
      if (found == state_.exceptions.end() || !which(found->second)) continue;
      Emit(ExceptionResolved{
          .exception = position, .order_id = order.order_id, .attribution = attribution});
    }
  }
  // An intent of the order has been settled: it has gone on.
  void ResolveStalled(const Order& order);
  // Stock did what was asked for a return, or (with a reason) refuses to for good.
  void SettledReturn(const Return& item, const std::string& refused_reason);
  // Resolves what is open because units await stock.
  void ResolveUnfilled(const Order& order, const Attribution& attribution);
  // All that the task has open, asked to be put back or not, cannot be found.
  void RejectSuspect(const Order& order, const Task& task, const ReasonEffect& reason,
                     const Attribution& attribution);
  void FinishPick(const Order& order, const Task& task, TaskPicked event,
                  const std::vector<ReasonEffect>& reasons);
  // `named`: by the task's lines; null: it is not named.
  void PickAfterEnd(const Order& order, const Task& task,
                    const std::vector<const PickedLine*>& named);
  // True if the task's parcel has been told of, also otherwise: then it is a repetition, or
  // rejected.
  bool IsToldParcel(const Order& order, const Task& task, const RecordShipment& c,
                    const std::vector<Quantity>& named);
  // A return of these units, by the order's lines, if there are any.
  void Announce(const Order& order, const std::vector<Quantity>& units,
                const Attribution& attribution);
  // Whether it is the proxy's.
  bool CheckCode(const Order& order, const Task& task, const HandOver& c);
  void ReceiveUnmatched(const ReceiveReturn& c);
  void ReceiveAnnounced(const ReceiveReturn& c);
  void ReceiveAgain(const ReceiveReturn& c, const Return& item);
  void ReceiveByOrder(const ReceiveReturn& c, const Order& order);
  // The lines that name lines of the order, and the units that are not the order's: of another SKU.
  // False, and it is rejected, if there is no such line.
  bool SortLines(const Order& order, const ReceiveReturn& c, std::vector<ReturnLine>& known,
                 std::vector<ReturnLine>& stray);
  // What was announced of the lines that the event has came with it: the oldest first.
  static void SupersedeAnnounced(const Order& order, ReturnReceived& event);
  // Of units that nobody may send back.
  void RaiseNotReturnable(const ReturnReceived& event,
                          const absl::flat_hash_set<std::string>& not_returnable);
  // Moves to `stray` what exceeds `open`, by the order's lines.
  static void LimitLines(const Order& order, std::vector<Quantity> open,
                         std::vector<ReturnLine>& known, std::vector<ReturnLine>& stray);
  // Records the receipt, if it has lines, and keeps what is not the order's as unmatched.
  void Receive(const ReceiveReturn& c, ReturnReceived event, std::vector<ReturnLine> stray);
  void RaiseUnknownItem(const std::string& order_id, const std::string& return_id);

  const State& state_;
  const Instant now_;
  Decision& decision_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_DECIDER_H_
