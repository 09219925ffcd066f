// How events are stored: the record type of each, the message that its payload is, and the latest
// version that this binary writes and reads.
#ifndef QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_TABLE_H_
#define QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_TABLE_H_

#include <cstdint>
#include <type_traits>
#include <variant>

#include "quartermaster/stock/events/v1/events.pb.h"
#include "services/stock/domain/events.h"

namespace quartermaster::stock {

namespace pb = events::v1;

// Events that speak of flexible units have the second version, so that a binary that knows nothing
// of them does not take them for something else; so do facts that came in a message of a source or
// that a count has to do with, and releases of units that stand nowhere. A hold for a channel has
// the third, one of a named customer the fourth, one of kits the fifth, and one that waits the
// sixth. All others are written as they always were.
inline constexpr uint32_t kVersion = 1;
inline constexpr uint32_t kFlexibleVersion = 2;
inline constexpr uint32_t kCountedVersion = 2;
inline constexpr uint32_t kChannelVersion = 3;
inline constexpr uint32_t kCustomerVersion = 4;
inline constexpr uint32_t kBundleVersion = 5;
inline constexpr uint32_t kWaitingVersion = 6;
// Receipts whose goods another event tells of; messages about transfers; what left or came, if it
// says when, or in which message; what a revision cancels.
inline constexpr uint32_t kLaterVersion = 2;

template <typename E, typename M, pb::RecordType kRecordType, uint32_t kLatest = kVersion>
struct EventRow {
  using Event = E;
  using Message = M;
  static constexpr uint32_t kType = kRecordType;
  static constexpr uint32_t kLatestVersion = kLatest;
};

template <typename... Rows>
struct EventRows {
  static_assert(sizeof...(Rows) == std::variant_size_v<Event>, "a row for each event");

  // The record type of an event.
  template <typename E>
  static constexpr uint32_t TypeOf() {
    return ((std::is_same_v<E, typename Rows::Event> ? Rows::kType : 0) | ...);
  }
  // Calls visit(row) with each of them.
  template <typename Visit>
  static constexpr void ForEach(const Visit& visit) {
    (visit(Rows()), ...);
  }
};

using EventTable = EventRows<
    EventRow<SkuRegistered, pb::SkuRegistered, pb::SKU_REGISTERED>,
    EventRow<LocationRegistered, pb::LocationRegistered, pb::LOCATION_REGISTERED>,
    EventRow<LocationPaused, pb::LocationPaused, pb::LOCATION_PAUSED>,
    EventRow<PoolSet, pb::PoolSet, pb::POOL_SET>,
    EventRow<StockReserved, pb::StockReserved, pb::STOCK_RESERVED, kWaitingVersion>,
    EventRow<ReservationExtended, pb::ReservationExtended, pb::RESERVATION_EXTENDED>,
    EventRow<ReservationConfirmed, pb::ReservationConfirmed, pb::RESERVATION_CONFIRMED,
             kFlexibleVersion>,
    EventRow<ReservationBound, pb::ReservationBound, pb::RESERVATION_BOUND, kFlexibleVersion>,
    EventRow<ReservationReleased, pb::ReservationReleased, pb::RESERVATION_RELEASED,
             kFlexibleVersion>,
    EventRow<ReservationExpired, pb::ReservationExpired, pb::RESERVATION_EXPIRED, kFlexibleVersion>,
    EventRow<ReservationFulfilled, pb::ReservationFulfilled, pb::RESERVATION_FULFILLED,
             kLaterVersion>,
    EventRow<StockAdjusted, pb::StockAdjusted, pb::STOCK_ADJUSTED, kCountedVersion>,
    EventRow<BackingMoved, pb::BackingMoved, pb::BACKING_MOVED>,
    EventRow<UnitsUncovered, pb::UnitsUncovered, pb::UNITS_UNCOVERED>,
    EventRow<UnitsCovered, pb::UnitsCovered, pb::UNITS_COVERED>,
    EventRow<ConditionChanged, pb::ConditionChanged, pb::CONDITION_CHANGED, kCountedVersion>,
    EventRow<StockPolicySet, pb::StockPolicySet, pb::STOCK_POLICY_SET>,
    EventRow<ChannelSet, pb::ChannelSet, pb::CHANNEL_SET>,
    EventRow<AllotmentSet, pb::AllotmentSet, pb::ALLOTMENT_SET>,
    EventRow<SourceRegistered, pb::SourceRegistered, pb::SOURCE_REGISTERED>,
    EventRow<SourceMessageSeen, pb::SourceMessageSeen, pb::SOURCE_MESSAGE_SEEN, kLaterVersion>,
    EventRow<SourceGapOpened, pb::SourceGapOpened, pb::SOURCE_GAP_OPENED>,
    EventRow<SourceGapsClosed, pb::SourceGapsClosed, pb::SOURCE_GAPS_CLOSED>,
    EventRow<CountRequested, pb::CountRequested, pb::COUNT_REQUESTED>,
    EventRow<CountStarted, pb::CountStarted, pb::COUNT_STARTED>,
    EventRow<CountPartStaged, pb::CountPartStaged, pb::COUNT_PART_STAGED>,
    EventRow<StockCounted, pb::StockCounted, pb::STOCK_COUNTED>,
    EventRow<CountCompleted, pb::CountCompleted, pb::COUNT_COMPLETED>,
    EventRow<CountAbandoned, pb::CountAbandoned, pb::COUNT_ABANDONED>,
    EventRow<KitDefined, pb::KitDefined, pb::KIT_DEFINED>,
    EventRow<GroupMoved, pb::GroupMoved, pb::GROUP_MOVED>,
    EventRow<TransferRequested, pb::TransferRequested, pb::TRANSFER_REQUESTED>,
    EventRow<TransferShipped, pb::TransferShipped, pb::TRANSFER_SHIPPED, kLaterVersion>,
    EventRow<TransferReceived, pb::TransferReceived, pb::TRANSFER_RECEIVED, kLaterVersion>,
    EventRow<TransferClosed, pb::TransferClosed, pb::TRANSFER_CLOSED>,
    EventRow<SupplyExpected, pb::SupplyExpected, pb::SUPPLY_EXPECTED>,
    EventRow<SupplyReceived, pb::SupplyReceived, pb::SUPPLY_RECEIVED, kLaterVersion>,
    EventRow<SupplyCancelled, pb::SupplyCancelled, pb::SUPPLY_CANCELLED, kLaterVersion>,
    EventRow<WaitersServed, pb::WaitersServed, pb::WAITERS_SERVED>,
    EventRow<PromisesChanged, pb::PromisesChanged, pb::PROMISES_CHANGED>>;

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_CODEC_EVENT_TABLE_H_
