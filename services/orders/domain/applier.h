// Internal to Apply: one handler per event, each in the file of its subject.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_

#include <optional>
#include <string>
#include <vector>

#include "services/base/check.h"
#include "services/base/time.h"
#include "services/orders/domain/events.h"
#include "services/orders/domain/state.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

// Lives for one event.
class Applier {
 public:
  Applier(State& state, Position position, Instant now)
      : state_(state), position_(position), now_(now) {}

  // apply.cc: placing, routing, stock's answers, cancelling
  void operator()(const OrderPlaced& e);
  void operator()(const OrderEdited& e);
  void operator()(const OrderRouted& e);
  void operator()(const RoutingFailed& e);
  void operator()(const RerouteRequested& e);
  void operator()(const BackorderReleased& e);
  void operator()(const StockConfirmed& e);
  void operator()(const StockConfirmFailed& e);
  void operator()(const UnitsCarriedOut& e);
  void operator()(const UnitsCancelled& e);
  void operator()(const CancelRequested& e);
  void operator()(const StockSettled& e);
  void operator()(const SubjectErased& e);
  // What it says is in the history.
  void operator()(const SubjectUpdated&) {}

  // apply_tasks.cc
  void operator()(const TaskCreated& e);
  void operator()(const TaskAccepted& e);
  void operator()(const TaskRejected& e);
  void operator()(const TaskPicked& e);
  void operator()(const TaskPacked& e);
  void operator()(const TaskShipped& e);
  void operator()(const TaskShippedLate& e);
  void operator()(const PickupCodeFailed& e);
  void operator()(const TaskHandedOver& e);

  // apply_returns.cc: returns, sales, exceptions
  void operator()(const ReturnRequested& e);
  void operator()(const ReturnReceived& e);
  void operator()(const ReturnRestocked& e);
  void operator()(const ReturnInspected& e);
  void operator()(const ReturnReclassified& e);
  void operator()(const SaleRecorded& e);
  void operator()(const ExceptionRaised& e);
  void operator()(const ExceptionResolved& e);

  // apply_parcels.cc
  void operator()(const ParcelReported& e);

  // apply_policies.cc
  void operator()(const FulfilmentPolicySet& e);

  // apply_pickups.cc
  void operator()(const PickupReady& e);
  void operator()(const PickupReminded& e);
  void operator()(const PickupExpiring& e);
  void operator()(const PickupExtended& e);
  void operator()(const PickupProxySet& e);

  // apply_payments.cc
  void operator()(const PaymentRecorded& e);
  void operator()(const PaymentIntended& e);
  void operator()(const PaymentIntentWithdrawn& e);

  // apply_holds.cc
  void operator()(const OrderHeld& e);
  void operator()(const HoldEnded& e);

 private:
  Order& GetOrder(const std::string& order_id);
  OrderLine& GetLine(Order& order, uint32_t index);
  Attempt& GetAttempt(Order& order, int number);
  Assignment& GetAssignment(Attempt& attempt, uint32_t index);
  Task& GetTask(Order& order, int number);
  TaskLine& GetTaskLine(Task& task, uint32_t index);
  PaymentIntent& GetIntent(Payments& payments, int number);
  // The newest captures and voids that the payment no longer has anything for.
  void WithdrawUnservable(Payments& payments, const Payment& tender);
  Return& GetReturn(const std::string& order_id, const std::string& return_id);
  // The order, new and empty but for what every first event sets.
  Order& MakeOrder(const std::string& order_id);

  // The lines as they were ordered; the order has its amounts.
  void AddLines(Order& order, const std::vector<PlacedLine>& lines);

  // The order's return that an unmatched one has become, that stock is done with the goods.
  void TellMatched(const Return& unmatched);
  // Stock does not have its goods.
  static void RefuseGoods(Return& item);
  // Something is given back for these units; how much.
  static int64_t Accept(const Order& order, OrderLine& line, Quantity quantity);

  // CHECKs that there is so much.
  void Take(Quantity& from, Quantity quantity);
  void Move(Quantity& from, Quantity& to, Quantity quantity);
  // Opens an operation in stock, unless there are no parts.
  void OpenStockOp(Order& order, StockOpKind kind, int attempt, int task, std::vector<OpPart> parts,
                   const std::optional<Instant>& business_time = std::nullopt);
  void Advance(Task& task, TaskAction action) { Follow(TaskMoves(task.method), action, task); }
  void Advance(Return& item, ReturnAction action) { Follow(ReturnMoves(), action, item); }
  void Advance(Attempt& attempt, AttemptAction action) { Follow(AttemptMoves(), action, attempt); }
  // CHECKs that the table has the move.
  template <typename Table, typename Action, typename Thing>
  void Follow(const Table& table, Action action, Thing& thing) {
    const auto next = table.Next(thing.state, action);
    QM_CHECK(next.has_value()) << NameOf(action) << " of what is " << NameOf(thing.state)
                               << ", at position " << position_;
    thing.state = *next;
  }
  // Of TaskShipped or TaskShippedLate; without lines.
  template <typename E>
  Parcel& AddParcel(Order& order, const E& e);
  // Cancels units that confirmed attempts have held back, and gives them back to stock.
  void DropHeldBack(Order& order, const std::vector<HeldUnits>& held_back);
  // A task without open units has ended.
  void EndIfNothingOpen(const Order& order, Task& task);
  // What the clock has to do with the task, as it stands, is taken out of state.due, and put in.
  void Unschedule(const Order& order, const Task& task);
  void Schedule(const Order& order, const Task& task);
  void Supersede(Order& order, const SupersededUnits& superseded, const std::string& location_id);

  State& state_;
  const Position position_;
  const Instant now_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_
