// Parcels: what locations and carriers report of them. Facts: the goods are where they are,
// whatever the books say.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

namespace {

std::optional<Instant> NotLaterThan(Instant now, const std::optional<Instant>& told) {
  if (!told.has_value()) return std::nullopt;
  return std::min(*told, now);
}

// By the task's lines.
std::vector<Quantity> ContentOf(const Parcel& parcel, size_t lines) {
  std::vector<Quantity> content(lines);
  for (const Units& units : parcel.lines) content[units.index] += units.quantity;
  return content;
}

}  // namespace

bool Decider::IsToldParcel(const Order& order, const Task& task, const RecordShipment& c,
                           const std::vector<Quantity>& named) {
  const bool has_name = !c.parcel_key.empty() || !c.tracking_number.empty();
  const Parcel* told = nullptr;
  for (const Parcel& parcel : order.parcels) {
    if (parcel.task != task.number) continue;
    const bool same = !c.parcel_key.empty() ? parcel.key == c.parcel_key
                                            : MayBe(parcel, c.carrier, c.tracking_number);
    if (same) told = &parcel;
  }
  // Without a name it can only be told from its repetition by the task's end.
  if (told == nullptr || !has_name) {
    if (task.state != TaskState::kShipped || !c.lines.empty()) return false;
    if (told != nullptr) {
      Repeat();
    } else {
      Reject(ShipmentChanged{c.task_id});
    }
    return true;
  }
  const bool same_content = c.lines.empty() || ContentOf(*told, named.size()) == named;
  if (!same_content || !MayBe(*told, c.carrier, c.tracking_number)) {
    Reject(ShipmentChanged{c.task_id});
    return true;
  }
  decision_.result.parcel_id = ParcelId(order.order_id, told->number);
  Repeat();
  return true;
}

void Decider::operator()(const RecordShipment& c) {
  const Order* order = nullptr;
  const Task* task = NeedTask(c.task_id, order);
  if (task == nullptr) return;
  std::vector<Quantity> named(task->lines.size());
  const LineIndex lines(*order, *task);
  for (const LineQuantity& line : c.lines) {
    const auto index = NeedTaskLine(lines, line.line_id);
    if (!index.has_value()) return;
    named[*index] += line.quantity;
  }
  if (IsToldParcel(*order, *task, c, named)) return;
  const bool late = IsConflict(*task, c.lines.empty() ? TaskAction::kShip : TaskAction::kShipPart);
  if (!late && !NeedTransition(*task, TaskAction::kShip)) return;

  TaskShipped event{.order_id = order->order_id,
                    .task = task->number,
                    .carrier = c.carrier,
                    .tracking_number = c.tracking_number,
                    .attribution = c.attribution,
                    .parcel_key = c.parcel_key,
                    .business_time = NotLaterThan(now_, c.business_time)};
  // What had been cancelled, and left all the same.
  std::vector<Quantity> beyond(task->lines.size());
  std::vector<Quantity> unwanted(order->lines.size());
  for (uint32_t i = 0; i < task->lines.size(); ++i) {
    const TaskLine& line = task->lines[i];
    const Quantity open = line.open();
    if (c.lines.empty()) named[i] = late ? line.cancelled : open;
    if (named[i] > open + line.cancelled) {
      return Reject(QuantityExceedsOpen{.line_id = order->lines[line.line].line_id,
                                        .asked = named[i],
                                        .open = open + line.cancelled});
    }
    const Quantity shipped = std::min(named[i], open);
    beyond[i] = named[i] - shipped;
    // It left before the location could answer: the customer sends it back.
    unwanted[line.line] += (line.cancel_requested - (open - shipped)).OrZero();
    if (shipped.IsPositive()) event.lines.push_back({.index = i, .quantity = shipped});
  }
  const bool any_late =
      std::any_of(beyond.begin(), beyond.end(), [](Quantity q) { return q.IsPositive(); });
  // Everything was looked for and not found: there was nothing to ship.
  if (event.lines.empty() && !any_late) return RejectTransition(*task);
  decision_.result.parcel_id =
      ParcelId(order->order_id, static_cast<int>(order->parcels.size()) + 1);
  if (!event.lines.empty()) {
    // The first form of the event has no lines: all of it left.
    if (c.lines.empty()) event.lines.clear();
    Emit(std::move(event));
    Announce(*order, unwanted, c.attribution);
    RaiseShippedOnHold(*order, *task);
  }
  if (any_late) ShipLate(*order, *task, c, beyond);
}

void Decider::Announce(const Order& order, const std::vector<Quantity>& units,
                       const Attribution& attribution) {
  ReturnRequested event{
      .order_id = order.order_id,
      .return_id = ReturnId(order.order_id, static_cast<int>(order.returns.size()) + 1),
      .attribution = attribution};
  for (uint32_t i = 0; i < units.size(); ++i) {
    if (units[i].IsPositive()) event.lines.push_back({.index = i, .quantity = units[i]});
  }
  if (event.lines.empty()) return;
  decision_.result.return_id = event.return_id;
  Emit(std::move(event));
}

// They leave stock, and of what the order had cancelled they count as fulfilled, so that they can
// come back as a return.
void Decider::ShipLate(const Order& order, const Task& task, const RecordShipment& c,
                       const std::vector<Quantity>& units) {
  TaskShippedLate event{.order_id = order.order_id,
                        .task = task.number,
                        .carrier = c.carrier,
                        .tracking_number = c.tracking_number,
                        .attribution = c.attribution,
                        .parcel_key = c.parcel_key,
                        .business_time = NotLaterThan(now_, c.business_time)};
  std::vector<Quantity> counted(order.lines.size());
  for (uint32_t i = 0; i < task.lines.size(); ++i) {
    const TaskLine& line = task.lines[i];
    if (!units[i].IsPositive()) continue;
    const Quantity countable =
        std::min(units[i], order.lines[line.line].cancelled - counted[line.line]);
    counted[line.line] += countable;
    event.lines.push_back({.index = i, .quantity = units[i], .counted = countable});
  }
  Emit(std::move(event));
  Emit(ExceptionRaised{.kind = ExceptionKind::kShippedAfterCancel,
                       .order_id = order.order_id,
                       .task_id = c.task_id,
                       .suggested_action = "RECALL_OR_CHARGE"});
}

void Decider::operator()(const RecordDelivery& c) {
  std::string parcel_id = c.parcel_id;
  if (parcel_id.empty()) {
    const auto tracked = state_.tracked.find({c.carrier, c.tracking_number});
    if (tracked == state_.tracked.end()) {
      return Reject(ParcelNotFound{absl::StrCat(c.carrier, " ", c.tracking_number)});
    }
    parcel_id = ParcelId(tracked->second.order_id, tracked->second.number);
  }
  const auto [order, parcel] = FindParcel(state_, parcel_id);
  if (parcel == nullptr) return Reject(ParcelNotFound{parcel_id});
  decision_.result.order_id = order->order_id;
  decision_.result.parcel_id = parcel_id;
  if (parcel->state == c.state) return Repeat();

  const ParcelAction action = ActionOf(c.state);
  const std::optional<Instant> told_of = NotLaterThan(now_, c.business_time);
  const auto next = ParcelMoves().Next(parcel->state, action);
  Emit(ParcelReported{.order_id = order->order_id,
                      .parcel = parcel->number,
                      .state = c.state,
                      .business_time = told_of,
                      .attribution = c.attribution});
  if (IsOld(*parcel, told_of)) return;
  const std::string task_id = TaskId(order->order_id, parcel->task);
  if (ComesBack(c.state) && !parcel->coming_back) {
    std::vector<Quantity> units(order->lines.size());
    const Task& task = order->tasks[static_cast<size_t>(parcel->task) - 1];
    for (const Units& in_it : parcel->lines) units[task.lines[in_it.index].line] += in_it.quantity;
    for (size_t i = 0; i < units.size(); ++i) {
      const OrderLine& line = order->lines[i];
      units[i] = std::min(units[i], line.fulfilled - line.return_requested - line.returned);
    }
    Announce(*order, units, c.attribution);
  }
  const auto raise = [&](ExceptionKind kind, std::string_view suggested_action) {
    Emit(ExceptionRaised{.kind = kind,
                         .order_id = order->order_id,
                         .task_id = task_id,
                         .suggested_action = std::string(suggested_action),
                         .detail = parcel_id});
  };
  // It has been found.
  if (parcel->state == ParcelState::kLost) {
    for (const Position position : order->exceptions) {
      const auto found = state_.exceptions.find(position);
      if (found->second.kind == ExceptionKind::kParcelLost && found->second.detail == parcel_id) {
        Emit(ExceptionResolved{
            .exception = position, .order_id = order->order_id, .attribution = c.attribution});
      }
    }
  }
  if (!next.has_value()) {
    raise(ExceptionKind::kParcelConflict, "ASK_CARRIER");
  } else if (c.state == ParcelState::kLost) {
    raise(ExceptionKind::kParcelLost, "CLAIM_AND_REPLACE");
  }
}

}  // namespace quartermaster::orders
