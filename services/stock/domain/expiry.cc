#include "services/stock/domain/expiry.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "absl/container/flat_hash_set.h"
#include "services/stock/domain/backing.h"

namespace quartermaster::stock {
namespace {

// Whether the entry still stands for a hold's deadline.
const Reservation* LiveHold(const State& state, const ExpiryQueue::Entry& entry) {
  const Reservation* r = state.FindReservation(entry.reservation);
  const bool live =
      r != nullptr && r->state == ReservationState::kHeld && r->expires == entry.expires;
  return live ? r : nullptr;
}

// `draft` has what ended before it and is not applied yet.
ReservationExpired Expire(const Reservation& hold, Draft& draft) {
  ReservationExpired expired{hold.id, {}};
  if (HasFlexible(hold)) expired.parts = draft.Free(hold);
  return expired;
}

void CollectParts(const State& state, SkuIndex sku, std::vector<SkuIndex>& skus) {
  VisitParts(state.kits, sku, [&](SkuIndex part, int64_t) { skus.push_back(part); });
}

void CollectSkus(const State& state, const HoldLines& lines, std::vector<SkuIndex>& skus) {
  for (const HoldLine& line : lines) CollectParts(state, line.sku, skus);
}

// The SKUs whose availability the command is decided on.
std::vector<SkuIndex> SkusOf(const State& state, const Command& command) {
  std::vector<SkuIndex> skus;
  std::visit(
      [&](const auto& c) {
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, ReserveStock> || std::is_same_v<C, UpdateReservation>) {
          CollectSkus(state, c.lines, skus);
        } else if constexpr (std::is_same_v<C, ConfirmReservation>) {
          CollectSkus(state, c.rehold_lines, skus);
        } else if constexpr (std::is_same_v<C, BindReservation>) {
          if (const Reservation* r = state.FindReservation(c.reservation)) {
            for (const ReservationLine& line : r->lines) skus.push_back(line.sku);
          }
        } else if constexpr (std::is_same_v<C, AdjustStock>) {
          CollectParts(state, state.skus.Find(c.adjustment.sku), skus);
        } else if constexpr (std::is_same_v<C, ChangeCondition> || std::is_same_v<C, DefineKit>) {
          skus.push_back(c.sku);
        } else if constexpr (std::is_same_v<C, TransferStock>) {
          for (const TransferStock::Line& line : c.lines) skus.push_back(line.sku);
        } else if constexpr (std::is_same_v<C, ShipTransfer> ||
                             std::is_same_v<C, ReceiveTransfer>) {
          for (const TransferFactLine& line : c.lines) {
            CollectParts(state, state.skus.Find(line.sku), skus);
          }
        } else if constexpr (std::is_same_v<C, ExpectSupply>) {
          for (const ExpectSupply::Line& line : c.lines) skus.push_back(line.sku);
        } else if constexpr (std::is_same_v<C, ReceiveSupply>) {
          for (const ReceiveSupply::Line& line : c.lines) {
            const SupplyIndex supply = state.supplies.Find(c.supply_id, line.line_id);
            if (!line.sku.empty()) skus.push_back(state.skus.Find(line.sku));
            if (supply != SupplyIndex::kNone) skus.push_back(state.supplies.At(supply).sku);
          }
        } else if constexpr (std::is_same_v<C, CancelSupply>) {
          if (const auto* const lines = state.supplies.LinesOf(c.supply_id)) {
            for (const SupplyIndex supply : *lines) skus.push_back(state.supplies.At(supply).sku);
          }
        } else if constexpr (std::is_same_v<C, GetAvailability>) {
          for (const StockKey& key : c.keys) CollectParts(state, key.sku, skus);
        }
      },
      command);
  return skus;
}

ReservationId NamedOrTakenOver(const Command& command) {
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

// The open hold of whoever asks; kNone if the command names nobody or there is none.
ReservationId HoldOfOwner(const State& state, const Command& command) {
  return std::visit(
      [&](const auto& c) {
        if constexpr (requires { c.owner; }) {
          const Reservation* own = state.holds.Find(c.owner);
          return own == nullptr ? ReservationId::kNone : own->id;
        } else if constexpr (std::is_same_v<std::decay_t<decltype(c)>, TransferStock>) {
          const Reservation* own = state.holds.Find(OwnerOf(c));
          return own == nullptr ? ReservationId::kNone : own->id;
        } else {
          return ReservationId::kNone;
        }
      },
      command);
}

}  // namespace

int ExpiryCost(const State& state, const Event& event) {
  const auto* const expired = std::get_if<ReservationExpired>(&event);
  if (expired == nullptr) return 0;
  size_t places = expired->parts.size();
  for (const ReservationLine& line : state.FindReservation(expired->reservation)->lines) {
    places += line.placements.size();
  }
  return static_cast<int>(std::max<size_t>(1, places));
}

void ExpireDue(State& state, Instant now, int max, Events& events) {
  // A hold that was given the same deadline twice is queued twice, one right behind the other.
  ReservationId ended = ReservationId::kNone;
  Draft draft(state);
  while (max > 0 && state.expiries.HasDue(now)) {
    const ExpiryQueue::Entry entry = state.expiries.Top();
    state.expiries.Pop();
    const Reservation* const hold = LiveHold(state, entry);
    if (entry.reservation == ended || hold == nullptr) continue;
    ended = entry.reservation;
    events.push_back(Expire(*hold, draft));
    max -= ExpiryCost(state, events.back());
  }
}

void OverdueHolds::Update(State& state, Instant now) {
  now_ = now;
  state.expiries.SetDueAside(now, [&](const ExpiryQueue::Entry& entry) {
    const Reservation* r = LiveHold(state, entry);
    if (r == nullptr) return;
    for (const ReservationLine& line : r->lines) {
      std::vector<ReservationId>& holds = by_sku_[line.sku].holds;
      if (holds.empty() || holds.back() != r->id) holds.push_back(r->id);
    }
  });
  waiting_ = state.expiries.has_aside();
  if (!waiting_) by_sku_.clear();
}

// The holds that end for one command.
class OverdueHolds::Ending {
 public:
  Ending(const State& state, Instant now, int max, Events& events)
      : state_(state), now_(now), max_(max), events_(events) {}

  // False if the hold would have to end and there is no room for it.
  bool Add(ReservationId id) {
    const Reservation* r = state_.FindReservation(id);
    // It may have ended since it began to wait.
    if (r == nullptr || r->state != ReservationState::kHeld || r->expires > now_) return true;
    if (ended_.contains(id)) return true;
    if (max_ <= 0) return false;
    ended_.insert(id);
    events_.push_back(Expire(*r, draft_));
    max_ -= ExpiryCost(state_, events_.back());
    return true;
  }

 private:
  const State& state_;
  const Instant now_;
  int max_;
  Events& events_;
  Draft draft_{state_};
  // Not applied yet.
  absl::flat_hash_set<ReservationId> ended_;
};

bool OverdueHolds::ExpireFor(SkuIndex sku, Ending& ending) {
  const auto it = by_sku_.find(sku);
  if (it == by_sku_.end()) return true;
  Waiting& waiting = it->second;
  for (; waiting.next < waiting.holds.size(); ++waiting.next) {
    if (!ending.Add(waiting.holds[waiting.next])) return false;
  }
  by_sku_.erase(it);
  return true;
}

bool OverdueHolds::ExpireFor(const State& state, const Command& command, int max, Events& events) {
  if (empty()) return true;
  Ending ending(state, now_, max, events);
  if (!ending.Add(NamedOrTakenOver(command))) return false;
  if (!ending.Add(HoldOfOwner(state, command))) return false;
  for (const SkuIndex sku : SkusOf(state, command)) {
    if (!ExpireFor(sku, ending)) return false;
  }
  return true;
}

bool OverdueHolds::ExpireFor(const State& state, SkuIndex sku, int max, Events& events) {
  if (empty()) return true;
  Ending ending(state, now_, max, events);
  bool all = true;
  VisitParts(state.kits, sku,
             [&](SkuIndex part, int64_t) { all = all && ExpireFor(part, ending); });
  return all;
}

}  // namespace quartermaster::stock
