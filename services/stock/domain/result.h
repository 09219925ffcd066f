// Result: what a command came to, as its caller is told. Remembered with the request id, so that a
// repetition is told the same.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESULT_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESULT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "services/base/boxed.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/availability.h"
#include "services/stock/domain/count_reports.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/reservation.h"
#include "services/stock/domain/supply_reports.h"
#include "services/stock/domain/transfer_reports.h"

namespace quartermaster::stock {

// A new hold: with the lines of the command, all that its caller needs.
struct Held {
  // Of an update, whose command does not say it.
  std::string owner;
  ReservationId reservation = ReservationId::kNone;
  Instant created;
  Instant expires;
  // Per line of the command; of a line from a pool, where its units may be said to stand.
  absl::InlinedVector<Placements, 1> placements;
  // If any line waits, per line: how many units, beside those that are placed.
  std::vector<Quantity> waiting;
  // If any line is a channel's, per line: the pool that the channel sold from; kNone for others.
  std::vector<PoolIndex> channel_pools;
  // Whose lines those with a location or a pool are; kNone: nobody's.
  ChannelIndex channel = ChannelIndex::kNone;
  // Of a partial hold: what it did not get.
  std::vector<ShortLine> short_lines;

  friend bool operator==(const Held&, const Held&) = default;
};

// One fact's result.
struct AdjustmentResult {
  std::optional<Rejection> rejection;
  bool duplicate = false;
  // After it.
  Quantity on_hand;
  Quantity shortage;
  // The position's last count has it: on hand stayed.
  bool in_count = false;
  // By how much the shortage grew.
  Quantity newly_short;
  // A count of the position is asked for.
  bool count_requested = false;

  friend bool operator==(const AdjustmentResult&, const AdjustmentResult&) = default;
};

// Small, as there is one in every submission: what few commands have is boxed.
struct Result {
  std::optional<Rejection> rejection;
  // Of a Reserve or an Update.
  std::optional<Held> held;
  // Of the other commands on a reservation, and of a hold with kits or groups, whose `placements`
  // are not set: as it was right after the command. Flexible lines have
  // placements here, and in the list: where their units may be said to stand.
  Boxed<Reservation> reservation;
  // Of facts, in their order.
  std::vector<AdjustmentResult> adjustments;
  // Of a policy, channel or kit that was set; 0 if it was removed.
  std::optional<int64_t> version;
  // Of ListReservations; `more_after` is the last one looked at if there may be more.
  std::vector<Reservation> list;
  ReservationId more_after = ReservationId::kNone;
  // Of GetAvailability, in the order of its keys; of ChangeCondition, the one position after it.
  std::vector<AvailabilityFigures> availabilities;
  // Of StageCount and GetCount.
  Boxed<CountStatus> count;
  // Of ListSources; `more_sources_after` is kNone on the last page.
  std::vector<SourceReport> sources;
  SourceIndex more_sources_after = SourceIndex::kNone;
  // Of ListDifferences; `more_differences_after` is 0 on the last page.
  std::vector<DifferenceReport> differences;
  uint64_t more_differences_after = 0;
  // Of a command or a query on one transfer: as it was right after it.
  Boxed<TransferReport> transfer;
  // Of ListTransfers; `more_transfers_after` is kNone on the last page.
  std::vector<TransferReport> transfers;
  TransferIndex more_transfers_after = TransferIndex::kNone;
  // Of a command or a query on a purchase order: as it was right after it.
  Boxed<SupplyReport> supply;

  friend bool operator==(const Result&, const Result&) = default;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_RESULT_H_
