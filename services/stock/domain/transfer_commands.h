// What can be asked of transfers, and told of them.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_COMMANDS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/attribution.h"
#include "services/stock/domain/conditions.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/sources.h"

namespace quartermaster::stock {

// A request: units are to go from one location to another.
struct TransferStock {
  struct Line {
    std::string line_id;
    SkuIndex sku = SkuIndex::kNone;
    Quantity quantity;
    // An order's: so many of the units that its line has open at the origin, which stay its own.
    bool of_order = false;
    ReservationId reservation = ReservationId::kNone;
    std::string reservation_line;
  };
  std::string transfer_id;
  LocationIndex from = LocationIndex::kNone;
  LocationIndex to = LocationIndex::kNone;
  std::vector<Line> lines;
  Attribution attribution;
};
// Whose the units are that a transfer allocates for itself; and whether somebody is a transfer.
inline constexpr std::string_view kTransferOwner = "transfer/";
inline std::string OwnerOf(const TransferStock& command) {
  return std::string(kTransferOwner) + command.transfer_id;
}
inline bool IsTransfer(std::string_view owner) { return owner.starts_with(kTransferOwner); }

// Units of a transfer that were shipped, or received: of the line with this id, or else of the
// lines of the SKU. Names instead of ids, as a fact may name what nobody registered.
struct TransferFactLine {
  std::string line_id;
  std::string sku;
  Quantity quantity;
  // Of what was received.
  Condition condition = Condition::kSellable;
  // Empty: none.
  std::string effect_key;
};

// Facts. The locations are needed if nobody asked for the transfer; empty: those that it has.
struct ShipTransfer {
  std::string transfer_id;
  std::string from;
  std::string to;
  std::vector<TransferFactLine> lines;
  // No more of it will be shipped.
  bool last = false;
  Attribution attribution;
  // Which message of which source tells it; all lines are one message.
  SourceMessage message = {};
  // When it happened, if not now.
  Instant business_time = {};
};
struct ReceiveTransfer {
  std::string transfer_id;
  std::string from;
  std::string to;
  std::vector<TransferFactLine> lines;
  // No more of it will come: what is still on its way is lost.
  bool last = false;
  Attribution attribution;
  SourceMessage message = {};
  Instant business_time = {};
};

// Gives up what is not shipped, and gives what is on its way up for lost.
struct CloseTransfer {
  std::string transfer_id;
  Attribution attribution;
};

// How far it has come.
enum class TransferState : uint8_t {
  // Nothing is allocated for it.
  kRequested = 1,
  kAllocated = 2,
  // Some of it at least.
  kShipped = 3,
  // The ends: something came; something was shipped, and nothing came; nothing was shipped.
  kReceived = 4,
  kLost = 5,
  kCancelled = 6,
};

struct GetTransfer {
  std::string transfer_id;
};
// In the order in which they were first named, behind `after`.
struct ListTransfers {
  // From or to this location.
  bool of_location = false;
  LocationIndex location = LocationIndex::kNone;
  std::optional<TransferState> state;  // unset: any
  TransferIndex after = TransferIndex::kNone;
  int limit = 100;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_COMMANDS_H_
