#include "services/orders/codec/amounts_message.h"
#include "services/orders/codec/wire.h"

namespace quartermaster::orders {

namespace {

// An attribution that says nothing is not written.
template <typename Message>
void SetAttribution(const Attribution& attribution, Message& message) {
  if (attribution == Attribution{}) return;
  pb::Attribution& out = *message.mutable_attribution();
  out.set_actor_id(attribution.actor_id);
  out.set_device_id(attribution.device_id);
  out.set_reason_code(attribution.reason_code);
}

template <typename Field>
void AddUnits(const std::vector<Units>& units, Field* field) {
  for (const Units& item : units) {
    pb::Units& out = *field->Add();
    out.set_index(item.index);
    out.set_quantity(item.quantity.units());
  }
}

template <typename Field>
void AddTaskUnits(const std::vector<TaskUnits>& units, Field* field) {
  for (const TaskUnits& item : units) {
    pb::UnitsCancelled::InTask& out = *field->Add();
    out.set_task(item.task);
    out.set_index(item.index);
    out.set_quantity(item.quantity.units());
  }
}

void SetLineAmounts(const LineAmounts& amounts, pb::LineAmounts& out) {
  out.set_subtotal(amounts.subtotal);
  out.set_discount(amounts.discount);
  out.set_charge(amounts.charge);
  out.set_tax(amounts.tax);
  out.set_kept(amounts.kept);
}

template <typename Message>
void AddLines(const std::vector<PlacedLine>& lines, Message& message) {
  for (const PlacedLine& line : lines) {
    pb::PlacedLine& out = *message.add_lines();
    out.set_line_id(line.line_id);
    out.set_group(line.group);
    out.set_sku(line.sku);
    out.set_quantity(line.quantity.units());
    if (line.unit_price.has_value()) {
      out.mutable_unit_price()->set_currency_code(line.unit_price->currency_code);
      out.mutable_unit_price()->set_amount_minor(line.unit_price->amount_minor);
    }
    out.set_backorder(line.backorder);
    if (line.amounts) SetLineAmounts(*line.amounts, *out.mutable_amounts());
  }
}

void SetBusinessTime(const std::optional<Instant>& time, auto& message) {
  if (time.has_value()) message.set_business_unix_us(time->unix_us);
}

template <typename Field>
void AddHeldUnits(const std::vector<HeldUnits>& units, Field* field) {
  for (const HeldUnits& item : units) {
    pb::UnitsCancelled::Held& out = *field->Add();
    out.set_attempt(item.attempt);
    out.set_assignment(item.assignment);
    out.set_quantity(item.quantity.units());
  }
}

// What nearly every message begins with.
template <typename E, typename Message>
void SetTask(const E& event, Message& message) {
  message.set_order_id(event.order_id);
  message.set_task(event.task);
}

// Into a Group or a NewDestination.
template <typename Message>
void SetDestination(const Destination& destination, Message& message) {
  message.set_country_code(destination.country_code);
  message.set_postal_area(destination.postal_area);
  if (!destination.point.has_value()) return;
  message.set_latitude_tenths(destination.point->latitude_tenths);
  message.set_longitude_tenths(destination.point->longitude_tenths);
}

}  // namespace

void ToWire(const OrderPlaced& event, pb::OrderPlaced& message) {
  message.set_order_id(event.order_id);
  message.set_channel_id(event.channel_id);
  message.set_external_id(event.external_id);
  message.set_customer_ref(event.customer_ref);
  message.set_content_high(event.content.high);
  message.set_content_low(event.content.low);
  for (const Group& group : event.groups) {
    pb::Group& out = *message.add_groups();
    out.set_group_id(group.group_id);
    out.set_method(static_cast<int32_t>(group.method));
    SetDestination(group.destination, out);
    out.set_location_id(group.location_id);
    if (group.promised_by != kDistantPast) out.set_promised_by_unix_us(group.promised_by.unix_us);
    out.set_payment_term(static_cast<int32_t>(group.payment_term));
  }
  AddLines(event.lines, message);
  SetAttribution(event.attribution, message);
  if (event.amounts) WriteAmounts(*event.amounts, *message.mutable_amounts());
}

void ToWire(const OrderRouted& event, pb::OrderRouted& message) {
  message.set_order_id(event.order_id);
  message.set_attempt(event.attempt);
  message.set_reservation_id(event.reservation_id);
  message.set_expire_unix_us(event.expires_at.unix_us);
  for (const PlannedUnits& units : event.assignments) {
    pb::OrderRouted::Assignment& out = *message.add_assignments();
    out.set_line(units.line);
    out.set_location_id(units.location_id);
    out.set_quantity(units.quantity.units());
  }
  message.set_plan(event.plan);
}

void ToWire(const RoutingFailed& event, pb::RoutingFailed& message) {
  message.set_order_id(event.order_id);
  AddUnits(event.lines, message.mutable_lines());
  message.set_reason(event.reason);
}

void ToWire(const RerouteRequested& event, pb::RerouteRequested& message) {
  message.set_order_id(event.order_id);
  SetAttribution(event.attribution, message);
}

void ToWire(const StockConfirmed& event, pb::StockConfirmed& message) {
  message.set_order_id(event.order_id);
  message.set_attempt(event.attempt);
  message.set_reservation_id(event.reservation_id);
}

void ToWire(const StockConfirmFailed& event, pb::StockConfirmFailed& message) {
  message.set_order_id(event.order_id);
  message.set_attempt(event.attempt);
  message.set_reason(event.reason);
}

void ToWire(const UnitsCarriedOut& event, pb::UnitsCarriedOut& message) {
  message.set_order_id(event.order_id);
  message.set_attempt(event.attempt);
  AddUnits(event.assignments, message.mutable_assignments());
}

void ToWire(const TaskCreated& event, pb::TaskCreated& message) {
  SetTask(event, message);
  message.set_attempt(event.attempt);
  message.set_group(event.group);
  message.set_location_id(event.location_id);
  AddUnits(event.assignments, message.mutable_assignments());
}

void ToWire(const TaskAccepted& event, pb::TaskAccepted& message) {
  SetTask(event, message);
  SetAttribution(event.attribution, message);
}

void ToWire(const TaskRejected& event, pb::TaskRejected& message) {
  SetTask(event, message);
  message.set_reroute(event.reroute);
  SetAttribution(event.attribution, message);
  message.set_suspect(event.suspect);
  message.set_keep_location(event.keep_location);
}

void ToWire(const TaskPicked& event, pb::TaskPicked& message) {
  SetTask(event, message);
  for (const PickedUnits& units : event.lines) {
    pb::TaskPicked::Line& out = *message.add_lines();
    out.set_index(units.index);
    out.set_picked(units.picked.units());
    out.set_missing(units.missing.units());
    out.set_available(units.available);
    out.set_awaiting(units.awaiting);
    out.set_reason_code(units.reason_code);
  }
  message.set_reroute(event.reroute);
  SetAttribution(event.attribution, message);
  message.set_keep_location(event.keep_location);
}

void ToWire(const TaskPacked& event, pb::TaskPacked& message) {
  SetTask(event, message);
  SetAttribution(event.attribution, message);
}

void ToWire(const TaskShipped& event, pb::TaskShipped& message) {
  SetTask(event, message);
  message.set_carrier(event.carrier);
  message.set_tracking_number(event.tracking_number);
  SetAttribution(event.attribution, message);
  AddUnits(event.lines, message.mutable_lines());
  message.set_parcel_key(event.parcel_key);
  SetBusinessTime(event.business_time, message);
}

void ToWire(const TaskShippedLate& event, pb::TaskShippedLate& message) {
  SetTask(event, message);
  for (const LateUnits& units : event.lines) {
    pb::TaskShippedLate::Line& out = *message.add_lines();
    out.set_index(units.index);
    out.set_quantity(units.quantity.units());
    out.set_counted(units.counted.units());
    out.set_found(units.found.units());
  }
  message.set_carrier(event.carrier);
  message.set_tracking_number(event.tracking_number);
  SetAttribution(event.attribution, message);
  message.set_parcel_key(event.parcel_key);
  SetBusinessTime(event.business_time, message);
}

void ToWire(const PickupReady& event, pb::PickupReady& message) {
  SetTask(event, message);
  message.set_code_hmac(event.code_hmac);
  SetAttribution(event.attribution, message);
  if (event.expires_at != kDistantFuture) message.set_expire_unix_us(event.expires_at.unix_us);
  if (event.remind_at != kDistantFuture) message.set_remind_unix_us(event.remind_at.unix_us);
}

void ToWire(const PickupReminded& event, pb::PickupReminded& message) { SetTask(event, message); }

void ToWire(const PickupExpiring& event, pb::PickupExpiring& message) {
  SetTask(event, message);
  message.set_give_up_unix_us(event.give_up_at.unix_us);
}

void ToWire(const PickupExtended& event, pb::PickupExtended& message) {
  SetTask(event, message);
  message.set_expire_unix_us(event.expires_at.unix_us);
  if (event.remind_at != kDistantFuture) message.set_remind_unix_us(event.remind_at.unix_us);
  SetAttribution(event.attribution, message);
  message.set_for_hold(event.for_hold);
}

void ToWire(const PickupCodeFailed& event, pb::PickupCodeFailed& message) {
  SetTask(event, message);
  if (event.locked_until != kDistantPast) {
    message.set_locked_until_unix_us(event.locked_until.unix_us);
  }
  SetAttribution(event.attribution, message);
}

void ToWire(const TaskHandedOver& event, pb::TaskHandedOver& message) {
  SetTask(event, message);
  for (const HandedOverUnits& units : event.lines) {
    pb::TaskHandedOver::Line& out = *message.add_lines();
    out.set_index(units.index);
    out.set_handed_over(units.handed_over.units());
    out.set_refused(units.refused.units());
  }
  SetAttribution(event.attribution, message);
  message.set_by_proxy(event.by_proxy);
}

void ToWire(const UnitsCancelled& event, pb::UnitsCancelled& message) {
  message.set_order_id(event.order_id);
  for (const UnroutedUnits& units : event.unrouted) {
    pb::UnitsCancelled::Unrouted& out = *message.add_unrouted();
    out.set_line(units.line);
    out.set_awaiting(units.awaiting.units());
    out.set_to_route(units.to_route.units());
    out.set_backordered(units.backordered.units());
  }
  AddHeldUnits(event.held, message.mutable_held());
  AddTaskUnits(event.tasks, message.mutable_tasks());
  SetAttribution(event.attribution, message);
  AddHeldUnits(event.held_back, message.mutable_held_back());
  message.set_given_up(event.given_up);
}

void ToWire(const CancelRequested& event, pb::CancelRequested& message) {
  message.set_order_id(event.order_id);
  AddTaskUnits(event.tasks, message.mutable_tasks());
  SetAttribution(event.attribution, message);
}

void ToWire(const BackorderReleased& event, pb::BackorderReleased& message) {
  message.set_order_id(event.order_id);
  AddUnits(event.lines, message.mutable_lines());
  SetAttribution(event.attribution, message);
}

void ToWire(const ParcelReported& event, pb::ParcelReported& message) {
  message.set_order_id(event.order_id);
  message.set_parcel(event.parcel);
  message.set_state(static_cast<int32_t>(event.state));
  SetBusinessTime(event.business_time, message);
  SetAttribution(event.attribution, message);
}

void ToWire(const FulfilmentPolicySet& event, pb::FulfilmentPolicySet& message) {
  const FulfilmentPolicy& policy = event.policy;
  message.set_channel_id(event.channel_id);
  message.set_attempts_max(policy.attempts_max);
  for (const ReasonEffect& reason : policy.reasons) {
    pb::FulfilmentPolicySet::Reason& out = *message.add_reasons();
    out.set_code(reason.code);
    out.set_units(static_cast<int32_t>(reason.units));
    out.set_order(static_cast<int32_t>(reason.order));
    out.set_keep_location(reason.keep_location);
    out.set_suggested_action(reason.suggested_action);
  }
  message.set_pickup_days(policy.pickup_days);
  message.set_reminder_days(policy.reminder_days);
  message.set_extensions_max(policy.extensions_max);
  message.set_give_up_after_us(policy.give_up_after.count);
  SetAttribution(event.attribution, message);
}

void ToWire(const OrderHeld& event, pb::OrderHeld& message) {
  message.set_order_id(event.order_id);
  message.set_hold(event.hold);
  message.set_kind(static_cast<int32_t>(event.kind));
  if (event.expires_at != kDistantFuture) message.set_expire_unix_us(event.expires_at.unix_us);
  message.set_cancel_on_expiry(event.cancel_on_expiry);
  SetAttribution(event.attribution, message);
}

void ToWire(const HoldEnded& event, pb::HoldEnded& message) {
  message.set_order_id(event.order_id);
  message.set_hold(event.hold);
  message.set_expired(event.expired);
  SetAttribution(event.attribution, message);
}

void ToWire(const PaymentRecorded& event, pb::PaymentRecorded& message) {
  message.set_order_id(event.order_id);
  message.set_kind(static_cast<int32_t>(event.kind));
  message.set_payment_ref(event.payment_ref);
  message.set_event_ref(event.event_ref);
  message.set_method(event.method);
  message.set_amount(event.amount);
  message.set_currency_code(event.currency_code);
  message.set_intent(event.intent);
  message.set_reason_code(event.reason_code);
  if (event.business_time) message.set_business_unix_us(event.business_time->unix_us);
  SetAttribution(event.attribution, message);
  message.set_on_the_spot(event.on_the_spot);
  message.set_disputed(event.disputed);
}

void ToWire(const PaymentIntended& event, pb::PaymentIntended& message) {
  message.set_order_id(event.order_id);
  message.set_intent(event.intent);
  message.set_kind(static_cast<int32_t>(event.kind));
  message.set_payment(event.payment);
  message.set_amount(event.amount);
}

void ToWire(const PaymentIntentWithdrawn& event, pb::PaymentIntentWithdrawn& message) {
  message.set_order_id(event.order_id);
  message.set_intent(event.intent);
}

void ToWire(const PickupProxySet& event, pb::PickupProxySet& message) {
  message.set_order_id(event.order_id);
  message.set_task(event.task);
  message.set_code_hmac(event.code_hmac);
  message.set_revoked(event.code_hmac.empty());
  SetAttribution(event.attribution, message);
}

void ToWire(const OrderEdited& event, pb::OrderEdited& message) {
  message.set_order_id(event.order_id);
  AddLines(event.lines, message);
  for (const GroupDestination& redirected : event.destinations) {
    pb::OrderEdited::NewDestination& out = *message.add_destinations();
    out.set_group(redirected.group);
    SetDestination(redirected.destination, out);
  }
  SetAttribution(event.attribution, message);
}

void ToWire(const SubjectUpdated& event, pb::SubjectUpdated& message) {
  message.set_order_id(event.order_id);
  SetAttribution(event.attribution, message);
}

void ToWire(const SubjectErased& event, pb::SubjectErased& message) {
  message.set_order_id(event.order_id);
  SetAttribution(event.attribution, message);
}

void ToWire(const StockSettled& event, pb::StockSettled& message) {
  message.set_order_id(event.order_id);
  message.set_op(event.op);
  message.set_refused_reason(event.refused_reason);
}

void ToWire(const ReturnRequested& event, pb::ReturnRequested& message) {
  message.set_order_id(event.order_id);
  message.set_return_id(event.return_id);
  AddUnits(event.lines, message.mutable_lines());
  SetAttribution(event.attribution, message);
}

void ToWire(const ReturnReceived& event, pb::ReturnReceived& message) {
  message.set_order_id(event.order_id);
  message.set_return_id(event.return_id);
  message.set_location_id(event.location_id);
  for (const ReturnLine& line : event.lines) {
    pb::ReturnReceived::Line& out = *message.add_lines();
    out.set_line(line.line);
    out.set_sku(line.sku);
    out.set_quantity(line.quantity.units());
    out.set_condition(static_cast<int32_t>(line.condition));
    out.set_inspect_first(line.inspect_first);
  }
  for (const SupersededUnits& units : event.superseded) {
    pb::ReturnReceived::Superseded& out = *message.add_superseded();
    out.set_return_id(units.return_id);
    out.set_line(units.line);
    out.set_quantity(units.quantity.units());
  }
  SetAttribution(event.attribution, message);
  message.set_matched_from(event.matched_from);
}

void ToWire(const ReturnInspected& event, pb::ReturnInspected& message) {
  message.set_order_id(event.order_id);
  message.set_return_id(event.return_id);
  for (const InspectedUnits& units : event.lines) {
    pb::ReturnInspected::Line& out = *message.add_lines();
    out.set_index(units.index);
    out.set_quantity(units.quantity.units());
    out.set_condition(static_cast<int32_t>(units.condition));
    out.set_refuse_refund(units.refuse_refund);
  }
  SetAttribution(event.attribution, message);
}

void ToWire(const ReturnReclassified& event, pb::ReturnReclassified& message) {
  message.set_order_id(event.order_id);
  message.set_return_id(event.return_id);
  message.set_inspection(event.inspection);
  message.set_refused_reason(event.refused_reason);
}

void ToWire(const ReturnRestocked& event, pb::ReturnRestocked& message) {
  message.set_order_id(event.order_id);
  message.set_return_id(event.return_id);
  message.set_refused_reason(event.refused_reason);
}

void ToWire(const SaleRecorded& event, pb::SaleRecorded& message) {
  message.set_order_id(event.order_id);
  message.set_content_high(event.content.high);
  message.set_content_low(event.content.low);
  message.set_location_id(event.location_id);
  message.set_terminal_id(event.terminal_id);
  message.set_business_day(event.business_day);
  message.set_sequence(event.sequence);
  message.set_customer_ref(event.customer_ref);
  if (event.business_time.has_value()) {
    message.set_business_unix_us(event.business_time->unix_us);
  }
  AddLines(event.lines, message);
  SetAttribution(event.attribution, message);
  if (event.amounts) WriteAmounts(*event.amounts, *message.mutable_amounts());
}

void ToWire(const ExceptionRaised& event, pb::ExceptionRaised& message) {
  message.set_kind(static_cast<int32_t>(event.kind));
  message.set_order_id(event.order_id);
  message.set_task_id(event.task_id);
  message.set_return_id(event.return_id);
  message.set_suggested_action(event.suggested_action);
  message.set_detail(event.detail);
}

void ToWire(const ExceptionResolved& event, pb::ExceptionResolved& message) {
  message.set_exception(event.exception);
  message.set_order_id(event.order_id);
  SetAttribution(event.attribution, message);
}

}  // namespace quartermaster::orders
