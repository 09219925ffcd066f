// What reservations do to the books: their life, and where their flexible units stand.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;
using stock::v1::Adjustment;
using stock::v1::Reservation;

void StockAuditor::On(const stock_events::StockReserved& event) {
  const int64_t id = books_.position;
  for (const auto& line : event.lines()) {
    for (const auto& placement : line.placements()) {
      NoteSafetyStock({line.sku(), placement.location()});
    }
  }
  std::vector<BookedReservation::Line> asked;
  for (const auto& line : event.lines()) {
    asked.push_back({.sku = line.sku(), .pool = line.pool(), .channel = line.channel()});
  }
  BeginTaking(asked, event.customer_id(), /*binds=*/false);
  for (const int64_t replaced : event.replaces()) {
    if (HeldAgain(replaced, id)) continue;
    BookedReservation* old = FindOpen(replaced, "StockReserved replaces");
    if (old == nullptr) continue;
    if (old->state != Reservation::HELD) {
      Difference(ReservationKey(replaced), "replaced, but it was confirmed");
    }
    old->replaced_by = id;
    NoteGivenBack(*old);
    for (const auto& ended : event.ended()) {
      if (ended.reservation() != replaced) continue;
      TakeFlexible(replaced, *old, ended.part(), &BookedReservation::Line::released);
    }
    End(replaced, *old, Reservation::REPLACED);
  }
  BookedReservation reservation{.owner = event.owner_id(),
                                .created_unix_us = books_.time_unix_us,
                                .expire_unix_us = event.expire_unix_us(),
                                .customer = event.customer_id()};
  std::set<StockKey> touched;
  // Units that make room for a till's may come to stand on safety stock.
  std::set<uint32_t> skus_of_tills;
  for (const auto& line : event.lines()) {
    BookedReservation::Line& booked = reservation.lines.emplace_back();
    booked.line_id =
        line.line_id().empty() ? absl::StrCat(reservation.lines.size() - 1) : line.line_id();
    booked.sku = line.sku();
    booked.pool = line.pool();
    booked.channel = line.channel();
    booked.kit = line.kit();
    booked.per_kit = line.per_kit();
    booked.group = line.group();
    CheckChannel(id, booked);
    if (IsOfTill(booked)) skus_of_tills.insert(booked.sku);
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
    booked.eligible_class = line.eligible_class();
    if (line.eligible_class() != 0 && (line.eligible_class() > books_.classes.size() ||
                                       books_.classes[line.eligible_class() - 1] !=
                                           std::set<uint32_t>(members.begin(), members.end()))) {
      Difference(ReservationKey(id),
                 absl::StrCat("its class ", line.eligible_class(), " is not what pool ",
                              books_.pools.Name(line.pool()), " has"));
    }
    // Its units have their places, all of them together.
    if (booked.group != 0) booked.group_class = std::exchange(booked.eligible_class, 0);
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
      booked.quantity += placement.quantity();
      if (booked.eligible_class != 0) {
        booked.flexible += placement.quantity();
        Stand({line.sku(), booked.eligible_class, false}, placement.location(),
              placement.quantity());
      } else {
        booked.open[placement.location()] += placement.quantity();
        Promise(reservation, key, placement.quantity());
      }
      touched.insert(key);
    }
    booked.quantity += line.waiting();
    booked.waiting = line.waiting();
    booked.needed_by_unix_us = line.needed_by_unix_us();
    booked.waits_at_class = line.eligible_class();
    if (line.pool() == 0) {
      booked.waits_at_location = booked.location == 0 ? line.location() : booked.location;
    }
    Use(reservation, booked, booked.quantity);
  }
  CheckTaken();
  CheckKits(id, reservation);
  CheckTogether(id, reservation);
  for (const StockKey& key : touched) {
    CheckCovered(key);
    if (!skus_of_tills.contains(key.first)) CheckSafetyStock(key);
  }
  if (const auto [hold, only] = books_.hold_of_owner.emplace(event.owner_id(), id); !only) {
    Difference(ReservationKey(id), absl::StrCat("its owner ", event.owner_id(),
                                                " has the open hold ", hold->second, " already"));
    hold->second = id;
  }
  const BookedReservation& booked =
      books_.reservations.emplace(id, std::move(reservation)).first->second;
  for (uint32_t i = 0; i < booked.lines.size(); ++i) {
    if (booked.lines[i].waiting != 0) books_.waiters[booked.lines[i].sku].insert({id, i});
  }
  for (const auto& line : booked.lines) {
    if (line.waiting != 0) CheckPromise(id, line);
  }
}

void StockAuditor::On(const stock_events::ReservationExtended& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationExtended");
  if (r != nullptr) r->expire_unix_us = event.expire_unix_us();
}

void StockAuditor::On(const stock_events::ReservationConfirmed& event) {
  BookedReservation* r = FindLiveHold(event.reservation(), "ReservationConfirmed");
  if (r == nullptr) return;
  for (const auto& line : r->lines) {
    for (const auto& [location, units] : line.open) {
      Balance& balance = books_.balances[{line.sku, location}];
      balance.reserved -= units;
      balance.allocated += units;
    }
  }
  for (const auto& part : event.parts()) {
    if (!TakeFlexible(event.reservation(), *r, part, nullptr)) continue;
    const auto& line = r->lines[part.line()];
    Stand({line.sku, line.eligible_class, true}, part.location(), part.quantity());
  }
  books_.hold_of_owner.erase(r->owner);
  r->state = Reservation::CONFIRMED;
}

void StockAuditor::On(const stock_events::ReservationBound& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationBound");
  if (r == nullptr) return;
  std::map<StockKey, int64_t> change;
  std::set<uint32_t> skus_of_tills;
  std::vector<BookedReservation::Line> moved;
  for (const auto& bound : event.lines()) {
    if (bound.line() < r->lines.size()) moved.push_back(r->lines[bound.line()]);
  }
  BeginTaking(moved, r->customer, /*binds=*/true);
  for (const auto& bound : event.lines()) {
    if (bound.line() >= r->lines.size()) {
      Difference(ReservationKey(event.reservation()), absl::StrCat("has no line ", bound.line()));
      continue;
    }
    BookedReservation::Line& line = r->lines[bound.line()];
    if (IsOfTill(line)) skus_of_tills.insert(line.sku);
    for (const auto& placement : bound.placements()) {
      NoteSafetyStock({line.sku, placement.location()});
    }
    const int64_t before = line.open_units();
    for (const auto& [location, units] : line.open) change[{line.sku, location}] -= units;
    line.open.clear();
    for (const auto& from : bound.from()) {
      stock_events::Part part;
      part.set_line(bound.line());
      part.set_location(from.location());
      part.set_quantity(from.quantity());
      if (TakeFlexible(event.reservation(), *r, part, nullptr)) line.flexible -= from.quantity();
    }
    if (line.flexible != 0) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("bound, but ", line.flexible, " of its flexible units stay behind"));
      line.flexible = 0;
    }
    line.eligible_class = 0;
    line.group_class = 0;
    for (const auto& placement : bound.placements()) {
      CheckKey(line.sku, placement.location());
      line.open[placement.location()] += placement.quantity();
      change[{line.sku, placement.location()}] += placement.quantity();
    }
    line.ForgetUncovered();
    if (line.open_units() != before) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("bound ", line.open_units(), " units of ", before));
    }
  }
  for (const auto& [key, units] : change) {
    Promise(*r, key, units);
    if (units <= 0) continue;
    CheckCovered(key);
    if (!skus_of_tills.contains(key.first)) CheckSafetyStock(key);
  }
  CheckTaken();
}

void StockAuditor::On(const stock_events::ReservationReleased& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationReleased");
  if (r == nullptr) return;
  for (const auto& part : event.parts()) {
    const auto counted =
        event.missing() ? &BookedReservation::Line::missing : &BookedReservation::Line::released;
    const BookedReservation::Line* line = TakePart(event.reservation(), *r, part, counted);
    if (line == nullptr || !event.missing()) continue;
    AddToCondition({line->sku, part.location()}, Adjustment::SUSPECT, part.quantity());
  }
  for (auto& line : r->lines) {
    line.ForgetUncovered();
    if (!event.unplaced()) continue;
    Use(*r, line, -(line.in_transit + line.waiting));
    line.released += std::exchange(line.in_transit, 0) + std::exchange(line.waiting, 0);
    line.late = 0;
  }
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const stock_events::ReservationExpired& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationExpired");
  if (r == nullptr) return;
  if (r->state != Reservation::HELD) {
    Difference(ReservationKey(event.reservation()), "expired, but it was confirmed");
  } else if (books_.time_unix_us < r->expire_unix_us) {
    Difference(ReservationKey(event.reservation()), "expired before its deadline");
  }
  for (const auto& part : event.parts()) {
    TakeFlexible(event.reservation(), *r, part, &BookedReservation::Line::released);
  }
  End(event.reservation(), *r, Reservation::EXPIRED);
}

void StockAuditor::On(const stock_events::ReservationFulfilled& event) {
  BookedReservation* r = FindOpen(event.reservation(), "ReservationFulfilled");
  if (r == nullptr) return;
  const std::set<uint32_t> in_count(event.in_count().begin(), event.in_count().end());
  if (!in_count.empty() &&
      (*in_count.begin() == 0 || *in_count.rbegin() > static_cast<uint32_t>(event.parts_size()))) {
    Difference(ReservationKey(event.reservation()), "a count has a part that it does not have");
  }
  uint32_t number = 0;
  for (const auto& part : event.parts()) {
    const bool counted = in_count.contains(++number);
    const BookedReservation::Line* line =
        TakePart(event.reservation(), *r, part, &BookedReservation::Line::fulfilled);
    if (line == nullptr) continue;
    NoteSold(*r, *line, part.quantity());
    Balance& balance = books_.balances[{line->sku, part.location()}];
    balance.fulfilled += part.quantity();
    // The count has taken these off already.
    (counted ? balance.adjusted : balance.on_hand) += counted ? part.quantity() : -part.quantity();
    books_.facts[{line->sku, part.location()}].push_back(
        FactOf(event, books_.time_unix_us, -part.quantity()));
  }
  for (auto& line : r->lines) line.ForgetUncovered();
  EndIfNothingIsOpen(event.reservation(), *r);
}

void StockAuditor::On(const stock_events::BackingMoved& event) {
  for (const auto& move : event.moves()) {
    const Lane lane{event.sku(), move.eligible_class(), move.allocated()};
    NoteSafetyStock({event.sku(), move.from()});
    NoteSafetyStock({event.sku(), move.to()});
    const Balance& balance = books_.balances[{event.sku(), move.to()}];
    moved_to_.try_emplace({event.sku(), move.to()},
                          std::max<int64_t>(0, balance.promised() - balance.usable()));
    Stand(lane, move.from(), -move.quantity());
    Stand(lane, move.to(), move.quantity());
  }
}

// Who goes without must have been promised something that is not there.
void StockAuditor::On(const stock_events::UnitsUncovered& event) {
  // Short are the locations that they are at, and those where flexible units stand.
  std::set<uint32_t> locations;
  for (const auto& units : event.units()) locations.insert(units.location());
  for (auto it = books_.backing.lower_bound({event.sku(), 0, false});
       it != books_.backing.end() && it->first.sku == event.sku(); ++it) {
    for (const auto& [location, standing] : it->second) locations.insert(location);
  }
  int64_t short_units = 0;
  for (const uint32_t location : locations) {
    const auto found = books_.balances.find({event.sku(), location});
    if (found == books_.balances.end()) continue;
    short_units += std::max<int64_t>(0, found->second.promised() - found->second.usable());
  }
  for (const auto& units : event.units()) {
    short_units -= units.quantity();
    BookedReservation::Line* line = FindLine(event.sku(), units, "UnitsUncovered");
    if (line == nullptr) continue;
    line->uncovered[units.location()] += units.quantity();
    const int64_t uncovered = line->uncovered_units();
    line->ForgetUncovered();
    if (units.quantity() <= 0 || line->uncovered_units() != uncovered) {
      Difference(ReservationKey(units.reservation()),
                 absl::StrCat("has no ", units.quantity(), " units of line ", units.line(),
                              " to uncover"));
    }
  }
  if (short_units < 0) {
    Difference(absl::StrCat("stock ", books_.skus.Name(event.sku())),
               absl::StrCat("more units uncovered than short, by ", -short_units));
  }
}

void StockAuditor::On(const stock_events::UnitsCovered& event) {
  for (const auto& units : event.units()) {
    BookedReservation::Line* line = FindLine(event.sku(), units, "UnitsCovered");
    if (line == nullptr) continue;
    int64_t& uncovered = line->uncovered[units.location()];
    if (units.quantity() <= 0 || uncovered < units.quantity()) {
      Difference(ReservationKey(units.reservation()),
                 absl::StrCat("covers ", units.quantity(), " units of line ", units.line(),
                              " of which ", uncovered, " were uncovered"));
    }
    uncovered -= std::min(uncovered, units.quantity());
    line->ForgetUncovered();
  }
}

BookedReservation::Line* StockAuditor::FindLine(uint32_t sku,
                                                const stock_events::UncoveredUnits& units,
                                                std::string_view event) {
  BookedReservation* r = FindOpen(units.reservation(), event);
  if (r == nullptr) return nullptr;
  if (units.line() < r->lines.size() && r->lines[units.line()].sku == sku) {
    return &r->lines[units.line()];
  }
  Difference(ReservationKey(units.reservation()),
             absl::StrCat(std::string(event), " names line ", units.line(), " of another SKU"));
  return nullptr;
}

void StockAuditor::CheckMoved() {
  for (const auto& [key, short_before] : std::exchange(moved_to_, {})) {
    const Balance& balance = books_.balances[key];
    if (balance.promised() - balance.usable() > short_before) CheckCovered(key);
  }
}

void StockAuditor::Stand(const Lane& lane, uint32_t location, int64_t units) {
  const StockKey key{lane.sku, location};
  CheckKey(lane.sku, location);
  if (lane.eligible_class == 0 || lane.eligible_class > books_.classes.size() ||
      !books_.classes[lane.eligible_class - 1].contains(location)) {
    Difference(books_.KeyName(key),
               absl::StrCat("units of class ", lane.eligible_class, " stand outside of it"));
  }
  auto& there = books_.backing[lane];
  if (there[location] + units < 0) {
    Difference(books_.KeyName(key),
               absl::StrCat("of class ", lane.eligible_class, ", ", -units, " units leave, and ",
                            there[location], " stand there"));
  }
  there[location] += units;
  if (there[location] == 0) there.erase(location);
  if (there.empty()) books_.backing.erase(lane);
  Balance& balance = books_.balances[key];
  (lane.allocated ? balance.allocated : balance.reserved) += units;
}

bool StockAuditor::TakeFlexible(int64_t id, BookedReservation& reservation,
                                const stock_events::Part& part,
                                int64_t BookedReservation::Line::*counted) {
  if (part.line() >= reservation.lines.size()) {
    Difference(ReservationKey(id), absl::StrCat("has no line ", part.line()));
    return false;
  }
  BookedReservation::Line& line = reservation.lines[part.line()];
  if (line.eligible_class == 0 || part.quantity() <= 0 || line.flexible < part.quantity()) {
    Difference(ReservationKey(id),
               absl::StrCat("takes ", part.quantity(), " flexible units of line ", line.line_id,
                            ", of which ", line.flexible, " are open"));
    return false;
  }
  Stand({line.sku, line.eligible_class, reservation.state == Reservation::CONFIRMED},
        part.location(), -part.quantity());
  if (counted != nullptr) {
    line.flexible -= part.quantity();
    line.*counted += part.quantity();
    if (counted != &BookedReservation::Line::in_transit) {
      Use(reservation, line, -part.quantity());
    }
  }
  return true;
}

bool StockAuditor::HeldAgain(int64_t old, int64_t successor) {
  const auto found = books_.reservations.find(old);
  if (found == books_.reservations.end() || found->second.state != Reservation::EXPIRED) {
    return false;
  }
  BookedReservation& expired = found->second;
  if (expired.replaced_by != 0) {
    Difference(ReservationKey(old),
               absl::StrCat("held again as ", ReservationName(successor), " and before as ",
                            ReservationName(expired.replaced_by)));
  }
  expired.replaced_by = successor;
  return true;
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
    if (line.flexible != 0) {
      Difference(ReservationKey(id), absl::StrCat("ends with ", line.flexible,
                                                  " flexible units that nobody says where"));
    }
    for (const auto& [location, units] : line.open) {
      Promise(reservation, {line.sku, location}, -units);
      Use(reservation, line, -units);
      line.released += units;
    }
    line.open.clear();
    line.uncovered.clear();
    Use(reservation, line, -(line.in_transit + line.waiting));
    line.released += std::exchange(line.in_transit, 0) + std::exchange(line.waiting, 0);
    line.late = 0;
  }
  const auto hold = books_.hold_of_owner.find(reservation.owner);
  if (hold != books_.hold_of_owner.end() && hold->second == id) books_.hold_of_owner.erase(hold);
  reservation.state = state;
}

const BookedReservation::Line* StockAuditor::TakePart(int64_t id, BookedReservation& reservation,
                                                      const stock_events::Part& part,
                                                      int64_t BookedReservation::Line::*counted) {
  if (part.line() >= reservation.lines.size()) {
    Difference(ReservationKey(id), absl::StrCat("has no line ", part.line()));
    return nullptr;
  }
  BookedReservation::Line& line = reservation.lines[part.line()];
  if (line.eligible_class != 0) {
    return TakeFlexible(id, reservation, part, counted) ? &line : nullptr;
  }
  const auto open = line.open.find(part.location());
  if (open == line.open.end() || part.quantity() <= 0 || open->second < part.quantity()) {
    Difference(ReservationKey(id),
               absl::StrCat("takes ", part.quantity(), " units of line ", line.line_id, " at ",
                            books_.locations.Name(part.location()), ", where ",
                            open == line.open.end() ? 0 : open->second, " are open"));
    return nullptr;
  }
  FixGroupOf(reservation, line.group);
  open->second -= part.quantity();
  if (open->second == 0) line.open.erase(open);
  Promise(reservation, {line.sku, part.location()}, -part.quantity());
  // On their way, they are still promised.
  if (counted != &BookedReservation::Line::in_transit) Use(reservation, line, -part.quantity());
  line.*counted += part.quantity();
  return &line;
}

void StockAuditor::EndIfNothingIsOpen(int64_t id, BookedReservation& reservation) {
  bool fulfilled = false;
  for (const auto& line : reservation.lines) {
    if (line.open_units() != 0 || line.in_transit != 0 || line.waiting != 0) return;
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
