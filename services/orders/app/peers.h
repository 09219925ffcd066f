// The services that orders works with, as orders sees them: stock holds and moves units, routing
// plans. Injected: in production gRPC stubs (rpc/grpc_peers.h), in tests and simulation fakes that
// fail when they are told to.
//
//   stock->Release({.request_id = "...", .reservation_id = "r-7"}, [](StockResult result) {
//     if (const PeerError* error = GetError(result)) ...
//   });
#ifndef QUARTERMASTER_SERVICES_ORDERS_APP_PEERS_H_
#define QUARTERMASTER_SERVICES_ORDERS_APP_PEERS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "quartermaster/common/v1/common.pb.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/orders/domain/types.h"

namespace quartermaster::orders {

// What a refusal of INSUFFICIENT_STOCK or NO_PLAN says of a line.
struct PeerShortLine {
  std::string line_id;
  std::string sku;
  std::string location_id;
  Quantity asked;
  Quantity available;
};

// Why a peer did not do it.
struct PeerError {
  common::v1::ErrorReason reason = common::v1::INTERNAL_DEFECT;
  // True if nothing is known of the outcome, or nothing was decided: the same request (with the
  // same request id) should be sent again, later.
  bool retriable = false;
  std::string message;
  std::vector<PeerShortLine> short_lines;
  // Who it was: "stock". Empty: not known.
  std::string peer = {};
};

// The error of a peer that did not answer.
inline PeerError NoAnswerFrom(std::string peer) {
  PeerError error;
  error.reason = common::v1::PEER_UNAVAILABLE;
  error.retriable = true;
  error.message = "no answer from " + peer;
  error.peer = std::move(peer);
  return error;
}

template <typename T>
using PeerResult = std::variant<T, PeerError>;
template <typename T>
using PeerCallback = absl::AnyInvocable<void(PeerResult<T>)>;

template <typename T>
const PeerError* GetError(const PeerResult<T>& result) {
  return std::get_if<PeerError>(&result);
}

// ---- stock ----

struct StockLine {
  // Unique within the request.
  std::string line_id;
  std::string sku;
  std::string location_id;
  Quantity quantity;
};

// Some units of a reservation's line.
struct StockPart {
  std::string line_id;
  std::string location_id;
  Quantity quantity;
};

struct StockReserve {
  std::string request_id;
  std::string owner_id;
  std::vector<StockLine> lines;
  Micros ttl;
  // Another owner's open hold whose place it takes. Optional.
  std::string takes_over_reservation_id;
  // Whose units they are for quotas and caps; may be empty.
  std::string channel_id;
  std::string customer_ref;
};

struct StockConfirm {
  std::string request_id;
  std::string reservation_id;
  // Held again if the hold has expired, for this owner.
  std::vector<StockLine> rehold_lines;
  std::string owner_id;
  // As of StockReserve, of what is held again.
  std::string channel_id;
  std::string customer_ref;
};

struct StockRelease {
  std::string request_id;
  std::string reservation_id;
  // Empty means all open units.
  std::vector<StockPart> parts;
  // Looked for and not found.
  bool missing = false;
};

struct StockFulfil {
  std::string request_id;
  std::string reservation_id;
  std::vector<StockPart> parts;
  // When they left, if it is known.
  std::optional<Instant> business_time;
};

struct StockAdjustment {
  enum class Kind { kReturned, kSold, kConditionChanged };
  enum class Condition { kSellable, kDamaged, kInspection };
  std::string sku;
  std::string location_id;
  Kind kind = Kind::kSold;
  // Signed as stock wants it: sold is negative, the others positive.
  Quantity delta;
  Condition condition = Condition::kSellable;
  // With kConditionChanged: the one that they were of.
  std::optional<Condition> from;
  // Once for ever.
  std::string effect_key;
  // When it happened by the till's clock, if that is known.
  std::optional<Instant> business_time;
};

struct StockAdjust {
  std::string request_id;
  std::vector<StockAdjustment> adjustments;
  Attribution attribution;
};

// A reservation as far as orders needs to know it.
struct StockReservation {
  enum class State { kHeld, kConfirmed, kFulfilled, kReleased, kExpired, kReplaced };
  // Open units of a line at a location.
  struct Open {
    std::string line_id;
    std::string sku;
    std::string location_id;
    Quantity quantity;
  };
  std::string reservation_id;
  std::string owner_id;
  State state = State::kHeld;
  std::vector<Open> open;
  // Of a hold.
  Instant expire_time = kDistantFuture;
  // If it was replaced.
  std::string replaced_by;
};

// One per adjustment; nullopt is success.
using StockAdjusted = std::vector<std::optional<PeerError>>;

// Thread-safe. A callback runs exactly once, on any thread, perhaps before the call returns; it
// must not block. An implementation gives up by itself, with a retriable error.
class StockPeer {
 public:
  virtual ~StockPeer() = default;
  virtual void Reserve(StockReserve request, PeerCallback<StockReservation> done) = 0;
  virtual void Confirm(StockConfirm request, PeerCallback<StockReservation> done) = 0;
  virtual void Release(StockRelease request, PeerCallback<StockReservation> done) = 0;
  virtual void Fulfil(StockFulfil request, PeerCallback<StockReservation> done) = 0;
  virtual void Adjust(StockAdjust request, PeerCallback<StockAdjusted> done) = 0;
  virtual void GetReservation(std::string reservation_id, PeerCallback<StockReservation> done) = 0;
  // The owner's open hold, if there is one.
  virtual void FindHold(std::string owner_id,
                        PeerCallback<std::optional<StockReservation>> done) = 0;
};

// ---- routing ----

struct PlanPoint {
  double latitude = 0;
  double longitude = 0;
};

enum class PlanMethod { kShip, kPickup, kCarryOut };

struct PlanRequest {
  struct Line {
    std::string line_id;
    std::string sku;
    Quantity quantity;
  };
  struct Group {
    std::string group_id;
    PlanMethod method = PlanMethod::kShip;
    std::optional<PlanPoint> destination;
    // Empty: the nearest.
    std::string location_id;
    std::vector<Line> lines;
  };
  struct Credit {
    std::string sku;
    std::string location_id;
    Quantity quantity;
  };
  std::vector<Group> groups;
  // The asker's own held units.
  std::vector<Credit> credits;
  std::vector<std::string> excluded_location_ids;
  // Believed instead of routing's mirror.
  std::vector<Credit> overrides;
  bool allow_partial = false;
};

struct RoutePlan {
  struct Assignment {
    std::string group_id;
    std::string line_id;
    std::string sku;
    std::string location_id;
    Quantity quantity;
    double distance_km = 0;
  };
  std::vector<Assignment> assignments;
  std::vector<PeerShortLine> short_lines;
  // The serialized routing.v1.Plan, explanation included, to be stored as it is.
  std::string decision;
};

// Thread-safe; callbacks as with StockPeer.
class RoutingPeer {
 public:
  virtual ~RoutingPeer() = default;
  virtual void Plan(PlanRequest request, PeerCallback<RoutePlan> done) = 0;
};

// ---- catalog ----

// How the catalog says that an item may be sold.
struct ItemTerms {
  bool discontinued = false;
  // By online channels.
  bool online = true;
  bool returnable = true;
};

// What the catalog knows, as far as it has been followed. Thread-safe; must not block.
class Directory {
 public:
  virtual ~Directory() = default;
  // Empty: it has no such item.
  virtual std::optional<ItemTerms> FindItem(std::string_view sku) const = 0;
  virtual bool HasLocation(std::string_view location_id) const = 0;
  // When the location closes on each of the next `days` days on which it is open, ascending; the
  // day on which `after` lies is not one of them. Empty: there is no such location.
  virtual std::vector<Instant> NextCloses(std::string_view location_id, Instant after,
                                          int days) const = 0;
};

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_APP_PEERS_H_
