#include "tools/qm/verify/stock_auditor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;

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
  if (record.type == stock_events::STOCK_ADJUSTED ||
      record.type == stock_events::CONDITION_CHANGED ||
      record.type == stock_events::STOCK_COUNTED || record.type == stock_events::TRANSFER_SHIPPED) {
    CheckMoved();
  }
  if (record.type != stock_events::STOCK_ADJUSTED && record.type != stock_events::COUNT_REQUESTED &&
      record.type != stock_events::SUPPLY_RECEIVED) {
    goods_.clear();
  }
  ApplyOne(record);
  if (record.type == stock_events::BACKING_MOVED || record.type == stock_events::GROUP_MOVED)
    return;
  CheckMoved();
  lacked_.clear();
}

void StockAuditor::ApplyOne(const LogRecord& record) {
  // Without a default, so that the compiler names a type that nobody audits.
  switch (static_cast<stock_events::RecordType>(record.type)) {
    case stock_events::SKU_REGISTERED:
      return Parse<stock_events::SkuRegistered>(record.payload);
    case stock_events::LOCATION_REGISTERED:
      return Parse<stock_events::LocationRegistered>(record.payload);
    case stock_events::LOCATION_PAUSED:
      return Parse<stock_events::LocationPaused>(record.payload);
    case stock_events::POOL_SET:
      return Parse<stock_events::PoolSet>(record.payload);
    case stock_events::STOCK_RESERVED:
      return Parse<stock_events::StockReserved>(record.payload);
    case stock_events::RESERVATION_EXTENDED:
      return Parse<stock_events::ReservationExtended>(record.payload);
    case stock_events::RESERVATION_CONFIRMED:
      return Parse<stock_events::ReservationConfirmed>(record.payload);
    case stock_events::RESERVATION_BOUND:
      return Parse<stock_events::ReservationBound>(record.payload);
    case stock_events::RESERVATION_RELEASED:
      return Parse<stock_events::ReservationReleased>(record.payload);
    case stock_events::RESERVATION_EXPIRED:
      return Parse<stock_events::ReservationExpired>(record.payload);
    case stock_events::RESERVATION_FULFILLED:
      return Parse<stock_events::ReservationFulfilled>(record.payload);
    case stock_events::STOCK_ADJUSTED:
      return Parse<stock_events::StockAdjusted>(record.payload);
    case stock_events::BACKING_MOVED:
      return Parse<stock_events::BackingMoved>(record.payload);
    case stock_events::UNITS_UNCOVERED:
      return Parse<stock_events::UnitsUncovered>(record.payload);
    case stock_events::UNITS_COVERED:
      return Parse<stock_events::UnitsCovered>(record.payload);
    case stock_events::CONDITION_CHANGED:
      return Parse<stock_events::ConditionChanged>(record.payload);
    case stock_events::STOCK_POLICY_SET:
      return Parse<stock_events::StockPolicySet>(record.payload);
    case stock_events::CHANNEL_SET:
      return Parse<stock_events::ChannelSet>(record.payload);
    case stock_events::ALLOTMENT_SET:
      return Parse<stock_events::AllotmentSet>(record.payload);
    case stock_events::KIT_DEFINED:
      return Parse<stock_events::KitDefined>(record.payload);
    case stock_events::GROUP_MOVED:
      return Parse<stock_events::GroupMoved>(record.payload);
    case stock_events::SOURCE_REGISTERED:
      return Parse<stock_events::SourceRegistered>(record.payload);
    case stock_events::SOURCE_MESSAGE_SEEN:
      return Parse<stock_events::SourceMessageSeen>(record.payload);
    case stock_events::COUNT_STARTED:
      return Parse<stock_events::CountStarted>(record.payload);
    case stock_events::COUNT_PART_STAGED:
      return Parse<stock_events::CountPartStaged>(record.payload);
    case stock_events::STOCK_COUNTED:
      return Parse<stock_events::StockCounted>(record.payload);
    case stock_events::COUNT_COMPLETED:
      return Parse<stock_events::CountCompleted>(record.payload);
    case stock_events::COUNT_ABANDONED:
      return Parse<stock_events::CountAbandoned>(record.payload);
    case stock_events::TRANSFER_REQUESTED:
      return Parse<stock_events::TransferRequested>(record.payload);
    case stock_events::TRANSFER_SHIPPED:
      return Parse<stock_events::TransferShipped>(record.payload);
    case stock_events::TRANSFER_RECEIVED:
      return Parse<stock_events::TransferReceived>(record.payload);
    case stock_events::TRANSFER_CLOSED:
      return Parse<stock_events::TransferClosed>(record.payload);
    case stock_events::SUPPLY_EXPECTED:
      return Parse<stock_events::SupplyExpected>(record.payload);
    case stock_events::SUPPLY_RECEIVED:
      return Parse<stock_events::SupplyReceived>(record.payload);
    case stock_events::SUPPLY_CANCELLED:
      return Parse<stock_events::SupplyCancelled>(record.payload);
    case stock_events::WAITERS_SERVED:
      return Parse<stock_events::WaitersServed>(record.payload);
    case stock_events::PROMISES_CHANGED:
      return Parse<stock_events::PromisesChanged>(record.payload);
    // These change no books.
    case stock_events::REQUEST_OUTCOME:
    case stock_events::SOURCE_GAP_OPENED:
    case stock_events::SOURCE_GAPS_CLOSED:
    case stock_events::COUNT_REQUESTED:
    case stock_events::RECORD_TYPE_UNSPECIFIED:
    case stock_events::RecordType_INT_MIN_SENTINEL_DO_NOT_USE_:
    case stock_events::RecordType_INT_MAX_SENTINEL_DO_NOT_USE_:
      return;
  }
}

void StockAuditor::On(const stock_events::SkuRegistered& event) {
  if (!books_.skus.Add(event.sku(), event.sku_id())) {
    Difference(absl::StrCat("item ", event.sku_id()),
               absl::StrCat("registered as ", event.sku(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const stock_events::LocationRegistered& event) {
  if (!books_.locations.Add(event.location(), event.location_id())) {
    Difference(absl::StrCat("location ", event.location_id()),
               absl::StrCat("registered as ", event.location(),
                            ", but that is not the next new "
                            "id"));
  }
}

void StockAuditor::On(const stock_events::LocationPaused& event) {
  CheckKey(0, event.location());
  if (event.paused()) {
    books_.paused.insert(event.location());
  } else {
    books_.paused.erase(event.location());
  }
}

void StockAuditor::On(const stock_events::PoolSet& event) {
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

void StockAuditor::On(const stock_events::StockPolicySet& event) {
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

void StockAuditor::On(const stock_events::ChannelSet& event) {
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
