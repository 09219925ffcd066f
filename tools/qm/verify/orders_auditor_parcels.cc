// What left locations, and what carriers said of it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/orders_auditor.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::Parcel;
using orders::v1::Task;

namespace {

using Part = BookedOrder::Part;

// What is believed when a carrier says `told` of what was `known`.
Parcel::State Believed(Parcel::State known, Parcel::State told) {
  if (known == Parcel::DELIVERED && told == Parcel::LOST) return known;
  const bool back = known == Parcel::RETURNED_TO_SENDER;
  if (back && (told == Parcel::REFUSED || told == Parcel::LOST)) return known;
  return told;
}

}  // namespace

template <typename Event>
BookedOrder::Parcel& OrdersAuditor::AddParcel(BookedOrder& order, const Event& event) {
  BookedOrder::Parcel& parcel = order.parcels.emplace_back();
  parcel.task = event.task();
  parcel.key = event.parcel_key();
  parcel.carrier = event.carrier();
  parcel.tracking_number = event.tracking_number();
  return parcel;
}

void OrdersAuditor::On(const orders_events::TaskShipped& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Task* task = FindTask(order, event.task());
  if (task == nullptr) return;
  std::vector<std::pair<uint32_t, int64_t>> left;
  for (const auto& units : event.lines()) left.emplace_back(units.index(), units.quantity());
  for (uint32_t i = 0; event.lines().empty() && i < task->lines.size(); ++i) {
    if (task->lines[i].open() > 0) left.emplace_back(i, task->lines[i].open());
  }
  // A location has had what leaves it.
  if (task->state == Task::CREATED) task->state = Task::ACCEPTED;
  std::vector<Part> parts;
  int64_t still_open = 0;
  for (const auto& [index, units] : left) {
    auto* task_line = At(task->lines, index, "task line");
    if (task_line == nullptr) continue;
    if (units <= 0 || units > task_line->open()) {
      Difference(absl::StrCat("shipped ", units, " of ", task_line->open(), " open units"));
    }
    auto& line = order->lines[task_line->line];
    Move(line.allocated, line.fulfilled, units);
    task_line->fulfilled += units;
    task_line->cancel_requested = std::min(task_line->cancel_requested, task_line->open());
    task_line->picked = std::max(task_line->picked, task_line->fulfilled);
    parts.push_back({task_line->assignment, task->location_id, units});
  }
  for (const auto& task_line : task->lines) still_open += task_line.open();
  if (still_open == 0) task->state = Task::SHIPPED;
  AddParcel(*order, event).lines = std::move(left);
  OpenOp(*order, BookedOrder::OpKind::kFulfil, task->attempt, std::move(parts));
}

void OrdersAuditor::On(const orders_events::TaskShippedLate& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Task* task = FindTask(order, event.task());
  if (task == nullptr) return;
  // The same parcel, if it has a name, as what was still open of its task.
  const bool named = !event.parcel_key().empty() || !event.tracking_number().empty();
  BookedOrder::Parcel* parcel = order->parcels.empty() ? nullptr : &order->parcels.back();
  if (parcel == nullptr || !named || parcel->task != event.task() ||
      parcel->key != event.parcel_key() || parcel->carrier != event.carrier() ||
      parcel->tracking_number != event.tracking_number()) {
    parcel = &AddParcel(*order, event);
  }
  std::vector<Part> parts;
  for (const auto& units : event.lines()) {
    auto* task_line = At(task->lines, units.index(), "task line");
    if (task_line == nullptr) continue;
    Move(task_line->cancelled, task_line->late, units.quantity());
    task_line->found += units.found();
    if (task_line->found > task_line->short_picked) Difference("found what was not missing");
    auto& line = order->lines[task_line->line];
    Move(line.cancelled, line.fulfilled, units.counted());
    const int64_t all = units.quantity() + units.found();
    const auto same =
        std::find_if(parcel->lines.begin(), parcel->lines.end(),
                     [&units](const auto& item) { return item.first == units.index(); });
    if (same == parcel->lines.end()) {
      parcel->lines.emplace_back(units.index(), all);
    } else {
      same->second += all;
    }
    parts.push_back({task_line->line, task->location_id, all});
  }
  if (task->state == Task::CREATED) task->state = Task::ACCEPTED;
  if (task->state == Task::REJECTED || task->state == Task::CANCELLED) task->state = Task::SHIPPED;
  OpenOp(*order, BookedOrder::OpKind::kSell, 0, std::move(parts));
}

void OrdersAuditor::On(const orders_events::ParcelReported& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  auto* parcel = At(order->parcels, static_cast<size_t>(event.parcel()) - 1, "parcel of index");
  if (parcel == nullptr) return;
  // A carrier's clock may be ahead.
  const int64_t when = event.has_business_unix_us()
                           ? std::min(event.business_unix_us(), time_unix_us_)
                           : time_unix_us_;
  const bool old =
      event.has_business_unix_us() && parcel->state != Parcel::SHIPPED && when < parcel->since_us;
  if (old) return;
  const Parcel::State believed = Believed(parcel->state, static_cast<Parcel::State>(event.state()));
  if (believed != parcel->state) parcel->since_us = when;
  parcel->state = believed;
}

}  // namespace quartermaster::qm
