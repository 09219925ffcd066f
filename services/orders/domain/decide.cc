#include "services/orders/domain/decide.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "services/orders/domain/decider.h"
#include "services/orders/domain/locate.h"

namespace quartermaster::orders {

namespace {

bool IsUnfilled(ExceptionKind kind) {
  return kind == ExceptionKind::kAwaitingStock || kind == ExceptionKind::kPickupUnfillable;
}

// The authorisation of some of it is still to come, and no hold of its own keeps it back until
// then.
bool IsPaidLater(const PlaceOrder& c) {
  const bool later = std::any_of(c.groups.begin(), c.groups.end(), [](const Group& group) {
    return group.payment_term == PaymentTerm::kAsynchronous;
  });
  return later && std::none_of(c.holds.begin(), c.holds.end(),
                               [](const NewHold& hold) { return hold.kind == HoldKind::kPayment; });
}

}  // namespace

LineIndex::LineIndex(const Order& order) {
  index_.reserve(order.lines.size());
  for (uint32_t i = 0; i < order.lines.size(); ++i) index_.try_emplace(order.lines[i].line_id, i);
}

LineIndex::LineIndex(const Order& order, const Task& task) {
  index_.reserve(task.lines.size());
  for (uint32_t i = 0; i < task.lines.size(); ++i) {
    index_.try_emplace(order.lines[task.lines[i].line].line_id, i);
  }
}

std::optional<uint32_t> LineIndex::Find(const std::string& line_id) const {
  const auto found = index_.find(std::string_view(line_id));
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

Decision Decide(const State& state, const Command& command, Instant now) {
  Decision decision;
  std::visit(Decider(state, now, decision), command);
  return decision;
}

const Order* Decider::NeedOrder(const std::string& order_id) {
  const Order* order = FindOrder(state_, order_id);
  if (order == nullptr) {
    Reject(OrderNotFound{order_id});
  } else {
    decision_.result.order_id = order_id;
  }
  return order;
}

std::vector<Quantity> Decider::ByLine(const Order& order, const std::vector<LineQuantity>& lines,
                                      bool& found) {
  std::vector<Quantity> quantities(order.lines.size());
  const LineIndex line_index(order);
  for (const LineQuantity& line : lines) {
    const auto index = line_index.Find(line.line_id);
    if (!index.has_value()) {
      Reject(LineNotFound{line.line_id});
      found = false;
      return quantities;
    }
    quantities[*index] += line.quantity;
  }
  found = true;
  return quantities;
}

bool Decider::HasOpenException(const Order& order, ExceptionKind kind,
                               const std::string& task_id) const {
  return HasOpenException(order, [&](const ExceptionItem& item) {
    return item.kind == kind && item.task_id == task_id;
  });
}

void Decider::RaiseUnfilled(const Order& order, const Task* task, const std::string& reason,
                            const std::string& suggested_action) {
  const bool pickup = task != nullptr && task->method == Method::kPickup;
  const std::string task_id = pickup ? TaskId(order.order_id, task->number) : "";
  const ExceptionKind kind =
      pickup ? ExceptionKind::kPickupUnfillable : ExceptionKind::kAwaitingStock;
  if (HasOpenException(order, kind, task_id)) return;
  const std::string usual = pickup ? "ASK_CUSTOMER" : "REROUTE_OR_CANCEL";
  Emit(ExceptionRaised{.kind = kind,
                       .order_id = order.order_id,
                       .task_id = task_id,
                       .suggested_action = suggested_action.empty() ? usual : suggested_action,
                       .detail = reason});
}

void Decider::ResolveUnfilled(const Order& order, const Attribution& attribution) {
  ResolveWhere(order, attribution, [](const ExceptionItem& item) { return IsUnfilled(item.kind); });
}

void Decider::operator()(const PlaceOrder& c) {
  decision_.result.order_id = c.order_id;
  decision_.result.dropped = c.dropped;
  if (const Order* order = FindOrder(state_, c.order_id); order != nullptr) {
    if (order->content == c.content) return Repeat();
    return Reject(RequestIdReused{c.order_id});
  }
  if (!c.external_id.empty()) {
    const auto found = state_.external_ids.find({c.channel_id, c.external_id});
    if (found != state_.external_ids.end()) {
      const Order* order = FindOrder(state_, found->second);
      if (order == nullptr || order->content != c.content) {
        return Reject(ExternalIdReused{found->second});
      }
      // The same order, sent by somebody who makes a new request id each time.
      decision_.result.order_id = order->order_id;
      return Repeat();
    }
  }
  const bool holds = !c.assignments.empty();
  if (holds && c.expires_at - now_ < kMinHoldLeft) return Reject(HoldTooShort{c.expires_at - now_});

  Emit(OrderPlaced{.order_id = c.order_id,
                   .channel_id = c.channel_id,
                   .external_id = c.external_id,
                   .customer_ref = c.customer_ref,
                   .content = c.content,
                   .groups = c.groups,
                   .lines = c.lines,
                   .attribution = c.attribution,
                   .amounts = c.amounts});
  if (holds) {
    Emit(OrderRouted{.order_id = c.order_id,
                     .attempt = 1,
                     .reservation_id = c.reservation_id,
                     .expires_at = c.expires_at,
                     .assignments = c.assignments,
                     .plan = c.plan});
  }
  std::vector<Quantity> left(c.lines.size());
  for (size_t i = 0; i < c.lines.size(); ++i) left[i] = c.lines[i].quantity;
  for (const PlannedUnits& units : c.assignments) left[units.line] -= units.quantity;
  RoutingFailed waiting{.order_id = c.order_id};
  for (uint32_t i = 0; i < left.size(); ++i) {
    if (left[i].IsPositive()) waiting.lines.push_back({.index = i, .quantity = left[i]});
  }
  if (!waiting.lines.empty()) Emit(std::move(waiting));
  std::vector<NewHold> order_holds = c.holds;
  if (IsPaidLater(c)) {
    order_holds.push_back(
        {.kind = HoldKind::kPayment, .ttl = c.payment_grace, .cancel_on_expiry = true});
  }
  for (size_t i = 0; i < order_holds.size(); ++i) {
    Emit(HeldBy(c.order_id, static_cast<int>(i) + 1, order_holds[i], c.attribution));
  }
}

void Decider::operator()(const CancelOrder& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  bool found = false;
  std::vector<Quantity> wanted = ByLine(*order, c.lines, found);
  if (!found) return;
  if (!c.etag.empty() && c.etag != Etag(*order)) return Reject(EtagMismatch{Etag(*order)});

  Quantity open;
  Quantity fulfilled;
  for (const OrderLine& line : order->lines) {
    open += line.open();
    fulfilled += line.fulfilled;
  }
  if (open.IsZero()) {
    IllegalTransition illegal{.state = std::string(NameOf(StateOf(*order)))};
    if (fulfilled.IsPositive()) illegal.allowed.push_back("RequestReturn");
    return Reject(std::move(illegal));
  }
  const std::vector<LineBreakdown> breakdown = BreakdownOf(*order);
  Quantity awaiting_left;
  for (size_t i = 0; i < order->lines.size(); ++i) {
    const OrderLine& line = order->lines[i];
    const Quantity line_open = line.open() - breakdown[i].cancel_requested;
    if (c.lines.empty()) wanted[i] = line_open;
    if (wanted[i] > line_open) {
      return Reject(
          QuantityExceedsOpen{.line_id = line.line_id, .asked = wanted[i], .open = line_open});
    }
    awaiting_left += (line.awaiting - wanted[i]).OrZero();
  }

  auto [cancelled, asked] = Locate(*order, std::move(wanted));
  cancelled.order_id = asked.order_id = order->order_id;
  cancelled.attribution = asked.attribution = c.attribution;
  const bool any_cancelled = !cancelled.unrouted.empty() || !cancelled.held.empty() ||
                             !cancelled.held_back.empty() || !cancelled.tasks.empty();
  // All that is left has been asked for before.
  if (!any_cancelled && asked.tasks.empty()) return Repeat();
  if (any_cancelled) Emit(std::move(cancelled));
  if (!asked.tasks.empty()) Emit(std::move(asked));
  if (awaiting_left.IsZero()) ResolveUnfilled(*order, c.attribution);
}

void Decider::operator()(const RerouteOrder& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (!c.etag.empty() && c.etag != Etag(*order)) return Reject(EtagMismatch{Etag(*order)});
  std::vector<const Task*> tasks;
  for (const std::string& task_id : c.task_ids) {
    const auto [of, task] = FindTask(state_, task_id);
    if (of != order) return Reject(TaskNotFound{task_id});
    // Another store than the one that the customer comes to is the customer's choice.
    const bool may_leave = task->method == Method::kShip && !task->ended() && !task->picked();
    if (!may_leave) return RejectTransition(*task);
    tasks.push_back(task);
  }
  BackorderReleased released{.order_id = c.order_id, .attribution = c.attribution};
  Quantity awaiting;
  for (uint32_t i = 0; i < order->lines.size(); ++i) {
    const OrderLine& line = order->lines[i];
    awaiting += line.awaiting;
    if (line.backordered.IsPositive()) {
      released.lines.push_back({.index = i, .quantity = line.backordered});
    }
  }
  if (tasks.empty() && released.lines.empty() && awaiting.IsZero()) {
    return Reject(IllegalTransition{.state = std::string(NameOf(StateOf(*order)))});
  }
  ResolveUnfilled(*order, c.attribution);
  Emit(RerouteRequested{.order_id = c.order_id, .attribution = c.attribution});
  if (!released.lines.empty()) Emit(std::move(released));
  for (const Task* task : tasks) {
    Emit(TaskRejected{.order_id = c.order_id,
                      .task = task->number,
                      .reroute = true,
                      .attribution = c.attribution});
  }
}

void Decider::operator()(const UpdateSubject& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (order->subject_erased) return Reject(SubjectGone{c.order_id});
  Emit(SubjectUpdated{.order_id = c.order_id, .attribution = c.attribution});
}

void Decider::operator()(const EraseSubject& c) {
  const Order* order = NeedOrder(c.order_id);
  if (order == nullptr) return;
  if (order->subject_erased) return Repeat();
  Emit(SubjectErased{.order_id = c.order_id, .attribution = c.attribution});
}

void Decider::operator()(const ResolveException& c) {
  const ExceptionItem* item = FindException(state_, c.exception_id);
  if (item == nullptr) return Reject(ExceptionNotFound{c.exception_id});
  decision_.result.exception_id = c.exception_id;
  decision_.result.order_id = item->order_id;
  if (item->resolved) return Reject(IllegalTransition{.state = "RESOLVED"});

  if (const Order* order = FindOrder(state_, item->order_id);
      order != nullptr && IsUnfilled(item->kind)) {
    // Nothing may await stock without an exception: so all of it is tried again, and all of its
    // exceptions end.
    ResolveUnfilled(*order, c.attribution);
    Emit(RerouteRequested{.order_id = order->order_id, .attribution = c.attribution});
    return;
  }
  Emit(ExceptionResolved{
      .exception = item->position, .order_id = item->order_id, .attribution = c.attribution});
}

}  // namespace quartermaster::orders
