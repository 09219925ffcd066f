#include "services/routing/codec/catalog_records.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "services/routing/codec/messages.h"

namespace quartermaster::routing {
namespace {

namespace events = catalog::events::v1;

constexpr int kVersion = 1;

template <typename Event>
absl::Status Parse(std::string_view payload, Event& event) {
  if (event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("a record of the catalog does not parse as ", event.GetTypeName()));
}

LocationPut FromEvent(const events::LocationPut& event) {
  LocationPut put;
  put.location_id = event.location_id();
  put.data.kind = LocationKindOf(event.kind());
  put.data.point = {event.latitude(), event.longitude()};
  put.data.paused = event.paused();
  for (const int number : event.capabilities()) {
    if (const std::optional<Capability> capability = CapabilityOf(number)) {
      put.data.capabilities.Insert(*capability);
    }
  }
  return put;
}

}  // namespace

absl::Status AppendCatalogRecord(int type, int version, std::string_view payload,
                                 NetworkChanges& changes) {
  if (type == events::REQUEST_OUTCOME) return absl::OkStatus();
  if (!events::RecordType_IsValid(type) || version != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the catalog's record type ", type, " version ", version, " is not known to this binary"));
  }
  absl::Status status;
  if (type == events::ITEM_PUT) {
    events::ItemPut event;
    status = Parse(payload, event);
    if (status.ok()) changes.push_back(ItemPut{event.sku()});
  } else if (type == events::LOCATION_PUT) {
    events::LocationPut event;
    status = Parse(payload, event);
    if (status.ok()) changes.push_back(FromEvent(event));
  } else if (type == events::LOCATION_PAUSED) {
    events::LocationPaused event;
    status = Parse(payload, event);
    if (status.ok()) changes.push_back(LocationPaused{event.location_id(), event.paused()});
  }
  return status;
}

}  // namespace quartermaster::routing
