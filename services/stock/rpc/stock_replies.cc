#include "services/stock/rpc/stock_replies.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/validation.h"
#include "services/stock/rpc/kit_requests.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {
namespace {

using common::v1::ErrorReason;
using runtime::RpcError;

std::string LineId(const v1::ReserveLine& line, int index) {
  return line.line_id().empty() ? std::to_string(index) : line.line_id();
}

void RenderShortLine(const ShortLine& from, const v1::ReserveLine& asked, const StockView& view,
                     common::v1::InsufficientStock::ShortLine& line) {
  line.set_line_id(LineId(asked, from.line));
  line.set_sku(asked.sku());
  line.set_location_id(asked.location_id());
  line.set_pool_id(asked.pool_id());
  line.set_channel_id(asked.channel_id());
  line.set_asked(from.asked.units());
  line.set_available(from.available.units());
  if (from.sku == SkuIndex::kNone) return;
  view.With(
      [&](const StockSnapshot& s) { line.set_component_sku(s.inventory.skus.Name(from.sku)); });
}

// Of lines that ask for more than there is, or than a cap allows.
RpcError ShortOf(ErrorReason reason, const char* left, const Rejection& rejection,
                 const RequestLines& lines) {
  common::v1::InsufficientStock shortage;
  for (const ShortLine& from : rejection.short_lines) {
    auto& line = *shortage.add_lines();
    line.set_asked(from.asked.units());
    line.set_available(from.available.units());
    if (lines.hold_lines != nullptr) {
      RenderShortLine(from, (*lines.hold_lines)[from.line], *lines.view, line);
    } else if (lines.bind_lines != nullptr) {
      line.set_line_id((*lines.bind_lines)[from.line].line_id());
      lines.view->With([&](const StockSnapshot& s) {
        line.set_sku(s.inventory.skus.Name(from.sku));
        line.set_location_id(s.inventory.locations.Name(from.location));
      });
    }
  }
  const common::v1::InsufficientStock::ShortLine& first = shortage.lines(0);
  RpcError error(reason, absl::StrCat("line ", first.line_id(), " asks ", first.asked(), left,
                                      first.available()));
  error.SetInsufficientStock(std::move(shortage));
  return error;
}

// What an unknown name would have named, and the field that has it.
struct NameKind {
  const char* type;
  const char* field;
};
NameKind KindOf(ErrorReason reason) {
  switch (reason) {
    case common::v1::ITEM_NOT_FOUND:
      return {"item", "sku"};
    case common::v1::POOL_NOT_FOUND:
      return {"pool", "pool_id"};
    case common::v1::CHANNEL_NOT_FOUND:
      return {"channel", "channel_id"};
    default:
      return {"location", "location_id"};
  }
}

// The name of that kind in a message.
template <typename Message>
const std::string& NameIn(const Message& message, ErrorReason reason) {
  if (reason == common::v1::ITEM_NOT_FOUND) return message.sku();
  if constexpr (requires { message.channel_id(); }) {
    if (reason == common::v1::CHANNEL_NOT_FOUND) return message.channel_id();
  }
  if constexpr (requires { message.pool_id(); }) {
    if (reason == common::v1::POOL_NOT_FOUND) return message.pool_id();
  }
  if constexpr (requires { message.location_id(); }) {
    return message.location_id();
  } else {
    return message.sku();
  }
}

RpcError NameNotFound(ErrorReason reason, const Rejection& rejection, const RequestLines& lines) {
  const int i = rejection.line;
  const NameKind kind = KindOf(reason);
  std::string name;
  std::string field = kind.field;
  if (lines.hold_lines != nullptr) {
    name = NameIn((*lines.hold_lines)[i], reason);
    field = absl::StrCat(lines.hold_field, "[", i, "].", kind.field);
  } else if (lines.parts != nullptr) {
    name = (*lines.parts)[i].location_id();
    field = absl::StrCat("parts[", i, "].location_id");
  } else if (lines.locations != nullptr) {
    name = (*lines.locations)[i];
    field = absl::StrCat("location_ids[", i, "]");
  } else if (lines.bind_lines != nullptr) {
    const int j = rejection.placement;
    name = (*lines.bind_lines)[i].placements(j).location_id();
    field = absl::StrCat("lines[", i, "].placements[", j, "].location_id");
  } else if (lines.change != nullptr) {
    name = NameIn(*lines.change, reason);
  } else if (lines.policy != nullptr) {
    name = NameIn(*lines.policy, reason);
  } else if (lines.channel != nullptr) {
    name = lines.channel->pool_id();
  } else if (lines.allotment != nullptr) {
    name = NameIn(*lines.allotment, reason);
  } else if (lines.keys != nullptr) {
    name = NameIn((*lines.keys)[i], reason);
    field = absl::StrCat("keys[", i, "]");
  }
  RpcError error = runtime::NotFound(reason, kind.type, name);
  error.AddField(std::move(field), "is not registered");
  return error;
}

// Of a line or a part that the request names by its index.
RpcError PartError(ErrorReason reason, const char* message, const Rejection& rejection,
                   const RequestLines& lines) {
  const int i = rejection.line;
  RpcError error(reason, message);
  if (lines.parts != nullptr) {
    error.AddField(absl::StrCat("parts[", i, "]"), message);
    error.SetResource("line", (*lines.parts)[i].line_id());
  } else if (lines.bind_lines != nullptr) {
    error.AddField(absl::StrCat("lines[", i, "]"), message);
    error.SetResource("line", (*lines.bind_lines)[i].line_id());
  }
  return error;
}

RpcError EndError(ErrorReason reason, const char* state, const RequestLines& lines) {
  RpcError error(reason, absl::StrCat("the reservation is ", state));
  error.SetResource("reservation", lines.reservation_id);
  error.AddMetadata("state", state);
  return error;
}

void AddPlacements(const Placements& placements, const Inventory& inventory,
                   google::protobuf::RepeatedPtrField<v1::Reservation::Placement>& out) {
  for (const Placement& p : placements) {
    v1::Reservation::Placement& to = *out.Add();
    to.set_location_id(inventory.locations.Name(p.location));
    to.set_quantity(p.quantity.units());
  }
}

RpcError CountError(ErrorReason reason, const char* message, const RequestLines& lines) {
  RpcError error(reason, message);
  error.SetResource("count", *lines.count_id);
  return error;
}

v1::Reservation::State StateOf(ReservationState state) {
  return static_cast<v1::Reservation::State>(state);
}

}  // namespace

RpcError MessageReused(const v1::SourceMessage& message) {
  RpcError error(common::v1::MESSAGE_REUSED, "the message came before with other content");
  error.SetResource("message", message.message_id().empty()
                                   ? absl::StrCat(message.source(), " #", message.sequence())
                                   : absl::StrCat(message.source(), " ", message.message_id()));
  return error;
}

RpcError RejectionError(const Rejection& rejection, const RequestLines& lines) {
  if (lines.kit != nullptr) {
    if (auto error = KitError(rejection, *lines.kit)) return *std::move(error);
  }
  switch (rejection.kind) {
    case RejectionKind::kItemNotFound:
      return NameNotFound(common::v1::ITEM_NOT_FOUND, rejection, lines);
    case RejectionKind::kLocationNotFound:
      return NameNotFound(common::v1::LOCATION_NOT_FOUND, rejection, lines);
    case RejectionKind::kPoolNotFound:
      return NameNotFound(common::v1::POOL_NOT_FOUND, rejection, lines);
    case RejectionKind::kChannelNotFound:
      return NameNotFound(common::v1::CHANNEL_NOT_FOUND, rejection, lines);
    case RejectionKind::kReservationNotFound:
    case RejectionKind::kMessageToldBefore:
      return runtime::NotFound(common::v1::RESERVATION_NOT_FOUND, "reservation",
                               lines.reservation_id);
    case RejectionKind::kLineNotFound:
      return PartError(common::v1::LINE_NOT_FOUND, "the reservation has no such line", rejection,
                       lines);
    case RejectionKind::kQuantityExceedsOpen:
      return PartError(common::v1::QUANTITY_EXCEEDS_OPEN, "is not what the line has open",
                       rejection, lines);
    case RejectionKind::kInsufficientStock:
      return ShortOf(common::v1::INSUFFICIENT_STOCK, ", available ", rejection, lines);
    case RejectionKind::kCapExceeded:
      return ShortOf(common::v1::CAP_EXCEEDED, ", the channel's cap leaves ", rejection, lines);
    case RejectionKind::kCustomerCapExceeded:
      return ShortOf(common::v1::CUSTOMER_CAP_EXCEEDED, ", the customer may have ", rejection,
                     lines);
    case RejectionKind::kReservationExpired:
      return EndError(common::v1::RESERVATION_EXPIRED, "EXPIRED", lines);
    case RejectionKind::kReservationReleased:
      return EndError(common::v1::RESERVATION_RELEASED, "RELEASED", lines);
    case RejectionKind::kReservationReplaced:
      return EndError(common::v1::RESERVATION_REPLACED, "REPLACED", lines);
    case RejectionKind::kReservationAlreadyConfirmed:
      return EndError(common::v1::RESERVATION_ALREADY_CONFIRMED, "CONFIRMED", lines);
    case RejectionKind::kReservationFulfilled:
      return EndError(common::v1::RESERVATION_FULFILLED, "FULFILLED", lines);
    case RejectionKind::kExpectationFailed: {
      RpcError error(common::v1::EXPECTATION_FAILED, "on hand is not what was expected");
      error.SetExpectation(rejection.expected.units(), rejection.actual.units());
      return error;
    }
    case RejectionKind::kVersionChanged: {
      RpcError error(common::v1::ETAG_MISMATCH, "what was to be set has changed");
      error.AddMetadata("etag", PositionToken(rejection.actual.units()));
      return error;
    }
    case RejectionKind::kEffectKeyReused: {
      RpcError error(common::v1::EFFECT_KEY_REUSED, "the effect key was used with other content");
      if (lines.adjustment != nullptr) {
        error.SetResource("effect", lines.adjustment->effect_key());
      }
      return error;
    }
    case RejectionKind::kSourceNotFound:
      return runtime::NotFound(common::v1::SOURCE_NOT_FOUND, "source", *lines.source);
    case RejectionKind::kCountNotFound:
      return runtime::NotFound(common::v1::COUNT_NOT_FOUND, "count", *lines.count_id);
    case RejectionKind::kMessageReused:
      return MessageReused(lines.message == nullptr ? v1::SourceMessage() : *lines.message);
    case RejectionKind::kCountReused:
      return CountError(common::v1::COUNT_REUSED, "the count, or this part, had other content",
                        lines);
    case RejectionKind::kTooManyCounts:
      return CountError(common::v1::TOO_MANY_COUNTS, "too many counts wait for their parts", lines);
    case RejectionKind::kCountAbandoned:
      return CountError(common::v1::COUNT_ABANDONED, "the count was given up unfinished", lines);
    case RejectionKind::kCountTooOld:
      return CountError(common::v1::COUNT_TOO_OLD,
                        "what has happened since it was taken is no longer known one by one",
                        lines);
    case RejectionKind::kKitHasNoStock: {
      RpcError error(common::v1::KIT_HAS_NO_STOCK, "a kit has no stock of its own");
      if (lines.change != nullptr) error.AddField("sku", "is a kit");
      if (lines.count_id != nullptr) {
        error.AddField(absl::StrCat("rows[", rejection.line, "].sku"), "is a kit");
      }
      return error;
    }
    case RejectionKind::kKitQuantityTooLarge:
      if (lines.hold_lines == nullptr) {
        return runtime::InvalidField("delta", "is more than 1000000000 units of a part");
      }
      return runtime::InvalidField(
          absl::StrCat(lines.hold_field, "[", rejection.line, "].quantity"),
          "is more than 1000000000000 units of a part, or makes more than 20000 lines of parts");
    case RejectionKind::kGroupTornApart:
      return PartError(common::v1::GROUP_TORN_APART, "has lines that must be at one location",
                       rejection, lines);
    case RejectionKind::kTransferNotFound:
      return runtime::NotFound(common::v1::TRANSFER_NOT_FOUND, "transfer", *lines.transfer_id);
    case RejectionKind::kTransferReused: {
      RpcError error(common::v1::TRANSFER_REUSED,
                     "the transfer has other lines, or runs between other locations");
      error.SetResource("transfer", *lines.transfer_id);
      return error;
    }
    case RejectionKind::kTransferToldBefore: {
      RpcError error(common::v1::TRANSFER_REUSED,
                     "a shipment or a receipt told of the transfer before anybody asked for it: "
                     "what has left with it is no order's");
      error.SetResource("transfer", *lines.transfer_id);
      return error;
    }
    case RejectionKind::kTransferTooLarge:
      return {common::v1::REQUEST_TOO_LARGE,
              "a transfer has at most 5,000 lines, and so has a message about it, of a kit its "
              "parts: begin another, or send several"};
    // Those on a purchase order have their own (supply_requests.h), and so has this
    // (transfer_requests.h).
    case RejectionKind::kReservationOfTransfer:
    case RejectionKind::kSupplyNotFound:
    case RejectionKind::kSupplyReused:
    case RejectionKind::kSupplyTooLarge:
    case RejectionKind::kKitContainsItself:
    case RejectionKind::kKitTooDeep:
    case RejectionKind::kKitTooLarge:
    case RejectionKind::kSkuHasStock:
      break;
    case RejectionKind::kQuantityExceedsCondition: {
      RpcError error(common::v1::QUANTITY_EXCEEDS_CONDITION,
                     absl::StrCat("asks ", rejection.expected.units(), ", there are ",
                                  rejection.actual.units()));
      error.AddMetadata("asked", absl::StrCat(rejection.expected.units()));
      error.AddMetadata("actual", absl::StrCat(rejection.actual.units()));
      return error;
    }
  }
  return runtime::InternalDefect("a rejection without a translation");
}

std::optional<RpcError> UnknownKeyError(
    const google::protobuf::RepeatedPtrField<v1::AvailabilityKey>& keys,
    const std::vector<StockKey>& resolved, const Inventory& inventory) {
  for (size_t i = 0; i < resolved.size(); ++i) {
    if (const auto unknown = FindUnknownName(inventory, resolved[i])) {
      return RejectionError({*unknown, static_cast<int>(i)}, {.keys = &keys});
    }
  }
  return std::nullopt;
}

void RenderHeld(const google::protobuf::RepeatedPtrField<v1::ReserveLine>& lines,
                const std::string& owner, const Result& result, const StockView& view,
                storage::Position position, v1::ReserveResponse& response) {
  const Held& held = *result.held;
  for (const ShortLine& from : held.short_lines) {
    RenderShortLine(from, lines[from.line], view, *response.add_short_lines());
  }
  response.set_position(PositionToken(position));
  if (result.reservation) {
    RenderReservation(*result.reservation, view, position, *response.mutable_reservation());
    return;
  }
  v1::Reservation& out = *response.mutable_reservation();
  out.set_reservation_id(ReservationName(held.reservation));
  out.set_owner_id(owner);
  out.set_state(v1::Reservation::HELD);
  *out.mutable_create_time() = runtime::TimestampOf(held.created);
  *out.mutable_expire_time() = runtime::TimestampOf(held.expires);
  out.set_position(PositionToken(position));
  for (int i = 0; i < lines.size(); ++i) {
    const v1::ReserveLine& asked = lines[i];
    v1::Reservation::Line& line = *out.add_lines();
    line.set_line_id(LineId(asked, i));
    line.set_sku(asked.sku());
    Quantity quantity;
    const Placements& placements = held.placements[static_cast<size_t>(i)];
    for (const Placement& p : placements) quantity += p.quantity;
    line.set_open(quantity.units());
    if (!held.waiting.empty() && !held.waiting[static_cast<size_t>(i)].IsZero()) {
      quantity += held.waiting[static_cast<size_t>(i)];
      line.set_waiting(held.waiting[static_cast<size_t>(i)].units());
      *line.mutable_needed_by() = asked.wait_until();
    }
    line.set_quantity(quantity.units());
    if (asked.source_case() != v1::ReserveLine::kLocationId) {
      view.With([&](const StockSnapshot& s) {
        if (asked.source_case() == v1::ReserveLine::kChannelId) {
          line.set_channel_id(asked.channel_id());
          line.set_pool_id(s.inventory.pool_names.Name(held.channel_pools[static_cast<size_t>(i)]));
        } else {
          line.set_pool_id(asked.pool_id());
        }
        AddPlacements(placements, s.inventory, *line.mutable_backing());
      });
    } else {
      line.set_location_id(asked.location_id());
      for (const Placement& p : placements) {
        v1::Reservation::Placement& to = *line.add_placements();
        to.set_location_id(asked.location_id());
        to.set_quantity(p.quantity.units());
      }
    }
    if (held.channel != ChannelIndex::kNone && asked.source_case() != v1::ReserveLine::kChannelId) {
      view.With([&](const StockSnapshot& s) {
        line.set_channel_id(s.inventory.channel_names.Name(held.channel));
      });
    }
  }
}

namespace {

void RenderLine(const ReservationLine& from, size_t index, const Inventory& inventory,
                v1::Reservation::Line& line) {
  line.set_line_id(from.line_id.empty() ? std::to_string(index) : from.line_id);
  line.set_sku(inventory.skus.Name(from.sku));
  line.set_quantity(from.quantity.units());
  line.set_open(from.open().units());
  line.set_fulfilled(from.fulfilled.units());
  line.set_released(from.released.units());
  line.set_missing(from.missing.units());
  line.set_uncovered(from.uncovered.units());
  line.set_in_transit(from.in_transit.units());
  if (!from.waiting.IsZero()) {
    line.set_waiting(from.waiting.units());
    *line.mutable_needed_by() = runtime::TimestampOf(from.needed_by);
    line.set_late(from.late.units());
  }
  if (from.pool != PoolIndex::kNone) {
    line.set_pool_id(inventory.pool_names.Name(from.pool));
  } else {
    line.set_location_id(inventory.locations.Name(from.location));
  }
  if (from.channel != ChannelIndex::kNone) {
    line.set_channel_id(inventory.channel_names.Name(from.channel));
  }
  line.set_same_location_group(static_cast<int32_t>(from.group));
  line.set_per_kit(from.per_kit);
  AddPlacements(from.placements, inventory,
                from.flexible() ? *line.mutable_backing() : *line.mutable_placements());
}

// A line of a kit, whose parts begin at `first`. Returns the line behind them.
size_t RenderKitLine(const Reservation& reservation, size_t first, const Inventory& inventory,
                     v1::Reservation::Line& line) {
  RenderLine(reservation.lines[first], first, inventory, line);
  line.clear_placements();
  line.clear_backing();
  line.clear_per_kit();
  line.clear_uncovered();
  size_t next = first;
  for (; next < reservation.lines.size(); ++next) {
    const ReservationLine& part = reservation.lines[next];
    if (part.kit == SkuIndex::kNone || part.line_id != reservation.lines[first].line_id) break;
    RenderLine(part, next, inventory, *line.add_components());
  }
  SumUpKit(inventory.skus.Name(reservation.lines[first].kit), line);
  return next;
}

}  // namespace

void RenderReservation(const Reservation& reservation, const StockView& view,
                       storage::Position position, v1::Reservation& out) {
  out.set_reservation_id(ReservationName(reservation.id));
  out.set_owner_id(reservation.owner);
  out.set_state(StateOf(reservation.state));
  *out.mutable_create_time() = runtime::TimestampOf(reservation.created);
  if (reservation.expires != kDistantFuture) {
    *out.mutable_expire_time() = runtime::TimestampOf(reservation.expires);
  }
  if (reservation.replaced_by != ReservationId::kNone) {
    out.set_replaced_by(ReservationName(reservation.replaced_by));
  }
  out.set_position(PositionToken(position));
  view.With([&](const StockSnapshot& s) {
    for (size_t i = 0; i < reservation.lines.size();) {
      v1::Reservation::Line& line = *out.add_lines();
      if (reservation.lines[i].kit != SkuIndex::kNone) {
        i = RenderKitLine(reservation, i, s.inventory, line);
      } else {
        RenderLine(reservation.lines[i], i, s.inventory, line);
        ++i;
      }
    }
  });
}

std::optional<RpcError> RenderAllotment(const v1::GetAllotmentRequest& request,
                                        const StockSnapshot& snapshot, v1::Allotment& out) {
  const Inventory& inventory = snapshot.inventory;
  const SkuIndex sku = inventory.skus.Find(request.sku());
  if (sku == SkuIndex::kNone) {
    return runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", request.sku());
  }
  const ChannelIndex channel = inventory.channel_names.Find(request.channel_id());
  if (channel == ChannelIndex::kNone) {
    return runtime::NotFound(common::v1::CHANNEL_NOT_FOUND, "channel", request.channel_id());
  }
  out.set_channel_id(request.channel_id());
  out.set_sku(request.sku());
  out.set_position(PositionToken(snapshot.head));
  const Allotment* const allotment = inventory.allotments.Find(sku, channel);
  out.set_etag(PositionToken(allotment == nullptr ? 0 : allotment->version));
  if (allotment == nullptr) return std::nullopt;
  const AllotmentTerms& terms = allotment->terms;
  if (terms.quota) out.set_quota(terms.quota->units());
  if (terms.cap) out.set_cap(terms.cap->units());
  if (terms.customer_cap) out.set_customer_cap(terms.customer_cap->units());
  out.set_borrows(terms.borrows);
  out.set_open(allotment->open.units());
  out.set_sold(allotment->sold.units());
  *out.mutable_window_start_time() = runtime::TimestampOf(allotment->window_start);
  return std::nullopt;
}

namespace {

v1::Availability::Status StatusOf(const StockKey& key, const AvailabilityFigures& figures,
                                  const Inventory& inventory, int64_t low_at) {
  if (figures.available > Quantity(low_at)) return v1::Availability::IN_STOCK;
  if (figures.available.IsPositive()) return v1::Availability::LOW;
  if (!figures.available_by.IsPositive()) return v1::Availability::OUT;
  return WasEverStocked(inventory, key.sku) ? v1::Availability::BACKORDER
                                            : v1::Availability::PREORDER;
}

}  // namespace

void RenderAvailability(const StockKey& key, const AvailabilityFigures& figures,
                        const Inventory& inventory, int64_t low_at, v1::Availability& out) {
  out.mutable_key()->set_sku(inventory.skus.Name(key.sku));
  if (key.from_pool) {
    out.mutable_key()->set_pool_id(inventory.pool_names.Name(key.pool));
  } else if (key.for_channel) {
    out.mutable_key()->set_channel_id(inventory.channel_names.Name(key.channel));
  } else {
    out.mutable_key()->set_location_id(inventory.locations.Name(key.location));
  }
  out.set_available(figures.available.units());
  out.set_on_hand(figures.position.on_hand.units());
  out.set_reserved(figures.position.reserved.units());
  out.set_allocated(figures.position.allocated.units());
  out.set_unusable(figures.position.unusable.units());
  out.set_shortage(figures.shortage.units());
  out.set_flexible(figures.flexible.units());
  out.set_damaged(figures.conditions.of(Condition::kDamaged).units());
  out.set_quarantine(figures.conditions.of(Condition::kQuarantine).units());
  out.set_inspection(figures.conditions.of(Condition::kInspection).units());
  out.set_suspect(figures.conditions.of(Condition::kSuspect).units());
  out.set_safety_stock(figures.safety_stock.units());
  out.set_in_transit(figures.in_transit.units());
  out.set_available_by(figures.available_by.units());
  out.set_expected(figures.expected.units());
  out.set_waiting(figures.waiting.units());
  if (figures.available_from != kNever) {
    *out.mutable_available_from() = runtime::TimestampOf(figures.available_from);
  }
  out.set_status(StatusOf(key, figures, inventory, low_at));
}

MovementNames NamesOf(const std::vector<Movement>& movements, const CountingView& counting) {
  MovementNames names;
  for (const Movement& movement : movements) {
    if (movement.count != CountIndex::kNone) {
      names.counts.try_emplace(movement.count, counting.counts.Name(movement.count));
    }
    if (movement.transfer != TransferIndex::kNone) {
      names.transfers.try_emplace(movement.transfer, counting.transfers.Name(movement.transfer));
    }
    const SourceIndex source = movement.message.source;
    if (source != SourceIndex::kNone) {
      names.sources.try_emplace(source, counting.sources.Name(source));
    }
  }
  return names;
}

void RenderMovement(const Movement& movement, const MovementNames& names, v1::Movement& out) {
  const Change& change = movement.change;
  out.set_position(PositionToken(change.record));
  *out.mutable_time() = runtime::TimestampOf(movement.time);
  out.set_kind(static_cast<v1::Movement::Kind>(change.kind));
  out.set_from_condition(static_cast<v1::Adjustment::Condition>(change.from));
  out.set_to_condition(static_cast<v1::Adjustment::Condition>(change.to));
  out.set_moved(change.moved.units());
  out.set_on_hand_delta(change.delta.on_hand.units());
  out.set_reserved_delta(change.delta.reserved.units());
  out.set_allocated_delta(change.delta.allocated.units());
  out.set_unusable_delta(change.delta.unusable.units());
  out.set_on_hand(change.after.on_hand.units());
  out.set_reserved(change.after.reserved.units());
  out.set_allocated(change.after.allocated.units());
  out.set_unusable(change.after.unusable.units());
  if (change.reservation != ReservationId::kNone) {
    out.set_reservation_id(ReservationName(change.reservation));
  }
  out.set_flexible(change.flexible);
  out.set_owner_id(movement.owner);
  out.set_effect_key(movement.effect_key);
  if (movement.count != CountIndex::kNone) out.set_count_id(names.counts.at(movement.count));
  out.set_in_transit_delta(change.in_transit.units());
  if (movement.transfer != TransferIndex::kNone) {
    out.set_transfer_id(names.transfers.at(movement.transfer));
  }
  if (movement.message.source != SourceIndex::kNone) {
    out.mutable_message()->set_source(names.sources.at(movement.message.source));
    out.mutable_message()->set_sequence(movement.message.sequence);
    out.mutable_message()->set_message_id(movement.message.id);
  }
  if (!movement.actor.empty() || !movement.device.empty() || !movement.reason.empty()) {
    out.mutable_attribution()->set_actor_id(movement.actor);
    out.mutable_attribution()->set_device_id(movement.device);
    out.mutable_attribution()->set_reason_code(movement.reason);
  }
}

std::string PositionToken(storage::Position position) { return std::to_string(position); }

bool ParsePositionToken(const std::string& token, storage::Position& position) {
  return absl::SimpleAtoi(token, &position) && position >= 0;
}

}  // namespace quartermaster::stock
