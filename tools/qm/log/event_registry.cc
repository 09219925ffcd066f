#include "tools/qm/log/event_registry.h"

#include <cctype>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/time_util.h"
#include "quartermaster/catalog/events/v1/events.pb.h"
#include "quartermaster/orders/events/v1/events.pb.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/engine/machine.h"
#include "services/engine/request_outcome.h"

namespace quartermaster::qm {
namespace {

using google::protobuf::Message;

// STOCK_RESERVED -> StockReserved.
std::string MessageName(const std::string& value_name) {
  std::string name;
  bool upper = true;
  for (const char c : value_name) {
    if (c == '_') {
      upper = true;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      name += static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
      upper = false;
    }
  }
  return name;
}

// The newest version of a type, where that is not the first.
int NewestVersion(const google::protobuf::Descriptor* message) {
  static const auto* const kLater = new std::map<const google::protobuf::Descriptor*, int>{
      {catalog::events::v1::LocationPut::descriptor(), 2},
      {stock::events::v1::StockReserved::descriptor(), 6},
      {stock::events::v1::ReservationConfirmed::descriptor(), 2},
      {stock::events::v1::ReservationBound::descriptor(), 2},
      {stock::events::v1::ReservationReleased::descriptor(), 2},
      {stock::events::v1::ReservationExpired::descriptor(), 2},
      {stock::events::v1::StockAdjusted::descriptor(), 2},
      {stock::events::v1::ConditionChanged::descriptor(), 2},
      {stock::events::v1::SourceMessageSeen::descriptor(), 2},
      {stock::events::v1::ReservationFulfilled::descriptor(), 2},
      {stock::events::v1::SupplyReceived::descriptor(), 2},
      {stock::events::v1::SupplyCancelled::descriptor(), 2},
      {stock::events::v1::TransferShipped::descriptor(), 2},
      {stock::events::v1::TransferReceived::descriptor(), 2},
      {orders::events::v1::OrderPlaced::descriptor(), 2},
      {orders::events::v1::SaleRecorded::descriptor(), 2},
      {orders::events::v1::TaskRejected::descriptor(), 2},
      {orders::events::v1::TaskPicked::descriptor(), 2},
      {orders::events::v1::TaskShipped::descriptor(), 2},
      {orders::events::v1::TaskShippedLate::descriptor(), 2},
      {orders::events::v1::PickupReady::descriptor(), 2},
      {orders::events::v1::TaskHandedOver::descriptor(), 2},
      {orders::events::v1::ReturnReceived::descriptor(), 3},
      {orders::events::v1::UnitsCancelled::descriptor(), 3},
  };
  const auto found = kLater->find(message);
  return found == kLater->end() ? 1 : found->second;
}

std::vector<EventType> ReadTypes(const google::protobuf::EnumDescriptor* registry) {
  std::vector<EventType> types;
  for (int i = 0; i < registry->value_count(); ++i) {
    const auto* value = registry->value(i);
    if (value->number() == 0) continue;
    EventType type{.number = value->number(), .name = MessageName(value->name())};
    // The sequencer frames outcomes, whatever a service puts into them.
    if (value->number() != engine::kRequestOutcomeType) {
      type.message = registry->file()->FindMessageTypeByName(type.name);
      if (type.message == nullptr) continue;
      type.version = NewestVersion(type.message);
    }
    types.push_back(std::move(type));
  }
  return types;
}

const std::map<std::string, std::vector<EventType>, std::less<>>& Registry() {
  static const auto* const kRegistry =
      new std::map<std::string, std::vector<EventType>, std::less<>>{
          {"catalog", ReadTypes(catalog::events::v1::RecordType_descriptor())},
          {"stock", ReadTypes(stock::events::v1::RecordType_descriptor())},
          {"orders", ReadTypes(orders::events::v1::RecordType_descriptor())},
      };
  return *kRegistry;
}

Json OutcomeToJson(std::string_view payload) {
  engine::RequestOutcome outcome;
  if (!engine::ParseRequestOutcome(payload, outcome)) return Json{{"bytes", payload.size()}};
  return Json{{"request_id", std::string(outcome.request_id)}, {"bytes", outcome.outcome.size()}};
}

}  // namespace

const std::vector<EventType>& EventTypes(std::string_view partition) {
  static const auto* const kNone = new std::vector<EventType>();
  const auto found = Registry().find(partition.substr(0, partition.find('/')));
  return found == Registry().end() ? *kNone : found->second;
}

const EventType* FindEventType(std::string_view partition, int type) {
  for (const EventType& known : EventTypes(partition)) {
    if (known.number == type) return &known;
  }
  return nullptr;
}

std::unique_ptr<Message> ParseEvent(const EventType& type, std::string_view payload) {
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type.message);
  std::unique_ptr<Message> event(prototype->New());
  if (!event->ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return nullptr;
  return event;
}

Json RecordToJson(std::string_view partition, int64_t position, int64_t time_unix_us, int type,
                  int version, std::string_view payload) {
  Json json;
  json["partition"] = std::string(partition);
  json["position"] = position;
  json["time"] = google::protobuf::util::TimeUtil::ToString(
      google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(time_unix_us));
  const EventType* known = FindEventType(partition, type);
  json["type"] = known == nullptr ? absl::StrCat("type ", type) : known->name;
  if (known == nullptr || version > known->version) {
    json["undecoded"] = {{"reason", known == nullptr ? "unknown type" : "unknown version"},
                         {"version", version},
                         {"bytes", payload.size()}};
  } else if (known->message == nullptr) {
    json["outcome"] = OutcomeToJson(payload);
  } else if (const std::unique_ptr<Message> event = ParseEvent(*known, payload)) {
    json["event"] = MessageToJson(*event, Defaults::kOmit);
  } else {
    json["undecoded"] = {{"reason", "does not parse"}, {"bytes", payload.size()}};
  }
  return json;
}

}  // namespace quartermaster::qm
