// What channels may have of a SKU: what they use, caps, and that nobody took what a quota holds.
#include <algorithm>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

namespace stock_events = ::quartermaster::stock::events::v1;

namespace {

// How many units of demands can be served at once; each names the locations where it may stand. By
// paths that take a unit's place and send it elsewhere, one after the other.
class Assignment {
 public:
  explicit Assignment(std::map<uint32_t, int64_t> supply) : free_(std::move(supply)) {}

  // Returns how many units of it cannot be served.
  int64_t Add(const std::set<uint32_t>& where, int64_t units) {
    const size_t demand = demands_.size();
    demands_.push_back({where, {}});
    while (units > 0) {
      std::set<uint32_t> seen;
      const int64_t served = Place(demand, units, seen);
      if (served == 0) break;
      units -= served;
    }
    return units;
  }

 private:
  struct Demand {
    std::set<uint32_t> where;
    std::map<uint32_t, int64_t> at;
  };
  // Up to `units` of the demand, where something is free or another's units can move away.
  int64_t Place(size_t demand, int64_t units, std::set<uint32_t>& seen) {
    for (const uint32_t location : demands_[demand].where) {
      int64_t& free = free_[location];
      const int64_t placed = std::min(units, std::max<int64_t>(0, free));
      if (placed == 0) continue;
      free -= placed;
      demands_[demand].at[location] += placed;
      return placed;
    }
    for (const uint32_t location : demands_[demand].where) {
      if (!seen.insert(location).second) continue;
      for (size_t other = 0; other < demands_.size(); ++other) {
        const auto there = demands_[other].at.find(location);
        if (other == demand || there == demands_[other].at.end()) continue;
        const int64_t moved = Place(other, std::min(units, there->second), seen);
        if (moved == 0) continue;
        there->second -= moved;
        if (there->second == 0) demands_[other].at.erase(there);
        demands_[demand].at[location] += moved;
        return moved;
      }
    }
    return 0;
  }

  std::map<uint32_t, int64_t> free_;
  std::vector<Demand> demands_;
};

}  // namespace

void StockAuditor::On(const stock_events::AllotmentSet& event) {
  const ChannelOfSku key{event.sku(), event.channel()};
  const std::string name = books_.AllotmentName(key);
  if (!books_.skus.Knows(event.sku())) Difference(name, "set before the item was registered");
  if (!books_.channel_names.Knows(event.channel())) Difference(name, "set of an unknown channel");
  for (const int64_t limit : {event.quota(), event.cap(), event.customer_cap()}) {
    if (limit < 0) Difference(name, absl::StrCat("has a limit of ", limit));
  }
  const bool nothing =
      !event.has_quota() && !event.has_cap() && !event.has_customer_cap() && !event.borrows();
  if (nothing) {
    books_.allotments.erase(key);
    return;
  }
  const auto [it, is_new] = books_.allotments.try_emplace(key);
  BookedAllotment& allotment = it->second;
  if (is_new && !event.new_window()) Difference(name, "goes on with a window that never began");
  allotment.quota = event.has_quota() ? std::optional(event.quota()) : std::nullopt;
  allotment.cap = event.has_cap() ? std::optional(event.cap()) : std::nullopt;
  allotment.borrows = event.borrows();
  allotment.version = books_.position;
  if (event.new_window()) allotment.sold = 0;
  if (event.new_window() || !allotment.customer_cap || !event.has_customer_cap()) {
    allotment.sold_to.clear();
  }
  allotment.customer_cap =
      event.has_customer_cap() ? std::optional(event.customer_cap()) : std::nullopt;
}

void StockAuditor::Use(const BookedReservation& reservation, const BookedReservation::Line& line,
                       int64_t units) {
  if (line.channel == 0) return;
  const ChannelOfSku key{line.sku, line.channel};
  books_.open_for[key] += units;
  if (!reservation.customer.empty()) books_.open_of[{key, reservation.customer}] += units;
}

void StockAuditor::NoteSold(const BookedReservation& reservation,
                            const BookedReservation::Line& line, int64_t units) {
  const auto found = books_.allotments.find({line.sku, line.channel});
  if (found == books_.allotments.end()) return;
  found->second.sold += units;
  if (found->second.customer_cap) found->second.sold_to[reservation.customer] += units;
}

int64_t StockAuditor::LackingQuotas(uint32_t sku, bool online) {
  std::map<uint32_t, int64_t> supply;
  std::map<uint32_t, int64_t> flexible;
  std::map<std::set<uint32_t>, int64_t> demands;
  for (auto it = books_.backing.lower_bound({sku, 0, false});
       it != books_.backing.end() && it->first.sku == sku; ++it) {
    for (const auto& [location, units] : it->second) {
      flexible[location] += units;
      demands[books_.classes[it->first.eligible_class - 1]] += units;
    }
  }
  for (uint32_t location = 1; location <= books_.locations.size(); ++location) {
    const auto found = books_.balances.find({sku, location});
    if (found == books_.balances.end()) continue;
    const Balance& balance = found->second;
    supply[location] = balance.usable() - (balance.promised() - flexible[location]);
  }
  Assignment assignment(supply);
  int64_t lacking = 0;
  for (const auto& [where, units] : demands) lacking += assignment.Add(where, units);
  if (online) {
    for (const auto& [location, free] : supply) {
      lacking += assignment.Add({location}, books_.SafetyStockOf({sku, location}));
    }
  }
  for (const auto& [key, allotment] : books_.allotments) {
    if (key.first != sku || !allotment.quota) continue;
    const auto& members = books_.pool_locations[books_.channels[key.second].pool];
    lacking += assignment.Add({members.begin(), members.end()},
                              std::max<int64_t>(0, *allotment.quota - books_.UsedFor(key)));
  }
  return lacking;
}

void StockAuditor::BeginTaking(const std::vector<BookedReservation::Line>& lines,
                               const std::string& customer, bool binds) {
  taking_ = {};
  if (books_.allotments.empty()) return;
  taking_.customer = customer;
  taking_.binds = binds;
  bool tills = false;
  std::set<uint32_t> borrowed;
  for (const BookedReservation::Line& line : lines) {
    const ChannelOfSku key{line.sku, line.channel};
    (IsOfTill(line) ? tills : taking_.online) = true;
    const auto found = books_.allotments.find(key);
    if (found != books_.allotments.end()) {
      taking_.used[key] = books_.UsedFor(key);
      taking_.used_by_customer[key] = books_.UsedBy(key, customer);
      if (found->second.borrows) borrowed.insert(line.sku);
    }
    taking_.lacking[line.sku] = 0;
  }
  // What may stay at a paused location, what tills leave to others beside them, and what is lent,
  // is more than can be told from here.
  const bool certain = books_.paused.empty() && !(tills && taking_.online);
  std::erase_if(taking_.lacking, [&](const auto& entry) {
    return !certain || borrowed.contains(entry.first) || !books_.HasQuota(entry.first);
  });
  for (auto& [sku, lacking] : taking_.lacking) lacking = LackingQuotas(sku, taking_.online);
}

void StockAuditor::NoteGivenBack(const BookedReservation& reservation) {
  for (const BookedReservation::Line& line : reservation.lines) {
    const auto found = taking_.lacking.find(line.sku);
    if (found != taking_.lacking.end() && line.channel != 0) found->second += line.open_units();
  }
}

void StockAuditor::CheckTaken() {
  for (const auto& [key, before] : taking_.used) {
    const BookedAllotment& allotment = books_.allotments.at(key);
    const int64_t used = books_.UsedFor(key);
    if (!taking_.binds && allotment.cap && used > std::max(*allotment.cap, before)) {
      Difference(books_.AllotmentName(key),
                 absl::StrCat(used, " units are used, over its cap of ", *allotment.cap));
    }
    const int64_t by_customer = books_.UsedBy(key, taking_.customer);
    const int64_t most = allotment.customer_cap.value_or(0);
    if (!taking_.binds && allotment.customer_cap && !taking_.customer.empty() &&
        by_customer > std::max(most, taking_.used_by_customer[key])) {
      Difference(books_.AllotmentName(key),
                 absl::StrCat(by_customer, " units are used by a customer, who may have ", most));
    }
  }
  for (const auto& [sku, before] : taking_.lacking) {
    const int64_t taken = LackingQuotas(sku, taking_.online) - before;
    if (taken <= 0) continue;
    Difference(absl::StrCat("stock ", books_.skus.Name(sku)),
               absl::StrCat(taken, " units taken that are held for channels"));
  }
  taking_ = {};
}

}  // namespace quartermaster::qm
