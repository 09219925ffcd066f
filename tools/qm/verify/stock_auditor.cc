#include "tools/qm/verify/stock_auditor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

namespace events = stock::events::v1;

void StockAuditor::Difference(std::string key, std::string what) {
  findings_->Difference(std::move(key),
                        absl::StrCat(what, " (stock/0 record ", books_.position, ")"));
}

template <typename Event>
void StockAuditor::Parse(std::string_view payload) {
  Event event;
  if (event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) On(event);
}

void StockAuditor::Apply(const LogRecord& record) {
  books_.position = record.position;
  books_.time_unix_us = record.time_unix_us;
  // Moves make room for the event behind them; but a fact takes what it takes.
  if (record.type == events::STOCK_ADJUSTED || record.type == events::CONDITION_CHANGED ||
      record.type == events::STOCK_COUNTED || record.type == events::TRANSFER_SHIPPED) {
    CheckMoved();
  }
  ApplyOne(record);
  if (record.type == events::BACKING_MOVED || record.type == events::GROUP_MOVED) return;
  CheckMoved();
  lacked_.clear();
}

void StockAuditor::ApplyOne(const LogRecord& record) {
  switch (record.type) {
    case events::SKU_REGISTERED:
      return Parse<events::SkuRegistered>(record.payload);
    case events::LOCATION_REGISTERED:
      return Parse<events::LocationRegistered>(record.payload);
    case events::LOCATION_PAUSED:
      return Parse<events::LocationPaused>(record.payload);
    case events::POOL_SET:
      return Parse<events::PoolSet>(record.payload);
    case events::STOCK_RESERVED:
      return Parse<events::StockReserved>(record.payload);
    case events::RESERVATION_EXTENDED:
      return Parse<events::ReservationExtended>(record.payload);
    case events::RESERVATION_CONFIRMED:
      return Parse<events::ReservationConfirmed>(record.payload);
    case events::RESERVATION_BOUND:
      return Parse<events::ReservationBound>(record.payload);
    case events::RESERVATION_RELEASED:
      return Parse<events::ReservationReleased>(record.payload);
    case events::RESERVATION_EXPIRED:
      return Parse<events::ReservationExpired>(record.payload);
    case events::RESERVATION_FULFILLED:
      return Parse<events::ReservationFulfilled>(record.payload);
    case events::STOCK_ADJUSTED:
      return Parse<events::StockAdjusted>(record.payload);
    case events::BACKING_MOVED:
      return Parse<events::BackingMoved>(record.payload);
    case events::UNITS_UNCOVERED:
      return Parse<events::UnitsUncovered>(record.payload);
    case events::UNITS_COVERED:
      return Parse<events::UnitsCovered>(record.payload);
    case events::CONDITION_CHANGED:
      return Parse<events::ConditionChanged>(record.payload);
    case events::STOCK_POLICY_SET:
      return Parse<events::StockPolicySet>(record.payload);
    case events::CHANNEL_SET:
      return Parse<events::ChannelSet>(record.payload);
    case events::ALLOTMENT_SET:
      return Parse<events::AllotmentSet>(record.payload);
    case events::KIT_DEFINED:
      return Parse<events::KitDefined>(record.payload);
    case events::GROUP_MOVED:
      return Parse<events::GroupMoved>(record.payload);
    case events::SOURCE_REGISTERED:
      return Parse<events::SourceRegistered>(record.payload);
    case events::SOURCE_MESSAGE_SEEN:
      return Parse<events::SourceMessageSeen>(record.payload);
    case events::COUNT_STARTED:
      return Parse<events::CountStarted>(record.payload);
    case events::COUNT_PART_STAGED:
      return Parse<events::CountPartStaged>(record.payload);
    case events::STOCK_COUNTED:
      return Parse<events::StockCounted>(record.payload);
    case events::COUNT_COMPLETED:
      return Parse<events::CountCompleted>(record.payload);
    case events::COUNT_ABANDONED:
      return Parse<events::CountAbandoned>(record.payload);
    case events::TRANSFER_REQUESTED:
      return Parse<events::TransferRequested>(record.payload);
    case events::TRANSFER_SHIPPED:
      return Parse<events::TransferShipped>(record.payload);
    case events::TRANSFER_RECEIVED:
      return Parse<events::TransferReceived>(record.payload);
    case events::TRANSFER_CLOSED:
      return Parse<events::TransferClosed>(record.payload);
    case events::SUPPLY_EXPECTED:
      return Parse<events::SupplyExpected>(record.payload);
    case events::SUPPLY_RECEIVED:
      return Parse<events::SupplyReceived>(record.payload);
    case events::SUPPLY_CANCELLED:
      return Parse<events::SupplyCancelled>(record.payload);
    case events::WAITERS_SERVED:
      return Parse<events::WaitersServed>(record.payload);
    case events::PROMISES_CHANGED:
      return Parse<events::PromisesChanged>(record.payload);
    default:
      return;
  }
}

void StockAuditor::On(const events::SkuRegistered& event) {
  if (!books_.skus.Add(event.sku(), event.sku_id())) {
    Difference(absl::StrCat("item ", event.sku_id()),
               absl::StrCat("registered as ", event.sku(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const events::LocationRegistered& event) {
  if (!books_.locations.Add(event.location(), event.location_id())) {
    Difference(absl::StrCat("location ", event.location_id()),
               absl::StrCat("registered as ", event.location(),
                            ", but that is not the next new "
                            "id"));
  }
}

void StockAuditor::On(const events::LocationPaused& event) {
  CheckKey(0, event.location());
  if (event.paused()) {
    books_.paused.insert(event.location());
  } else {
    books_.paused.erase(event.location());
  }
}

void StockAuditor::On(const events::PoolSet& event) {
  const bool known = books_.pools.Knows(event.pool());
  if (known ? books_.pools.Name(event.pool()) != event.pool_id()
            : !books_.pools.Add(event.pool(), event.pool_id())) {
    Difference(absl::StrCat("pool ", event.pool_id()),
               absl::StrCat("set as ", event.pool(), ", which is another pool's or not the next"));
  }
  for (const uint32_t location : event.locations()) CheckKey(0, location);
  books_.pool_locations[event.pool()] = {event.locations().begin(), event.locations().end()};
  std::set<uint32_t> members(event.locations().begin(), event.locations().end());
  const auto known_set = std::find(books_.classes.begin(), books_.classes.end(), members);
  if (known_set == books_.classes.end()) books_.classes.push_back(std::move(members));
}

void StockAuditor::On(const events::StockPolicySet& event) {
  if (event.sku() != 0 && !books_.skus.Knows(event.sku())) {
    Difference(absl::StrCat("item ", event.sku()), "has a policy before it was registered");
  }
  if (event.location() != 0) CheckKey(0, event.location());
  const StockKey scope{event.sku(), event.location()};
  if (!event.has_safety_stock()) {
    books_.safety_stock.erase(scope);
    return;
  }
  if (event.safety_stock() < 0) {
    Difference(books_.KeyName(scope), absl::StrCat("safety stock is ", event.safety_stock()));
  }
  books_.safety_stock[scope] = event.safety_stock();
}

void StockAuditor::On(const events::ChannelSet& event) {
  const std::string key = absl::StrCat("channel ", event.channel_id());
  const bool known = books_.channel_names.Knows(event.channel());
  if (known ? books_.channel_names.Name(event.channel()) != event.channel_id()
            : !books_.channel_names.Add(event.channel(), event.channel_id())) {
    Difference(key,
               absl::StrCat("set as ", event.channel(), ", which is another's or not the next id"));
  }
  if (!books_.pools.Knows(event.pool())) {
    Difference(key, absl::StrCat("sells from the unknown pool ", event.pool()));
  }
  if (event.demand() != stock::v1::ONLINE && event.demand() != stock::v1::TILL) {
    Difference(key, absl::StrCat("has the demand ", event.demand()));
  }
  if (event.buffer() < 0) Difference(key, absl::StrCat("has a buffer of ", event.buffer()));
  books_.channels[event.channel()] = {event.pool(), event.demand() == stock::v1::TILL};
}

}  // namespace quartermaster::qm
