#include "services/catalog/codec/event_codec.h"

#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "services/base/status_macros.h"
#include "services/catalog/codec/messages.h"

namespace quartermaster::catalog {
namespace {

template <typename Message>
absl::StatusOr<Message> Parsed(std::string_view payload) {
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return absl::DataLossError(
        absl::StrCat("the bytes of a ", message.GetTypeName(), " do not parse"));
  }
  return message;
}

}  // namespace

RecordKind EncodeEvent(const Event& event, std::string& payload) {
  struct Visitor {
    std::string& payload;
    RecordKind operator()(const ItemPut& e) const {
      events::v1::ItemPut message;
      ToMessage(e.item, e.attribution, message);
      message.SerializeToString(&payload);
      return {.type = events::v1::ITEM_PUT};
    }
    RecordKind operator()(const LocationPut& e) const {
      events::v1::LocationPut message;
      ToMessage(e.location, e.attribution, message);
      message.SerializeToString(&payload);
      return {.type = events::v1::LOCATION_PUT, .version = e.location.hours.empty() ? 1u : 2u};
    }
    RecordKind operator()(const LocationPaused& e) const {
      events::v1::LocationPaused message;
      message.set_location_id(e.location_id);
      message.set_paused(e.paused);
      if (e.attribution != Attribution{}) ToMessage(e.attribution, *message.mutable_attribution());
      message.SerializeToString(&payload);
      return {.type = events::v1::LOCATION_PAUSED};
    }
  };
  return std::visit(Visitor{payload}, event);
}

absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload) {
  const uint32_t latest = type == events::v1::LOCATION_PUT ? 2 : 1;
  if (version < 1 || version > latest || type < events::v1::ITEM_PUT ||
      type > events::v1::LOCATION_PAUSED) {
    return absl::FailedPreconditionError(absl::StrCat("this binary does not know record type ",
                                                      type, " version ", version,
                                                      " of the catalog; a newer one wrote it"));
  }
  if (type == events::v1::ITEM_PUT) {
    QM_ASSIGN_OR_RETURN(const auto message, Parsed<events::v1::ItemPut>(payload));
    return ItemPut{ToItem(message), ToAttribution(message.attribution())};
  }
  if (type == events::v1::LOCATION_PUT) {
    QM_ASSIGN_OR_RETURN(const auto message, Parsed<events::v1::LocationPut>(payload));
    return LocationPut{ToLocation(message), ToAttribution(message.attribution())};
  }
  QM_ASSIGN_OR_RETURN(const auto message, Parsed<events::v1::LocationPaused>(payload));
  return LocationPaused{message.location_id(), message.paused(),
                        ToAttribution(message.attribution())};
}

}  // namespace quartermaster::catalog
