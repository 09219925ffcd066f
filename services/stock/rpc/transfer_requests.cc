#include "services/stock/rpc/transfer_requests.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/runtime/page_token.h"
#include "services/stock/rpc/request_fields.h"
#include "services/stock/rpc/stock_replies.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;
using runtime::RpcError;

void CheckFactLine(const FieldPath& path, const auto& line, FieldChecker& check) {
  check.Id({path, "line_id"}, line.line_id(), Presence::kOptional);
  check.Id({path, "sku"}, line.sku());
  check.Range({path, "quantity"}, line.quantity(), 1, kMaxLineQuantity.units());
  check.Text({path, "effect_key"}, line.effect_key(), kEffectKeyMax);
  if constexpr (requires { line.condition(); }) {
    check.Enum({path, "condition"}, line.condition(), v1::Adjustment::Condition_IsValid,
               Presence::kOptional);
  }
}

// Of a shipment or a receipt.
template <typename Request>
void CheckFact(const Request& request, FieldChecker& check) {
  CheckMutation(request, check);
  check.Id("transfer_id", request.transfer_id());
  check.Id("from_location_id", request.from_location_id(), Presence::kOptional);
  check.Id("to_location_id", request.to_location_id(), Presence::kOptional);
  check.True(
      "to_location_id",
      request.to_location_id().empty() || request.from_location_id() != request.to_location_id(),
      "must differ from from_location_id");
  check.Size("lines", request.lines_size(), request.last() ? 0 : 1, kRequestLinesMax);
  for (int i = 0; i < request.lines_size() && i < kRequestLinesMax && !check.full(); ++i) {
    CheckFactLine(FieldPath("lines", i), request.lines(i), check);
  }
  check.Unique("lines", "effect_key", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).effect_key(); });
  CheckTold(request, check);
}

template <typename Command, typename Request>
void FillFact(const Request& request, StockSubmission& submission) {
  Command& command = submission.command.emplace<Command>();
  command.transfer_id = request.transfer_id();
  command.from = request.from_location_id();
  command.to = request.to_location_id();
  command.last = request.last();
  FillTold(request, command);
  command.attribution = ToAttribution(request.attribution());
  command.lines.reserve(static_cast<size_t>(request.lines_size()));
  for (const auto& line : request.lines()) {
    TransferFactLine& to = command.lines.emplace_back();
    to.line_id = line.line_id();
    to.sku = line.sku();
    to.quantity = Quantity(line.quantity());
    to.effect_key = line.effect_key();
    if constexpr (requires { line.condition(); }) {
      if (line.condition() != v1::Adjustment::CONDITION_UNSPECIFIED) {
        to.condition = static_cast<Condition>(line.condition());
      }
    }
  }
}

std::string LineId(const v1::TransferStockRequest& request, int i) {
  const std::string& own = request.lines(i).line_id();
  return own.empty() ? std::to_string(i) : own;
}

RpcError InsufficientStock(const Rejection& rejection, const v1::TransferStockRequest& request) {
  common::v1::InsufficientStock shortage;
  for (const ShortLine& from : rejection.short_lines) {
    auto& line = *shortage.add_lines();
    line.set_line_id(LineId(request, from.line));
    line.set_sku(request.lines(from.line).sku());
    line.set_location_id(request.from_location_id());
    line.set_asked(from.asked.units());
    line.set_available(from.available.units());
  }
  const auto& first = shortage.lines(0);
  RpcError error(common::v1::INSUFFICIENT_STOCK,
                 absl::StrCat("line ", first.line_id(), " asks ", first.asked(), ", available ",
                              first.available()));
  error.SetInsufficientStock(std::move(shortage));
  return error;
}

RpcError LocationNotFound(const char* field, const std::string& location) {
  RpcError error = runtime::NotFound(common::v1::LOCATION_NOT_FOUND, "location", location);
  error.AddField(field, "is not registered");
  return error;
}

// Of a shipment or a receipt.
template <typename Request>
RpcError FactError(const Rejection& rejection, const Request& request) {
  if (rejection.kind == RejectionKind::kMessageReused) return MessageReused(request.message());
  RpcError error = RejectionError(rejection, {.transfer_id = &request.transfer_id()});
  if (rejection.kind == RejectionKind::kEffectKeyReused) {
    error.SetResource("effect", request.lines(rejection.line).effect_key());
    error.AddField(absl::StrCat("lines[", rejection.line, "].effect_key"),
                   "was used with other content");
  }
  if (rejection.kind == RejectionKind::kKitQuantityTooLarge) {
    return runtime::InvalidField(absl::StrCat("lines[", rejection.line, "].quantity"),
                                 "is more than 1000000000 units of a part");
  }
  return error;
}

}  // namespace

void Parse(const v1::TransferStockRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("transfer_id", request.transfer_id());
  check.Id("from_location_id", request.from_location_id());
  if (check.Id("to_location_id", request.to_location_id())) {
    check.True("to_location_id", request.from_location_id() != request.to_location_id(),
               "must differ from from_location_id");
  }
  check.Size("lines", request.lines_size(), 1, kRequestLinesMax);
  for (int i = 0; i < request.lines_size() && i < kRequestLinesMax && !check.full(); ++i) {
    const v1::TransferStockRequest::Line& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id(), Presence::kOptional);
    check.Id({path, "sku"}, line.sku());
    check.Range({path, "quantity"}, line.quantity(), 1, kMaxLineQuantity.units());
    check.Id({path, "reservation_id"}, line.reservation_id(), Presence::kOptional);
    check.Id({path, "reservation_line_id"}, line.reservation_line_id(),
             line.reservation_id().empty() ? Presence::kOptional : Presence::kRequired);
    check.True({path, "reservation_line_id"},
               line.reservation_line_id().empty() || !line.reservation_id().empty(),
               "needs a reservation_id");
  }
  CheckLineIds(
      "lines", request.lines_size(),
      [&](int i) -> const std::string& { return request.lines(i).line_id(); }, check);
  if (!check.ok()) return;
  TransferStock& command = submission.command.emplace<TransferStock>();
  command.transfer_id = request.transfer_id();
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    command.from = inventory.locations.Find(request.from_location_id());
    command.to = inventory.locations.Find(request.to_location_id());
    bool all_known = command.from != LocationIndex::kNone && command.to != LocationIndex::kNone;
    command.lines.clear();
    for (const v1::TransferStockRequest::Line& line : request.lines()) {
      command.lines.push_back({.line_id = line.line_id(),
                               .sku = inventory.skus.Find(line.sku()),
                               .quantity = Quantity(line.quantity()),
                               .of_order = !line.reservation_id().empty(),
                               .reservation = ReservationIdOf(line.reservation_id()),
                               .reservation_line = line.reservation_line_id()});
      all_known = all_known && command.lines.back().sku != SkuIndex::kNone;
    }
    return all_known;
  });
}

void Parse(const v1::ShipTransferRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckFact(request, check);
  if (check.ok()) FillFact<ShipTransfer>(request, submission);
}

void Parse(const v1::ReceiveTransferRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckFact(request, check);
  if (check.ok()) FillFact<ReceiveTransfer>(request, submission);
}

void Parse(const v1::CloseTransferRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckMutation(request, check);
  check.Id("transfer_id", request.transfer_id());
  if (!check.ok()) return;
  submission.command = CloseTransfer{request.transfer_id(), ToAttribution(request.attribution())};
}

void Parse(const v1::GetTransferRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("transfer_id", request.transfer_id());
  if (check.ok()) submission.command = GetTransfer{request.transfer_id()};
}

void Parse(const v1::ListTransfersRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("location_id", request.location_id(), Presence::kOptional);
  check.Enum("state", request.state(), v1::Transfer::State_IsValid, Presence::kOptional);
  check.Range("page_size", request.page_size(), 0, kPageSizeMax);
  if (!check.ok()) return;
  ListTransfers& query = submission.command.emplace<ListTransfers>();
  query.of_location = !request.location_id().empty();
  if (request.state() != v1::Transfer::STATE_UNSPECIFIED) {
    query.state = static_cast<TransferState>(request.state());
  }
  query.after = static_cast<TransferIndex>(runtime::PageAfter(request).value_or(0));
  query.limit = PageSizeOf(request.page_size());
  ResolveNames(view, submission, [&request, &query](const Inventory& inventory) {
    query.location = inventory.locations.Find(request.location_id());
    return !query.of_location || query.location != LocationIndex::kNone;
  });
}

RpcError TransferError(const Rejection& rejection, const v1::TransferStockRequest& request) {
  const int i = rejection.line;
  const auto at_line = [&](RpcError error, const char* name, const char* what) {
    error.AddField(absl::StrCat("lines[", i, "].", name), what);
    return error;
  };
  switch (rejection.kind) {
    case RejectionKind::kLocationNotFound:
      return rejection.placement == 0
                 ? LocationNotFound("from_location_id", request.from_location_id())
                 : LocationNotFound("to_location_id", request.to_location_id());
    case RejectionKind::kItemNotFound:
      return at_line(runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", request.lines(i).sku()),
                     "sku", "is not registered");
    case RejectionKind::kKitHasNoStock:
      return at_line({common::v1::KIT_HAS_NO_STOCK, "a kit has no stock of its own"}, "sku",
                     "is a kit");
    case RejectionKind::kInsufficientStock:
      return InsufficientStock(rejection, request);
    case RejectionKind::kTransferReused:
    case RejectionKind::kTransferToldBefore:
      return RejectionError(rejection, {.transfer_id = &request.transfer_id()});
    case RejectionKind::kReservationOfTransfer:
      return runtime::InvalidField(absl::StrCat("lines[", i, "].reservation_id"),
                                   "is a transfer's own reservation, and no order's");
    case RejectionKind::kLineNotFound: {
      RpcError error(common::v1::LINE_NOT_FOUND, "the reservation has no such line of the SKU");
      error.SetResource("line", request.lines(i).reservation_line_id());
      return at_line(std::move(error), "reservation_line_id",
                     "is no line of it, or not of the SKU");
    }
    case RejectionKind::kQuantityExceedsOpen: {
      RpcError error(common::v1::QUANTITY_EXCEEDS_OPEN,
                     "is more than the line has open at the origin");
      error.SetResource("line", request.lines(i).reservation_line_id());
      return at_line(std::move(error), "quantity",
                     "is more than the line has open at the origin, less what others take");
    }
    default:
      // How the reservation has ended, or that there is none.
      return at_line(
          RejectionError(rejection, {.reservation_id = request.lines(i).reservation_id()}),
          "reservation_id", "is not open");
  }
}

RpcError TransferError(const Rejection& rejection, const v1::ShipTransferRequest& request) {
  return FactError(rejection, request);
}
RpcError TransferError(const Rejection& rejection, const v1::ReceiveTransferRequest& request) {
  return FactError(rejection, request);
}
RpcError TransferError(const Rejection& rejection, const v1::CloseTransferRequest& request) {
  return RejectionError(rejection, {.transfer_id = &request.transfer_id()});
}
RpcError TransferError(const Rejection& rejection, const v1::GetTransferRequest& request) {
  return RejectionError(rejection, {.transfer_id = &request.transfer_id()});
}
RpcError TransferError(const Rejection&, const v1::ListTransfersRequest& request) {
  return LocationNotFound("location_id", request.location_id());
}

void RenderTransfer(const TransferReport& transfer, v1::Transfer& out) {
  out.set_transfer_id(transfer.id);
  out.set_from_location_id(transfer.from);
  out.set_to_location_id(transfer.to);
  out.set_state(static_cast<v1::Transfer::State>(transfer.state));
  out.set_all_shipped(transfer.all_shipped);
  *out.mutable_create_time() = runtime::TimestampOf(transfer.created);
  *out.mutable_update_time() = runtime::TimestampOf(transfer.changed);
  for (const TransferReport::Line& from : transfer.lines) {
    v1::Transfer::Line& line = *out.add_lines();
    line.set_line_id(from.line_id);
    line.set_sku(from.sku);
    line.set_quantity(from.quantity.units());
    line.set_allocated(from.allocated.units());
    line.set_shipped(from.shipped.units());
    line.set_in_transit(from.in_transit().units());
    line.set_received(from.received.units());
    line.set_presumed(from.presumed.units());
    line.set_damaged(from.damaged.units());
    line.set_lost(from.lost.units());
    if (from.reservation != ReservationId::kNone) {
      line.set_reservation_id(ReservationName(from.reservation));
    }
    line.set_reservation_line_id(from.reservation_line);
  }
}

void RenderTransfers(const v1::ListTransfersRequest& request, const Result& result,
                     storage::Position position, v1::ListTransfersResponse& out) {
  for (const TransferReport& transfer : result.transfers) {
    RenderTransfer(transfer, *out.add_transfers());
  }
  if (result.more_transfers_after != TransferIndex::kNone) {
    out.set_next_page_token(
        runtime::NextPageToken(request, static_cast<int64_t>(result.more_transfers_after)));
  }
  out.set_position(PositionToken(position));
}

}  // namespace quartermaster::stock
