// Supplies: what is on order, and when it is due. A purchase order has lines, each of a SKU at a
// location; a line is revised as a whole, by a higher revision.
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLIES_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLIES_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/base/quantity.h"
#include "services/base/time.h"
#include "services/stock/domain/directory.h"
#include "services/stock/domain/ids.h"

namespace quartermaster::stock {

struct SupplyLine {
  std::string supply_id;
  std::string line_id;
  SkuIndex sku = SkuIndex::kNone;
  LocationIndex location = LocationIndex::kNone;
  Instant due;
  // 0: only a receipt has named it.
  int64_t revision = 0;
  uint64_t fingerprint = 0;
  Quantity expected;
  // In whatever condition, wherever they came.
  Quantity received;
  // Of those: not sellable.
  Quantity damaged;
  // No more of it will come.
  bool closed = false;

  // What is still to come.
  Quantity open() const { return closed ? Quantity() : (expected - received).OrZero(); }
};

// The most lines of one purchase order.
inline constexpr size_t kSupplyLinesMax = 5'000;

// All lines, by purchase order and line, and by index; those with something to come by SKU. Not
// thread-safe.
class SupplyTable {
 public:
  size_t size() const { return lines_.size() - 1; }
  SupplyIndex next() const { return static_cast<SupplyIndex>(lines_.size()); }
  bool Knows(SupplyIndex supply) const { return supply != SupplyIndex::kNone && supply < next(); }
  const SupplyLine& At(SupplyIndex supply) const { return lines_[static_cast<uint32_t>(supply)]; }
  SupplyLine& At(SupplyIndex supply) { return lines_[static_cast<uint32_t>(supply)]; }

  // Of a purchase order, in the order in which they were first named; nullptr if there is none.
  const std::vector<SupplyIndex>* LinesOf(const std::string& supply_id) const {
    const auto it = of_order_.find(supply_id);
    return it == of_order_.end() ? nullptr : &it->second.lines;
  }
  // kNone if there is none.
  SupplyIndex Find(const std::string& supply_id, const std::string& line_id) const {
    const auto order = of_order_.find(supply_id);
    if (order == of_order_.end()) return SupplyIndex::kNone;
    const auto line = order->second.by_id.find(line_id);
    return line == order->second.by_id.end() ? SupplyIndex::kNone : line->second;
  }
  SupplyLine& Add(const std::string& supply_id, const std::string& line_id, SkuIndex sku) {
    const SupplyIndex supply = next();
    SupplyLine& line = lines_.emplace_back();
    line.supply_id = supply_id;
    line.line_id = line_id;
    Order& order = of_order_[supply_id];
    order.lines.push_back(supply);
    order.by_id.emplace(line_id, supply);
    line.sku = sku;
    return line;
  }
  // What there is to come of a line has changed, or of which SKU it is: `open_before` units of it
  // were of `sku_before`.
  void NoteChange(SupplyIndex supply, SkuIndex sku_before, Quantity open_before) {
    const SupplyLine& line = At(supply);
    const bool was_open = !open_before.IsZero();
    const bool is_open = !line.open().IsZero();
    if (was_open == is_open && line.sku == sku_before) return;
    if (was_open) {
      const auto it = open_of_sku_.find(sku_before);
      std::erase(it->second, supply);
      if (it->second.empty()) open_of_sku_.erase(it);
    }
    if (is_open) open_of_sku_[line.sku].push_back(supply);
  }
  // visit(line) of each that has something to come.
  template <typename Visit>
  void ForEachOpenOf(SkuIndex sku, const Visit& visit) const {
    const auto it = open_of_sku_.find(sku);
    if (it == open_of_sku_.end()) return;
    for (const SupplyIndex supply : it->second) visit(At(supply));
  }

  // base/persist.h
  template <typename Archive, typename Self>
  static void Persist(Archive& archive, Self& self) {
    archive(self.lines_, self.of_order_, self.open_of_sku_);
  }

 private:
  // By SupplyIndex; the first is nobody's.
  std::deque<SupplyLine> lines_{1};
  struct Order {
    std::vector<SupplyIndex> lines;
    absl::flat_hash_map<std::string, SupplyIndex> by_id;
  };
  absl::flat_hash_map<std::string, Order> of_order_;
  absl::flat_hash_map<SkuIndex, std::vector<SupplyIndex>> open_of_sku_;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_SUPPLIES_H_
