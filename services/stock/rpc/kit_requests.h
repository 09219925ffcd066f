// Kits on the wire: their definitions, and the lines of a reservation that are parts of one.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_KIT_REQUESTS_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_KIT_REQUESTS_H_

#include <optional>
#include <string>

#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/runtime/validation.h"
#include "services/stock/app/stock_submission.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/inventory.h"
#include "services/stock/domain/rejections.h"

namespace quartermaster::stock {

void Parse(const v1::DefineKitRequest& request, const StockView& view, runtime::FieldChecker& check,
           StockSubmission& submission);

// Lines of one same_location_group must have one source.
void CheckGroups(const char* field,
                 const google::protobuf::RepeatedPtrField<v1::ReserveLine>& lines,
                 runtime::FieldChecker& check);
// Numbers the groups from 1, in the order in which they are named.
void NumberGroups(const google::protobuf::RepeatedPtrField<v1::ReserveLine>& lines,
                  HoldLines& resolved);

// Why a kit was not defined; nullopt if the rejection is not one of those.
std::optional<runtime::RpcError> KitError(const Rejection& rejection,
                                          const v1::DefineKitRequest& request);

// The answer to GetKit, and the parts of what was defined. False: it is no kit.
bool RenderKit(const Inventory& inventory, SkuIndex sku, v1::Kit& out);

// A kit's line, from those of its parts, which `out` has as its components.
void SumUpKit(const std::string& kit, v1::Reservation::Line& out);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_KIT_REQUESTS_H_
