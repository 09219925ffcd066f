#include "services/orders/codec/messages.h"

#include "absl/strings/str_cat.h"
#include "services/orders/codec/amounts_message.h"

namespace quartermaster::orders {

namespace {

void SetTimestamp(Instant time, google::protobuf::Timestamp& out) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  int64_t seconds = time.unix_us / kMicrosPerSecond;
  int64_t micros = time.unix_us % kMicrosPerSecond;
  if (micros < 0) {
    micros += kMicrosPerSecond;
    --seconds;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(micros * 1'000));
}

void FillGroup(const Group& group, v1::Order::Group& out) {
  out.set_group_id(group.group_id);
  out.set_method(static_cast<routing::v1::Method>(group.method));
  out.set_location_id(group.location_id);
  if (group.promised_by != kDistantPast) {
    SetTimestamp(group.promised_by, *out.mutable_promised_by());
  }
  out.set_payment_term(static_cast<v1::PaymentTerm>(group.payment_term));
  if (group.destination == Destination{}) return;
  common::v1::Destination& destination = *out.mutable_destination();
  destination.set_country_code(group.destination.country_code);
  destination.set_postal_area(group.destination.postal_area);
  if (group.destination.point.has_value()) {
    destination.mutable_point()->set_latitude(group.destination.point->latitude_tenths / 10.0);
    destination.mutable_point()->set_longitude(group.destination.point->longitude_tenths / 10.0);
  }
}

// Of a pickup that is or was at the counter.
void FillTimes(const Task& task, v1::Task& out) {
  const PickupTimes& times = task.times;
  if (times.ready_at == kDistantPast) return;
  SetTimestamp(times.ready_at, *out.mutable_ready_time());
  if (times.expires_at != kDistantFuture) {
    SetTimestamp(times.expires_at, *out.mutable_expire_time());
  }
  if (times.remind_at != kDistantFuture) SetTimestamp(times.remind_at, *out.mutable_remind_time());
  if (times.give_up_at != kDistantFuture) {
    SetTimestamp(times.give_up_at, *out.mutable_give_up_time());
  }
  out.set_extensions(times.extensions);
}

// What the line's units come to; `balance` gets it, too.
void FillSums(const Order& order, const OrderLine& line, v1::Order::LineAmounts& out,
              v1::Order::LineAmounts& balance) {
  const auto set = [&](auto get, auto put, int64_t amount) {
    (out.*put)(amount);
    (balance.*put)((balance.*get)() + amount);
  };
  using Message = v1::Order::LineAmounts;
  const LineAmounts& amounts = *line.amounts;
  const LineSums sums = SumsOf(order, line);
  set(&Message::subtotal_minor, &Message::set_subtotal_minor, amounts.subtotal);
  set(&Message::discount_minor, &Message::set_discount_minor, amounts.discount);
  set(&Message::charge_minor, &Message::set_charge_minor, amounts.charge);
  set(&Message::tax_minor, &Message::set_tax_minor, amounts.tax);
  set(&Message::total_minor, &Message::set_total_minor, sums.total);
  set(&Message::fulfilled_minor, &Message::set_fulfilled_minor, sums.fulfilled);
  set(&Message::cancelled_minor, &Message::set_cancelled_minor, sums.cancelled);
  set(&Message::refund_minor, &Message::set_refund_minor, sums.refund);
}

void FillLine(const Order& order, const OrderLine& line, const LineBreakdown& breakdown,
              v1::Order::Line& out) {
  out.set_line_id(line.line_id);
  out.set_group_id(order.groups[line.group].group_id);
  out.set_sku(line.sku);
  if (line.unit_price.has_value()) {
    out.mutable_unit_price()->set_currency_code(line.unit_price->currency_code);
    out.mutable_unit_price()->set_amount_minor(line.unit_price->amount_minor);
  }
  out.set_ordered(line.ordered.units());
  out.set_allocated(line.bound().units());
  out.set_held_back(line.held_back.units());
  out.set_unallocated(line.unallocated().units());
  out.set_fulfilled(line.fulfilled.units());
  out.set_cancelled(line.cancelled.units());
  out.set_return_requested(line.return_requested.units());
  out.set_returned(line.returned.units());
  out.set_cancel_requested(breakdown.cancel_requested.units());
  out.set_picked(breakdown.picked.units());
  out.set_packed(breakdown.packed.units());
  out.set_shipped(breakdown.shipped.units());
  out.set_handed_over((line.fulfilled - breakdown.shipped).units());
  out.set_refused(breakdown.refused.units());
  out.set_backordered(line.backordered.units());
  out.set_delivered(breakdown.delivered.units());
  out.set_lost(breakdown.lost.units());
}

void FillHold(const std::string& order_id, const Hold& hold, v1::Order::Hold& out) {
  out.set_hold_id(HoldId(order_id, hold.number));
  out.set_kind(static_cast<v1::HoldKind>(hold.kind));
  out.set_state(static_cast<v1::Order::Hold::State>(hold.state));
  SetTimestamp(hold.created_at, *out.mutable_create_time());
  out.set_reason_code(hold.reason_code);
  if (hold.expires_at == kDistantFuture) return;
  SetTimestamp(hold.expires_at, *out.mutable_expire_time());
  out.set_on_expiry(hold.cancel_on_expiry ? v1::NewHold::CANCEL_ORDER : v1::NewHold::RELEASE);
}

}  // namespace

v1::Payment ToMessage(const Payment& payment) {
  v1::Payment message;
  message.set_payment_ref(payment.payment_ref);
  message.set_method(payment.method);
  message.set_state(static_cast<v1::Payment::State>(payment.state));
  message.set_authorised_minor(payment.authorised);
  message.set_captured_minor(payment.captured);
  message.set_voided_minor(payment.voided);
  message.set_refunded_minor(payment.refunded);
  SetTimestamp(payment.created_at, *message.mutable_create_time());
  return message;
}

v1::PaymentIntent ToMessage(const Order& order, const PaymentIntent& intent) {
  v1::PaymentIntent message;
  const Payments& payments = order.payments;
  message.set_intent_id(IntentId(order.order_id, intent.number));
  message.set_order_id(order.order_id);
  message.set_kind(static_cast<v1::PaymentIntent::Kind>(intent.kind));
  message.set_state(static_cast<v1::PaymentIntent::State>(intent.state));
  if (intent.payment != 0) {
    message.set_payment_ref(payments.tenders[static_cast<size_t>(intent.payment) - 1].payment_ref);
  }
  message.mutable_amount()->set_currency_code(order.amounts ? order.amounts->currency_code
                                                            : payments.currency_code);
  message.mutable_amount()->set_amount_minor(intent.amount);
  SetTimestamp(intent.created_at, *message.mutable_create_time());
  return message;
}

v1::Order ToMessage(const Order& order, Position position) {
  v1::Order message;
  message.set_order_id(order.order_id);
  message.set_state(static_cast<v1::Order::State>(StateOf(order)));
  message.set_channel_id(order.channel_id);
  message.set_external_id(order.external_id);
  message.set_customer_ref(order.customer_ref);
  for (const Group& group : order.groups) FillGroup(group, *message.add_groups());
  if (order.amounts) WriteAmounts(*order.amounts, *message.mutable_amounts());
  const std::vector<LineBreakdown> breakdown = BreakdownOf(order);
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    v1::Order::Line& out = *message.add_lines();
    FillLine(order, line, breakdown[i], out);
    if (!line.amounts) continue;
    FillSums(order, line, *out.mutable_amounts(), *message.mutable_balance());
  }
  for (const Task& task : order.tasks) *message.add_tasks() = ToMessage(order, task, position);
  for (const Hold& hold : order.holds) FillHold(order.order_id, hold, *message.add_holds());
  for (const Payment& payment : order.payments.tenders) {
    *message.add_payments() = ToMessage(payment);
  }
  for (const PaymentIntent& intent : order.payments.intents) {
    if (intent.state != PaymentIntentState::kOpen) continue;
    *message.add_payment_intents() = ToMessage(order, intent);
  }
  if (order.amounts) message.set_collected_minor(order.payments.Collected());
  message.set_routing_attempts(static_cast<int32_t>(order.attempts.size()));
  SetTimestamp(order.created_at, *message.mutable_create_time());
  SetTimestamp(order.changed_at, *message.mutable_update_time());
  message.set_etag(Etag(order));
  message.set_position(absl::StrCat(position));
  for (const Attempt& attempt : order.attempts) {
    if (attempt.state != AttemptState::kFailed) {
      message.add_reservation_ids(attempt.reservation_id);
    }
  }
  return message;
}

v1::Task ToMessage(const Order& order, const Task& task, Position position) {
  v1::Task message;
  message.set_task_id(TaskId(order.order_id, task.number));
  message.set_order_id(order.order_id);
  message.set_location_id(task.location_id);
  message.set_method(static_cast<routing::v1::Method>(task.method));
  message.set_state(static_cast<v1::Task::State>(task.state));
  for (const TaskLine& line : task.lines) {
    v1::Task::Line& out = *message.add_lines();
    out.set_line_id(order.lines[line.line].line_id);
    out.set_sku(order.lines[line.line].sku);
    out.set_quantity(line.quantity.units());
    out.set_picked(line.picked.units());
    out.set_short_picked(line.short_picked.units());
    out.set_fulfilled((line.fulfilled + line.late).units());
    out.set_cancelled(line.cancelled.units());
    out.set_cancel_requested(line.cancel_requested.units());
  }
  for (const Parcel& parcel : order.parcels) {
    if (parcel.task == task.number) *message.add_parcels() = ToMessage(order, parcel);
  }
  message.set_on_hold(OnHold(order) && !task.ended());
  message.set_has_proxy(!task.proxy_code_hmac.empty());
  message.set_fetched_by_proxy(task.fetched_by_proxy);
  SetTimestamp(task.created_at, *message.mutable_create_time());
  message.set_position(absl::StrCat(position));
  FillTimes(task, message);
  return message;
}

v1::Parcel ToMessage(const Order& order, const Parcel& parcel) {
  v1::Parcel message;
  message.set_parcel_id(ParcelId(order.order_id, parcel.number));
  message.set_parcel_key(parcel.key);
  message.set_carrier(parcel.carrier);
  message.set_tracking_number(parcel.tracking_number);
  message.set_state(static_cast<v1::Parcel::State>(parcel.state));
  const Task& task = *FindTask(order, parcel.task);
  for (const Units& units : parcel.lines) {
    v1::Parcel::Line& out = *message.add_lines();
    out.set_line_id(order.lines[task.lines[units.index].line].line_id);
    out.set_quantity(units.quantity.units());
  }
  SetTimestamp(parcel.shipped_at, *message.mutable_ship_time());
  SetTimestamp(parcel.state_at, *message.mutable_state_time());
  return message;
}

v1::Return ToMessage(const Order* order, const Return& item, Position position) {
  v1::Return message;
  message.set_return_id(item.return_id);
  message.set_order_id(item.order_id);
  message.set_state(static_cast<v1::Return::State>(item.state));
  message.set_matched_return_id(item.matched_return_id);
  message.set_matched_from(item.matched_from);
  message.set_location_id(item.location_id);
  const bool refunds = order != nullptr && order->amounts && !item.refunds.empty();
  if (refunds) message.mutable_refund()->set_currency_code(order->amounts->currency_code);
  for (size_t i = 0; i < item.lines.size(); ++i) {
    const ReturnLine& line = item.lines[i];
    v1::Return::Line& out = *message.add_lines();
    if (order != nullptr) out.set_line_id(order->lines[line.line].line_id);
    out.set_sku(line.sku);
    out.set_quantity(line.quantity.units());
    // What is only announced has no condition yet.
    if (item.state != ReturnState::kRequested) {
      out.set_condition(static_cast<v1::Return::Condition>(line.condition));
    }
    out.set_to_inspect(ToInspect(item, i).units());
    if (!refunds) continue;
    out.set_refund_minor(item.refunds[i]);
    common::v1::Money& sum = *message.mutable_refund();
    sum.set_amount_minor(sum.amount_minor() + item.refunds[i]);
  }
  for (const Inspection& inspection : item.inspections) {
    for (const InspectedUnits& units : inspection.lines) {
      v1::Return::Line& line = *message.mutable_lines(static_cast<int>(units.index));
      if (units.refuse_refund) {
        line.set_refund_refused(line.refund_refused() + units.quantity.units());
      }
      v1::Return::Inspection& out = *message.add_inspections();
      out.set_line_id(line.line_id());
      out.set_sku(line.sku());
      out.set_quantity(units.quantity.units());
      out.set_condition(static_cast<v1::Return::Condition>(units.condition));
      out.set_refuse_refund(units.refuse_refund);
      SetTimestamp(inspection.time, *out.mutable_time());
    }
  }
  SetTimestamp(item.created_at, *message.mutable_create_time());
  message.set_position(absl::StrCat(position));
  return message;
}

v1::ExceptionItem ToMessage(const ExceptionItem& item) {
  v1::ExceptionItem message;
  message.set_exception_id(ExceptionId(item.position));
  message.set_kind(static_cast<v1::ExceptionItem::Kind>(item.kind));
  message.set_order_id(item.order_id);
  message.set_task_id(item.task_id);
  message.set_return_id(item.return_id);
  message.set_suggested_action(item.suggested_action);
  message.set_resolved(item.resolved);
  SetTimestamp(item.created_at, *message.mutable_create_time());
  message.set_detail(item.detail);
  return message;
}

v1::FulfilmentPolicy ToMessage(const SetPolicy& set) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  const FulfilmentPolicy& policy = set.policy;
  v1::FulfilmentPolicy message;
  message.set_channel_id(set.channel_id);
  message.set_attempts_max(policy.attempts_max);
  for (const ReasonEffect& reason : policy.reasons) {
    v1::ReasonEffect& out = *message.add_reasons();
    out.set_code(reason.code);
    out.set_units(static_cast<v1::ReasonEffect::Units>(reason.units));
    out.set_order(static_cast<v1::ReasonEffect::Order>(reason.order));
    out.set_keep_location(reason.keep_location);
    out.set_suggested_action(reason.suggested_action);
  }
  message.set_pickup_days(policy.pickup_days);
  message.set_reminder_days(policy.reminder_days);
  message.set_extensions_max(policy.extensions_max);
  google::protobuf::Duration& give_up_after = *message.mutable_give_up_after();
  give_up_after.set_seconds(policy.give_up_after.count / kMicrosPerSecond);
  give_up_after.set_nanos(static_cast<int32_t>(policy.give_up_after.count % kMicrosPerSecond) *
                          1'000);
  message.set_etag(Etag(set));
  return message;
}

common::v1::InsufficientStock::ShortLine ToMessage(const DroppedLine& line) {
  common::v1::InsufficientStock::ShortLine message;
  message.set_line_id(line.line_id);
  message.set_sku(line.sku);
  message.set_asked(line.asked.units());
  message.set_available(line.available.units());
  return message;
}

common::v1::Attribution ToMessage(const Attribution& attribution) {
  common::v1::Attribution message;
  message.set_actor_id(attribution.actor_id);
  message.set_device_id(attribution.device_id);
  message.set_reason_code(attribution.reason_code);
  return message;
}

}  // namespace quartermaster::orders
