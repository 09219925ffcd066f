#include "tools/qm/verify/orders_auditor.h"

#include <map>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::ExceptionItem;
using orders::v1::Order;

std::string TaskIdOf(const std::string& order_id, size_t index) {
  return absl::StrCat(order_id, ".t", index + 1);
}

bool BookedOrder::OnHold() const {
  int64_t left = 0;
  for (const Line& line : lines) left += line.bound() + line.unallocated();
  return !open_holds.empty() && left > 0;
}

Order::State BookedOrder::State() const {
  int64_t kept = 0, gone = 0, waiting = 0, backordered = 0;
  for (const Line& line : lines) {
    kept += line.ordered - line.cancelled;
    gone += line.fulfilled;
    waiting += line.awaiting;
    backordered += line.backordered;
  }
  if (kept == 0) return Order::CANCELLED;
  if (kept == gone) return Order::COMPLETED;
  if (OnHold()) return Order::ON_HOLD;
  if (attempts.size() == 1 && attempts[0].state == AttemptState::kConfirming &&
      attempts[0].position == position + 1) {
    return Order::PENDING;
  }
  if (waiting > 0) return Order::AWAITING_STOCK;
  return backordered > 0 ? Order::BACKORDERED : Order::OPEN;
}

int64_t BookedOrder::Line::ShareOf(int64_t amount, int64_t units) const {
  return static_cast<int64_t>(absl::int128(amount) * units / ordered);
}

bool BookedOrder::Waits(const Line& line, std::string_view reason) const {
  const bool ships = line.group < groups.size() && groups[line.group].method == routing::v1::SHIP;
  const bool shortage = reason.empty() || reason == "INSUFFICIENT_STOCK" || reason == "NO_PLAN";
  return line.may_wait && shortage && !(ships && gave_back);
}

void OrdersAuditor::Difference(std::string what) {
  findings_->Difference(order_id_.empty() ? "orders" : "order " + order_id_,
                        absl::StrCat(what, " (orders/0 record ", books_.position, ")"));
}

template <typename Event>
void OrdersAuditor::Parse(const LogRecord& record) {
  Event event;
  if (!event.ParseFromArray(record.payload.data(), static_cast<int>(record.payload.size()))) return;
  order_id_ = event.order_id();
  On(event);
}

void OrdersAuditor::Apply(const LogRecord& record) {
  books_.position = record.position;
  time_unix_us_ = record.time_unix_us;
  // Without a default, so that the compiler names a type that nobody audits.
  switch (static_cast<orders_events::RecordType>(record.type)) {
    case orders_events::ORDER_PLACED:
      return Parse<orders_events::OrderPlaced>(record);
    case orders_events::ORDER_ROUTED:
      return Parse<orders_events::OrderRouted>(record);
    case orders_events::ROUTING_FAILED:
      return Parse<orders_events::RoutingFailed>(record);
    case orders_events::REROUTE_REQUESTED:
      return Parse<orders_events::RerouteRequested>(record);
    case orders_events::BACKORDER_RELEASED:
      return Parse<orders_events::BackorderReleased>(record);
    case orders_events::STOCK_CONFIRMED:
      return Parse<orders_events::StockConfirmed>(record);
    case orders_events::STOCK_CONFIRM_FAILED:
      return Parse<orders_events::StockConfirmFailed>(record);
    case orders_events::UNITS_CARRIED_OUT:
      return Parse<orders_events::UnitsCarriedOut>(record);
    case orders_events::TASK_CREATED:
      return Parse<orders_events::TaskCreated>(record);
    case orders_events::TASK_ACCEPTED:
      return Parse<orders_events::TaskAccepted>(record);
    case orders_events::TASK_REJECTED:
      return Parse<orders_events::TaskRejected>(record);
    case orders_events::TASK_PICKED:
      return Parse<orders_events::TaskPicked>(record);
    case orders_events::TASK_PACKED:
      return Parse<orders_events::TaskPacked>(record);
    case orders_events::TASK_SHIPPED:
      return Parse<orders_events::TaskShipped>(record);
    case orders_events::TASK_SHIPPED_LATE:
      return Parse<orders_events::TaskShippedLate>(record);
    case orders_events::PARCEL_REPORTED:
      return Parse<orders_events::ParcelReported>(record);
    case orders_events::PICKUP_READY:
      return Parse<orders_events::PickupReady>(record);
    case orders_events::PICKUP_REMINDED:
      return Parse<orders_events::PickupReminded>(record);
    case orders_events::PICKUP_EXPIRING:
      return Parse<orders_events::PickupExpiring>(record);
    case orders_events::PICKUP_EXTENDED:
      return Parse<orders_events::PickupExtended>(record);
    case orders_events::TASK_HANDED_OVER:
      return Parse<orders_events::TaskHandedOver>(record);
    case orders_events::UNITS_CANCELLED:
      return Parse<orders_events::UnitsCancelled>(record);
    case orders_events::STOCK_SETTLED:
      return Parse<orders_events::StockSettled>(record);
    case orders_events::RETURN_REQUESTED:
      return Parse<orders_events::ReturnRequested>(record);
    case orders_events::RETURN_RECEIVED:
      return Parse<orders_events::ReturnReceived>(record);
    case orders_events::RETURN_RESTOCKED:
      return Parse<orders_events::ReturnRestocked>(record);
    case orders_events::RETURN_INSPECTED:
      return Parse<orders_events::ReturnInspected>(record);
    case orders_events::RETURN_RECLASSIFIED:
      return Parse<orders_events::ReturnReclassified>(record);
    case orders_events::SALE_RECORDED:
      return Parse<orders_events::SaleRecorded>(record);
    case orders_events::EXCEPTION_RAISED:
      return Parse<orders_events::ExceptionRaised>(record);
    case orders_events::EXCEPTION_RESOLVED:
      return Parse<orders_events::ExceptionResolved>(record);
    case orders_events::CANCEL_REQUESTED:
      return Parse<orders_events::CancelRequested>(record);
    case orders_events::ORDER_HELD:
      return Parse<orders_events::OrderHeld>(record);
    case orders_events::HOLD_ENDED:
      return Parse<orders_events::HoldEnded>(record);
    case orders_events::ORDER_EDITED:
      return Parse<orders_events::OrderEdited>(record);
    case orders_events::PAYMENT_RECORDED:
      return Parse<orders_events::PaymentRecorded>(record);
    case orders_events::PAYMENT_INTENDED:
      return Parse<orders_events::PaymentIntended>(record);
    case orders_events::PAYMENT_INTENT_WITHDRAWN:
      return Parse<orders_events::PaymentIntentWithdrawn>(record);
    // These change no books.
    case orders_events::REQUEST_OUTCOME:
    case orders_events::PICKUP_CODE_FAILED:
    case orders_events::PICKUP_PROXY_SET:
    case orders_events::SUBJECT_UPDATED:
    case orders_events::SUBJECT_ERASED:
    case orders_events::FULFILMENT_POLICY_SET:
    case orders_events::RECORD_TYPE_UNSPECIFIED:
    case orders_events::RecordType_INT_MIN_SENTINEL_DO_NOT_USE_:
    case orders_events::RecordType_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

BookedOrder* OrdersAuditor::FindOrder(const std::string& order_id) {
  const auto found = books_.orders.find(order_id);
  if (found != books_.orders.end()) return &found->second;
  Difference("an event names it, but it was never placed");
  return nullptr;
}

void OrdersAuditor::Lacks(std::string_view what, size_t index) {
  Difference(absl::StrCat("has no ", std::string(what), " ", index));
}

BookedOrder::Attempt* OrdersAuditor::FindAttempt(BookedOrder* order, int number) {
  if (order == nullptr) return nullptr;
  return At(order->attempts, static_cast<size_t>(number) - 1, "attempt of index");
}

void OrdersAuditor::Take(int64_t& from, int64_t units) {
  if (units < 0 || from < units) {
    Difference(absl::StrCat("takes ", units, " units from where there are ", from));
  }
  from -= units;
}

void OrdersAuditor::Move(int64_t& from, int64_t& to, int64_t units) {
  Take(from, units);
  to += units;
}

void OrdersAuditor::OpenOp(BookedOrder& order, BookedOrder::OpKind kind, int attempt,
                           std::vector<BookedOrder::Part> parts) {
  if (parts.empty()) return;
  order.ops.push_back({.kind = kind, .attempt = attempt, .parts = std::move(parts)});
}

BookedOrder& OrdersAuditor::MakeOrder(const std::string& order_id) {
  const auto [order, added] = books_.orders.try_emplace(order_id);
  if (!added) Difference("was placed before");
  order->second.position = books_.position;
  return order->second;
}

template <typename Event>
void OrdersAuditor::AddLines(BookedOrder& order, const Event& event) {
  order.has_amounts = event.has_amounts();
  order.prices_include_tax = event.amounts().prices_include_tax();
  // Lines that were dropped or shortened are not in it.
  const int64_t sum = AddBooked(order, event.lines());
  if (sum > event.amounts().total_minor()) {
    Difference(absl::StrCat("its lines come to ", sum, ", and the whole to ",
                            event.amounts().total_minor()));
  }
}

int64_t OrdersAuditor::AddBooked(
    BookedOrder& order,
    const google::protobuf::RepeatedPtrField<orders_events::PlacedLine>& lines) {
  int64_t sum = 0;
  for (const auto& line : lines) {
    BookedOrder::Line& booked = order.lines.emplace_back();
    booked.line_id = line.line_id();
    booked.group = line.group();
    booked.sku = line.sku();
    booked.ordered = line.quantity();
    booked.may_wait = line.backorder();
    if (line.has_amounts() != order.has_amounts) {
      Difference(absl::StrCat("line ", line.line_id(), ": amounts without those of the order"));
    }
    const auto& amounts = line.amounts();
    booked.total = amounts.subtotal() - amounts.discount() + amounts.charge();
    if (!order.prices_include_tax) booked.total += amounts.tax();
    booked.refundable = booked.total - amounts.kept();
    if (booked.refundable < 0 || amounts.kept() < 0) {
      Difference(absl::StrCat("line ", line.line_id(), ": comes to less than nothing"));
    }
    sum += booked.total;
  }
  return sum;
}

void OrdersAuditor::On(const orders_events::OrderEdited& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  const size_t before = order->lines.size();
  AddBooked(*order, event.lines());
  for (size_t i = before; i < order->lines.size(); ++i) {
    BookedOrder::Line& line = order->lines[i];
    line.to_route = line.ordered;
    At(order->groups, line.group, "group");
  }
  for (const auto& redirected : event.destinations()) {
    At(order->groups, redirected.group(), "group");
  }
}

void OrdersAuditor::On(const orders_events::OrderPlaced& event) {
  BookedOrder& order = MakeOrder(event.order_id());
  order.channel_id = event.channel_id();
  order.external_id = event.external_id();
  order.customer_ref = event.customer_ref();
  if (!event.external_id().empty() &&
      !books_.external_ids.emplace(event.channel_id(), event.external_id()).second) {
    Difference(absl::StrCat("its channel has an order ", event.external_id(), " already"));
  }
  for (const auto& group : event.groups()) {
    order.groups.push_back({group.group_id(), group.method(), group.location_id()});
  }
  AddLines(order, event);
  for (auto& line : order.lines) {
    line.to_route = line.ordered;
    At(order.groups, line.group, "group");
  }
}

void OrdersAuditor::On(const orders_events::OrderRouted& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  if (event.attempt() != static_cast<int>(order->attempts.size()) + 1) {
    Difference(absl::StrCat("attempt ", event.attempt(), " is not the next one"));
  }
  BookedOrder::Attempt attempt{.position = books_.position,
                               .reservation_id = event.reservation_id()};
  for (const auto& assignment : event.assignments()) {
    attempt.assignments.push_back(
        {assignment.line(), assignment.location_id(), assignment.quantity()});
    auto* line = At(order->lines, assignment.line(), "line");
    if (line == nullptr) continue;
    Move(line->to_route, line->confirming, assignment.quantity());
    auto* group = At(order->groups, line->group, "group");
    if (group != nullptr && group->method != routing::v1::SHIP && group->location_id.empty()) {
      group->location_id = assignment.location_id();
    }
  }
  order->attempts.push_back(std::move(attempt));
}

void OrdersAuditor::On(const orders_events::RoutingFailed& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  for (const auto& units : event.lines()) {
    auto* line = At(order->lines, units.index(), "line");
    if (line == nullptr) continue;
    Move(line->to_route, order->Waits(*line, event.reason()) ? line->backordered : line->awaiting,
         units.quantity());
  }
}

void OrdersAuditor::On(const orders_events::BackorderReleased& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  for (const auto& units : event.lines()) {
    auto* line = At(order->lines, units.index(), "line");
    if (line != nullptr) Move(line->backordered, line->to_route, units.quantity());
  }
}

void OrdersAuditor::On(const orders_events::RerouteRequested& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  for (auto& line : order->lines) Move(line.awaiting, line.to_route, line.awaiting);
  order->gave_back = false;
}

void OrdersAuditor::On(const orders_events::StockConfirmed& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Attempt* attempt = FindAttempt(order, event.attempt());
  if (attempt == nullptr) return;
  if (attempt->state != BookedOrder::AttemptState::kConfirming) {
    Difference(absl::StrCat("attempt ", event.attempt(), " is settled twice"));
  }
  attempt->state = BookedOrder::AttemptState::kConfirmed;
  attempt->reservation_id = event.reservation_id();
  std::vector<BookedOrder::Part> dropped;
  for (size_t i = 0; i < attempt->assignments.size(); ++i) {
    auto& assignment = attempt->assignments[i];
    assignment.held_back = assignment.quantity - assignment.dropped;
    auto* line = At(order->lines, assignment.line, "line");
    if (line != nullptr) Move(line->confirming, line->held_back, assignment.held_back);
    if (assignment.dropped > 0) {
      dropped.push_back({static_cast<uint32_t>(i), assignment.location_id, assignment.dropped});
    }
  }
  OpenOp(*order, BookedOrder::OpKind::kRelease, event.attempt(), std::move(dropped));
}

void OrdersAuditor::On(const orders_events::StockConfirmFailed& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Attempt* attempt = FindAttempt(order, event.attempt());
  if (attempt == nullptr) return;
  if (attempt->state != BookedOrder::AttemptState::kConfirming) {
    Difference(absl::StrCat("attempt ", event.attempt(), " is settled twice"));
  }
  attempt->state = BookedOrder::AttemptState::kFailed;
  for (const auto& assignment : attempt->assignments) {
    auto* line = At(order->lines, assignment.line, "line");
    if (line == nullptr) continue;
    Move(line->confirming, order->Waits(*line, event.reason()) ? line->backordered : line->awaiting,
         assignment.quantity - assignment.dropped);
  }
}

void OrdersAuditor::On(const orders_events::UnitsCarriedOut& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Attempt* attempt = FindAttempt(order, event.attempt());
  if (attempt == nullptr) return;
  std::vector<BookedOrder::Part> parts;
  for (const auto& units : event.assignments()) {
    auto* assignment = At(attempt->assignments, units.index(), "assignment");
    auto* line = assignment == nullptr ? nullptr : At(order->lines, assignment->line, "line");
    if (line == nullptr) continue;
    Move(line->held_back, line->fulfilled, units.quantity());
    Take(assignment->held_back, units.quantity());
    parts.push_back({units.index(), assignment->location_id, units.quantity()});
  }
  OpenOp(*order, BookedOrder::OpKind::kFulfil, event.attempt(), std::move(parts));
}

void OrdersAuditor::On(const orders_events::StockSettled& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  auto* op = At(order->ops, static_cast<size_t>(event.op()) - 1, "stock operation of index");
  if (op == nullptr) return;
  if (op->settled) Difference(absl::StrCat("stock operation ", event.op(), " is settled twice"));
  op->settled = true;
  op->refused = event.refused_reason();
}

void OrdersAuditor::On(const orders_events::SaleRecorded& event) {
  BookedOrder& order = MakeOrder(event.order_id());
  order.channel_id = "till";
  order.customer_ref = event.customer_ref();
  order.groups.push_back({"0", routing::v1::CARRY_OUT, event.location_id()});
  AddLines(order, event);
  std::vector<BookedOrder::Part> parts;
  for (auto& line : order.lines) {
    parts.push_back({static_cast<uint32_t>(parts.size()), event.location_id(), line.ordered});
    line.group = 0;
    line.fulfilled = line.ordered;
  }
  OpenOp(order, BookedOrder::OpKind::kSell, 0, std::move(parts));
}

void OrdersAuditor::On(const orders_events::ExceptionRaised& event) {
  books_.exceptions.emplace(books_.position,
                            BookedException{event.kind(), event.order_id(), false});
  if (event.order_id().empty()) return;
  if (BookedOrder* order = FindOrder(event.order_id())) order->exceptions.insert(books_.position);
}

void OrdersAuditor::On(const orders_events::ExceptionResolved& event) {
  const auto found = books_.exceptions.find(event.exception());
  if (found == books_.exceptions.end() || found->second.resolved) {
    return Difference(
        absl::StrCat("resolves exception ", event.exception(), ", which is not open"));
  }
  found->second.resolved = true;
  if (event.order_id().empty()) return;
  if (BookedOrder* order = FindOrder(event.order_id())) {
    order->exceptions.erase(event.exception());
  }
}

void OrdersAuditor::CheckOrder(const std::string& order_id, const BookedOrder& order) {
  order_id_ = order_id;
  int64_t waiting = 0;
  for (const auto& line : order.lines) {
    const int64_t sum = line.cancelled + line.fulfilled + line.bound() + line.unallocated();
    if (sum != line.ordered) {
      Difference(absl::StrCat("line ", line.line_id, ": ordered ", line.ordered,
                              ", but its parts add up to ", sum));
    }
    if (line.accepted < 0 || line.accepted > line.returned) {
      Difference(absl::StrCat("line ", line.line_id, ": more is given back than came back"));
    }
    if (line.return_requested + line.returned > line.fulfilled) {
      Difference(absl::StrCat("line ", line.line_id, ": more comes back than was sold"));
    }
    if (line.held_back > 0 && order.open_holds.empty()) {
      Difference(absl::StrCat("line ", line.line_id, ": ", line.held_back,
                              " units are held back, and no hold is open"));
    }
    waiting += line.awaiting;
  }
  std::map<uint32_t, int64_t> in_tasks;
  for (const auto& task : order.tasks) {
    for (const auto& line : task.lines) {
      in_tasks[line.line] += line.open();
      if (line.cancel_requested > line.open()) {
        Difference(absl::StrCat("asked to put back ", line.cancel_requested, " of ", line.open(),
                                " open units"));
      }
    }
  }
  for (uint32_t i = 0; i < order.lines.size(); ++i) {
    if (order.lines[i].allocated != in_tasks[i]) {
      Difference(absl::StrCat("line ", order.lines[i].line_id, ": allocated ",
                              order.lines[i].allocated, ", but open in tasks are ", in_tasks[i]));
    }
  }
  bool queued = false;
  for (const int64_t position : order.exceptions) {
    const int kind = books_.exceptions.at(position).kind;
    queued |= kind == ExceptionItem::AWAITING_STOCK || kind == ExceptionItem::PICKUP_UNFILLABLE;
  }
  if (waiting > 0 && !queued) {
    Difference(absl::StrCat(waiting, " units await stock, and no exception is open"));
  }
}

void OrdersAuditor::CheckConservation() {
  for (const auto& [order_id, order] : books_.orders) CheckOrder(order_id, order);
}

}  // namespace quartermaster::qm
