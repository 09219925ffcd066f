// Amounts: what an order comes to, as its seller reckoned it, and the shares that its lines and
// units have of it. Minor units of one ISO 4217 currency, each amount 0 to 10^15.
//
// Nothing is reckoned anew. What is given for the whole order is allocated to lines once, by
// largest remainder; what a line comes to belongs to its units so that the first n of N together
// have floor(total * n / N). Units are alike, so the fulfilled ones count from the first, the
// cancelled ones from the last, and those that come back from the first again: the shares of any
// parts that make up the whole add up to the whole, to the minor unit, and none is negative.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_AMOUNTS_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_AMOUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "services/base/quantity.h"

namespace quartermaster::orders {

inline constexpr int64_t kAmountMax = 1'000'000'000'000'000;

struct Discount {
  std::string code;
  int64_t amount = 0;
  // Empty: of the order.
  std::string line_id;
  friend bool operator==(const Discount&, const Discount&) = default;
};

struct Charge {
  std::string kind;
  int64_t amount = 0;
  int64_t tax = 0;
  // Empty: of the order.
  std::string group_id;
  // Given back with the units that come back.
  bool refundable = false;
  friend bool operator==(const Charge&, const Charge&) = default;
};

struct Amounts {
  std::string currency_code;
  // Subtotals, discounts and charges have their tax in them.
  bool prices_include_tax = false;
  std::vector<Discount> discounts;
  std::vector<Charge> charges;
  int64_t total = 0;
  friend bool operator==(const Amounts&, const Amounts&) = default;
};

// What all units of a line have.
struct LineAmounts {
  int64_t subtotal = 0;
  // Its own and its share of the order's.
  int64_t discount = 0;
  // Its share of charges.
  int64_t charge = 0;
  // Its own and that of its share of charges.
  int64_t tax = 0;
  // Of charge (and of tax, where that comes on top): what is not given back.
  int64_t kept = 0;

  int64_t Total(bool prices_include_tax) const {
    return subtotal - discount + charge + (prices_include_tax ? 0 : tax);
  }
  friend bool operator==(const LineAmounts&, const LineAmounts&) = default;
};

// `total` in parts in proportion to `weights`, by largest remainder; of equal remainders the first
// comes first. Requires weights that are not negative, one of them positive.
std::vector<int64_t> Allocate(int64_t total, const std::vector<int64_t>& weights);

// What the first `n` of `units` units have of `amount`. Requires 0 <= n <= units, units > 0.
int64_t ShareOfFirst(int64_t amount, Quantity n, Quantity units);

// The amounts of a line of which only `n` of `units` units were placed, each rounded down by
// itself.
LineAmounts Shortened(const LineAmounts& amounts, Quantity n, Quantity units,
                      bool prices_include_tax);

// A line as it is reckoned.
struct PricedLine {
  std::string line_id;
  std::string group_id;
  Quantity quantity;
  int64_t subtotal = 0;
  int64_t tax = 0;
};

// Why amounts do not fit their lines.
struct AmountsDefect {
  enum class Kind {
    // discounts[index] names no line, or exceeds what its line, or the order, comes to.
    kDiscountLine,
    kDiscountTooLarge,
    // charges[index] names no group with lines.
    kChargeGroup,
    // The total is another: `total`.
    kTotal,
  };
  Kind kind = Kind::kTotal;
  size_t index = 0;
  int64_t total = 0;
};

// Allocates to each line, in their order. False, and `defect` says why, if they do not add up.
// Requires that each amount is in its range.
bool AllocateToLines(const Amounts& amounts, const std::vector<PricedLine>& lines,
                     std::vector<LineAmounts>& allocated, AmountsDefect& defect);

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_AMOUNTS_H_
