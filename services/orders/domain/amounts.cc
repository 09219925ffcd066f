#include "services/orders/domain/amounts.h"

#include <algorithm>
#include <numeric>

#include "absl/container/flat_hash_map.h"
#include "absl/numeric/int128.h"
#include "services/base/check.h"

namespace quartermaster::orders {

std::vector<int64_t> Allocate(int64_t total, const std::vector<int64_t>& weights) {
  if (total == 0) return std::vector<int64_t>(weights.size());
  absl::int128 sum = 0;
  for (const int64_t weight : weights) sum += weight;
  QM_CHECK(sum > 0) << "nothing to allocate by";
  std::vector<int64_t> shares(weights.size());
  std::vector<absl::int128> remainders(weights.size());
  int64_t left = total;
  for (size_t i = 0; i < weights.size(); ++i) {
    const absl::int128 product = absl::int128(total) * weights[i];
    shares[i] = static_cast<int64_t>(product / sum);
    remainders[i] = product % sum;
    left -= shares[i];
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return remainders[a] > remainders[b]; });
  // Fewer are left than there are remainders.
  for (size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];
  return shares;
}

int64_t ShareOfFirst(int64_t amount, Quantity n, Quantity units) {
  return static_cast<int64_t>(absl::int128(amount) * n.units() / units.units());
}

LineAmounts Shortened(const LineAmounts& amounts, Quantity n, Quantity units,
                      bool prices_include_tax) {
  LineAmounts shortened{.subtotal = ShareOfFirst(amounts.subtotal, n, units),
                        .discount = ShareOfFirst(amounts.discount, n, units),
                        .charge = ShareOfFirst(amounts.charge, n, units),
                        .tax = ShareOfFirst(amounts.tax, n, units)};
  // The parts of what is kept, rounded by themselves, may be less than their sum.
  const int64_t charged = shortened.charge + (prices_include_tax ? 0 : shortened.tax);
  shortened.kept = std::min(ShareOfFirst(amounts.kept, n, units), charged);
  return shortened;
}

namespace {

class Allocation {
 public:
  Allocation(const Amounts& amounts, const std::vector<PricedLine>& lines,
             std::vector<LineAmounts>& allocated, AmountsDefect& defect)
      : amounts_(amounts), lines_(lines), allocated_(allocated), defect_(defect) {
    allocated_.assign(lines.size(), LineAmounts());
    for (size_t i = 0; i < lines.size(); ++i) {
      allocated_[i].subtotal = lines[i].subtotal;
      allocated_[i].tax = lines[i].tax;
    }
  }

  bool Run() { return AllocateDiscounts() && AllocateCharges() && CheckTotal(); }

 private:
  bool Fail(AmountsDefect::Kind kind, size_t index) {
    defect_ = {.kind = kind, .index = index};
    return false;
  }
  int64_t NetOf(size_t line) const { return allocated_[line].subtotal - allocated_[line].discount; }

  // Those of lines first: the others go by what they leave.
  bool AllocateDiscounts() {
    absl::flat_hash_map<std::string, size_t> line_of;
    for (size_t i = 0; i < lines_.size(); ++i) line_of.emplace(lines_[i].line_id, i);
    for (size_t d = 0; d < amounts_.discounts.size(); ++d) {
      const Discount& discount = amounts_.discounts[d];
      if (discount.line_id.empty()) continue;
      const auto found = line_of.find(discount.line_id);
      if (found == line_of.end()) return Fail(AmountsDefect::Kind::kDiscountLine, d);
      if (discount.amount > NetOf(found->second)) {
        return Fail(AmountsDefect::Kind::kDiscountTooLarge, d);
      }
      allocated_[found->second].discount += discount.amount;
    }
    // Each by the same weights, so that it does not matter in which order they are named.
    std::vector<int64_t> weights(lines_.size());
    for (size_t i = 0; i < lines_.size(); ++i) weights[i] = NetOf(i);
    int64_t left = std::accumulate(weights.begin(), weights.end(), int64_t{0});
    int64_t of_order = 0;
    for (size_t d = 0; d < amounts_.discounts.size(); ++d) {
      const Discount& discount = amounts_.discounts[d];
      if (!discount.line_id.empty()) continue;
      if (discount.amount > left) return Fail(AmountsDefect::Kind::kDiscountTooLarge, d);
      left -= discount.amount;
      of_order += discount.amount;
    }
    if (of_order == 0) return true;
    const std::vector<int64_t> shares = Allocate(of_order, weights);
    for (size_t i = 0; i < lines_.size(); ++i) allocated_[i].discount += shares[i];
    return true;
  }

  bool AllocateCharges() {
    for (size_t c = 0; c < amounts_.charges.size(); ++c) {
      const Charge& charge = amounts_.charges[c];
      std::vector<size_t> of;
      for (size_t i = 0; i < lines_.size(); ++i) {
        if (charge.group_id.empty() || lines_[i].group_id == charge.group_id) of.push_back(i);
      }
      if (of.empty()) return Fail(AmountsDefect::Kind::kChargeGroup, c);
      std::vector<int64_t> weights;
      for (const size_t i : of) weights.push_back(NetOf(i));
      if (std::all_of(weights.begin(), weights.end(), [](int64_t w) { return w == 0; })) {
        for (size_t n = 0; n < of.size(); ++n) weights[n] = lines_[of[n]].quantity.units();
      }
      const std::vector<int64_t> shares = Allocate(charge.amount, weights);
      const std::vector<int64_t> taxes = Allocate(charge.tax, weights);
      for (size_t n = 0; n < of.size(); ++n) {
        LineAmounts& line = allocated_[of[n]];
        line.charge += shares[n];
        line.tax += taxes[n];
        if (charge.refundable) continue;
        line.kept += shares[n] + (amounts_.prices_include_tax ? 0 : taxes[n]);
      }
    }
    return true;
  }

  bool CheckTotal() {
    int64_t total = 0;
    for (const LineAmounts& line : allocated_) total += line.Total(amounts_.prices_include_tax);
    if (total == amounts_.total) return true;
    Fail(AmountsDefect::Kind::kTotal, 0);
    defect_.total = total;
    return false;
  }

  const Amounts& amounts_;
  const std::vector<PricedLine>& lines_;
  std::vector<LineAmounts>& allocated_;
  AmountsDefect& defect_;
};

}  // namespace

bool AllocateToLines(const Amounts& amounts, const std::vector<PricedLine>& lines,
                     std::vector<LineAmounts>& allocated, AmountsDefect& defect) {
  return Allocation(amounts, lines, allocated, defect).Run();
}

}  // namespace quartermaster::orders
