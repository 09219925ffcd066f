// Internal to Apply: one handler per event, each in the file of its subject.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_

#include <string>
#include <vector>

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
  void operator()(const OrderRouted& e);
  void operator()(const RoutingFailed& e);
  void operator()(const RerouteRequested& e);
  void operator()(const StockConfirmed& e);
  void operator()(const StockConfirmFailed& e);
  void operator()(const UnitsCarriedOut& e);
  void operator()(const UnitsCancelled& e);
  void operator()(const CancelRequested& e);
  void operator()(const StockSettled& e);
  void operator()(const SubjectErased& e);

  // apply_tasks.cc
  void operator()(const TaskCreated& e);
  void operator()(const TaskAccepted& e);
  void operator()(const TaskRejected& e);
  void operator()(const TaskPicked& e);
  void operator()(const TaskPacked& e);
  void operator()(const TaskShipped& e);
  void operator()(const TaskShippedLate& e);
  void operator()(const PickupReady& e);
  void operator()(const PickupCodeFailed& e);
  void operator()(const TaskHandedOver& e);

  // apply_returns.cc: returns, sales, exceptions
  void operator()(const ReturnRequested& e);
  void operator()(const ReturnReceived& e);
  void operator()(const ReturnRestocked& e);
  void operator()(const SaleRecorded& e);
  void operator()(const ExceptionRaised& e);
  void operator()(const ExceptionResolved& e);

 private:
  Order& GetOrder(const std::string& order_id);
  OrderLine& GetLine(Order& order, uint32_t index);
  Attempt& GetAttempt(Order& order, int number);
  Assignment& GetAssignment(Attempt& attempt, uint32_t index);
  Task& GetTask(Order& order, int number);
  TaskLine& GetTaskLine(Task& task, uint32_t index);
  Return& GetReturn(const std::string& order_id, const std::string& return_id);
  // The order, new and empty but for what every first event sets.
  Order& MakeOrder(const std::string& order_id);

  // CHECKs that there is so much.
  void Take(Quantity& from, Quantity quantity);
  void Move(Quantity& from, Quantity& to, Quantity quantity);
  // Opens an operation in stock, unless there are no parts.
  void OpenStockOp(Order& order, StockOpKind kind, int attempt, int task,
                   std::vector<OpPart> parts);
  void Advance(Task& task, TaskAction action);
  // A task without open units has ended.
  void EndIfNothingOpen(Task& task);
  void Supersede(Order& order, const SupersededUnits& superseded, const std::string& location_id);

  State& state_;
  const Position position_;
  const Instant now_;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_APPLIER_H_
