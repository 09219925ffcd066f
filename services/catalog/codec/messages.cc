#include "services/catalog/codec/messages.h"

#include <cstdint>
#include <vector>

#include "quartermaster/catalog/v1/catalog.pb.h"

namespace quartermaster::catalog {

// The domain's numbers are stored, and are the API's.
static_assert(static_cast<int>(ItemStatus::kActive) == v1::Item::ACTIVE);
static_assert(static_cast<int>(ItemStatus::kDiscontinued) == v1::Item::DISCONTINUED);
static_assert(static_cast<int>(LocationKind::kStore) == v1::Location::STORE);
static_assert(static_cast<int>(LocationKind::kWarehouse) == v1::Location::WAREHOUSE);
static_assert(static_cast<int>(LocationKind::kVendor) == v1::Location::VENDOR);
static_assert(static_cast<int>(Capability::kShip) == v1::Location::SHIP);
static_assert(static_cast<int>(Capability::kPickup) == v1::Location::PICKUP);
static_assert(static_cast<int>(Capability::kReturn) == v1::Location::RETURN);
static_assert(static_cast<int>(Capability::kTill) == v1::Location::TILL);

namespace {

template <typename Field>
void AddSpans(const std::vector<OpenSpan>& spans, Field* field) {
  for (const OpenSpan& span : spans) {
    events::v1::OpenSpan& out = *field->Add();
    out.set_weekday(span.weekday);
    out.set_open_minute(span.open_minute);
    out.set_close_minute(span.close_minute);
  }
}

template <typename Field>
std::vector<OpenSpan> ToSpans(const Field& field) {
  std::vector<OpenSpan> spans;
  spans.reserve(field.size());
  for (const events::v1::OpenSpan& span : field) {
    spans.push_back({span.weekday(), span.open_minute(), span.close_minute()});
  }
  return spans;
}

}  // namespace

void ToMessage(const Attribution& attribution, events::v1::Attribution& message) {
  message.set_actor_id(attribution.actor_id);
  message.set_device_id(attribution.device_id);
  message.set_reason_code(attribution.reason_code);
}

Attribution ToAttribution(const events::v1::Attribution& message) {
  return {message.actor_id(), message.device_id(), message.reason_code()};
}

void ToMessage(const Item& item, const Attribution& attribution, events::v1::ItemPut& message) {
  message.set_sku(item.sku);
  message.set_title(item.title);
  message.set_base_unit(item.base_unit);
  message.set_quantity_scale(item.quantity_scale);
  for (const std::string& gtin : item.gtins) message.add_gtins(gtin);
  message.set_weight_g(item.weight_g);
  message.set_handling_class(item.handling_class);
  message.set_returnable(item.returnable);
  message.set_online(item.online);
  message.set_status(static_cast<int32_t>(item.status));
  if (attribution != Attribution{}) ToMessage(attribution, *message.mutable_attribution());
}

Item ToItem(const events::v1::ItemPut& message) {
  Item item;
  item.sku = message.sku();
  item.title = message.title();
  item.base_unit = message.base_unit();
  item.quantity_scale = message.quantity_scale();
  item.gtins.assign(message.gtins().begin(), message.gtins().end());
  item.weight_g = message.weight_g();
  item.handling_class = message.handling_class();
  item.returnable = message.returnable();
  item.online = message.online();
  item.status = static_cast<ItemStatus>(message.status());
  return item;
}

void ToMessage(const Location& location, const Attribution& attribution,
               events::v1::LocationPut& message) {
  message.set_location_id(location.location_id);
  message.set_title(location.title);
  message.set_kind(static_cast<int32_t>(location.kind));
  message.set_latitude(location.latitude);
  message.set_longitude(location.longitude);
  message.set_time_zone(location.time_zone);
  for (const Capability capability : location.capabilities) {
    message.add_capabilities(static_cast<int32_t>(capability));
  }
  message.set_paused(location.paused);
  AddSpans(location.hours.weekly, message.mutable_opening_hours());
  for (const SpecialDay& day : location.hours.special_days) {
    events::v1::SpecialDay& out = *message.add_special_days();
    out.set_date(day.date);
    AddSpans(day.spans, out.mutable_spans());
  }
  if (attribution != Attribution{}) ToMessage(attribution, *message.mutable_attribution());
}

Location ToLocation(const events::v1::LocationPut& message) {
  Location location;
  location.location_id = message.location_id();
  location.title = message.title();
  location.kind = static_cast<LocationKind>(message.kind());
  location.latitude = message.latitude();
  location.longitude = message.longitude();
  location.time_zone = message.time_zone();
  for (const int32_t capability : message.capabilities()) {
    location.capabilities.push_back(static_cast<Capability>(capability));
  }
  location.paused = message.paused();
  location.hours.weekly = ToSpans(message.opening_hours());
  for (const events::v1::SpecialDay& day : message.special_days()) {
    location.hours.special_days.push_back({day.date(), ToSpans(day.spans())});
  }
  return location;
}

}  // namespace quartermaster::catalog
