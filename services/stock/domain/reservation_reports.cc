#include "services/stock/domain/reservation_reports.h"

#include <utility>

#include "services/stock/domain/stands.h"
#include "services/stock/domain/state.h"

namespace quartermaster::stock {
namespace {

// How many reservations a listing looks at before it gives back what it has found.
constexpr int kListedScanMax = 20'000;
// How many lines and placements it copies: some 10 MB, more only if one reservation has more.
constexpr size_t kListedPartsMax = 100'000;

}  // namespace

Reservation ReportReservation(const State& state, const Reservation& r) {
  Reservation copy = r;
  Stands stands(state, r);
  for (ReservationLine& line : copy.lines) {
    if (line.flexible()) line.placements = stands.Next(line);
    line.older = kUnlinked;
  }
  return copy;
}

void ReportHold(const State& state, const HoldLines& asked, const Reservation& r,
                std::vector<ShortLine> short_lines, Result& result) {
  Held& held = result.held.emplace();
  held.short_lines = std::move(short_lines);
  for (const HoldLine& line : asked) {
    if (!line.for_channel && line.channel != ChannelIndex::kNone) held.channel = line.channel;
  }
  held.reservation = r.id;
  held.created = r.created;
  held.expires = r.expires;
  // Its lines are not those of the command, or have places that it does not say.
  if (HasBundles(r)) {
    result.reservation = ReportReservation(state, r);
    return;
  }
  bool waits = false;
  for (const ReservationLine& line : r.lines) waits = waits || !line.waiting.IsZero();
  if (waits) {
    for (const ReservationLine& line : r.lines) held.waiting.push_back(line.waiting);
  }
  held.placements.reserve(r.lines.size());
  bool for_channels = false;
  Stands stands(state, r);
  for (const ReservationLine& line : r.lines) {
    held.placements.push_back(line.flexible() ? stands.Next(line) : line.placements);
    for_channels = for_channels || line.channel != ChannelIndex::kNone;
  }
  if (for_channels) {
    for (const ReservationLine& line : r.lines) {
      const bool has_channel = line.channel != ChannelIndex::kNone;
      held.channel_pools.push_back(has_channel ? line.pool : PoolIndex::kNone);
    }
  }
}

ReservationReports ReportReservations(const State& state, const ListReservations& query) {
  ReservationReports reports;
  std::vector<Reservation>& list = reports.reservations;
  // An owner has one open hold: no need to look for it.
  if (!query.owner.empty() && query.state == ReservationState::kHeld) {
    const Reservation* own = state.holds.Find(query.owner);
    if (own != nullptr && query.after < own->id) list.push_back(ReportReservation(state, *own));
    return reports;
  }
  int looked_at = 0;
  size_t parts = 0;
  for (const Reservation* r = state.reservations.Next(query.after); r != nullptr;
       r = state.reservations.Next(r->id)) {
    const bool wanted = (query.owner.empty() || r->owner == query.owner) &&
                        (!query.state || r->state == *query.state);
    if (wanted) {
      const Reservation& copy = list.emplace_back(ReportReservation(state, *r));
      for (const ReservationLine& line : copy.lines) parts += 1 + line.placements.size();
    }
    if (static_cast<int>(list.size()) == query.limit || ++looked_at == kListedScanMax ||
        parts >= kListedPartsMax) {
      if (r->id != state.reservations.last()) reports.more_after = r->id;
      return reports;
    }
  }
  return reports;
}

}  // namespace quartermaster::stock
