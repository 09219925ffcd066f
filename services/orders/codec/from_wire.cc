#include "services/orders/codec/amounts_message.h"
#include "services/orders/codec/wire.h"
#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

namespace {

Attribution GetAttribution(const pb::Attribution& message) {
  return {.actor_id = message.actor_id(),
          .device_id = message.device_id(),
          .reason_code = message.reason_code()};
}

template <typename Field>
void GetUnits(const Field& field, std::vector<Units>& units) {
  units.reserve(static_cast<size_t>(field.size()));
  for (const pb::Units& item : field) {
    units.push_back({.index = item.index(), .quantity = Quantity(item.quantity())});
  }
}

template <typename Field>
void GetTaskUnits(const Field& field, std::vector<TaskUnits>& units) {
  units.reserve(static_cast<size_t>(field.size()));
  for (const auto& item : field) {
    units.push_back(
        {.task = item.task(), .index = item.index(), .quantity = Quantity(item.quantity())});
  }
}

template <typename Field>
void GetLines(const Field& field, std::vector<PlacedLine>& lines) {
  lines.reserve(static_cast<size_t>(field.size()));
  for (const pb::PlacedLine& item : field) {
    PlacedLine& line = lines.emplace_back();
    line.line_id = item.line_id();
    line.group = item.group();
    line.sku = item.sku();
    line.quantity = Quantity(item.quantity());
    if (item.has_unit_price()) {
      line.unit_price = Money{.currency_code = item.unit_price().currency_code(),
                              .amount_minor = item.unit_price().amount_minor()};
    }
    line.backorder = item.backorder();
    if (item.has_amounts()) {
      line.amounts = LineAmounts{.subtotal = item.amounts().subtotal(),
                                 .discount = item.amounts().discount(),
                                 .charge = item.amounts().charge(),
                                 .tax = item.amounts().tax(),
                                 .kept = item.amounts().kept()};
    }
  }
}

template <typename Message>
std::optional<Instant> GetBusinessTime(const Message& message) {
  if (!message.has_business_unix_us()) return std::nullopt;
  return Instant{message.business_unix_us()};
}

template <typename Field>
void GetHeldUnits(const Field& field, std::vector<HeldUnits>& units) {
  for (const auto& item : field) {
    units.push_back({.attempt = item.attempt(),
                     .assignment = item.assignment(),
                     .quantity = Quantity(item.quantity())});
  }
}

template <typename Message, typename E>
void GetTask(const Message& message, E& event) {
  event.order_id = message.order_id();
  event.task = message.task();
}

// False if it is no value of the enum.
template <typename Enum>
bool GetEnum(int32_t value, Enum& out) {
  out = static_cast<Enum>(value);
  return static_cast<int32_t>(out) == value && !NameOf(out).empty();
}

// Of a Group or a NewDestination.
template <typename Message>
bool GetDestination(const Message& message, Destination& destination) {
  destination.country_code = message.country_code();
  destination.postal_area = message.postal_area();
  if (message.has_latitude_tenths() != message.has_longitude_tenths()) return false;
  if (!message.has_latitude_tenths()) return true;
  destination.point = CoarsePoint{.latitude_tenths = message.latitude_tenths(),
                                  .longitude_tenths = message.longitude_tenths()};
  return true;
}

}  // namespace

bool FromWire(const pb::OrderPlaced& message, OrderPlaced& event) {
  event.order_id = message.order_id();
  event.channel_id = message.channel_id();
  event.external_id = message.external_id();
  event.customer_ref = message.customer_ref();
  event.content = {.high = message.content_high(), .low = message.content_low()};
  for (const pb::Group& item : message.groups()) {
    Group& group = event.groups.emplace_back();
    group.group_id = item.group_id();
    if (!GetEnum(item.method(), group.method)) return false;
    if (!GetDestination(item, group.destination)) return false;
    group.location_id = item.location_id();
    if (item.has_promised_by_unix_us()) group.promised_by = {item.promised_by_unix_us()};
    if (item.payment_term() != 0 && !GetEnum(item.payment_term(), group.payment_term)) return false;
  }
  GetLines(message.lines(), event.lines);
  event.attribution = GetAttribution(message.attribution());
  if (message.has_amounts()) event.amounts = ReadAmounts(message.amounts());
  return true;
}

bool FromWire(const pb::OrderRouted& message, OrderRouted& event) {
  event.order_id = message.order_id();
  event.attempt = message.attempt();
  event.reservation_id = message.reservation_id();
  event.expires_at = {message.expire_unix_us()};
  for (const auto& item : message.assignments()) {
    event.assignments.push_back({.line = item.line(),
                                 .location_id = item.location_id(),
                                 .quantity = Quantity(item.quantity())});
  }
  event.plan = message.plan();
  return true;
}

bool FromWire(const pb::RoutingFailed& message, RoutingFailed& event) {
  event.order_id = message.order_id();
  GetUnits(message.lines(), event.lines);
  event.reason = message.reason();
  return true;
}

bool FromWire(const pb::RerouteRequested& message, RerouteRequested& event) {
  event.order_id = message.order_id();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::StockConfirmed& message, StockConfirmed& event) {
  event.order_id = message.order_id();
  event.attempt = message.attempt();
  event.reservation_id = message.reservation_id();
  return true;
}

bool FromWire(const pb::StockConfirmFailed& message, StockConfirmFailed& event) {
  event.order_id = message.order_id();
  event.attempt = message.attempt();
  event.reason = message.reason();
  return true;
}

bool FromWire(const pb::UnitsCarriedOut& message, UnitsCarriedOut& event) {
  event.order_id = message.order_id();
  event.attempt = message.attempt();
  GetUnits(message.assignments(), event.assignments);
  return true;
}

bool FromWire(const pb::TaskCreated& message, TaskCreated& event) {
  GetTask(message, event);
  event.attempt = message.attempt();
  event.group = message.group();
  event.location_id = message.location_id();
  GetUnits(message.assignments(), event.assignments);
  return true;
}

bool FromWire(const pb::TaskAccepted& message, TaskAccepted& event) {
  GetTask(message, event);
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::TaskRejected& message, TaskRejected& event) {
  GetTask(message, event);
  event.reroute = message.reroute();
  event.attribution = GetAttribution(message.attribution());
  event.suspect = message.suspect();
  event.keep_location = message.keep_location();
  return true;
}

bool FromWire(const pb::TaskPicked& message, TaskPicked& event) {
  GetTask(message, event);
  for (const auto& item : message.lines()) {
    event.lines.push_back({.index = item.index(),
                           .picked = Quantity(item.picked()),
                           .missing = Quantity(item.missing()),
                           .available = item.available(),
                           .awaiting = item.awaiting(),
                           .reason_code = item.reason_code()});
  }
  event.reroute = message.reroute();
  event.attribution = GetAttribution(message.attribution());
  event.keep_location = message.keep_location();
  return true;
}

bool FromWire(const pb::TaskPacked& message, TaskPacked& event) {
  GetTask(message, event);
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::TaskShipped& message, TaskShipped& event) {
  GetTask(message, event);
  event.carrier = message.carrier();
  event.tracking_number = message.tracking_number();
  event.attribution = GetAttribution(message.attribution());
  GetUnits(message.lines(), event.lines);
  event.parcel_key = message.parcel_key();
  event.business_time = GetBusinessTime(message);
  return true;
}

bool FromWire(const pb::TaskShippedLate& message, TaskShippedLate& event) {
  GetTask(message, event);
  for (const auto& item : message.lines()) {
    event.lines.push_back({.index = item.index(),
                           .quantity = Quantity(item.quantity()),
                           .counted = Quantity(item.counted()),
                           .found = Quantity(item.found())});
  }
  event.carrier = message.carrier();
  event.tracking_number = message.tracking_number();
  event.attribution = GetAttribution(message.attribution());
  event.parcel_key = message.parcel_key();
  event.business_time = GetBusinessTime(message);
  return true;
}

bool FromWire(const pb::PickupReady& message, PickupReady& event) {
  GetTask(message, event);
  event.code_hmac = message.code_hmac();
  event.attribution = GetAttribution(message.attribution());
  if (message.has_expire_unix_us()) event.expires_at = {message.expire_unix_us()};
  if (message.has_remind_unix_us()) event.remind_at = {message.remind_unix_us()};
  return true;
}

bool FromWire(const pb::PickupReminded& message, PickupReminded& event) {
  GetTask(message, event);
  return true;
}

bool FromWire(const pb::PickupExpiring& message, PickupExpiring& event) {
  GetTask(message, event);
  event.give_up_at = {message.give_up_unix_us()};
  return true;
}

bool FromWire(const pb::PickupExtended& message, PickupExtended& event) {
  GetTask(message, event);
  event.expires_at = {message.expire_unix_us()};
  if (message.has_remind_unix_us()) event.remind_at = {message.remind_unix_us()};
  event.attribution = GetAttribution(message.attribution());
  event.for_hold = message.for_hold();
  return true;
}

bool FromWire(const pb::PickupCodeFailed& message, PickupCodeFailed& event) {
  GetTask(message, event);
  if (message.has_locked_until_unix_us()) {
    event.locked_until = {message.locked_until_unix_us()};
  }
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::TaskHandedOver& message, TaskHandedOver& event) {
  GetTask(message, event);
  for (const auto& item : message.lines()) {
    event.lines.push_back({.index = item.index(),
                           .handed_over = Quantity(item.handed_over()),
                           .refused = Quantity(item.refused())});
  }
  event.attribution = GetAttribution(message.attribution());
  event.by_proxy = message.by_proxy();
  return true;
}

bool FromWire(const pb::UnitsCancelled& message, UnitsCancelled& event) {
  event.order_id = message.order_id();
  for (const auto& item : message.unrouted()) {
    event.unrouted.push_back({.line = item.line(),
                              .awaiting = Quantity(item.awaiting()),
                              .to_route = Quantity(item.to_route()),
                              .backordered = Quantity(item.backordered())});
  }
  GetHeldUnits(message.held(), event.held);
  GetTaskUnits(message.tasks(), event.tasks);
  event.attribution = GetAttribution(message.attribution());
  GetHeldUnits(message.held_back(), event.held_back);
  event.given_up = message.given_up();
  return true;
}

bool FromWire(const pb::CancelRequested& message, CancelRequested& event) {
  event.order_id = message.order_id();
  GetTaskUnits(message.tasks(), event.tasks);
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::BackorderReleased& message, BackorderReleased& event) {
  event.order_id = message.order_id();
  GetUnits(message.lines(), event.lines);
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::ParcelReported& message, ParcelReported& event) {
  event.order_id = message.order_id();
  event.parcel = message.parcel();
  event.business_time = GetBusinessTime(message);
  event.attribution = GetAttribution(message.attribution());
  return GetEnum(message.state(), event.state);
}

bool FromWire(const pb::FulfilmentPolicySet& message, FulfilmentPolicySet& event) {
  event.channel_id = message.channel_id();
  event.policy = {.attempts_max = message.attempts_max(),
                  .pickup_days = message.pickup_days(),
                  .reminder_days = message.reminder_days(),
                  .extensions_max = message.extensions_max(),
                  .give_up_after = {message.give_up_after_us()}};
  for (const auto& item : message.reasons()) {
    ReasonEffect& reason = event.policy.reasons.emplace_back();
    reason.code = item.code();
    reason.keep_location = item.keep_location();
    reason.suggested_action = item.suggested_action();
    if (!GetEnum(item.units(), reason.units) || !GetEnum(item.order(), reason.order)) return false;
  }
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::OrderHeld& message, OrderHeld& event) {
  event.order_id = message.order_id();
  event.hold = message.hold();
  if (message.has_expire_unix_us()) event.expires_at = {message.expire_unix_us()};
  event.cancel_on_expiry = message.cancel_on_expiry();
  event.attribution = GetAttribution(message.attribution());
  return GetEnum(message.kind(), event.kind);
}

bool FromWire(const pb::HoldEnded& message, HoldEnded& event) {
  event.order_id = message.order_id();
  event.hold = message.hold();
  event.expired = message.expired();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::PaymentRecorded& message, PaymentRecorded& event) {
  event.order_id = message.order_id();
  event.payment_ref = message.payment_ref();
  event.event_ref = message.event_ref();
  event.method = message.method();
  event.amount = message.amount();
  event.currency_code = message.currency_code();
  event.intent = message.intent();
  event.reason_code = message.reason_code();
  if (message.has_business_unix_us()) event.business_time = Instant{message.business_unix_us()};
  event.attribution = GetAttribution(message.attribution());
  event.on_the_spot = message.on_the_spot();
  event.disputed = message.disputed();
  return GetEnum(message.kind(), event.kind) && event.amount >= 0;
}

bool FromWire(const pb::PaymentIntended& message, PaymentIntended& event) {
  event.order_id = message.order_id();
  event.intent = message.intent();
  event.payment = message.payment();
  event.amount = message.amount();
  return GetEnum(message.kind(), event.kind) && event.amount > 0;
}

bool FromWire(const pb::PaymentIntentWithdrawn& message, PaymentIntentWithdrawn& event) {
  event.order_id = message.order_id();
  event.intent = message.intent();
  return true;
}

bool FromWire(const pb::PickupProxySet& message, PickupProxySet& event) {
  event.order_id = message.order_id();
  event.task = message.task();
  event.code_hmac = message.code_hmac();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::OrderEdited& message, OrderEdited& event) {
  event.order_id = message.order_id();
  GetLines(message.lines(), event.lines);
  for (const auto& item : message.destinations()) {
    GroupDestination& redirected = event.destinations.emplace_back();
    redirected.group = item.group();
    if (!GetDestination(item, redirected.destination)) return false;
  }
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::SubjectUpdated& message, SubjectUpdated& event) {
  event.order_id = message.order_id();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::SubjectErased& message, SubjectErased& event) {
  event.order_id = message.order_id();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::StockSettled& message, StockSettled& event) {
  event.order_id = message.order_id();
  event.op = message.op();
  event.refused_reason = message.refused_reason();
  return true;
}

bool FromWire(const pb::ReturnRequested& message, ReturnRequested& event) {
  event.order_id = message.order_id();
  event.return_id = message.return_id();
  GetUnits(message.lines(), event.lines);
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::ReturnReceived& message, ReturnReceived& event) {
  event.order_id = message.order_id();
  event.return_id = message.return_id();
  event.location_id = message.location_id();
  for (const auto& item : message.lines()) {
    ReturnLine& line = event.lines.emplace_back();
    line.line = item.line();
    line.sku = item.sku();
    line.quantity = Quantity(item.quantity());
    if (!GetEnum(item.condition(), line.condition)) return false;
    line.inspect_first = item.inspect_first();
  }
  for (const auto& item : message.superseded()) {
    event.superseded.push_back({.return_id = item.return_id(),
                                .line = item.line(),
                                .quantity = Quantity(item.quantity())});
  }
  event.attribution = GetAttribution(message.attribution());
  event.matched_from = message.matched_from();
  return true;
}

bool FromWire(const pb::ReturnInspected& message, ReturnInspected& event) {
  event.order_id = message.order_id();
  event.return_id = message.return_id();
  for (const auto& item : message.lines()) {
    InspectedUnits& units = event.lines.emplace_back();
    units.index = item.index();
    units.quantity = Quantity(item.quantity());
    if (!GetEnum(item.condition(), units.condition)) return false;
    units.refuse_refund = item.refuse_refund();
  }
  event.attribution = GetAttribution(message.attribution());
  return true;
}

bool FromWire(const pb::ReturnReclassified& message, ReturnReclassified& event) {
  event.order_id = message.order_id();
  event.return_id = message.return_id();
  event.inspection = message.inspection();
  event.refused_reason = message.refused_reason();
  return true;
}

bool FromWire(const pb::ReturnRestocked& message, ReturnRestocked& event) {
  event.order_id = message.order_id();
  event.return_id = message.return_id();
  event.refused_reason = message.refused_reason();
  return true;
}

bool FromWire(const pb::SaleRecorded& message, SaleRecorded& event) {
  event.order_id = message.order_id();
  event.content = {.high = message.content_high(), .low = message.content_low()};
  event.location_id = message.location_id();
  event.terminal_id = message.terminal_id();
  event.business_day = message.business_day();
  event.sequence = message.sequence();
  event.customer_ref = message.customer_ref();
  if (message.has_business_unix_us()) event.business_time = Instant{message.business_unix_us()};
  GetLines(message.lines(), event.lines);
  event.attribution = GetAttribution(message.attribution());
  if (message.has_amounts()) event.amounts = ReadAmounts(message.amounts());
  return true;
}

bool FromWire(const pb::ExceptionRaised& message, ExceptionRaised& event) {
  if (!GetEnum(message.kind(), event.kind)) return false;
  event.order_id = message.order_id();
  event.task_id = message.task_id();
  event.return_id = message.return_id();
  event.suggested_action = message.suggested_action();
  event.detail = message.detail();
  return true;
}

bool FromWire(const pb::ExceptionResolved& message, ExceptionResolved& event) {
  event.exception = message.exception();
  event.order_id = message.order_id();
  event.attribution = GetAttribution(message.attribution());
  return true;
}

}  // namespace quartermaster::orders
