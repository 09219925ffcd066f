// Goods at the counter: until when they wait, and what the clock brought about.
#include "absl/strings/str_cat.h"
#include "tools/qm/verify/orders_auditor.h"

namespace quartermaster::qm {

namespace orders_events = ::quartermaster::orders::events::v1;
using orders::v1::Task;

void OrdersAuditor::CheckIsDue(int64_t due_unix_us, std::string_view what) {
  if (due_unix_us != 0 && due_unix_us <= time_unix_us_) return;
  Difference(
      absl::StrCat(std::string(what), " at ", time_unix_us_, ", but ",
                   due_unix_us == 0 ? "never is to be" : absl::StrCat("not before ", due_unix_us)));
}

void OrdersAuditor::On(const orders_events::PickupReady& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task == nullptr) return;
  task->state = Task::READY_FOR_PICKUP;
  task->expire_unix_us = event.expire_unix_us();
  task->remind_unix_us = event.remind_unix_us();
}

void OrdersAuditor::On(const orders_events::PickupReminded& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task == nullptr) return;
  const std::string what = absl::StrCat("task ", event.task(), " is reminded of");
  if (task->state != Task::READY_FOR_PICKUP) Difference(what + ", and is not ready");
  CheckIsDue(task->remind_unix_us, what);
  task->remind_unix_us = 0;
}

void OrdersAuditor::On(const orders_events::PickupExpiring& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task == nullptr) return;
  const std::string what = absl::StrCat("task ", event.task(), " is expiring");
  if (task->state != Task::READY_FOR_PICKUP) Difference(what + ", and was not ready");
  CheckIsDue(task->expire_unix_us, what);
  task->state = Task::EXPIRING;
  task->give_up_unix_us = event.give_up_unix_us();
}

void OrdersAuditor::On(const orders_events::PickupExtended& event) {
  BookedOrder::Task* task = FindTask(FindOrder(event.order_id()), event.task());
  if (task == nullptr) return;
  if (task->state != Task::READY_FOR_PICKUP && task->state != Task::EXPIRING) {
    Difference(absl::StrCat("task ", event.task(), " is extended, and is not at the counter"));
  }
  if (event.for_hold() && task->state == Task::EXPIRING) {
    task->give_up_unix_us = event.expire_unix_us();
    return;
  }
  if (event.expire_unix_us() < task->expire_unix_us) {
    Difference(absl::StrCat("task ", event.task(), " is extended to an earlier end"));
  }
  task->state = Task::READY_FOR_PICKUP;
  task->expire_unix_us = event.expire_unix_us();
  task->remind_unix_us = event.remind_unix_us();
  task->give_up_unix_us = 0;
  if (!event.for_hold()) ++task->extensions;
}

}  // namespace quartermaster::qm
