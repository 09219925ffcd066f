// Transfers: units on their way from one location to another.
//
// A transfer that is asked for allocates its units at the origin: they are a confirmed
// reservation's, of the owner "transfer/ID", so that nobody else is promised them. Units that an
// order has bound there already stay the order's: while they are on their way its line has them in
// transit, and it has them open again where they come to. What is shipped leaves on hand of the
// origin and is in transit to the destination, what is received leaves that and is on hand there,
// and what never comes is lost. So, over all locations: transferred out = transferred in + in
// transit + lost.
//
// Shipments and receipts are facts, in any order: what is received before anybody said that it was
// shipped is presumed to have been, until a shipment tells of it.
// See adr/0006-transfers-hold-units-as-orders-do.md.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFERS_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFERS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "services/base/check.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

// The most lines of one transfer; facts may add some to those that were asked for.
inline constexpr size_t kTransferLinesMax = 5'000;

struct TransferLine {
  // Empty: the line's index.
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  // As it was asked for; 0 of a line that a fact named first.
  Quantity quantity;
  // Whose open units at the origin are shipped first; kNone: nobody's.
  ReservationId reservation = ReservationId::kNone;
  uint32_t reservation_line = 0;
  // They are an order's, and stay so; otherwise the reservation is the transfer's own.
  bool of_order = false;
  // Have left the origin; never less than received + lost.
  Quantity shipped;
  // Of those: nobody has said so yet, but they came.
  Quantity presumed;
  // When the last of them came, so that they had left by then.
  Instant presumed_by;
  // In whatever condition.
  Quantity received;
  // Of those: not sellable.
  Quantity damaged;
  Quantity lost;
  // Of those in transit: the order's, as long as its reservation is open.
  Quantity order_in_transit;

  Quantity in_transit() const { return shipped - received - lost; }
  // Of what was asked for.
  Quantity unshipped() const { return (quantity - shipped).OrZero(); }
};

struct Transfer {
  LocationIndex from = LocationIndex::kNone;
  LocationIndex to = LocationIndex::kNone;
  // Of what was asked for; 0: a fact named it first.
  uint64_t fingerprint = 0;
  Instant created;
  // Of its last event.
  Instant changed;
  // No more will be shipped, as far as anybody said so. A closed one is.
  bool all_shipped = false;
  // No more will come, as somebody said: what leaves all the same is lost.
  bool all_received = false;
  // Nothing more is expected of it. A late fact is recorded all the same, and may open it again.
  bool closed = false;
  std::vector<TransferLine> lines;

  Quantity in_transit() const {
    Quantity sum;
    for (const TransferLine& line : lines) sum += line.in_transit();
    return sum;
  }
  // How many of a line's units are still to be shipped.
  Quantity Wanted(const TransferLine& line) const {
    return all_shipped ? Quantity() : line.unshipped();
  }
  bool HasShippedAll() const {
    for (const TransferLine& line : lines) {
      if (!Wanted(line).IsZero()) return false;
    }
    return true;
  }
};

// All transfers, by name and by index. Not thread-safe.
class TransferTable {
 public:
  const Directory<TransferIndex>& names() const { return names_; }
  const Transfer& At(TransferIndex transfer) const {
    return transfers_[static_cast<uint32_t>(transfer)];
  }
  Transfer& At(TransferIndex transfer) { return transfers_[static_cast<uint32_t>(transfer)]; }
  Transfer& Add(TransferIndex transfer, const std::string& name) {
    names_.Add(transfer, name);
    return transfers_.emplace_back();
  }

  // How many of the units that an order's line has open at a location transfers are to take from
  // there and have not yet.
  Quantity Claimed(ReservationId reservation, uint32_t line, LocationIndex from) const {
    const auto it = claims_.find({reservation, line, from});
    return it == claims_.end() ? Quantity() : it->second;
  }
  void Claim(const TransferLine& line, LocationIndex from, Quantity delta) {
    if (!line.of_order || delta.IsZero()) return;
    const ClaimKey key(line.reservation, line.reservation_line, from);
    Quantity& claimed = claims_[key];
    claimed += delta;
    QM_CHECK(!claimed.IsNegative()) << "a transfer gives back more than it was to take";
    if (claimed.IsZero()) claims_.erase(key);
  }
  // visit(reservation, line, from, quantity) of each.
  template <typename Visit>
  void ForEachClaim(const Visit& visit) const {
    for (const auto& [key, quantity] : claims_) {
      visit(std::get<0>(key), std::get<1>(key), std::get<2>(key), quantity);
    }
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.names_, self.transfers_, self.claims_);
  }

 private:
  using ClaimKey = std::tuple<ReservationId, uint32_t, LocationIndex>;

  Directory<TransferIndex> names_;
  // By TransferIndex; the first is nobody's.
  std::deque<Transfer> transfers_{1};
  absl::btree_map<ClaimKey, Quantity> claims_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_TRANSFERS_H_
