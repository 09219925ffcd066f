#include "services/stock/rpc/supply_requests.h"

#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/stock/rpc/request_fields.h"
#include "services/stock/rpc/stock_replies.h"
#include "services/stock/rpc/stock_requests.h"

namespace quartermaster::stock {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;
using runtime::RpcError;

template <typename Request>
void CheckSupply(const Request& request, FieldChecker& check) {
  CheckMutation(request, check);
  check.Id("supply_id", request.supply_id());
}

RpcError AtLine(RpcError error, int line, const char* name, const char* what) {
  error.AddField(absl::StrCat("lines[", line, "].", name), what);
  return error;
}

RpcError SupplyNotFound(const std::string& supply_id) {
  return runtime::NotFound(common::v1::SUPPLY_NOT_FOUND, "supply", supply_id);
}

RpcError TooLarge() {
  return {common::v1::REQUEST_TOO_LARGE, "a purchase order has at most 5,000 lines"};
}

}  // namespace

void Parse(const v1::ExpectSupplyRequest& request, const StockView& view, FieldChecker& check,
           StockSubmission& submission) {
  CheckSupply(request, check);
  check.Range("revision", request.revision(), 1, std::numeric_limits<int64_t>::max());
  check.Size("lines", request.lines_size(), 1, kRequestLinesMax);
  for (int i = 0; i < request.lines_size() && i < kRequestLinesMax && !check.full(); ++i) {
    const v1::ExpectSupplyRequest::Line& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id());
    check.Id({path, "sku"}, line.sku());
    check.Id({path, "location_id"}, line.location_id());
    check.Range({path, "quantity"}, line.quantity(), 0, kMaxLineQuantity.units());
    if (check.Required({path, "due_time"}, line.has_due_time())) {
      check.Timestamp({path, "due_time"}, line.due_time());
    }
  }
  check.Unique("lines", "line_id", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).line_id(); });
  if (!check.ok()) return;
  ExpectSupply& command = submission.command.emplace<ExpectSupply>();
  command.supply_id = request.supply_id();
  command.revision = request.revision();
  command.attribution = ToAttribution(request.attribution());
  ResolveNames(view, submission, [&request, &command](const Inventory& inventory) {
    bool all_known = true;
    command.lines.clear();
    for (const v1::ExpectSupplyRequest::Line& line : request.lines()) {
      command.lines.push_back({line.line_id(), inventory.skus.Find(line.sku()),
                               inventory.locations.Find(line.location_id()),
                               Quantity(line.quantity()), runtime::InstantOf(line.due_time())});
      all_known = all_known && command.lines.back().sku != SkuIndex::kNone &&
                  command.lines.back().location != LocationIndex::kNone;
    }
    return all_known;
  });
}

void Parse(const v1::ReceiveSupplyRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckSupply(request, check);
  check.Size("lines", request.lines_size(), 1, kRequestLinesMax);
  for (int i = 0; i < request.lines_size() && i < kRequestLinesMax && !check.full(); ++i) {
    const v1::ReceiveSupplyRequest::Line& line = request.lines(i);
    const FieldPath path("lines", i);
    check.Id({path, "line_id"}, line.line_id());
    check.Id({path, "sku"}, line.sku(), Presence::kOptional);
    check.Id({path, "location_id"}, line.location_id(), Presence::kOptional);
    check.Range({path, "quantity"}, line.quantity(), line.last() ? 0 : 1, kMaxLineQuantity.units());
    check.Enum({path, "condition"}, line.condition(), v1::Adjustment::Condition_IsValid,
               Presence::kOptional);
    check.Text({path, "effect_key"}, line.effect_key(), kEffectKeyMax);
  }
  check.Unique("lines", "effect_key", request.lines_size(),
               [&](int i) -> const std::string& { return request.lines(i).effect_key(); });
  CheckTold(request, check);
  if (!check.ok()) return;
  ReceiveSupply& command = submission.command.emplace<ReceiveSupply>();
  command.supply_id = request.supply_id();
  command.attribution = ToAttribution(request.attribution());
  FillTold(request, command);
  for (const v1::ReceiveSupplyRequest::Line& line : request.lines()) {
    const bool sellable = line.condition() == v1::Adjustment::CONDITION_UNSPECIFIED;
    command.lines.push_back(
        {line.line_id(), line.sku(), line.location_id(), Quantity(line.quantity()),
         sellable ? Condition::kSellable : static_cast<Condition>(line.condition()), line.last(),
         line.effect_key()});
  }
}

void Parse(const v1::CancelSupplyRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  CheckSupply(request, check);
  check.Size("line_ids", request.line_ids_size(), 0, kRequestLinesMax);
  for (int i = 0; i < request.line_ids_size() && i < kRequestLinesMax && !check.full(); ++i) {
    check.Id(FieldPath("line_ids", i), request.line_ids(i));
  }
  check.Unique("line_ids", "", request.line_ids_size(),
               [&](int i) -> const std::string& { return request.line_ids(i); });
  check.Range("revision", request.revision(), 0, std::numeric_limits<int64_t>::max());
  if (!check.ok()) return;
  submission.command = CancelSupply{request.supply_id(),
                                    {request.line_ids().begin(), request.line_ids().end()},
                                    ToAttribution(request.attribution()),
                                    request.revision()};
}

void Parse(const v1::GetSupplyRequest& request, const StockView&, FieldChecker& check,
           StockSubmission& submission) {
  check.Id("supply_id", request.supply_id());
  if (check.ok()) submission.command = GetSupply{request.supply_id()};
}

RpcError SupplyError(const Rejection& rejection, const v1::ExpectSupplyRequest& request) {
  const int i = rejection.line;
  switch (rejection.kind) {
    case RejectionKind::kItemNotFound:
      return AtLine(runtime::NotFound(common::v1::ITEM_NOT_FOUND, "item", request.lines(i).sku()),
                    i, "sku", "is not registered");
    case RejectionKind::kLocationNotFound:
      return AtLine(runtime::NotFound(common::v1::LOCATION_NOT_FOUND, "location",
                                      request.lines(i).location_id()),
                    i, "location_id", "is not registered");
    case RejectionKind::kKitHasNoStock:
      return AtLine({common::v1::KIT_HAS_NO_STOCK, "a kit has no stock of its own"}, i, "sku",
                    "is a kit");
    case RejectionKind::kSupplyReused: {
      RpcError error(common::v1::SUPPLY_REUSED, "the revision was told with other content");
      error.SetResource("supply",
                        absl::StrCat(request.supply_id(), "/", request.lines(i).line_id()));
      error.AddField(absl::StrCat("lines[", i, "]"), "has changed, and its revision has not");
      return error;
    }
    default:
      return TooLarge();
  }
}

RpcError SupplyError(const Rejection& rejection, const v1::ReceiveSupplyRequest& request) {
  const int i = rejection.line;
  switch (rejection.kind) {
    case RejectionKind::kSupplyNotFound:
      return AtLine(SupplyNotFound(request.supply_id()), i, "line_id",
                    "is not known: say its sku and location_id");
    case RejectionKind::kKitHasNoStock:
      return AtLine({common::v1::KIT_HAS_NO_STOCK, "a kit has no stock of its own"}, i, "sku",
                    "is a kit");
    case RejectionKind::kEffectKeyReused: {
      RpcError error = RejectionError(rejection, {});
      error.SetResource("effect", request.lines(i).effect_key());
      return AtLine(std::move(error), i, "effect_key", "was used with other content");
    }
    case RejectionKind::kMessageReused:
      return MessageReused(request.message());
    default:
      return TooLarge();
  }
}

RpcError SupplyError(const Rejection& rejection, const v1::CancelSupplyRequest& request) {
  RpcError error = SupplyNotFound(request.supply_id());
  if (rejection.line >= 0) {
    error.AddField(absl::StrCat("line_ids[", rejection.line, "]"), "is no line of it");
  }
  return error;
}

RpcError SupplyError(const Rejection&, const v1::GetSupplyRequest& request) {
  return SupplyNotFound(request.supply_id());
}

void RenderSupply(const SupplyReport& supply, v1::Supply& out) {
  out.set_supply_id(supply.id);
  for (const SupplyReport::Line& from : supply.lines) {
    v1::Supply::Line& line = *out.add_lines();
    line.set_line_id(from.line_id);
    line.set_sku(from.sku);
    line.set_location_id(from.location);
    line.set_quantity(from.quantity.units());
    line.set_received(from.received.units());
    line.set_damaged(from.damaged.units());
    line.set_open(from.open.units());
    if (from.revision > 0) *line.mutable_due_time() = runtime::TimestampOf(from.due);
    line.set_revision(from.revision);
    line.set_closed(from.closed);
  }
  for (const SupplyReport::Late& from : supply.late) {
    v1::Supply::Late& late = *out.add_late();
    late.set_reservation_id(ReservationName(from.reservation));
    late.set_owner_id(from.owner);
    late.set_line_id(from.line_id);
    late.set_sku(from.sku);
    *late.mutable_needed_by() = runtime::TimestampOf(from.needed_by);
    late.set_late(from.late.units());
  }
  out.set_late_units(supply.late_units.units());
}

}  // namespace quartermaster::stock
