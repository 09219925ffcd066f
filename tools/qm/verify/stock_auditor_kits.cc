// Kits, and lines that must be at one location: that what was held is what the kit was then, and
// that nothing was torn apart.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;

namespace {

constexpr int kTiersMax = 8;
constexpr size_t kPartsMax = 100;
constexpr int64_t kCountMax = 1'000'000;

}  // namespace

std::optional<std::map<uint32_t, int64_t>> StockBooks::PartsOf(uint32_t sku, int tiers) const {
  const auto found = kits.find(sku);
  if (found == kits.end()) return std::map<uint32_t, int64_t>{{sku, 1}};
  if (tiers == 0) return std::nullopt;
  std::map<uint32_t, int64_t> sums;
  for (const auto& [component, count] : found->second.components) {
    const auto parts = PartsOf(component, tiers - 1);
    if (!parts) return std::nullopt;
    for (const auto& [part, each] : *parts) {
      if ((sums[part] += each * count) > kCountMax) return std::nullopt;
    }
    if (sums.size() > kPartsMax) return std::nullopt;
  }
  return sums;
}

bool StockBooks::IsWhole(uint32_t sku) const {
  const auto found = kits.find(sku);
  if (found == kits.end()) return false;
  return found->second.same_location ||
         std::any_of(found->second.components.begin(), found->second.components.end(),
                     [&](const auto& component) { return IsWhole(component.first); });
}

void StockAuditor::On(const stock_events::KitDefined& event) {
  const std::string key = absl::StrCat("kit ", books_.skus.Name(event.sku()));
  if (!books_.skus.Knows(event.sku())) Difference(key, "defined before it was registered");
  books_.kits.erase(event.sku());
  if (event.components().empty()) return;
  BookedKit kit;
  kit.same_location = event.same_location();
  for (const auto& component : event.components()) {
    if (!books_.skus.Knows(component.sku())) {
      Difference(key, absl::StrCat("consists of the unknown item ", component.sku()));
    }
    if (!kit.components.emplace(component.sku(), component.count()).second) {
      Difference(key, absl::StrCat("has ", books_.skus.Name(component.sku()), " twice"));
    }
  }
  books_.kits[event.sku()] = std::move(kit);
  if (!books_.PartsOf(event.sku(), kTiersMax)) {
    // Not to be followed any further.
    books_.kits.erase(event.sku());
    return Difference(key, "contains itself, has too many tiers or parts, or too many of one");
  }
  for (auto& [stock, balance] : books_.balances) {
    if (stock.first == event.sku() && (balance.on_hand != 0 || balance.promised() != 0)) {
      Difference(key, "has stock of its own");
    }
  }
}

// Every part, as often as is in so many kits; and of a whole one, all in a group.
void StockAuditor::CheckKits(int64_t id, const BookedReservation& reservation) {
  const auto& lines = reservation.lines;
  for (size_t i = 0; i < lines.size();) {
    const BookedReservation::Line& first = lines[i];
    if (first.kit == 0) {
      ++i;
      continue;
    }
    std::map<uint32_t, int64_t> held;
    bool alike = true;
    for (; i < lines.size() && lines[i].kit == first.kit && lines[i].line_id == first.line_id;
         ++i) {
      alike = alike && held.emplace(lines[i].sku, lines[i].per_kit).second &&
              lines[i].per_kit > 0 && lines[i].quantity % lines[i].per_kit == 0 &&
              lines[i].quantity * first.per_kit == first.quantity * lines[i].per_kit;
    }
    const auto parts = books_.PartsOf(first.kit, kTiersMax);
    if (!books_.kits.contains(first.kit) || parts != held || !alike) {
      Difference(ReservationKey(id),
                 absl::StrCat("line ", first.line_id, " is not so many of the kit ",
                              books_.skus.Name(first.kit), " as it was then"));
    }
    if (books_.IsWhole(first.kit) && first.pool != 0 && first.group == 0) {
      Difference(ReservationKey(id), absl::StrCat("line ", first.line_id, " may be torn apart"));
    }
  }
}

// Lines of a group that may still move are at the same places, in step.
void StockAuditor::CheckTogether(int64_t id, const BookedReservation& reservation) {
  std::map<uint32_t, const BookedReservation::Line*> first_of_group;
  for (const auto& line : reservation.lines) {
    if (line.group == 0 || line.group_class == 0 || line.open_units() == 0) continue;
    const BookedReservation::Line& first =
        *first_of_group.try_emplace(line.group, &line).first->second;
    bool in_step = line.open.size() == first.open.size();
    for (const auto& [location, units] : line.open) {
      const auto other = first.open.find(location);
      in_step = in_step && other != first.open.end() &&
                units * first.open_units() == other->second * line.open_units();
      // More than one place: each kit at one.
      in_step = in_step && (line.open.size() == 1 || (line.kit != 0 && units % line.per_kit == 0));
    }
    if (!in_step) {
      Difference(ReservationKey(id), absl::StrCat("line ", line.line_id, " is torn apart from ",
                                                  first.line_id, ", which must be where it is"));
    }
  }
}

void StockAuditor::On(const stock_events::GroupMoved& event) {
  BookedReservation* const r = FindOpen(event.reservation(), "GroupMoved");
  if (r == nullptr) return;
  std::map<StockKey, int64_t> change;
  for (const auto& moved : event.lines()) {
    if (moved.line() >= r->lines.size() || r->lines[moved.line()].group_class == 0) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("moves line ", moved.line(), ", which is not to be moved"));
      continue;
    }
    BookedReservation::Line& line = r->lines[moved.line()];
    const int64_t before = line.open_units();
    for (const auto& [location, units] : line.open) change[{line.sku, location}] -= units;
    line.open.clear();
    for (const auto& placement : moved.placements()) {
      CheckKey(line.sku, placement.location());
      if (!books_.classes[line.group_class - 1].contains(placement.location())) {
        Difference(ReservationKey(event.reservation()), "moves out of its class");
      }
      line.open[placement.location()] += placement.quantity();
      change[{line.sku, placement.location()}] += placement.quantity();
    }
    line.ForgetUncovered();
    if (line.open_units() != before) {
      Difference(ReservationKey(event.reservation()),
                 absl::StrCat("moved ", line.open_units(), " units of ", before));
    }
  }
  for (const auto& [key, units] : change) {
    NoteSafetyStock(key);
    const Balance& balance = books_.balances[key];
    moved_to_.try_emplace(key, std::max<int64_t>(0, balance.promised() - balance.usable()));
    Promise(*r, key, units);
  }
  CheckTogether(event.reservation(), *r);
}

void StockAuditor::FixGroupOf(BookedReservation& reservation, uint32_t group) {
  for (auto& line : reservation.lines) {
    if (group != 0 && line.group == group) line.group_class = 0;
  }
}

}  // namespace quartermaster::qm
