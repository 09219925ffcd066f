#include "services/orders/app/testing/sim_stock.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quartermaster::orders {
namespace {

PeerError Refusal(common::v1::ErrorReason reason) {
  return {.reason = reason,
          .retriable = false,
          .message = common::v1::ErrorReason_Name(reason),
          .short_lines = {}};
}

bool IsLive(const StockReservation& reservation) {
  return reservation.state == StockReservation::State::kHeld ||
         reservation.state == StockReservation::State::kConfirmed;
}

}  // namespace

template <typename T>
PeerResult<T> SimStock::Once(const std::string& request_id,
                             std::map<std::string, PeerResult<T>>& answers,
                             const std::function<PeerResult<T>()>& decide) {
  Expire();
  const auto it = answers.find(request_id);
  if (it != answers.end()) return it->second;
  PeerResult<T> answer = decide();
  answers.emplace(request_id, answer);
  return answer;
}

void SimStock::Expire() {
  for (auto& [id, reservation] : reservations_) {
    StockReservation& shown = reservation.shown;
    if (shown.state != StockReservation::State::kHeld || clock_->Now() < shown.expire_time) {
      continue;
    }
    shown.state = StockReservation::State::kExpired;
    shown.open.clear();
  }
}

int64_t SimStock::Available(const std::string& sku, const std::string& location_id) {
  Expire();
  int64_t available = on_hand_[{sku, location_id}] - suspect_[{sku, location_id}];
  for (const auto& [id, reservation] : reservations_) {
    if (!IsLive(reservation.shown)) continue;
    for (const StockReservation::Open& open : reservation.shown.open) {
      if (open.sku == sku && open.location_id == location_id) available -= open.quantity.units();
    }
  }
  return std::max<int64_t>(available, 0);
}

PeerResult<StockReservation> SimStock::Hold(const std::string& owner_id,
                                            const std::vector<StockLine>& lines,
                                            Instant expire_time, const std::string& takes_over) {
  // The owner's own hold and the one that is taken over count as available.
  std::vector<StockReservation*> replaced;
  for (auto& [id, reservation] : reservations_) {
    if (reservation.shown.state == StockReservation::State::kHeld &&
        (reservation.shown.owner_id == owner_id || id == takes_over)) {
      replaced.push_back(&reservation.shown);
    }
  }
  // As stock does: line by line, each with what those before it have left.
  std::map<Place, int64_t> left;
  std::vector<PeerShortLine> short_lines;
  for (const StockLine& line : lines) {
    const auto [it, first] = left.try_emplace({line.sku, line.location_id});
    if (first) {
      it->second = Available(line.sku, line.location_id);
      for (const StockReservation* hold : replaced) {
        for (const StockReservation::Open& open : hold->open) {
          if (open.sku == line.sku && open.location_id == line.location_id) {
            it->second += open.quantity.units();
          }
        }
      }
    }
    const int64_t got = std::min(std::max<int64_t>(it->second, 0), line.quantity.units());
    it->second -= got;
    if (got < line.quantity.units()) {
      short_lines.push_back(
          {line.line_id, line.sku, line.location_id, line.quantity, Quantity(got)});
    }
  }
  if (!short_lines.empty()) {
    PeerError error = Refusal(common::v1::INSUFFICIENT_STOCK);
    error.short_lines = std::move(short_lines);
    return error;
  }
  const std::string id = absl::StrCat("r", next_id_++);
  for (StockReservation* hold : replaced) {
    hold->state = StockReservation::State::kReplaced;
    hold->replaced_by = id;
    hold->open.clear();
  }
  Reservation& reservation = reservations_[id];
  reservation.lines = lines;
  reservation.shown.reservation_id = id;
  reservation.shown.owner_id = owner_id;
  reservation.shown.expire_time = expire_time;
  for (const StockLine& line : lines) {
    reservation.shown.open.push_back({line.line_id, line.sku, line.location_id, line.quantity});
  }
  return reservation.shown;
}

PeerResult<StockReservation> SimStock::Reserve(const StockReserve& request) {
  return Once<StockReservation>(request.request_id, answers_, [&] {
    return Hold(request.owner_id, request.lines, clock_->Now() + request.ttl,
                request.takes_over_reservation_id);
  });
}

PeerError SimStock::EndOf(const Reservation& reservation) const {
  switch (reservation.shown.state) {
    case StockReservation::State::kExpired:
      return Refusal(common::v1::RESERVATION_EXPIRED);
    case StockReservation::State::kReleased:
      return Refusal(common::v1::RESERVATION_RELEASED);
    case StockReservation::State::kReplaced:
      return Refusal(common::v1::RESERVATION_REPLACED);
    case StockReservation::State::kFulfilled:
      return Refusal(common::v1::RESERVATION_FULFILLED);
    default:
      return Refusal(common::v1::RESERVATION_ALREADY_CONFIRMED);
  }
}

PeerResult<StockReservation> SimStock::Confirm(const StockConfirm& request) {
  return Once<StockReservation>(
      request.request_id, answers_, [&]() -> PeerResult<StockReservation> {
        const auto it = reservations_.find(request.reservation_id);
        if (it == reservations_.end()) return Refusal(common::v1::RESERVATION_NOT_FOUND);
        StockReservation* shown = &it->second.shown;
        if (shown->state == StockReservation::State::kExpired && !request.rehold_lines.empty()) {
          PeerResult<StockReservation> again =
              Hold(request.owner_id, request.rehold_lines, kDistantFuture, "");
          if (GetError(again) != nullptr) return again;
          ++reholds_;
          shown = &reservations_.at(std::get<StockReservation>(again).reservation_id).shown;
        } else if (shown->state != StockReservation::State::kHeld) {
          return EndOf(it->second);
        }
        shown->state = StockReservation::State::kConfirmed;
        shown->expire_time = kDistantFuture;
        return *shown;
      });
}

PeerResult<StockReservation> SimStock::TakeParts(const std::string& reservation_id,
                                                 const std::vector<StockPart>& parts, bool off_hand,
                                                 bool missing) {
  const auto it = reservations_.find(reservation_id);
  if (it == reservations_.end()) return Refusal(common::v1::RESERVATION_NOT_FOUND);
  StockReservation& shown = it->second.shown;
  if (!IsLive(shown)) return EndOf(it->second);
  std::vector<StockReservation::Open> open = shown.open;
  std::vector<StockReservation::Open> taken;
  if (parts.empty()) std::swap(taken, open);
  for (const StockPart& part : parts) {
    const auto line = std::find_if(open.begin(), open.end(), [&](const auto& candidate) {
      return candidate.line_id == part.line_id && candidate.location_id == part.location_id;
    });
    if (line == open.end()) return Refusal(common::v1::LINE_NOT_FOUND);
    if (part.quantity > line->quantity) return Refusal(common::v1::QUANTITY_EXCEEDS_OPEN);
    taken.push_back({line->line_id, line->sku, line->location_id, part.quantity});
    line->quantity -= part.quantity;
  }
  std::erase_if(open, [](const auto& line) { return line.quantity.IsZero(); });
  for (const StockReservation::Open& line : taken) {
    if (off_hand) on_hand_[{line.sku, line.location_id}] -= line.quantity.units();
    if (missing) suspect_[{line.sku, line.location_id}] += line.quantity.units();
  }
  shown.open = std::move(open);
  if (shown.open.empty()) {
    shown.state =
        off_hand ? StockReservation::State::kFulfilled : StockReservation::State::kReleased;
  }
  return shown;
}

PeerResult<StockReservation> SimStock::Release(const StockRelease& request) {
  return Once<StockReservation>(request.request_id, answers_, [&] {
    return TakeParts(request.reservation_id, request.parts, false, request.missing);
  });
}

PeerResult<StockReservation> SimStock::Fulfil(const StockFulfil& request) {
  return Once<StockReservation>(request.request_id, answers_, [&] {
    return TakeParts(request.reservation_id, request.parts, true, false);
  });
}

PeerResult<StockAdjusted> SimStock::Adjust(const StockAdjust& request) {
  return Once<StockAdjusted>(request.request_id, adjust_answers_, [&] {
    StockAdjusted results;
    for (const StockAdjustment& adjustment : request.adjustments) {
      results.push_back(std::nullopt);
      const auto [it, first] = effects_.try_emplace(adjustment.effect_key, adjustment);
      if (first) {
        const Place place = {adjustment.sku, adjustment.location_id};
        const int64_t units = adjustment.delta.units();
        if (!adjustment.from) on_hand_[place] += units;
        if (adjustment.condition != StockAdjustment::Condition::kSellable) suspect_[place] += units;
        if (adjustment.from && *adjustment.from != StockAdjustment::Condition::kSellable) {
          suspect_[place] -= units;
        }
      } else if (it->second.delta != adjustment.delta || it->second.sku != adjustment.sku) {
        results.back() = Refusal(common::v1::EFFECT_KEY_REUSED);
      }
    }
    return results;
  });
}

PeerResult<StockReservation> SimStock::Get(const std::string& reservation_id) {
  Expire();
  const auto it = reservations_.find(reservation_id);
  if (it == reservations_.end()) return Refusal(common::v1::RESERVATION_NOT_FOUND);
  return it->second.shown;
}

std::optional<StockReservation> SimStock::FindHold(const std::string& owner_id) {
  Expire();
  for (const auto& [id, reservation] : reservations_) {
    if (reservation.shown.owner_id == owner_id &&
        reservation.shown.state == StockReservation::State::kHeld) {
      return reservation.shown;
    }
  }
  return std::nullopt;
}

int64_t SimStock::OnHand(const std::string& sku, const std::string& location_id) const {
  const auto it = on_hand_.find({sku, location_id});
  return it == on_hand_.end() ? 0 : it->second;
}

int64_t SimStock::OnHand(const std::string& sku) const {
  int64_t sum = 0;
  for (const auto& [place, units] : on_hand_) sum += place.first == sku ? units : 0;
  return sum;
}

int64_t SimStock::Reserved(const std::string& sku) {
  Expire();
  int64_t sum = 0;
  for (const auto& [id, reservation] : reservations_) {
    if (reservation.shown.state != StockReservation::State::kHeld) continue;
    for (const auto& open : reservation.shown.open) {
      sum += open.sku == sku ? open.quantity.units() : 0;
    }
  }
  return sum;
}

int64_t SimStock::Allocated(const std::string& sku) {
  int64_t sum = 0;
  for (const auto& [id, reservation] : reservations_) {
    if (reservation.shown.state != StockReservation::State::kConfirmed) continue;
    for (const auto& open : reservation.shown.open) {
      sum += open.sku == sku ? open.quantity.units() : 0;
    }
  }
  return sum;
}

std::vector<SimStock::Place> SimStock::Places() const {
  std::vector<Place> places;
  for (const auto& [place, units] : on_hand_) places.push_back(place);
  return places;
}

}  // namespace quartermaster::orders
