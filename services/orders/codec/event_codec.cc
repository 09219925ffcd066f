#include "services/orders/codec/event_codec.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "services/orders/codec/wire.h"

namespace quartermaster::orders {

namespace {

constexpr size_t kEventTypes = std::variant_size_v<Event>;

template <size_t kIndex>
void EncodeAs(const Event& event, std::string& payload) {
  std::tuple_element_t<kIndex, EventMessages> message;
  ToWire(std::get<kIndex>(event), message);
  message.SerializeToString(&payload);
}

template <size_t kIndex>
bool DecodeAs(std::string_view payload, Event& event) {
  std::tuple_element_t<kIndex, EventMessages> message;
  return message.ParseFromArray(payload.data(), static_cast<int>(payload.size())) &&
         FromWire(message, event.emplace<kIndex>());
}

template <size_t kIndex>
bool JsonAs(std::string_view payload, std::string& json) {
  std::tuple_element_t<kIndex, EventMessages> message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return false;
  if constexpr (kIndex == pb::PICKUP_READY - pb::ORDER_PLACED ||
                kIndex == pb::PICKUP_PROXY_SET - pb::ORDER_PLACED) {
    message.clear_code_hmac();
  }
  return google::protobuf::util::MessageToJsonString(message, &json).ok();
}

template <size_t... kIndexes>
constexpr auto Encoders(std::index_sequence<kIndexes...>) {
  return std::array{&EncodeAs<kIndexes>...};
}
template <size_t... kIndexes>
constexpr auto Decoders(std::index_sequence<kIndexes...>) {
  return std::array{&DecodeAs<kIndexes>...};
}
template <size_t... kIndexes>
constexpr auto JsonWriters(std::index_sequence<kIndexes...>) {
  return std::array{&JsonAs<kIndexes>...};
}

constexpr auto kEncoders = Encoders(std::make_index_sequence<kEventTypes>());
constexpr auto kDecoders = Decoders(std::make_index_sequence<kEventTypes>());
constexpr auto kJsonWriters = JsonWriters(std::make_index_sequence<kEventTypes>());

// The latest version of each event that this binary knows.
constexpr uint32_t LatestVersion(uint32_t type) {
  switch (type) {
    case pb::ORDER_PLACED:
    case pb::SALE_RECORDED:
    case pb::TASK_REJECTED:
    case pb::TASK_PICKED:
    case pb::TASK_SHIPPED:
    case pb::TASK_SHIPPED_LATE:
    case pb::PICKUP_READY:
    case pb::TASK_HANDED_OVER:
      return 2;
    case pb::RETURN_RECEIVED:
    case pb::UNITS_CANCELLED:
      return 3;
    default:
      return 1;
  }
}

// The first version that can say what the event says.
struct VersionOf {
  template <typename E>
  uint32_t operator()(const E&) const {
    return 1;
  }
  uint32_t operator()(const OrderPlaced& e) const {
    const bool says_more =
        e.amounts || AnyBackorder(e.lines) ||
        std::any_of(e.groups.begin(), e.groups.end(), [](const Group& group) {
          return group.promised_by != kDistantPast || group.payment_term != PaymentTerm::kNone;
        });
    return says_more ? 2 : 1;
  }
  uint32_t operator()(const SaleRecorded& e) const {
    return e.amounts || AnyBackorder(e.lines) ? 2 : 1;
  }
  uint32_t operator()(const TaskRejected& e) const { return e.suspect || e.keep_location ? 2 : 1; }
  uint32_t operator()(const TaskPicked& e) const {
    const bool says_more =
        e.keep_location ||
        std::any_of(e.lines.begin(), e.lines.end(), [](const PickedUnits& units) {
          return units.available || units.awaiting || !units.reason_code.empty();
        });
    return says_more ? 2 : 1;
  }
  uint32_t operator()(const TaskShipped& e) const {
    return !e.lines.empty() || !e.parcel_key.empty() || e.business_time ? 2 : 1;
  }
  uint32_t operator()(const TaskShippedLate& e) const {
    const bool found = std::any_of(e.lines.begin(), e.lines.end(),
                                   [](const LateUnits& units) { return units.found.IsPositive(); });
    return found || !e.parcel_key.empty() || e.business_time ? 2 : 1;
  }
  uint32_t operator()(const PickupReady& e) const {
    return e.expires_at != kDistantFuture || e.remind_at != kDistantFuture ? 2 : 1;
  }
  uint32_t operator()(const TaskHandedOver& e) const { return e.by_proxy ? 2 : 1; }
  uint32_t operator()(const ReturnReceived& e) const {
    const bool waits = std::any_of(e.lines.begin(), e.lines.end(),
                                   [](const ReturnLine& line) { return line.inspect_first; });
    if (waits) return 3;
    return e.matched_from.empty() ? 1 : 2;
  }
  uint32_t operator()(const UnitsCancelled& e) const {
    if (!e.held_back.empty() || e.given_up) return 3;
    const bool backordered =
        std::any_of(e.unrouted.begin(), e.unrouted.end(),
                    [](const UnroutedUnits& units) { return units.backordered.IsPositive(); });
    return backordered ? 2 : 1;
  }
  static bool AnyBackorder(const std::vector<PlacedLine>& lines) {
    return std::any_of(lines.begin(), lines.end(),
                       [](const PlacedLine& line) { return line.backorder; });
  }
};

absl::StatusOr<size_t> IndexOf(uint32_t type, uint32_t version, std::string_view payload) {
  if (type < pb::ORDER_PLACED || type >= pb::ORDER_PLACED + kEventTypes) {
    return absl::FailedPreconditionError(
        absl::StrCat("event type ", type, " of orders is unknown to this binary"));
  }
  if (version < 1 || version > LatestVersion(type)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "version ", version, " of ", pb::RecordType_Name(static_cast<pb::RecordType>(type)),
        " of orders is unknown to this binary"));
  }
  if (payload.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::DataLossError("an event of more than 2 GiB");
  }
  return type - pb::ORDER_PLACED;
}

absl::Status Damaged(uint32_t type) {
  return absl::DataLossError(absl::StrCat(pb::RecordType_Name(static_cast<pb::RecordType>(type)),
                                          " of orders does not parse"));
}

}  // namespace

RecordKind EncodeEvent(const Event& event, std::string& payload) {
  kEncoders[event.index()](event, payload);
  return {.type = static_cast<uint32_t>(pb::ORDER_PLACED + event.index()),
          .version = std::visit(VersionOf(), event)};
}

absl::StatusOr<Event> DecodeEvent(uint32_t type, uint32_t version, std::string_view payload) {
  const auto index = IndexOf(type, version, payload);
  if (!index.ok()) return index.status();
  Event event;
  if (!kDecoders[*index](payload, event)) return Damaged(type);
  return event;
}

absl::StatusOr<std::string> EventJson(uint32_t type, uint32_t version, std::string_view payload) {
  const auto index = IndexOf(type, version, payload);
  if (!index.ok()) return index.status();
  std::string json;
  if (!kJsonWriters[*index](payload, json)) return Damaged(type);
  return json;
}

}  // namespace quartermaster::orders
