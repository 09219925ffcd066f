// Journey: a transfer on its way through one command: what is told of it, split over its lines, and
// the events that come of it. Not for use outside of decide_transfer.cc.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_JOURNEY_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_JOURNEY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "services/stock/domain/counts.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/state.h"
#include "services/stock/domain/transfers.h"

namespace quartermaster::stock::internal {

// What a fact says of itself.
struct Told {
  // Its number only.
  MessageRef message;
  // When it happened, if not now.
  Instant business_time;
  Instant now;
};

// Open units of a reservation's line at a location.
Quantity StandingAt(const ReservationLine& line, LocationIndex location);

// A copy of a transfer that the events of one command have been applied to, and the events.
class Journey {
 public:
  Journey(const State& state, TransferIndex index, Transfer transfer, Attribution attribution,
          Told told, Events& events)
      : state_(state),
        index_(index),
        transfer_(std::move(transfer)),
        attribution_(std::move(attribution)),
        told_(std::move(told)),
        events_(events) {
    for (uint32_t i = 0; i < transfer_.lines.size(); ++i) {
      lines_of_[transfer_.lines[i].sku].push_back(i);
    }
  }

  // The lines of the SKU, the one with this id first; a new one if there is none. The units of a
  // SKU are all alike: which line they are of is told by some and not by others.
  std::vector<uint32_t> LinesFor(const TransferFactLine& fact, SkuIndex sku);

  // Somebody says that so many were shipped: those that were presumed to be have left already. Each
  // line has as many as it was to have, the first whatever is left.
  void Ship(const std::vector<uint32_t>& lines, Quantity quantity, const TransferFactLine& fact,
            uint64_t fingerprint);

  // Somebody says that so many have come: those that were on their way, then those that were lost;
  // and others must have been shipped.
  void Receive(const std::vector<uint32_t>& lines, Quantity quantity, const TransferFactLine& fact,
               uint64_t fingerprint);

  // Appends the events of what was told so far, and that no more will be shipped, or will come;
  // behind that, how it ends.
  void Log(bool all_shipped, bool all_received);

  // Ends it if nothing more is expected, or if nothing more will come.
  void CloseIfDone();

  // Gives up what is not shipped, and what is on its way for lost.
  void Close();

  // Behind everything else: what is to be counted, because it is not known for sure.
  void LogCounts();

 private:
  // The effect's key goes with the first of its lines.
  struct Key {
    std::string effect_key;
    uint64_t fingerprint = 0;
  };
  using LineKey = std::pair<ReservationId, uint32_t>;
  struct Recount {
    SkuIndex sku = SkuIndex::kNone;
    LocationIndex location = LocationIndex::kNone;
    DiscrepancyCause cause{};
    SourceIndex source = SourceIndex::kNone;
  };

  const ReservationLine* OpenLineOf(const TransferLine& line) const;
  // Whether the units of the line's reservation are allocated, and not only held.
  bool IsAllocated(const TransferLine& line) const;
  // Of so many units that are no longer on their way, those that are the line's order's.
  Quantity TakeOfOrder(TransferLine& line, Quantity quantity) const;

  // Each line's share of what was shipped.
  std::vector<std::pair<uint32_t, Quantity>> Share(const std::vector<uint32_t>& lines,
                                                   Quantity quantity) const;

  // Of what `message` tells of a position; asks for a count if it is too near to the last one to be
  // sure.
  Coverage CoverageAt(SkuIndex sku, LocationIndex location, const MessageRef& message);

  void AddShipped(std::vector<TransferShipped::Line>& to, uint32_t i, Quantity quantity,
                  Quantity presumed, Key& key);

  void AddReceived(uint32_t i, Quantity quantity, Quantity found, Condition condition, Key& key);
  // As one line; `counted` is what the destination's last count has of it.
  void AppendReceived(uint32_t i, Quantity quantity, Quantity found, Condition condition,
                      const Coverage& counted, Key& key);

  // What the transfer has allocated for itself and will not ship.
  void ReleaseRest();

  // Of the origin.
  void RequestCount(SkuIndex sku);
  void RequestCount(const Recount& recount);

  const State& state_;
  const TransferIndex index_;
  Transfer transfer_;
  const Attribution attribution_;
  const Told told_;
  Events& events_;
  std::vector<TransferShipped::Line> shipped_, presumed_;
  std::vector<TransferReceived::Line> received_;
  // Of reservations' lines: open units at the origin that are shipped.
  std::map<LineKey, Quantity> taken_;
  // How many fewer are on hand at the origin.
  std::map<SkuIndex, Quantity> gone_;
  // How many more are usable at the destination.
  std::map<SkuIndex, Quantity> usable_;
  std::map<SkuIndex, std::vector<uint32_t>> lines_of_;
  std::vector<SkuIndex> below_zero_;
  std::vector<Recount> recounts_;
  // Their positions, and those of what has been logged.
  absl::flat_hash_set<uint64_t> recounted_;
};

}  // namespace quartermaster::stock::internal

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFER_JOURNEY_H_
