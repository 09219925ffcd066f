#include "services/stock/domain/expiry.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace quartermaster::stock {
namespace {

// Whether the entry still stands for a hold's deadline.
const Reservation* LiveHold(const State& state, const ExpiryQueue::Entry& entry) {
  const Reservation* r = state.FindReservation(entry.reservation);
  const bool live =
      r != nullptr && r->state == ReservationState::kHeld && r->expires == entry.expires;
  return live ? r : nullptr;
}

void CollectSkus(const HoldLines& lines, std::vector<SkuIndex>& skus) {
  for (const HoldLine& line : lines) skus.push_back(line.sku);
}

// The SKUs whose availability the command is decided on.
std::vector<SkuIndex> SkusOf(const State& state, const Command& command) {
  std::vector<SkuIndex> skus;
  std::visit(
      [&](const auto& c) {
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, ReserveStock> || std::is_same_v<C, UpdateReservation>) {
          CollectSkus(c.lines, skus);
        } else if constexpr (std::is_same_v<C, ConfirmReservation>) {
          CollectSkus(c.rehold_lines, skus);
        } else if constexpr (std::is_same_v<C, BindReservation>) {
          if (const Reservation* r = state.FindReservation(c.reservation)) {
            for (const ReservationLine& line : r->lines) skus.push_back(line.sku);
          }
        }
      },
      command);
  return skus;
}

ReservationId ReservationOf(const Command& command) {
  return std::visit(
      [](const auto& c) {
        if constexpr (requires { c.reservation; }) {
          return c.reservation;
        } else if constexpr (requires { c.takes_over; }) {
          return c.takes_over;
        } else {
          return ReservationId::kNone;
        }
      },
      command);
}

}  // namespace

void ExpireDue(State& state, Instant now, int max, Events& events) {
  // A hold that was given the same deadline twice is queued twice, one right behind the other.
  ReservationId ended = ReservationId::kNone;
  while (max > 0 && state.expiries.HasDue(now)) {
    const ExpiryQueue::Entry entry = state.expiries.Top();
    state.expiries.Pop();
    if (entry.reservation == ended || LiveHold(state, entry) == nullptr) continue;
    ended = entry.reservation;
    events.push_back(ReservationExpired{entry.reservation});
    --max;
  }
}

void OverdueHolds::Reset(const State& state, Instant now) {
  now_ = now;
  by_sku_.clear();
  if (!state.expiries.HasDue(now)) return;
  for (const ExpiryQueue::Entry& entry : state.expiries.entries()) {
    if (entry.expires > now) continue;
    const Reservation* r = LiveHold(state, entry);
    if (r == nullptr) continue;
    for (const ReservationLine& line : r->lines) by_sku_[line.sku].push_back(r->id);
  }
  for (auto& [sku, ids] : by_sku_) {
    std::sort(ids.begin(), ids.end(), [&](ReservationId a, ReservationId b) {
      const Instant ea = state.FindReservation(a)->expires;
      const Instant eb = state.FindReservation(b)->expires;
      return ea != eb ? ea < eb : a < b;
    });
  }
}

void OverdueHolds::ExpireFor(const State& state, const Command& command, Events& events) const {
  if (by_sku_.empty()) return;
  std::vector<ReservationId> ending;
  const auto end = [&](ReservationId id) {
    const Reservation* r = state.FindReservation(id);
    // It may have ended since the batch began.
    if (r == nullptr || r->state != ReservationState::kHeld || r->expires > now_) return;
    if (std::find(ending.begin(), ending.end(), id) == ending.end()) ending.push_back(id);
  };
  end(ReservationOf(command));
  for (const SkuIndex sku : SkusOf(state, command)) {
    const auto it = by_sku_.find(sku);
    if (it == by_sku_.end()) continue;
    for (const ReservationId id : it->second) end(id);
  }
  for (const ReservationId id : ending) events.push_back(ReservationExpired{id});
}

}  // namespace quartermaster::stock
