// Parcels: what locations and carriers report of them. Facts: the goods are where they are,
// whatever the books say.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/decider.h"

namespace quartermaster::orders {

namespace {

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
    const bool same = c.parcel_key.empty() ? MayBe(parcel, c.carrier, c.tracking_number)
                                           : parcel.key == c.parcel_key;
    // Without a name it says that all has left.
    const bool again = has_name ? same : parcel.took_the_rest && MayBe(parcel, c.carrier, "");
    if (again && told == nullptr) told = &parcel;
  }
  if (told == nullptr) {
    const Parcel* rest = FindRest(order, task);
    // Whoever names lines says what else has left; without them, all has, which has been said.
    if (!c.lines.empty() || rest == nullptr) return false;
    const bool any_cancelled =
        std::any_of(task.lines.begin(), task.lines.end(),
                    [](const TaskLine& line) { return line.cancelled.IsPositive(); });
    // Another parcel, of what its sender does not know to have been cancelled.
    if (has_name && any_cancelled && !rest->told_whole) return false;
  }
  const bool same_content = told != nullptr && MayBe(*told, c.carrier, c.tracking_number) &&
                            (c.lines.empty() || ContentOf(*told, named.size()) == named);
  if (!same_content) {
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
  const bool ended = IsConflict(*task, TaskAction::kShipPart);
  if (!ended && !NeedTransition(*task, TaskAction::kShip)) return;

  TaskShipped event{.order_id = order->order_id,
                    .task = task->number,
                    .carrier = c.carrier,
                    .tracking_number = c.tracking_number,
                    .attribution = c.attribution,
                    .parcel_key = c.parcel_key,
                    .business_time = NotLaterThan(now_, c.business_time)};
  TaskShippedLate late{.order_id = event.order_id,
                       .task = event.task,
                       .carrier = event.carrier,
                       .tracking_number = event.tracking_number,
                       .attribution = event.attribution,
                       .parcel_key = event.parcel_key,
                       .business_time = event.business_time};
  std::vector<Quantity> unwanted(order->lines.size());
  // Late units that the order had as cancelled: by its lines.
  std::vector<Quantity> counted(order->lines.size());
  for (uint32_t i = 0; i < task->lines.size(); ++i) {
    const TaskLine& line = task->lines[i];
    const OrderLine& of = order->lines[line.line];
    if (c.lines.empty()) named[i] = ended ? line.cancelled : line.open();
    Quantity left = named[i];
    const Quantity shipped = TakeUpTo(left, line.open());
    LateUnits units{.index = i};
    units.quantity = TakeUpTo(left, line.cancelled);
    units.found = TakeUpTo(left, line.short_picked - line.found);
    if (left.IsPositive()) {
      return Reject(
          QuantityExceedsOpen{.line_id = of.line_id, .asked = named[i], .open = named[i] - left});
    }
    if (shipped.IsPositive()) event.lines.push_back({.index = i, .quantity = shipped});
    // It left before the location could answer: the customer sends it back.
    unwanted[line.line] += (line.cancel_requested - (line.open() - shipped)).OrZero();
    if (!(units.quantity + units.found).IsPositive()) continue;
    units.counted = std::min(units.quantity, of.cancelled - counted[line.line]);
    counted[line.line] += units.counted;
    late.lines.push_back(units);
  }
  // Everything was looked for and not found: there was nothing to ship.
  if (event.lines.empty() && late.lines.empty()) return RejectTransition(*task);
  decision_.result.parcel_id =
      ParcelId(order->order_id, static_cast<int>(order->parcels.size()) + 1);
  if (!event.lines.empty()) {
    // The first form of the event has no lines: all of it left.
    if (c.lines.empty()) event.lines.clear();
    Emit(std::move(event));
    Announce(*order, unwanted, c.attribution);
    RaiseShippedOnHold(*order, *task);
  }
  if (late.lines.empty()) return;
  // Stock still looks for them.
  const bool any_found =
      std::any_of(late.lines.begin(), late.lines.end(),
                  [](const LateUnits& units) { return units.found.IsPositive(); });
  Emit(std::move(late));
  Emit(ExceptionRaised{.kind = ExceptionKind::kShippedAfterCancel,
                       .order_id = order->order_id,
                       .task_id = c.task_id,
                       .suggested_action = any_found ? "COUNT_AND_CORRECT" : "RECALL_OR_CHARGE"});
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

void Decider::operator()(const RecordDelivery& c) {
  std::string parcel_id = c.parcel_id;
  if (parcel_id.empty()) {
    const auto tracked = state_.tracked.find({c.carrier, c.tracking_number});
    if (tracked == state_.tracked.end()) {
      return Reject(ParcelNotFound{absl::StrCat(c.carrier, " ", c.tracking_number)});
    }
    parcel_id = ParcelId(tracked->second.order_id, tracked->second.number);
  }
  const auto found_parcel = FindParcel(state_, parcel_id);
  const Order* const order = found_parcel.first;
  const Parcel* const parcel = found_parcel.second;
  if (parcel == nullptr) return Reject(ParcelNotFound{parcel_id});
  decision_.result.order_id = order->order_id;
  decision_.result.parcel_id = parcel_id;
  const auto& reports = parcel->reports;
  const bool again = std::find(reports.begin(), reports.end(),
                               ParcelReport{c.state, c.business_time}) != reports.end();
  if (parcel->state == c.state || again || reports.size() >= kParcelReportsMax) return Repeat();

  const ParcelAction action = ActionOf(c.state);
  const auto next = ParcelMoves().Next(parcel->state, action);
  Emit(ParcelReported{.order_id = order->order_id,
                      .parcel = parcel->number,
                      .state = c.state,
                      .business_time = c.business_time,
                      .attribution = c.attribution});
  if (IsOld(*parcel, c.business_time, now_)) return;
  const std::string task_id = TaskId(order->order_id, parcel->task);
  if (ComesBack(c.state) && !parcel->coming_back) {
    std::vector<Quantity> units(order->lines.size());
    const Task& task = order->tasks[static_cast<size_t>(parcel->task) - 1];
    for (const Units& in_it : parcel->lines) units[task.lines[in_it.index].line] += in_it.quantity;
    // Nobody is given back what he did not order.
    for (const Units& beside : parcel->beside) {
      units[task.lines[beside.index].line] -= beside.quantity;
    }
    for (size_t i = 0; i < units.size(); ++i) {
      const OrderLine& line = order->lines[i];
      units[i] = std::min(units[i], line.fulfilled - line.return_requested - line.returned);
    }
    Announce(*order, units, c.attribution);
  }
  const auto raise = [&](ExceptionKind kind, std::string_view suggested_action) {
    const bool open = HasOpenException(*order, [&](const ExceptionItem& item) {
      return item.kind == kind && item.detail == parcel_id;
    });
    if (open) return;
    Emit(ExceptionRaised{.kind = kind,
                         .order_id = order->order_id,
                         .task_id = task_id,
                         .suggested_action = std::string(suggested_action),
                         .detail = parcel_id});
  };
  // It has been found.
  if (parcel->state == ParcelState::kLost) {
    ResolveWhere(*order, c.attribution, [&parcel_id](const ExceptionItem& item) {
      return item.kind == ExceptionKind::kParcelLost && item.detail == parcel_id;
    });
  }
  if (!next.has_value()) {
    raise(ExceptionKind::kParcelConflict, "ASK_CARRIER");
  } else if (c.state == ParcelState::kLost) {
    raise(ExceptionKind::kParcelLost, "CLAIM_AND_REPLACE");
  }
}

}  // namespace quartermaster::orders
