#include "tools/qm/verify/catalog_auditor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/events/v1/events.pb.h"

namespace quartermaster::qm {

namespace catalog_events = ::quartermaster::catalog::events::v1;
using catalog::v1::Item;
using catalog::v1::Location;

namespace {

template <typename Event>
bool Parse(const LogRecord& record, Event* event) {
  return event->ParseFromArray(record.payload.data(), static_cast<int>(record.payload.size()));
}

Item ToItem(const catalog_events::ItemPut& event, int64_t position) {
  Item item;
  item.set_sku(event.sku());
  item.set_title(event.title());
  item.set_base_unit(event.base_unit());
  item.set_quantity_scale(event.quantity_scale());
  *item.mutable_gtins() = event.gtins();
  item.set_weight_g(event.weight_g());
  item.set_handling_class(event.handling_class());
  item.set_returnable(event.returnable());
  item.set_online(event.online());
  item.set_status(static_cast<Item::Status>(event.status()));
  item.set_version(absl::StrCat(position));
  return item;
}

template <typename From, typename To>
void CopySpans(const From& from, To* to) {
  for (const auto& span : from) {
    auto& out = *to->Add();
    out.set_weekday(span.weekday());
    out.set_open_minute(span.open_minute());
    out.set_close_minute(span.close_minute());
  }
}

Location ToLocation(const catalog_events::LocationPut& event, int64_t position) {
  Location location;
  location.set_location_id(event.location_id());
  location.set_title(event.title());
  location.set_kind(static_cast<Location::Kind>(event.kind()));
  location.mutable_point()->set_latitude(event.latitude());
  location.mutable_point()->set_longitude(event.longitude());
  location.set_time_zone(event.time_zone());
  for (const int capability : event.capabilities()) {
    location.add_capabilities(static_cast<Location::Capability>(capability));
  }
  location.set_paused(event.paused());
  CopySpans(event.opening_hours(), location.mutable_opening_hours());
  for (const auto& day : event.special_days()) {
    auto& out = *location.add_special_days();
    out.set_date(day.date());
    CopySpans(day.spans(), out.mutable_spans());
  }
  location.set_version(absl::StrCat(position));
  return location;
}

}  // namespace

void CatalogAuditor::Apply(const LogRecord& record) {
  if (record.type == catalog_events::ITEM_PUT) {
    catalog_events::ItemPut event;
    if (Parse(record, &event)) items_[event.sku()] = ToItem(event, record.position);
  } else if (record.type == catalog_events::LOCATION_PUT) {
    catalog_events::LocationPut event;
    if (Parse(record, &event)) {
      locations_[event.location_id()] = ToLocation(event, record.position);
    }
  } else if (record.type == catalog_events::LOCATION_PAUSED) {
    catalog_events::LocationPaused event;
    if (!Parse(record, &event)) return;
    const auto found = locations_.find(event.location_id());
    if (found == locations_.end()) {
      findings_->Difference(
          absl::StrCat("location ", event.location_id()),
          absl::StrCat("paused before it was put (catalog/0 record ", record.position, ")"));
      return;
    }
    found->second.set_paused(event.paused());
    found->second.set_version(absl::StrCat(record.position));
  }
}

}  // namespace quartermaster::qm
