#include "tools/qm/verify/stock_auditor.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace quartermaster::qm {

namespace events = stock::events::v1;
using stock::v1::Adjustment;
using stock::v1::Reservation;

namespace {

std::string ReservationKey(int64_t id) { return absl::StrCat("reservation ", ReservationName(id)); }

// The sign that the kind of a fact allows; 0: either.
int SignOf(int kind) {
  switch (kind) {
    case Adjustment::RECEIVED:
    case Adjustment::RETURNED:
    case Adjustment::TRANSFERRED_IN:
      return 1;
    case Adjustment::SOLD:
    case Adjustment::TRANSFERRED_OUT:
      return -1;
    default:
      return 0;
  }
}

}  // namespace

void StockAuditor::Difference(std::string key, std::string what) {
  findings_->Difference(std::move(key),
                        absl::StrCat(what, " (stock/0 record ", books_.position, ")"));
}

template <typename Event>
void StockAuditor::Parse(std::string_view payload) {
  Event event;
  if (event.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) On(event);
}

void StockAuditor::Apply(const LogRecord& record) {
  books_.position = record.position;
  books_.time_unix_us = record.time_unix_us;
  switch (record.type) {
    case events::SKU_REGISTERED:
      return Parse<events::SkuRegistered>(record.payload);
    case events::LOCATION_REGISTERED:
      return Parse<events::LocationRegistered>(record.payload);
    case events::LOCATION_PAUSED:
      return Parse<events::LocationPaused>(record.payload);
    case events::POOL_SET:
      return Parse<events::PoolSet>(record.payload);
    case events::STOCK_RESERVED:
      return Parse<events::StockReserved>(record.payload);
    case events::RESERVATION_EXTENDED:
      return Parse<events::ReservationExtended>(record.payload);
    case events::RESERVATION_CONFIRMED:
      return Parse<events::ReservationConfirmed>(record.payload);
    case events::RESERVATION_BOUND:
      return Parse<events::ReservationBound>(record.payload);
    case events::RESERVATION_RELEASED:
      return Parse<events::ReservationReleased>(record.payload);
    case events::RESERVATION_EXPIRED:
      return Parse<events::ReservationExpired>(record.payload);
    case events::RESERVATION_FULFILLED:
      return Parse<events::ReservationFulfilled>(record.payload);
    case events::STOCK_ADJUSTED:
      return Parse<events::StockAdjusted>(record.payload);
    default:
      return;
  }
}

void StockAuditor::On(const events::SkuRegistered& event) {
  if (!books_.skus.Add(event.sku(), event.sku_id())) {
    Difference(absl::StrCat("item ", event.sku_id()),
               absl::StrCat("registered as ", event.sku(), ", but that is not the next new id"));
  }
}

void StockAuditor::On(const events::LocationRegistered& event) {
  if (!books_.locations.Add(event.location(), event.location_id())) {
    Difference(absl::StrCat("location ", event.location_id()),
               absl::StrCat("registered as ", event.location(),
                            ", but that is not the next new "
                            "id"));
  }
}

void StockAuditor::On(const events::LocationPaused& event) {
  CheckKey(0, event.location());
  if (event.paused()) {
    books_.paused.insert(event.location());
  } else {
    books_.paused.erase(event.location());
  }
}

void StockAuditor::On(const events::PoolSet& event) {
  const bool known = books_.pools.Knows(event.pool());
  if (known ? books_.pools.Name(event.pool()) != event.pool_id()
            : !books_.pools.Add(event.pool(), event.pool_id())) {
    Difference(absl::StrCat("pool ", event.pool_id()),
               absl::StrCat("set as ", event.pool(), ", which is another pool's or not the next"));
  }
  for (const uint32_t location : event.locations()) CheckKey(0, location);
  books_.pool_locations[event.pool()] = {event.locations().begin(), event.locations().end()};
}

void StockAuditor::On(const events::StockReserved& event) {
  const int64_t id = books_.position;
  for (const int64_t replaced : event.replaces()) {
    BookedReservation* old = FindOpen(replaced, "StockReserved replaces");
    if (old == nullptr) continue;
    if (old->state != Reservation::HELD) {
      Difference(ReservationKey(replaced), "replaced, but it was confirmed");
    }
    old->replaced_by = id;
    End(replaced, *old, Reservation::REPLACED);
  }
  BookedReservation reservation{.owner = event.owner_id(),
                                .created_unix_us = books_.time_unix_us,
                                .expire_unix_us = event.expire_unix_us()};
  std::set<StockKey> touched;
  for (const auto& line : event.lines()) {
    BookedReservation::Line& booked = reservation.lines.emplace_back();
    booked.line_id =
        line.line_id().empty() ? absl::StrCat(reservation.lines.size() - 1) : line.line_id();
    booked.sku = line.sku();
    booked.pool = line.pool();
    if (line.pool() == 0 && line.placements_size() > 0) {
      booked.location = line.placements(0).location();
    }
    if (line.pool() == 0 && line.placements_size() > 1) {
      Difference(ReservationKey(id), "a line of a named location is placed at several");
    }
    if (line.pool() != 0 && !books_.pools.Knows(line.pool())) {
      Difference(ReservationKey(id), absl::StrCat("names the unknown pool ", line.pool()));
    }
    const auto& members = books_.pool_locations[line.pool()];
    for (const auto& placement : line.placements()) {
      CheckKey(line.sku(), placement.location());
      if (placement.quantity() <= 0) {
        Difference(ReservationKey(id), absl::StrCat("holds ", placement.quantity(), " units"));
      }
      if (line.pool() != 0 &&
          std::find(members.begin(), members.end(), placement.location()) == members.end()) {
        Difference(ReservationKey(id),
                   absl::StrCat("holds units at ", books_.locations.Name(placement.location()),
                                ", which pool ", books_.pools.Name(line.pool()), " lacks"));
      }
      const StockKey key{line.sku(), placement.location()};
      booked.open[placement.location()] += placement.quantity();
      booked.quantity += placement.quantity();
      Promise(reservation, key, placement.quantity());
      touched.insert(key);
    }
  }
  for (const StockKey& key : touched) CheckCovered(key);
  if (const auto [hold, only] = books_.hold_of_owner.emplace(event.owner_id(), id); !only) {
    Difference(ReservationKey(id), absl::StrCat("its owner ", event.owner_id(),
                                                " has the open hold ", hold->second, " already"));
    hold->second = id;
  }
  books_.reservations.emplace(id, std::move(reservation));
}

void StockAuditor::On(const events::ReservationExtended& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationExtended");
  if (r != nullptr) r->expire_unix_us = event.expire_unix_us();
}

void StockAuditor::On(const events::ReservationConfirmed& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationConfirmed");
  if (r == nullptr) return;
  for (const auto& line : r->lines) {
    for (const auto& [location, units] : line.open) {
      Balance& balance = books_.balances[{line.sku, location}];
      balance.reserved -= units;
      balance.allocated += units;
    }
  }
  books_.hold_of_owner.erase(r->owner);
  r->state = Reservation::CONFIRMED;
}

void StockAuditor::On(const events::ReservationBound& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationBound");
  if (r == nullptr) return;
  std::map<StockKey, int64_t> change;
  for (const auto& bound : event.lines()) {
    if (bound.line() >= r->lines.size()) {
      Difference(ReservationKey(event.reservation()), absl::StrCat("has no line ", bound.line()));
      continue;
    }
    BookedReservation::Line& line = r->lines[bound.line()];
    const int64_t before = line.open_units();
    for (const auto& [location, units] : line.open) change[{line.sku, location}] -= units;
    line.open.clear();
    for (const auto& placement : bound.placements()) {
      CheckKey(line.sku, placement.location());
      line.open[placement.location()] += placement.quantity();
      change[{line.sku, placement.location()}] += placement.quantity();
    }
    if (line.open_units() != before) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("bound ", line.open_units(), " units of ", before));
    }
  }
  for (const auto& [key, units] : change) {
    Promise(*r, key, units);
    if (units > 0) CheckCovered(key);
  }
}

void StockAuditor::On(const events::ReservationReleased& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationReleased");
  if (r == nullptr) return;
  for (const auto& part : event.parts()) {
    BookedReservation::Line* line = TakePart(event.reservation(), *r, part);
    if (line == nullptr) continue;
    if (event.missing()) {
      line->missing += part.quantity();
      books_.balances[{line->sku, part.location()}].unusable += part.quantity();
    } else {
      line->released += part.quantity();
    }
  }
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const events::ReservationExpired& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationExpired");
  if (r == nullptr) return;
  if (r->state != Reservation::HELD) {
    Difference(ReservationKey(event.reservation()), "expired, but it was confirmed");
  } else if (books_.time_unix_us < r->expire_unix_us) {
    Difference(ReservationKey(event.reservation()), "expired before its deadline");
  }
  End(event.reservation(), *r, Reservation::EXPIRED);
}

void StockAuditor::On(const events::ReservationFulfilled& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationFulfilled");
  if (r == nullptr) return;
  for (const auto& part : event.parts()) {
    BookedReservation::Line* line = TakePart(event.reservation(), *r, part);
    if (line == nullptr) continue;
    line->fulfilled += part.quantity();
    Balance& balance = books_.balances[{line->sku, part.location()}];
    balance.on_hand -= part.quantity();
    balance.fulfilled += part.quantity();
  }
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const events::StockAdjusted& event) {
  const StockKey key{event.sku(), event.location()};
  CheckKey(event.sku(), event.location());
  const int sign = SignOf(event.kind());
  if (sign * event.delta() < 0) {
    Difference(books_.KeyName(key),
               absl::StrCat("a fact of kind ", event.kind(), " changed it by ", event.delta()));
  }
  if (!event.effect_key().empty()) {
    const auto [first, once] = books_.effects.emplace(
        event.effect_key(), BookedEffect{books_.position, key, event.delta()});
    if (!once) {
      Difference(books_.KeyName(key),
                 absl::StrCat("the effect ", event.effect_key(), " happened twice, first at ",
                              first->second.position));
    }
  }
  ++books_.adjustments;
  Balance& balance = books_.balances[key];
  balance.on_hand += event.delta();
  balance.adjusted += event.delta();
  const int condition = event.condition();
  if (condition == Adjustment::DAMAGED || condition == Adjustment::QUARANTINE ||
      condition == Adjustment::INSPECTION) {
    balance.unusable += event.delta();
    if (balance.unusable < 0) {
      Difference(books_.KeyName(key), absl::StrCat("unusable is ", balance.unusable));
    }
  }
}

BookedReservation* StockAuditor::FindOpen(int64_t id, std::string_view event) {
  const auto found = books_.reservations.find(id);
  if (found == books_.reservations.end()) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " names it, but it never was"));
    return nullptr;
  }
  if (!found->second.is_open()) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " after its end as ",
                                                Reservation::State_Name(found->second.state)));
    return nullptr;
  }
  return &found->second;
}

BookedReservation* StockAuditor::FindLiveHold(int64_t id, std::string_view event) {
  BookedReservation* r = FindOpen(id, event);
  if (r == nullptr) return nullptr;
  if (r->state != Reservation::HELD) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " of a confirmed reservation"));
    return nullptr;
  }
  if (books_.time_unix_us >= r->expire_unix_us) {
    Difference(ReservationKey(id), absl::StrCat(std::string(event), " after its deadline"));
  }
  return r;
}

void StockAuditor::End(int64_t id, BookedReservation& reservation, Reservation::State state) {
  for (auto& line : reservation.lines) {
    for (const auto& [location, units] : line.open) {
      Promise(reservation, {line.sku, location}, -units);
      line.released += units;
    }
    line.open.clear();
  }
  const auto hold = books_.hold_of_owner.find(reservation.owner);
  if (hold != books_.hold_of_owner.end() && hold->second == id) books_.hold_of_owner.erase(hold);
  reservation.state = state;
}

BookedReservation::Line* StockAuditor::TakePart(int64_t id, BookedReservation& reservation,
                                                const events::Part& part) {
  if (part.line() >= reservation.lines.size()) {
    Difference(ReservationKey(id), absl::StrCat("has no line ", part.line()));
    return nullptr;
  }
  BookedReservation::Line& line = reservation.lines[part.line()];
  const auto open = line.open.find(part.location());
  if (open == line.open.end() || part.quantity() <= 0 || open->second < part.quantity()) {
    Difference(ReservationKey(id),
               absl::StrCat("takes ", part.quantity(), " units of line ", line.line_id, " at ",
                            books_.locations.Name(part.location()), ", where ",
                            open == line.open.end() ? 0 : open->second, " are open"));
    return nullptr;
  }
  open->second -= part.quantity();
  if (open->second == 0) line.open.erase(open);
  Promise(reservation, {line.sku, part.location()}, -part.quantity());
  return &line;
}

void StockAuditor::EndIfNothingIsOpen(int64_t id, BookedReservation& reservation) {
  bool fulfilled = false;
  for (const auto& line : reservation.lines) {
    if (!line.open.empty()) return;
    fulfilled |= line.fulfilled > 0;
  }
  End(id, reservation, fulfilled ? Reservation::FULFILLED : Reservation::RELEASED);
}

void StockAuditor::Promise(const BookedReservation& reservation, const StockKey& key,
                           int64_t units) {
  Balance& balance = books_.balances[key];
  (reservation.state == Reservation::HELD ? balance.reserved : balance.allocated) += units;
}

}  // namespace quartermaster::qm
