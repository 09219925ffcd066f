#include "services/catalog/rpc/convert.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"
#include "services/runtime/rpc_error.h"

namespace quartermaster::catalog {
namespace {

Attribution ToAttribution(const common::v1::Attribution& message) {
  return {message.actor_id(), message.device_id(), message.reason_code()};
}

Item ToItem(const v1::Item& message) {
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

template <typename Field>
std::vector<OpenSpan> ToSpans(const Field& field) {
  std::vector<OpenSpan> spans;
  spans.reserve(field.size());
  for (const v1::OpenSpan& span : field) {
    spans.push_back({span.weekday(), span.open_minute(), span.close_minute()});
  }
  return spans;
}

template <typename Field>
void AddSpans(const std::vector<OpenSpan>& spans, Field* field) {
  for (const OpenSpan& span : spans) {
    v1::OpenSpan& out = *field->Add();
    out.set_weekday(span.weekday);
    out.set_open_minute(span.open_minute);
    out.set_close_minute(span.close_minute);
  }
}

Location ToLocation(const v1::Location& message) {
  Location location;
  location.location_id = message.location_id();
  location.title = message.title();
  location.kind = static_cast<LocationKind>(message.kind());
  constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
  location.latitude = message.has_point() ? message.point().latitude() : kAbsent;
  location.longitude = message.has_point() ? message.point().longitude() : kAbsent;
  location.time_zone = message.time_zone();
  for (const int capability : message.capabilities()) {
    location.capabilities.push_back(static_cast<Capability>(capability));
  }
  location.paused = message.paused();
  location.hours.weekly = ToSpans(message.opening_hours());
  for (const v1::SpecialDay& day : message.special_days()) {
    location.hours.special_days.push_back({day.date(), ToSpans(day.spans())});
  }
  return location;
}

}  // namespace

PutItems ToCommand(const v1::PutItemsRequest& request) {
  PutItems command;
  command.items.reserve(request.items_size());
  for (const v1::Item& item : request.items()) command.items.push_back(ToItem(item));
  command.attribution = ToAttribution(request.attribution());
  return command;
}

PutLocations ToCommand(const v1::PutLocationsRequest& request, const TimeZones& zones) {
  PutLocations command;
  command.entries.reserve(request.locations_size());
  for (const v1::Location& location : request.locations()) {
    const std::string& zone = location.time_zone();
    command.entries.push_back({ToLocation(location), zone.empty() || zones.Has(zone)});
  }
  command.attribution = ToAttribution(request.attribution());
  return command;
}

PauseLocation ToCommand(const v1::PauseLocationRequest& request) {
  return {request.location_id(), request.paused(), ToAttribution(request.attribution())};
}

void ToProto(const Item& item, v1::Item& message) {
  message.set_sku(item.sku);
  message.set_title(item.title);
  message.set_base_unit(item.base_unit);
  message.set_quantity_scale(item.quantity_scale);
  for (const std::string& gtin : item.gtins) message.add_gtins(gtin);
  message.set_weight_g(item.weight_g);
  message.set_handling_class(item.handling_class);
  message.set_returnable(item.returnable);
  message.set_online(item.online);
  message.set_status(static_cast<v1::Item::Status>(item.status));
  message.set_version(absl::StrCat(item.version));
}

void ToProto(const Location& location, v1::Location& message) {
  message.set_location_id(location.location_id);
  message.set_title(location.title);
  message.set_kind(static_cast<v1::Location::Kind>(location.kind));
  message.mutable_point()->set_latitude(location.latitude);
  message.mutable_point()->set_longitude(location.longitude);
  message.set_time_zone(location.time_zone);
  for (const Capability capability : location.capabilities) {
    message.add_capabilities(static_cast<v1::Location::Capability>(capability));
  }
  message.set_paused(location.paused);
  AddSpans(location.hours.weekly, message.mutable_opening_hours());
  for (const SpecialDay& day : location.hours.special_days) {
    v1::SpecialDay& out = *message.add_special_days();
    out.set_date(day.date);
    AddSpans(day.spans, out.mutable_spans());
  }
  message.set_version(absl::StrCat(location.version));
}

void ToProto(const PutOutcome& outcome, std::string_view list,
             google::protobuf::RepeatedPtrField<v1::PutResult>& results) {
  results.Reserve(static_cast<int>(outcome.results.size()));
  for (size_t i = 0; i < outcome.results.size(); ++i) {
    const PutResult& result = outcome.results[i];
    v1::PutResult& message = *results.Add();
    message.set_changed(result.changed);
    // Set even when it is OK, whose status is the empty message.
    google::rpc::Status& status = *message.mutable_status();
    if (result.violations.empty()) continue;
    const std::string entry = absl::StrCat(std::string(list), "[", i, "].");
    const Violation& first = result.violations.front();
    runtime::RpcError error(common::v1::INVALID_FIELD,
                            absl::StrCat(entry, first.field, ": ", first.description));
    for (const Violation& violation : result.violations) {
      error.AddField(entry + violation.field, violation.description);
    }
    status = runtime::ToRpcStatus(error);
  }
}

}  // namespace quartermaster::catalog
