// Parcels: what leaves locations, and what carriers say of it.
#include <algorithm>
#include <utility>

#include "services/base/check.h"
#include "services/orders/domain/applier.h"

namespace quartermaster::orders {

template <typename E>
Parcel& Applier::AddParcel(Order& order, const E& e) {
  const Instant left = e.business_time.value_or(now_);
  Parcel parcel{.number = static_cast<int>(order.parcels.size()) + 1,
                .task = e.task,
                .key = e.parcel_key,
                .carrier = e.carrier,
                .tracking_number = e.tracking_number,
                .shipped_at = left,
                .state_at = left};
  if (!e.tracking_number.empty()) {
    state_.tracked.insert_or_assign({e.carrier, e.tracking_number},
                                    TrackedParcel{order.order_id, parcel.number});
  }
  return order.parcels.emplace_back(std::move(parcel));
}

void Applier::operator()(const TaskShipped& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  std::vector<Units> left = e.lines;
  if (left.empty()) {
    for (uint32_t i = 0; i < task.lines.size(); ++i) {
      const Quantity open = task.lines[i].open();
      if (open.IsPositive()) left.push_back({.index = i, .quantity = open});
    }
  }
  Parcel& parcel = AddParcel(order, e);
  std::vector<OpPart> parts;
  for (const Units& units : left) {
    TaskLine& task_line = GetTaskLine(task, units.index);
    OrderLine& line = GetLine(order, task_line.line);
    QM_CHECK(units.quantity.IsPositive() && units.quantity <= task_line.open())
        << "shipping line " << units.index << " at position " << position_;
    Move(line.allocated, line.fulfilled, units.quantity);
    task_line.fulfilled += units.quantity;
    task_line.cancel_requested = std::min(task_line.cancel_requested, task_line.open());
    task_line.picked = std::max(task_line.picked, task_line.fulfilled);
    parts.push_back({task_line.assignment, task.location_id, units.quantity});
  }
  parcel.lines = std::move(left);
  parcel.took_the_rest = task.open().IsZero();
  parcel.told_whole = e.lines.empty();
  Advance(task, parcel.took_the_rest ? TaskAction::kShip : TaskAction::kShipPart);
  OpenStockOp(order, StockOpKind::kFulfil, task.attempt, task.number, std::move(parts),
              e.business_time);
}

void Applier::operator()(const TaskShippedLate& e) {
  Order& order = GetOrder(e.order_id);
  Task& task = GetTask(order, e.task);
  QM_CHECK(!e.lines.empty()) << "nothing is late, at position " << position_;
  // Behind the TaskShipped of what was open in the same parcel, which has a name.
  const bool goes_on = (!e.parcel_key.empty() || !e.tracking_number.empty()) &&
                       !order.parcels.empty() && order.parcels.back().task == e.task &&
                       order.parcels.back().key == e.parcel_key &&
                       order.parcels.back().carrier == e.carrier &&
                       order.parcels.back().tracking_number == e.tracking_number;
  Parcel& parcel = goes_on ? order.parcels.back() : AddParcel(order, e);
  std::vector<OpPart> parts;
  for (const LateUnits& units : e.lines) {
    TaskLine& task_line = GetTaskLine(task, units.index);
    OrderLine& line = GetLine(order, task_line.line);
    const Quantity all = units.quantity + units.found;
    QM_CHECK(all.IsPositive() && units.counted <= units.quantity) << "at position " << position_;
    Move(task_line.cancelled, task_line.late, units.quantity);
    task_line.late_counted += units.counted;
    Move(line.cancelled, line.fulfilled, units.counted);
    task_line.found += units.found;
    QM_CHECK(task_line.found <= task_line.short_picked) << "at position " << position_;
    const auto same = std::find_if(parcel.lines.begin(), parcel.lines.end(),
                                   [&units](const Units& u) { return u.index == units.index; });
    if (same == parcel.lines.end()) {
      parcel.lines.push_back({.index = units.index, .quantity = all});
    } else {
      same->quantity += all;
    }
    if (all > units.counted) {
      parcel.beside.push_back({.index = units.index, .quantity = all - units.counted});
    }
    parts.push_back({task_line.line, task.location_id, all});
  }
  if (const auto shipped = TaskMoves(task.method).Conflict(task.state, TaskAction::kShipPart)) {
    task.state = *shipped;
  } else if (!goes_on) {
    Advance(task, TaskAction::kShipPart);
  }
  parcel.took_the_rest =
      parcel.took_the_rest ||
      (task.ended() && std::all_of(task.lines.begin(), task.lines.end(),
                                   [](const TaskLine& line) { return line.cancelled.IsZero(); }));
  OpenStockOp(order, StockOpKind::kSell, 0, task.number, std::move(parts), e.business_time);
}

void Applier::operator()(const ParcelReported& e) {
  Order& order = GetOrder(e.order_id);
  QM_CHECK(FindParcel(order, e.parcel) != nullptr)
      << "order " << e.order_id << " has no parcel " << e.parcel << " at position " << position_;
  Parcel& parcel = order.parcels[static_cast<size_t>(e.parcel) - 1];
  parcel.reports.push_back({e.state, e.business_time});
  if (IsOld(parcel, e.business_time, now_)) return;
  const ParcelAction action = ActionOf(e.state);
  const auto next = ParcelMoves().Next(parcel.state, action);
  const auto to = next.has_value() ? next : ParcelMoves().Conflict(parcel.state, action);
  QM_CHECK(to.has_value()) << NameOf(action) << " of what is " << NameOf(parcel.state)
                           << ", at position " << position_;
  if (*to != parcel.state) parcel.state_at = ToldOf(e.business_time, now_);
  parcel.state = *to;
  parcel.coming_back = parcel.coming_back || ComesBack(e.state);
}

}  // namespace quartermaster::orders
