#include "tools/qm/commands/order_output.h"

#include "absl/strings/str_cat.h"
#include "tools/qm/commands/names.h"

namespace quartermaster::qm {

using orders::v1::Order;
using orders::v1::Parcel;
using orders::v1::Task;

std::string StateName(Order::State state) { return EnumName(Order::State_descriptor(), state); }

std::string StateName(Task::State state) { return EnumName(Task::State_descriptor(), state); }

std::string MethodName(int method) { return EnumName(routing::v1::Method_descriptor(), method); }

Table TaskTable(const google::protobuf::RepeatedPtrField<Task>& tasks) {
  Table table(
      {"TASK", "ORDER", "STATE", "METHOD", "LOCATION", "LINES", "UNITS", "CREATED", "KEPT UNTIL"});
  for (const Task& task : tasks) {
    int64_t units = 0;
    for (const auto& line : task.lines()) units += line.quantity();
    table.Row({task.task_id(), task.order_id(), StateName(task.state()), MethodName(task.method()),
               task.location_id(), absl::StrCat(task.lines_size()), absl::StrCat(units),
               TimeText(task.create_time()), TimeText(task.expire_time())});
  }
  return table;
}

Table ParcelTable(const google::protobuf::RepeatedPtrField<Parcel>& parcels) {
  Table table({"PARCEL", "KEY", "CARRIER", "NUMBER", "STATE", "SINCE", "UNITS"});
  for (const Parcel& parcel : parcels) {
    int64_t units = 0;
    for (const auto& line : parcel.lines()) units += line.quantity();
    table.Row({parcel.parcel_id(), parcel.parcel_key(), parcel.carrier(), parcel.tracking_number(),
               EnumName(Parcel::State_descriptor(), parcel.state()), TimeText(parcel.state_time()),
               absl::StrCat(units)});
  }
  return table;
}

namespace {

// "ready ..., kept until ...", of a pickup at the counter; empty if it has not been there.
std::string TimesOf(const Task& task) {
  std::string text;
  const auto add = [&text](const char* what, const google::protobuf::Timestamp& time) {
    const std::string when = TimeText(time);
    if (!when.empty()) absl::StrAppend(&text, text.empty() ? "" : ", ", what, " ", when);
  };
  add("ready", task.ready_time());
  add("kept until", task.expire_time());
  add("reminder", task.remind_time());
  add("given up", task.give_up_time());
  if (task.extensions() > 0) absl::StrAppend(&text, ", extensions: ", task.extensions());
  return text;
}

}  // namespace

int PrintTask(const Context& context, const Task& task) {
  context.PrintLine(absl::StrCat("task ", task.task_id(), "  ", StateName(task.state()), "  ",
                                 MethodName(task.method()), " at ", task.location_id(), "  order ",
                                 task.order_id(), task.on_hold() ? ", which is on hold" : ""));
  if (const std::string times = TimesOf(task); !times.empty()) context.PrintLine("  " + times);
  Table table(
      {"LINE", "SKU", "QUANTITY", "PICKED", "SHORT", "FULFILLED", "CANCELLED", "TO PUT BACK"});
  for (const auto& line : task.lines()) {
    table.Row({line.line_id(), line.sku(), absl::StrCat(line.quantity()),
               absl::StrCat(line.picked()), absl::StrCat(line.short_picked()),
               absl::StrCat(line.fulfilled()), absl::StrCat(line.cancelled()),
               absl::StrCat(line.cancel_requested())});
  }
  context.PrintTable(table);
  if (task.parcels().empty()) return kOk;
  context.PrintLine("");
  return context.PrintTable(ParcelTable(task.parcels()));
}

namespace {

// In minor units, as they are stored: how many of them make up the unit is the currency's affair.
void PrintAmounts(const Context& context, const Order& order) {
  context.PrintLine(absl::StrCat("\namounts in minor units of ", order.amounts().currency_code(),
                                 order.amounts().prices_include_tax() ? ", taxes included" : ""));
  Table table({"LINE", "SUBTOTAL", "DISCOUNT", "CHARGES", "TAX", "TOTAL", "FULFILLED", "CANCELLED",
               "TO GIVE BACK"});
  const auto row = [&table](const std::string& name, const Order::LineAmounts& amounts) {
    table.Row({name, absl::StrCat(amounts.subtotal_minor()), absl::StrCat(amounts.discount_minor()),
               absl::StrCat(amounts.charge_minor()), absl::StrCat(amounts.tax_minor()),
               absl::StrCat(amounts.total_minor()), absl::StrCat(amounts.fulfilled_minor()),
               absl::StrCat(amounts.cancelled_minor()), absl::StrCat(amounts.refund_minor())});
  };
  for (const auto& line : order.lines()) row(line.line_id(), line.amounts());
  row("all", order.balance());
  context.PrintTable(table);
}

}  // namespace

int PrintOrder(const Context& context, const Order& order) {
  std::string head = absl::StrCat("order ", order.order_id(), "  ", StateName(order.state()), "  ",
                                  order.channel_id());
  if (!order.external_id().empty()) absl::StrAppend(&head, " ", order.external_id());
  if (!order.customer_ref().empty()) absl::StrAppend(&head, "  customer ", order.customer_ref());
  absl::StrAppend(&head, "  placed ", TimeText(order.create_time()));
  context.PrintLine(head);
  for (const auto& group : order.groups()) {
    std::string text = absl::StrCat("  group ", group.group_id(), ": ", MethodName(group.method()));
    if (!group.location_id().empty()) absl::StrAppend(&text, " at ", group.location_id());
    if (group.has_destination()) {
      const auto& to = group.destination();
      absl::StrAppend(&text, " to ", to.country_code(), to.country_code().empty() ? "" : " ",
                      to.postal_area(), to.postal_area().empty() ? "" : " ", to.point().latitude(),
                      ",", to.point().longitude());
    }
    context.PrintLine(text);
  }
  for (const auto& hold : order.holds()) {
    std::string text = absl::StrCat("  hold ", hold.hold_id(), ": ",
                                    EnumName(orders::v1::HoldKind_descriptor(), hold.kind()), ", ",
                                    EnumName(Order::Hold::State_descriptor(), hold.state()));
    if (!hold.reason_code().empty()) absl::StrAppend(&text, ", ", hold.reason_code());
    if (hold.has_expire_time()) {
      absl::StrAppend(&text, ", ",
                      hold.on_expiry() == orders::v1::NewHold::CANCEL_ORDER ? "cancels" : "ends",
                      " at ", TimeText(hold.expire_time()));
    }
    context.PrintLine(text);
  }
  Table table({"LINE", "GROUP", "SKU", "ORDERED", "ALLOCATED", "HELD BACK", "WITHOUT STOCK",
               "BACK-ORDERED", "FULFILLED", "CANCELLED", "TO PUT BACK", "COMING BACK", "RETURNED"});
  for (const auto& line : order.lines()) {
    table.Row({line.line_id(), line.group_id(), line.sku(), absl::StrCat(line.ordered()),
               absl::StrCat(line.allocated()), absl::StrCat(line.held_back()),
               absl::StrCat(line.unallocated()), absl::StrCat(line.backordered()),
               absl::StrCat(line.fulfilled()), absl::StrCat(line.cancelled()),
               absl::StrCat(line.cancel_requested()), absl::StrCat(line.return_requested()),
               absl::StrCat(line.returned())});
  }
  context.PrintTable(table);
  if (order.has_amounts()) PrintAmounts(context, order);
  if (order.tasks_size() == 0) return kOk;
  context.PrintLine("");
  return context.PrintTable(TaskTable(order.tasks()));
}

}  // namespace quartermaster::qm
