// What locations and counters did, holds and cancellations.
#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/orders_auditor.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::Task;

namespace {

using Part = BookedOrder::Part;

int64_t OpenUnits(const BookedOrder::Task& task) {
  int64_t units = 0;
  for (const auto& line : task.lines) units += line.open();
  return units;
}

}  // namespace

BookedOrder::Task* OrdersAuditor::FindTask(BookedOrder* order, int number) {
  if (order == nullptr) return nullptr;
  const size_t index = static_cast<size_t>(number) - 1;
  if (index < order->tasks.size()) return &order->tasks[index];
  Difference(absl::StrCat("has no task ", number));
  return nullptr;
}

void OrdersAuditor::EndIfNothingIsOpen(BookedOrder::Task& task) {
  const bool ended = task.state == Task::SHIPPED || task.state == Task::HANDED_OVER ||
                     task.state == Task::REJECTED || task.state == Task::CANCELLED ||
                     task.state == Task::EXPIRED;
  if (ended || OpenUnits(task) > 0) return;
  bool some_left = false;
  for (const auto& line : task.lines) some_left |= line.fulfilled > 0;
  const auto gone = task.method == routing::v1::SHIP ? Task::SHIPPED : Task::HANDED_OVER;
  const auto given_up = task.state == Task::EXPIRING ? Task::EXPIRED : Task::CANCELLED;
  task.state = some_left ? gone : given_up;
}

void OrdersAuditor::On(const orders_events::TaskCreated& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Attempt* attempt = FindAttempt(order, event.attempt());
  if (attempt == nullptr) return;
  if (attempt->state != BookedOrder::AttemptState::kConfirmed) {
    Difference(absl::StrCat("a task of attempt ", event.attempt(), ", which is not confirmed"));
  }
  BookedOrder::Task task{
      .attempt = event.attempt(), .group = event.group(), .location_id = event.location_id()};
  if (event.group() < order->groups.size()) task.method = order->groups[event.group()].method;
  for (const auto& units : event.assignments()) {
    if (units.index() >= attempt->assignments.size()) {
      Difference(absl::StrCat("has no assignment ", units.index()));
      continue;
    }
    auto& assignment = attempt->assignments[units.index()];
    if (assignment.line >= order->lines.size()) continue;
    auto& line = order->lines[assignment.line];
    Move(line.held_back, line.allocated, units.quantity());
    Take(assignment.held_back, units.quantity());
    task.lines.push_back(
        {.assignment = units.index(), .line = assignment.line, .quantity = units.quantity()});
  }
  order->tasks.push_back(std::move(task));
}

void OrdersAuditor::On(const orders_events::TaskAccepted& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task != nullptr) task->state = Task::ACCEPTED;
}

void OrdersAuditor::On(const orders_events::TaskPacked& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task != nullptr) task->state = Task::PACKED;
}

void OrdersAuditor::On(const orders_events::TaskRejected& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Task* task = FindTask(order, event.task());
  if (task == nullptr) return;
  std::vector<Part> released;
  for (auto& task_line : task->lines) {
    const int64_t open = task_line.open();
    if (open <= 0) continue;
    auto& line = order->lines[task_line.line];
    Move(line.allocated, event.reroute() ? line.to_route : line.awaiting, open);
    task_line.cancelled += open;
    task_line.cancel_requested = 0;
    released.push_back({task_line.assignment, task->location_id, open});
  }
  bool some_gone = false;
  for (const auto& line : task->lines) some_gone |= line.fulfilled > 0;
  task->state = some_gone ? Task::SHIPPED : Task::REJECTED;
  order->gave_back =
      order->gave_back || (task->method == routing::v1::SHIP && !event.keep_location());
  OpenOp(*order,
         event.suspect() ? BookedOrder::OpKind::kReleaseMissing : BookedOrder::OpKind::kRelease,
         task->attempt, std::move(released));
}

void OrdersAuditor::On(const orders_events::TaskPicked& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Task* task = FindTask(order, event.task());
  if (task == nullptr) return;
  // Told once it is packed or ready, a pick takes nothing back.
  if (task->state < Task::PICKED) task->state = Task::PICKED;
  for (auto& line : task->lines) line.picked = line.fulfilled + line.open();
  std::vector<Part> missing, available;
  for (const auto& units : event.lines()) {
    auto* task_line = At(task->lines, units.index(), "task line");
    if (task_line == nullptr) continue;
    if (units.picked() + units.missing() != task_line->open()) {
      Difference(absl::StrCat("picked ", units.picked(), " and missing ", units.missing(), " of ",
                              task_line->open(), " open units"));
    }
    task_line->picked = task_line->fulfilled + units.picked();
    if (units.missing() == 0) continue;
    auto& line = order->lines[task_line->line];
    if (units.awaiting() && !event.reroute()) {
      Difference("says of some missing units what it says of all");
    }
    Move(line.allocated, event.reroute() && !units.awaiting() ? line.to_route : line.awaiting,
         units.missing());
    task_line->short_picked += units.missing();
    // What was asked for is what is missing first.
    task_line->cancel_requested -= std::min(task_line->cancel_requested, units.missing());
    (units.available() ? available : missing)
        .push_back({task_line->assignment, task->location_id, units.missing()});
  }
  const bool some_short = !missing.empty() || !available.empty();
  order->gave_back = order->gave_back ||
                     (some_short && task->method == routing::v1::SHIP && !event.keep_location());
  EndIfNothingIsOpen(*task);
  OpenOp(*order, BookedOrder::OpKind::kReleaseMissing, task->attempt, std::move(missing));
  OpenOp(*order, BookedOrder::OpKind::kRelease, task->attempt, std::move(available));
}

void OrdersAuditor::On(const orders_events::TaskHandedOver& event) {
  BookedOrder* order = FindOrder(event.order_id());
  BookedOrder::Task* task = FindTask(order, event.task());
  if (task == nullptr) return;
  std::vector<Part> handed_over, refused;
  for (const auto& units : event.lines()) {
    auto* task_line = At(task->lines, units.index(), "task line");
    if (task_line == nullptr) continue;
    auto& line = order->lines[task_line->line];
    Move(line.allocated, line.fulfilled, units.handed_over());
    Move(line.allocated, line.cancelled, units.refused());
    task_line->fulfilled += units.handed_over();
    task_line->cancelled += units.refused();
    if (task_line->open() < 0) Difference("more handed over than was open");
    // What is refused is put back first; what the customer takes along is wanted after all.
    task_line->cancel_requested -= std::min(task_line->cancel_requested, units.refused());
    task_line->cancel_requested = std::min(task_line->cancel_requested, task_line->open());
    if (units.handed_over() > 0) {
      handed_over.push_back({task_line->assignment, task->location_id, units.handed_over()});
    }
    if (units.refused() > 0) {
      refused.push_back({task_line->assignment, task->location_id, units.refused()});
    }
  }
  EndIfNothingIsOpen(*task);
  OpenOp(*order, BookedOrder::OpKind::kFulfil, task->attempt, std::move(handed_over));
  OpenOp(*order, BookedOrder::OpKind::kRelease, task->attempt, std::move(refused));
}

void OrdersAuditor::On(const orders_events::UnitsCancelled& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  for (const auto& units : event.unrouted()) {
    auto* line = At(order->lines, units.line(), "line");
    if (line == nullptr) continue;
    Move(line->awaiting, line->cancelled, units.awaiting());
    Move(line->backordered, line->cancelled, units.backordered());
    Move(line->to_route, line->cancelled, units.to_route());
  }
  for (const auto& units : event.held()) {
    BookedOrder::Attempt* attempt = FindAttempt(order, units.attempt());
    if (attempt == nullptr) continue;
    auto* assignment = At(attempt->assignments, units.assignment(), "assignment");
    auto* line = assignment == nullptr ? nullptr : At(order->lines, assignment->line, "line");
    if (line == nullptr) continue;
    Move(line->confirming, line->cancelled, units.quantity());
    assignment->dropped += units.quantity();
  }
  std::map<int, std::vector<Part>> released;
  for (const auto& units : event.tasks()) {
    BookedOrder::Task* task = FindTask(order, units.task());
    if (task == nullptr) continue;
    auto* task_line = At(task->lines, units.index(), "task line");
    if (task_line == nullptr) continue;
    auto& line = order->lines[task_line->line];
    if (event.given_up()) {
      CheckIsDue(task->give_up_unix_us, absl::StrCat("task ", units.task(), " is given up"));
    }
    Move(line.allocated, line.cancelled, units.quantity());
    task_line->cancelled += units.quantity();
    task_line->cancel_requested -= std::min(task_line->cancel_requested, units.quantity());
    released[units.task()].push_back({task_line->assignment, task->location_id, units.quantity()});
  }
  for (auto& [number, parts] : released) {
    BookedOrder::Task& task = order->tasks[static_cast<size_t>(number) - 1];
    EndIfNothingIsOpen(task);
    OpenOp(*order, BookedOrder::OpKind::kRelease, task.attempt, std::move(parts));
  }
  DropHeldBack(*order, event);
}

void OrdersAuditor::DropHeldBack(BookedOrder& order, const orders_events::UnitsCancelled& event) {
  std::map<int, std::vector<Part>> released;
  for (const auto& units : event.held_back()) {
    BookedOrder::Attempt* attempt = FindAttempt(&order, units.attempt());
    if (attempt == nullptr) continue;
    auto* assignment = At(attempt->assignments, units.assignment(), "assignment");
    auto* line = assignment == nullptr ? nullptr : At(order.lines, assignment->line, "line");
    if (line == nullptr) continue;
    Move(line->held_back, line->cancelled, units.quantity());
    Move(assignment->held_back, assignment->dropped, units.quantity());
    released[units.attempt()].push_back(
        {units.assignment(), assignment->location_id, units.quantity()});
  }
  for (auto& [attempt, parts] : released) {
    OpenOp(order, BookedOrder::OpKind::kRelease, attempt, std::move(parts));
  }
}

void OrdersAuditor::On(const orders_events::OrderHeld& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  if (event.hold() != ++order->holds_placed) {
    Difference(absl::StrCat("hold ", event.hold(), " is not the next one"));
  }
  order->open_holds.emplace(event.hold(), event.expire_unix_us());
}

void OrdersAuditor::On(const orders_events::HoldEnded& event) {
  BookedOrder* order = FindOrder(event.order_id());
  if (order == nullptr) return;
  const auto hold = order->open_holds.find(event.hold());
  const std::string what = absl::StrCat("hold ", event.hold(), " ends");
  if (hold == order->open_holds.end()) return Difference(what + ", and is not open");
  if (event.expired()) CheckIsDue(hold->second, what + " by itself");
  order->open_holds.erase(hold);
}

void OrdersAuditor::On(const orders_events::CancelRequested& event) {
  BookedOrder* order = FindOrder(event.order_id());
  for (const auto& units : event.tasks()) {
    BookedOrder::Task* task = FindTask(order, units.task());
    if (task == nullptr) continue;
    auto* task_line = At(task->lines, units.index(), "task line");
    if (task_line == nullptr) continue;
    if (task->state != Task::PICKED && task->state != Task::PACKED &&
        task->state != Task::READY_FOR_PICKUP && task->state != Task::EXPIRING) {
      Difference(absl::StrCat("task ", units.task(), " is asked to put back what is not picked"));
    }
    task_line->cancel_requested += units.quantity();
    if (units.quantity() <= 0 || task_line->cancel_requested > task_line->open()) {
      Difference(absl::StrCat("asked to put back ", task_line->cancel_requested, " of ",
                              task_line->open(), " open units"));
    }
  }
}

}  // namespace quartermaster::qm
