#include "services/orders/domain/invariants.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

namespace {

bool IsOfATask(const Due& due) { return due.kind != DueKind::kHoldEnd; }

// Collects violations of one order.
class Checker {
 public:
  Checker(const State& state, const Order& order, std::vector<std::string>& found)
      : state_(state), order_(order), found_(found) {}

  void CheckAll() {
    for (uint32_t i = 0; i < order_.lines.size(); ++i) CheckLine(i);
    for (const Task& task : order_.tasks) CheckTask(task);
    CheckParcels();
    for (size_t i = 0; i < order_.attempts.size(); ++i) CheckAttempt(i);
    CheckReturns();
    CheckHolds();
    CheckPayments();
    CheckExceptions();
  }

 private:
  void Expect(bool holds, std::string_view what) {
    if (!holds) {
      found_.push_back(absl::StrCat("order ", order_.order_id, ": ",
                                    absl::string_view(what.data(), what.size())));
    }
  }
  void ExpectLine(bool holds, const OrderLine& line, std::string_view what) {
    if (!holds) {
      found_.push_back(absl::StrCat("order ", order_.order_id, " line ", line.line_id, ": ",
                                    absl::string_view(what.data(), what.size())));
    }
  }

  void CheckPayments() {
    const Payments& payments = order_.payments;
    for (size_t i = 0; i < payments.tenders.size(); ++i) {
      const Payment& tender = payments.tenders[i];
      Expect(tender.number == static_cast<int>(i) + 1, "a payment with another's number");
      Expect(payments.Find(tender.payment_ref) == &tender, "two payments of one reference");
      Expect(std::min({tender.authorised, tender.captured, tender.voided, tender.refunded}) >= 0,
             "a payment with a negative amount");
    }
    Expect(payments.entries.size() >= payments.tenders.size(), "a payment that nobody told of");
    for (size_t i = 0; i < payments.intents.size(); ++i) {
      const PaymentIntent& intent = payments.intents[i];
      Expect(intent.number == static_cast<int>(i) + 1, "an intent with another's number");
      Expect(intent.amount > 0, "an intent of nothing");
      const bool of_none = intent.kind == PaymentIntentKind::kCollect;
      Expect(of_none == (intent.payment == 0), "an intent of the wrong payment");
      Expect(static_cast<size_t>(intent.payment) <= payments.tenders.size(),
             "an intent of no payment");
    }
  }
  void CheckLine(uint32_t index) {
    const OrderLine& line = order_.lines[index];
    ExpectLine(line.group < order_.groups.size(), line, "its group does not exist");
    for (const Quantity quantity :
         {line.allocated, line.held_back, line.confirming, line.to_route, line.awaiting,
          line.backordered, line.fulfilled, line.cancelled, line.return_requested, line.returned}) {
      ExpectLine(!quantity.IsNegative(), line, "a negative quantity");
    }
    ExpectLine(line.ordered == line.cancelled + line.open() + line.fulfilled, line,
               "ordered is not cancelled + allocated + held back + unallocated + fulfilled");
    ExpectLine(line.held_back.IsZero() || OnHold(order_), line, "held back without a hold");
    ExpectLine(!line.accepted.IsNegative() && line.accepted <= line.returned, line,
               "more is given back than came back");
    ExpectLine(line.return_requested + line.returned <= line.fulfilled, line,
               "more comes back than was sold");
    ExpectLine(line.backorder || line.backordered.IsZero(), line, "waits against its wish");
    CheckAmounts(line);
    if (order_.origin == Origin::kSale) return;
    Quantity in_tasks;
    Quantity fulfilled;
    for (const Task& task : order_.tasks) {
      for (const TaskLine& task_line : task.lines) {
        if (task_line.line != index) continue;
        in_tasks += task_line.open();
        fulfilled += task_line.fulfilled + task_line.late_counted;
      }
    }
    Quantity confirming;
    Quantity held_back;
    for (const Attempt& attempt : order_.attempts) {
      for (const Assignment& assignment : attempt.assignments) {
        if (assignment.line != index) continue;
        fulfilled += assignment.carried_out;
        held_back += assignment.held_back;
        if (attempt.state == AttemptState::kConfirming) {
          confirming += assignment.quantity - assignment.dropped;
        }
      }
    }
    ExpectLine(line.allocated == in_tasks, line, "allocated is not what its tasks have open");
    ExpectLine(line.fulfilled == fulfilled, line, "fulfilled is not what left");
    ExpectLine(line.confirming == confirming, line, "confirming is not what is held");
    ExpectLine(line.held_back == held_back, line, "held_back is not what its attempts hold back");
  }

  // No share is negative, and no more is given back than was given.
  void CheckAmounts(const OrderLine& line) {
    ExpectLine(line.amounts.has_value() == order_.amounts.has_value(), line,
               "amounts of a line without those of its order, or the reverse");
    const LineSums sums = SumsOf(order_, line);
    ExpectLine(sums.total >= 0 && sums.fulfilled >= 0 && sums.cancelled >= 0 &&
                   sums.fulfilled + sums.cancelled <= sums.total,
               line, "shares that are more than the whole");
    ExpectLine(sums.refund >= 0 && sums.refund <= sums.fulfilled, line,
               "more to be given back than was fulfilled");
  }

  void CheckTask(const Task& task) {
    Expect(task.attempt >= 1 && static_cast<size_t>(task.attempt) <= order_.attempts.size() &&
               order_.attempts[static_cast<size_t>(task.attempt) - 1].state ==
                   AttemptState::kConfirmed,
           "a task of an attempt that is not confirmed");
    Expect(task.ended() == task.open().IsZero(), "a task has ended and has open units, or neither");
    Expect((task.state == TaskState::kReadyForPickup || task.state == TaskState::kExpiring) ==
               (!task.pickup_code_hmac.empty() && !task.ended()),
           "a pickup code without being ready, or the reverse");
    Expect(task.proxy_code_hmac.empty() || !task.pickup_code_hmac.empty(),
           "a proxy of what is not at the counter");
    Expect((task.state == TaskState::kExpiring) == (task.times.give_up_at != kDistantFuture),
           "to be given up without expiring, or the reverse");
    for (const Due& due : DuesOf(order_, task)) {
      Expect(state_.due.contains(due), "the clock does not know what it has to do with a task");
    }
    for (const TaskLine& line : task.lines) {
      for (const Quantity quantity : {line.open(), line.picked, line.short_picked, line.fulfilled,
                                      line.cancelled, line.late, line.late - line.late_counted}) {
        Expect(!quantity.IsNegative(), "a negative quantity in a task");
      }
      Expect(!line.cancel_requested.IsNegative() && line.cancel_requested <= line.open() &&
                 (task.picked() || line.cancel_requested.IsZero()),
             "asked to put back what is not there to be put back");
      Expect(line.picked <= line.quantity, "more picked than there was to pick");
    }
  }

  // What left the tasks is in parcels, all of it, and what was handed over in none.
  void CheckParcels() {
    std::vector<std::vector<Quantity>> in_parcels(order_.tasks.size());
    for (const Task& task : order_.tasks) {
      in_parcels[static_cast<size_t>(task.number) - 1].resize(task.lines.size());
    }
    for (size_t i = 0; i < order_.parcels.size(); ++i) {
      const Parcel& parcel = order_.parcels[i];
      const Task* task = FindTask(order_, parcel.task);
      Expect(parcel.number == static_cast<int>(i) + 1, "parcels are not numbered in order");
      Expect(task != nullptr && !parcel.lines.empty(), "a parcel of nothing");
      if (task == nullptr) continue;
      for (const Units& units : parcel.lines) {
        Expect(units.quantity.IsPositive() && units.index < task->lines.size(),
               "a parcel of no units");
        if (units.index >= task->lines.size()) continue;
        in_parcels[static_cast<size_t>(parcel.task) - 1][units.index] += units.quantity;
      }
      Expect(parcel.tracking_number.empty() ||
                 state_.tracked.contains({parcel.carrier, parcel.tracking_number}),
             "a parcel is not found by its number");
    }
    for (const Task& task : order_.tasks) {
      for (size_t i = 0; i < task.lines.size(); ++i) {
        const TaskLine& line = task.lines[i];
        const Quantity left =
            task.method == Method::kShip ? line.fulfilled + line.late + line.found : Quantity();
        Expect(in_parcels[static_cast<size_t>(task.number) - 1][i] == left,
               "what left a task is not what its parcels have");
      }
    }
  }

  // Every unit that was held is in a task, was carried out, was dropped, or is held back; and stock
  // has been asked to take off hand what left, and to give back what did not.
  void CheckAttempt(size_t index) {
    const Attempt& attempt = order_.attempts[index];
    Expect(attempt.number == static_cast<int>(index) + 1, "attempts are not numbered in order");
    std::vector<Quantity> accounted(attempt.assignments.size());
    Quantity left;
    Quantity given_back;
    for (const Task& task : order_.tasks) {
      if (task.attempt != attempt.number) continue;
      for (const TaskLine& line : task.lines) {
        if (line.assignment >= accounted.size()) {
          Expect(false, "a task line of no assignment");
          continue;
        }
        accounted[line.assignment] += line.quantity;
        left += line.fulfilled;
        given_back += line.short_picked + line.cancelled + line.late;
      }
    }
    for (size_t i = 0; i < attempt.assignments.size(); ++i) {
      const Assignment& assignment = attempt.assignments[i];
      Expect(!assignment.dropped.IsNegative() && assignment.dropped <= assignment.quantity,
             "more dropped than was assigned");
      left += assignment.carried_out;
      given_back += assignment.dropped;
      Expect(!assignment.held_back.IsNegative(), "a negative quantity is held back");
      const Quantity known =
          accounted[i] + assignment.carried_out + assignment.dropped + assignment.held_back;
      Expect(attempt.state == AttemptState::kConfirmed ? known == assignment.quantity
                                                       : known == assignment.dropped,
             "held units that nobody accounts for");
    }
    if (attempt.state != AttemptState::kConfirmed) {
      left = given_back = Quantity();
    }
    Expect(attempt.fulfil_asked == left, "stock was not asked to take off hand what left");
    Expect(attempt.release_asked == given_back, "stock was not asked to take back what stayed");
  }

  void CheckReturns() {
    std::vector<Quantity> requested(order_.lines.size());
    std::vector<Quantity> returned(order_.lines.size());
    std::vector<Quantity> accepted(order_.lines.size());
    for (const Return& item : order_.returns) {
      if (!item.restock_open && item.state == ReturnState::kReceived && item.lines.empty()) {
        continue;  // superseded
      }
      Expect(item.state != ReturnState::kUnmatched, "an unmatched return inside an order");
      for (const ReturnLine& line : item.lines) {
        (item.state == ReturnState::kRequested ? requested : returned)[line.line] += line.quantity;
        const bool at_once = item.state == ReturnState::kReceived && !line.inspect_first;
        if (at_once) accepted[line.line] += line.quantity;
      }
      std::vector<Quantity> looked_at(item.lines.size());
      for (const Inspection& inspection : item.inspections) {
        for (const InspectedUnits& units : inspection.lines) {
          looked_at[units.index] += units.quantity;
          if (units.refuse_refund) continue;
          accepted[item.lines[units.index].line] += units.quantity;
        }
      }
      for (size_t i = 0; i < item.lines.size(); ++i) {
        Expect(!ToInspect(item, i).IsNegative(), "more was looked at than came back");
        Expect(item.lines[i].inspected == looked_at[i], "inspected is not what inspections say");
      }
    }
    for (size_t i = 0; i < order_.lines.size(); ++i) {
      ExpectLine(order_.lines[i].return_requested == requested[i], order_.lines[i],
                 "return_requested is not what its returns announce");
      ExpectLine(order_.lines[i].returned == returned[i], order_.lines[i],
                 "returned is not what its returns received");
      ExpectLine(order_.lines[i].accepted == accepted[i], order_.lines[i],
                 "accepted is not what something is given back for");
    }
  }

  // What has an end is due, as long as it is open.
  void CheckHolds() {
    for (size_t i = 0; i < order_.holds.size(); ++i) {
      const Hold& hold = order_.holds[i];
      Expect(hold.number == static_cast<int>(i) + 1, "holds are not numbered in order");
      const bool due =
          state_.due.contains({hold.expires_at, order_.order_id, DueKind::kHoldEnd, hold.number});
      Expect(due == (hold.state == HoldState::kOpen && hold.expires_at != kDistantFuture),
             "an open hold that has an end is not due, or the reverse");
    }
  }

  void CheckExceptions() {
    Quantity awaiting;
    for (const OrderLine& line : order_.lines) awaiting += line.awaiting;
    bool unfilled = false;
    for (const Position position : order_.exceptions) {
      const auto found = state_.exceptions.find(position);
      if (found == state_.exceptions.end() || found->second.resolved ||
          found->second.order_id != order_.order_id) {
        Expect(false, "an open exception that is not in the queue");
        continue;
      }
      unfilled = unfilled || found->second.kind == ExceptionKind::kAwaitingStock ||
                 found->second.kind == ExceptionKind::kPickupUnfillable;
    }
    Expect(awaiting.IsPositive() == unfilled,
           "units await stock without an exception, or the reverse");
  }

  const State& state_;
  const Order& order_;
  std::vector<std::string>& found_;
};

}  // namespace

std::vector<std::string> CheckOrder(const State& state, const Order& order) {
  std::vector<std::string> found;
  Checker(state, order, found).CheckAll();
  return found;
}

std::vector<std::string> CheckState(const State& state) {
  std::vector<std::string> found;
  size_t external_ids = 0;
  size_t task_dues = 0;
  for (const auto& [id, order] : state.orders) {
    if (order.order_id != id) found.push_back(absl::StrCat("order ", id, " is filed wrongly"));
    Checker(state, order, found).CheckAll();
    for (const Task& task : order.tasks) task_dues += DuesOf(order, task).size();
    if (order.external_id.empty()) continue;
    ++external_ids;
    const auto indexed = state.external_ids.find({order.channel_id, order.external_id});
    if (indexed == state.external_ids.end() || indexed->second != id) {
      found.push_back(absl::StrCat("order ", id, " is not found by its external id"));
    }
  }
  if (external_ids != state.external_ids.size()) {
    found.push_back("the index of external ids has entries without an order");
  }
  if (std::count_if(state.due.begin(), state.due.end(), IsOfATask) !=
      static_cast<std::ptrdiff_t>(task_dues)) {
    found.push_back("something is due of a task that has nothing to do with it");
  }
  for (const auto& [position, item] : state.exceptions) {
    if (item.resolved || item.order_id.empty()) continue;
    const Order* order = FindOrder(state, item.order_id);
    if (order == nullptr || std::find(order->exceptions.begin(), order->exceptions.end(),
                                      position) == order->exceptions.end()) {
      found.push_back(
          absl::StrCat("exception ", ExceptionId(position), " is open, unknown to its order"));
    }
  }
  for (const Due& due : state.due) {
    if (due.kind != DueKind::kHoldEnd) continue;
    const Order* order = FindOrder(state, due.order_id);
    const Hold* hold =
        order == nullptr ? nullptr : FindHold(*order, HoldId(due.order_id, due.number));
    if (hold == nullptr || hold->state != HoldState::kOpen || hold->expires_at != due.at) {
      found.push_back(absl::StrCat("order ", due.order_id, ": a hold is due that is not open"));
    }
  }
  for (const auto& [id, item] : state.unmatched_returns) {
    if (item.return_id != id || !item.order_id.empty() ||
        (item.state != ReturnState::kUnmatched && item.state != ReturnState::kMatched) ||
        (item.state == ReturnState::kMatched) != (!item.matched_return_id.empty())) {
      found.push_back(absl::StrCat("return ", id, " is filed wrongly"));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace quartermaster::orders
