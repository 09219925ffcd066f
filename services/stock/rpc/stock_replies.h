// Results -> answers: what stock decided, in the words of the API.
#ifndef QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REPLIES_H_
#define QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REPLIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "quartermaster/stock/v1/stock.pb.h"
#include "services/runtime/rpc_error.h"
#include "services/stock/app/ledger.h"
#include "services/stock/app/stock_view.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/result.h"

namespace quartermaster::stock {

// What a rejection's index points into, for its message: the parts of the request.
struct RequestLines {
  // Of Reserve, Update, or Confirm's lines to hold anew.
  const google::protobuf::RepeatedPtrField<v1::ReserveLine>* hold_lines = nullptr;
  const char* hold_field = "lines";
  const google::protobuf::RepeatedPtrField<v1::ReservationPart>* parts = nullptr;
  const google::protobuf::RepeatedPtrField<v1::BindReservationRequest::Line>* bind_lines = nullptr;
  // With bind_lines or hold_lines: has the names that the request does not say.
  const StockView* view = nullptr;
  const google::protobuf::RepeatedPtrField<std::string>* locations = nullptr;
  const v1::Adjustment* adjustment = nullptr;
  const v1::SourceMessage* message = nullptr;
  const v1::SetStockPolicyRequest* policy = nullptr;
  const v1::SetChannelRequest* channel = nullptr;
  const v1::SetAllotmentRequest* allotment = nullptr;
  const v1::DefineKitRequest* kit = nullptr;
  const google::protobuf::RepeatedPtrField<v1::AvailabilityKey>* keys = nullptr;
  std::string reservation_id;
  const v1::ChangeConditionRequest* change = nullptr;
  const std::string* count_id = nullptr;
  const std::string* source = nullptr;
  const std::string* transfer_id = nullptr;
};

runtime::RpcError RejectionError(const Rejection& rejection, const RequestLines& lines);
// A message that came before, with other content.
runtime::RpcError MessageReused(const v1::SourceMessage& message);

// Of keys that were looked up in the inventory: which name nobody registered, if there is one.
std::optional<runtime::RpcError> UnknownKeyError(
    const google::protobuf::RepeatedPtrField<v1::AvailabilityKey>& keys,
    const std::vector<StockKey>& resolved, const Inventory& inventory);

// A new hold, from the request that made it; `owner` made it, or whoever the result says.
void RenderHeld(const google::protobuf::RepeatedPtrField<v1::ReserveLine>& lines,
                const std::string& owner, const Result& result, const StockView& view,
                storage::Position position, v1::ReserveResponse& response);

void RenderReservation(const Reservation& reservation, const StockView& view,
                       storage::Position position, v1::Reservation& out);

// Up to `low_at` available units are low.
void RenderAvailability(const StockKey& key, const AvailabilityFigures& figures,
                        const Inventory& inventory, int64_t low_at, v1::Availability& out);

// What a channel may have of a SKU, and uses; or why that cannot be said.
std::optional<runtime::RpcError> RenderAllotment(const v1::GetAllotmentRequest& request,
                                                 const StockSnapshot& snapshot, v1::Allotment& out);

// What movements name.
struct MovementNames {
  absl::flat_hash_map<CountIndex, std::string> counts;
  absl::flat_hash_map<SourceIndex, std::string> sources;
  absl::flat_hash_map<TransferIndex, std::string> transfers;
};
MovementNames NamesOf(const std::vector<Movement>& movements, const CountingView& counting);
// With the names of it and of others.
void RenderMovement(const Movement& movement, const MovementNames& names, v1::Movement& out);

// A position token; opaque to clients.
std::string PositionToken(storage::Position position);
// False if it is not one.
bool ParsePositionToken(const std::string& token, storage::Position& position);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_RPC_STOCK_REPLIES_H_
