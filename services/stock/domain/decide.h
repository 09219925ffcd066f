// Decide: (state, command, now) -> events, or exactly one rejection. Pure: knows no clock, thread,
// file or network.
//
// Every command is validated in the same order: the names it uses are known; the reservation it
// names exists; that reservation is in a state that allows it; the lines it names exist; they have
// as much open as it asks; no cap is exceeded; the stock is there. After that it must succeed.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/base/time.h"
#include "services/stock/domain/commands.h"
#include "services/stock/domain/events.h"
#include "services/stock/domain/ids.h"
#include "services/stock/domain/rejections.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {

struct Decision {
  // Then there are no events.
  std::optional<Rejection> rejection;
  // The reservation that the command made or changed.
  ReservationId reservation = ReservationId::kNone;
  // Of a partial hold: what it did not get.
  std::vector<ShortLine> short_lines;
  // Of a fact that had come before, or whose effect had happened; of a count's part that had come,
  // or a transfer that was asked for.
  bool duplicate = false;
  // Of a policy that was set; 0 if it was removed.
  std::optional<int64_t> version;
  // Of a fact: its position; kNone if it was not accepted and nobody knows the name.
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  // Of a fact: the position's last count has it.
  bool in_count = false;
  // Of StageCount and GetCount.
  CountIndex count = CountIndex::kNone;
  // Of the commands on a transfer.
  TransferIndex transfer = TransferIndex::kNone;
  // Of those on a purchase order; empty: it is about none.
  std::string supply;
};

// Decides at the log's time `now`. What the archive has of the command's keys (AppendOnceKeys) must
// have been recalled (OnceKeys::Recall): else what happened long ago happens again. `next` is the
// position that the first event will have, so that
// a new reservation knows its id. Appends to `events`, which must be empty.
Decision Decide(const State& state, const Command& command, Instant now, int64_t next,
                Events& events);

// Why a reservation that is not open cannot be worked on; nullopt if it can. A hold whose deadline
// has passed is expired, whether or not that has been logged.
std::optional<RejectionKind> EndOf(const Reservation& reservation, Instant now);

// The one reservation that a command or a query is on, which may have left memory; kNone if it is
// not on one.
ReservationId ReservationOf(const Command& command);

// Appends what of a command must not happen twice: the keys of its effects and of its message,
// which may have left memory. Without those that are empty.
void AppendOnceKeys(const Command& command, std::vector<std::string>& keys);
void AppendOnceKeys(const AdjustStock& command, std::vector<std::string>& keys);

// The index of the line with this id; a line without an id of its own has its index for one.
// nullopt if there is none.
std::optional<uint32_t> FindLine(const Reservation& reservation, std::string_view line_id);

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_DECIDE_H_
