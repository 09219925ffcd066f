#include "tools/qm/log/stock_names.h"

#include <optional>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "quartermaster/stock/events/v1/events.pb.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {
namespace {

namespace stock_events = ::quartermaster::stock::events::v1;

// Numbers of 64 bits are strings in protobuf's JSON.
std::optional<int64_t> NumberIn(const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_string()) return ParseInteger(value.get<std::string>());
  return std::nullopt;
}

template <typename Event>
bool Parse(std::string_view payload, Event* event) {
  return event->ParseFromArray(payload.data(), static_cast<int>(payload.size()));
}

}  // namespace

bool StockNames::Declares(int type) {
  return type == stock_events::SKU_REGISTERED || type == stock_events::LOCATION_REGISTERED ||
         type == stock_events::POOL_SET || type == stock_events::CHANNEL_SET ||
         type == stock_events::TRANSFER_REQUESTED;
}

void StockNames::Learn(int type, std::string_view payload) {
  stock_events::SkuRegistered sku;
  stock_events::LocationRegistered location;
  stock_events::PoolSet pool;
  stock_events::ChannelSet channel;
  stock_events::TransferRequested transfer;
  if (type == stock_events::SKU_REGISTERED && Parse(payload, &sku)) {
    skus_[sku.sku()] = sku.sku_id();
  } else if (type == stock_events::LOCATION_REGISTERED && Parse(payload, &location)) {
    locations_[location.location()] = location.location_id();
  } else if (type == stock_events::POOL_SET && Parse(payload, &pool)) {
    pools_[pool.pool()] = pool.pool_id();
  } else if (type == stock_events::CHANNEL_SET && Parse(payload, &channel)) {
    channels_[channel.channel()] = channel.channel_id();
  } else if (type == stock_events::TRANSFER_REQUESTED && Parse(payload, &transfer)) {
    transfers_[transfer.transfer()] = transfer.transfer_id();
  }
}

void StockNames::AddTo(Json* event) const {
  if (event->is_object()) AddToObject(event);
  if (!event->is_object() && !event->is_array()) return;
  for (Json& member : *event) AddTo(&member);
}

void StockNames::AddToObject(Json* object) const {
  const std::vector<std::tuple<const char*, const char*, const Names*>> kinds = {
      {"sku", "sku_id", &skus_},
      {"kit", "kit_id", &skus_},
      {"location", "location_id", &locations_},
      {"pool", "pool_id", &pools_},
      {"channel", "channel_id", &channels_},
      {"transfer", "transfer_id", &transfers_}};
  for (const auto& [number_field, name_field, names] : kinds) {
    const auto found = object->find(number_field);
    if (found == object->end()) continue;
    const std::optional<int64_t> number = NumberIn(*found);
    const auto name = number ? names->find(*number) : names->end();
    if (name != names->end()) (*object)[name_field] = name->second;
  }
  const auto reservation = object->find("reservation");
  if (reservation == object->end()) return;
  if (const auto number = NumberIn(*reservation)) {
    (*object)["reservation_id"] = absl::StrCat("r", *number);
  }
}

}  // namespace quartermaster::qm
