// What must hold of the books: after an event, and from scratch.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/qm/verify/stock_auditor.h"

namespace quartermaster::qm {

using stock::v1::Reservation;

void StockAuditor::CheckCovered(const StockKey& key) {
  const Balance& balance = books_.balances[key];
  if (balance.promised() > balance.usable()) {
    Difference(books_.KeyName(key), absl::StrCat("oversold: ", balance.promised(),
                                                 " units promised, ", balance.usable(), " usable"));
  }
}

void StockAuditor::NoteSafetyStock(const StockKey& key) {
  const int64_t lacking = books_.LackingSafetyStock(key);
  int64_t& noted = lacked_.try_emplace(key, lacking).first->second;
  noted = std::max(noted, lacking);
}

void StockAuditor::CheckSafetyStock(const StockKey& key) {
  const int64_t taken = books_.LackingSafetyStock(key) - lacked_[key];
  if (taken > 0) {
    Difference(books_.KeyName(key), absl::StrCat(taken, " units of its safety stock of ",
                                                 books_.SafetyStockOf(key), " promised"));
  }
}

bool StockAuditor::IsOfTill(const BookedReservation::Line& line) const {
  const auto found = books_.channels.find(line.channel);
  return found != books_.channels.end() && found->second.till;
}

void StockAuditor::CheckChannel(int64_t id, const BookedReservation::Line& line) {
  if (line.channel == 0 || books_.channels.contains(line.channel)) return;
  Difference(ReservationKey(id), absl::StrCat("names the unknown channel ", line.channel));
}

void StockAuditor::CheckKey(uint32_t sku, uint32_t location) {
  if (sku != 0 && !books_.skus.Knows(sku)) {
    Difference(absl::StrCat("item ", sku), "used before it was registered");
  }
  if (!books_.locations.Knows(location)) {
    Difference(absl::StrCat("location ", location), "used before it was registered");
  }
}

void StockAuditor::CheckLine(int64_t id, const BookedReservation::Line& line, bool ended) {
  const int64_t open = line.open_units();
  if (line.quantity !=
      open + line.fulfilled + line.released + line.missing + line.in_transit + line.waiting) {
    Difference(
        ReservationKey(id),
        absl::StrCat("line ", line.line_id, ": of ", line.quantity, " units ", open, " are open, ",
                     line.fulfilled, " fulfilled, ", line.released, " released, ", line.missing,
                     " missing, ", line.in_transit, " in transit"));
  }
  if (ended && (open != 0 || line.in_transit != 0 || line.waiting != 0)) {
    Difference(ReservationKey(id), absl::StrCat("has ended with ", open, " units open, ",
                                                line.in_transit, " in transit"));
  }
}

void StockAuditor::CheckConservation() {
  absl::flat_hash_map<StockKey, Balance> sums;
  std::map<Lane, int64_t> lanes;
  for (const auto& [lane, there] : books_.backing) {
    for (const auto& [location, units] : there) {
      Balance& sum = sums[{lane.sku, location}];
      (lane.allocated ? sum.allocated : sum.reserved) += units;
      lanes[lane] -= units;
    }
  }
  for (const auto& [id, r] : books_.reservations) {
    for (const auto& line : r.lines) {
      CheckLine(id, line, !r.is_open());
      if (line.flexible != 0) {
        lanes[{line.sku, line.eligible_class, r.state == Reservation::CONFIRMED}] += line.flexible;
      }
      for (const auto& [location, units] : line.open) {
        Balance& sum = sums[{line.sku, location}];
        (r.state == Reservation::HELD ? sum.reserved : sum.allocated) += units;
      }
    }
  }
  for (const auto& [lane, difference] : lanes) {
    if (difference == 0) continue;
    Difference(absl::StrCat("stock ", books_.skus.Name(lane.sku)),
               absl::StrCat("lines of class ", lane.eligible_class, " have ", difference,
                            " more units open than stand anywhere"));
  }
  for (const auto& [key, balance] : books_.balances) {
    const auto found = sums.find(key);
    const Balance sum = found == sums.end() ? Balance{} : found->second;
    if (sum.reserved != balance.reserved || sum.allocated != balance.allocated) {
      Difference(
          books_.KeyName(key),
          absl::StrCat("reserved ", balance.reserved, " and allocated ", balance.allocated,
                       ", but its reservations add up to ", sum.reserved, " and ", sum.allocated));
    }
    if (balance.on_hand != balance.adjusted - balance.fulfilled + balance.transferred) {
      Difference(books_.KeyName(key),
                 absl::StrCat("on hand ", balance.on_hand, ", but facts ", balance.adjusted,
                              " - fulfilled ", balance.fulfilled, " + transferred ",
                              balance.transferred, " is another number"));
    }
  }
  CheckTransfers();
}

}  // namespace quartermaster::qm
