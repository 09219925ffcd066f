// What supply does to the books, and those who wait for it: nothing promised that is not on order,
// and served in the order of who comes first.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;
using stock::v1::Reservation;

namespace {

std::string SupplyKey(const BookedSupply& supply) {
  return absl::StrCat("supply ", supply.id, "/", supply.line_id);
}

}  // namespace

BookedSupply* StockAuditor::FindSupply(uint32_t supply, const std::string& id,
                                       const std::string& line_id) {
  if (supply == books_.supplies.size() + 1) {
    for (const auto& [index, other] : books_.supplies) {
      if (other.id == id && other.line_id == line_id) {
        Difference(SupplyKey(other), "has two compact ids");
      }
    }
    BookedSupply& added = books_.supplies[supply];
    added.id = id;
    added.line_id = line_id;
    return &added;
  }
  const auto found = books_.supplies.find(supply);
  if (found != books_.supplies.end()) return &found->second;
  Difference(absl::StrCat("supply #", supply), "is used before it was told of");
  return nullptr;
}

void StockAuditor::On(const stock_events::SupplyExpected& event) {
  CheckKey(event.sku(), event.location());
  BookedSupply* supply = FindSupply(event.supply(), event.supply_id(), event.line_id());
  if (supply == nullptr) return;
  if (event.revision() <= supply->revision || event.quantity() < 0) {
    Difference(SupplyKey(*supply),
               absl::StrCat("revision ", event.revision(), " of ", event.quantity(),
                            " units comes after revision ", supply->revision));
  }
  supply->sku = event.sku();
  supply->location = event.location();
  supply->expected = event.quantity();
  supply->due_unix_us = event.due_unix_us();
  supply->revision = event.revision();
  supply->closed = false;
}

void StockAuditor::On(const stock_events::SupplyReceived& event) {
  CheckKey(event.sku(), event.location());
  BookedSupply* supply = FindSupply(event.supply(), event.supply_id(), event.line_id());
  if (supply == nullptr) return;
  if (supply->sku == 0) supply->sku = event.sku();
  if (supply->location == 0) supply->location = event.location();
  const StockKey key{event.sku(), event.location()};
  HappensOnce(key, event.effect_key(), event.quantity());
  if (event.quantity() < 0) {
    Difference(SupplyKey(*supply), absl::StrCat(event.quantity(), " units came"));
  }
  supply->received += event.quantity();
  supply->closed |= event.last();
  if (event.beside()) {
    // Then the goods were booked with what is right before it.
    int64_t& booked = goods_[key];
    if (booked < event.quantity()) {
      Difference(SupplyKey(*supply),
                 absl::StrCat("received ", event.quantity(), " units of which ", booked, " came"));
    }
    booked -= event.quantity();
    return;
  }
  Balance& balance = books_.balances[key];
  balance.on_hand += event.quantity();
  balance.adjusted += event.quantity();
  books_.facts[key].push_back({.time_unix_us = books_.time_unix_us, .delta = event.quantity()});
  AddToCondition(key, event.condition(), event.quantity());
}

void StockAuditor::On(const stock_events::SupplyCancelled& event) {
  const auto found = books_.supplies.find(event.supply());
  if (found == books_.supplies.end()) {
    Difference(absl::StrCat("supply #", event.supply()), "is cancelled before it was told of");
    return;
  }
  BookedSupply& supply = found->second;
  if (event.revision() != 0) {
    if (event.revision() <= supply.revision) {
      Difference(SupplyKey(supply), absl::StrCat("is cancelled by revision ", event.revision(),
                                                 " after revision ", supply.revision));
    }
    supply.revision = event.revision();
  }
  supply.closed = true;
}

void StockAuditor::ForEachWaiter(
    uint32_t sku,
    const std::function<void(int64_t, uint32_t, const BookedReservation::Line&)>& visit) {
  auto& waiters = books_.waiters[sku];
  std::erase_if(waiters, [&](const auto& waiter) {
    return books_.reservations.at(waiter.first).lines[waiter.second].waiting == 0;
  });
  for (const auto& [id, i] : waiters) visit(id, i, books_.reservations.at(id).lines[i]);
}

void StockAuditor::CheckPromise(int64_t id, const BookedReservation::Line& line) {
  const auto in_scope = [&](uint32_t location) {
    return line.eligible_class == 0 ? location == line.waits_at_location
                                    : books_.classes[line.eligible_class - 1].contains(location);
  };
  // Those who wait for the same, or for a part of it, have as much of it as they were promised.
  std::set<int64_t> dates{line.needed_by_unix_us};
  std::vector<std::pair<int64_t, int64_t>> commitments;
  ForEachWaiter(line.sku, [&](int64_t, uint32_t, const BookedReservation::Line& other) {
    const bool same = other.waits_at_class == line.waits_at_class &&
                      other.waits_at_location == line.waits_at_location;
    if (!same && (other.waits_at_class != 0 || !in_scope(other.waits_at_location))) return;
    commitments.emplace_back(other.needed_by_unix_us, other.waiting);
    if (other.needed_by_unix_us > line.needed_by_unix_us) dates.insert(other.needed_by_unix_us);
  });
  // At one location, what is missing of safety stock comes first.
  int64_t owed = 0;
  if (line.eligible_class == 0) {
    const StockKey key{line.sku, line.waits_at_location};
    const auto found = books_.balances.find(key);
    const Balance booked = found == books_.balances.end() ? Balance{} : found->second;
    const int64_t free = std::max<int64_t>(0, booked.usable() - booked.promised());
    owed = std::max<int64_t>(0, books_.SafetyStockOf(key) - free);
  }
  for (const int64_t date : dates) {
    int64_t left = 0;
    for (const auto& [index, supply] : books_.supplies) {
      const bool comes = supply.sku == line.sku && supply.due_unix_us <= date;
      if (comes && in_scope(supply.location)) left += supply.open();
    }
    left -= std::min(left, owed);
    for (const auto& [needed_by, units] : commitments) {
      if (needed_by <= date) left -= units;
    }
    if (left >= 0) continue;
    Difference(ReservationKey(id), absl::StrCat("line ", line.line_id, " waits for ", line.waiting,
                                                " units, ", -left, " more than are to come"));
    return;
  }
}

void StockAuditor::On(const stock_events::WaitersServed& event) {
  std::set<StockKey> touched;
  std::set<uint32_t> tills;
  for (const auto& units : event.units()) NoteSafetyStock({event.sku(), units.location()});
  for (const auto& units : event.units()) {
    BookedReservation* r = FindOpen(units.reservation(), "WaitersServed");
    if (r == nullptr) continue;
    if (units.line() >= r->lines.size() || r->lines[units.line()].sku != event.sku() ||
        units.quantity() <= 0 || r->lines[units.line()].waiting < units.quantity()) {
      Difference(ReservationKey(units.reservation()),
                 absl::StrCat("is served ", units.quantity(), " units that do not wait"));
      continue;
    }
    BookedReservation::Line& line = r->lines[units.line()];
    line.waiting -= units.quantity();
    line.late = std::min(line.late, line.waiting);
    if (IsOfTill(line)) tills.insert(line.sku);
    if (line.eligible_class != 0) {
      line.flexible += units.quantity();
      Stand({line.sku, line.eligible_class, r->state == Reservation::CONFIRMED}, units.location(),
            units.quantity());
    } else {
      line.open[units.location()] += units.quantity();
      Promise(*r, {line.sku, units.location()}, units.quantity());
    }
    touched.insert({event.sku(), units.location()});
  }
  for (const StockKey& key : touched) {
    CheckCovered(key);
    if (!tills.contains(key.first)) CheckSafetyStock(key);
  }
  CheckOrder(event);
}

// Nobody who waits for the same comes before somebody who was served.
void StockAuditor::CheckOrder(const stock_events::WaitersServed& event) {
  const auto rank = [&](int64_t id, uint32_t line) {
    const BookedReservation& r = books_.reservations.at(id);
    return std::tuple(r.state == Reservation::HELD, r.lines[line].needed_by_unix_us, id, line);
  };
  using Scope = std::tuple<uint32_t, uint32_t, bool>;
  const auto scope_of = [&](const BookedReservation::Line& line) {
    return Scope(line.waits_at_class, line.waits_at_location, IsOfTill(line));
  };
  std::map<Scope, std::tuple<bool, int64_t, int64_t, uint32_t>> last;
  for (const auto& units : event.units()) {
    const auto found = books_.reservations.find(units.reservation());
    if (found == books_.reservations.end() || units.line() >= found->second.lines.size()) continue;
    const auto its = rank(units.reservation(), units.line());
    auto& of_scope =
        last.try_emplace(scope_of(found->second.lines[units.line()]), its).first->second;
    of_scope = std::max(of_scope, its);
  }
  ForEachWaiter(event.sku(), [&](int64_t id, uint32_t i, const BookedReservation::Line& line) {
    const auto found = last.find(scope_of(line));
    if (found == last.end() || rank(id, i) >= found->second) return;
    Difference(ReservationKey(id), "waits, and whoever comes behind it was served");
  });
}

void StockAuditor::On(const stock_events::PromisesChanged& event) {
  for (const auto& changed : event.lines()) {
    BookedReservation* r = FindOpen(changed.reservation(), "PromisesChanged");
    if (r == nullptr) continue;
    if (changed.line() >= r->lines.size() || changed.late() < 0 ||
        changed.late() > r->lines[changed.line()].waiting) {
      Difference(ReservationKey(changed.reservation()),
                 absl::StrCat("has ", changed.late(), " units late that do not wait"));
      continue;
    }
    r->lines[changed.line()].late = changed.late();
  }
}

}  // namespace quartermaster::qm
