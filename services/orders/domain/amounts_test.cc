#include "services/orders/domain/amounts.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"
#include "services/base/testing/seed.h"
#include "services/orders/domain/testing/world.h"

namespace quartermaster::orders {
namespace {

PricedLine Priced(const std::string& line_id, int64_t units, int64_t subtotal, int64_t tax = 0,
                  const std::string& group_id = "g") {
  return {.line_id = line_id,
          .group_id = group_id,
          .quantity = Quantity(units),
          .subtotal = subtotal,
          .tax = tax};
}

// The amounts of each line; none if they are refused.
std::vector<LineAmounts> Allocated(const Amounts& amounts, const std::vector<PricedLine>& lines) {
  std::vector<LineAmounts> allocated;
  AmountsDefect defect;
  if (!AllocateToLines(amounts, lines, allocated, defect)) return {};
  return allocated;
}

AmountsDefect DefectOf(const Amounts& amounts, const std::vector<PricedLine>& lines) {
  std::vector<LineAmounts> allocated;
  AmountsDefect defect;
  EXPECT_FALSE(AllocateToLines(amounts, lines, allocated, defect));
  return defect;
}

TEST(AmountsTest, WhatIsLeftOverGoesToTheLargestRemainders) {
  EXPECT_EQ(Allocate(100, {1, 1, 1}), (std::vector<int64_t>{34, 33, 33}));
  EXPECT_EQ(Allocate(10, {3, 3, 4}), (std::vector<int64_t>{3, 3, 4}));
  EXPECT_EQ(Allocate(5, {1, 2, 1}), (std::vector<int64_t>{1, 3, 1}));
  EXPECT_EQ(Allocate(0, {1, 2}), (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(Allocate(7, {0, 5}), (std::vector<int64_t>{0, 7}));
  // As large as amounts may be.
  EXPECT_EQ(Allocate(kAmountMax, {kAmountMax, kAmountMax}),
            (std::vector<int64_t>{kAmountMax / 2, kAmountMax / 2}));
}

TEST(AmountsTest, UnitsShareWhatTheirLineComesTo) {
  // 10.00 for three units: 3.33, 3.33, 3.34.
  EXPECT_EQ(ShareOfFirst(1000, Quantity(1), Quantity(3)), 333);
  EXPECT_EQ(ShareOfFirst(1000, Quantity(2), Quantity(3)), 666);
  EXPECT_EQ(ShareOfFirst(1000, Quantity(3), Quantity(3)), 1000);
  EXPECT_EQ(ShareOfFirst(kAmountMax, Quantity(999'999'999), Quantity(1'000'000'000)),
            kAmountMax - 1'000'000);
}

TEST(AmountsTest, DiscountsOfTheOrderGoByWhatLinesComeToBehindTheirOwn) {
  const Amounts amounts{.currency_code = "EUR",
                        .discounts = {{.code = "all", .amount = 300},
                                      {.code = "half", .amount = 500, .line_id = "b"}},
                        .total = 1'200};
  const auto lines = Allocated(amounts, {Priced("a", 1, 1'000), Priced("b", 2, 1'000)});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].discount, 200);
  EXPECT_EQ(lines[1].discount, 600);
}

TEST(AmountsTest, ChargesGoToTheirGroupAndKeepTheirTaxApart) {
  const Amounts amounts{
      .currency_code = "EUR",
      .charges = {{.kind = "shipping", .amount = 500, .tax = 95, .group_id = "g"},
                  {.kind = "wrapping", .amount = 100, .tax = 19, .refundable = true}},
      .total = 2'000 + 380 + 500 + 95 + 100 + 19};
  const auto lines =
      Allocated(amounts, {Priced("a", 1, 1'000, 190), Priced("b", 1, 1'000, 190, "other")});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], (LineAmounts{1'000, 0, 550, 190 + 95 + 10, 595}));
  EXPECT_EQ(lines[1], (LineAmounts{1'000, 0, 50, 190 + 9, 0}));
}

TEST(AmountsTest, ChargesOnWhatCostsNothingGoByQuantity) {
  const Amounts amounts{
      .currency_code = "EUR", .charges = {{.kind = "shipping", .amount = 400}}, .total = 400};
  const auto lines = Allocated(amounts, {Priced("a", 3, 0), Priced("b", 1, 0)});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].charge, 300);
  EXPECT_EQ(lines[1].charge, 100);
}

TEST(AmountsTest, TaxesAreInTheTotalOnce) {
  Amounts amounts{.currency_code = "EUR", .total = 119};
  EXPECT_EQ(Allocated(amounts, {Priced("a", 1, 100, 19)}).size(), 1u);
  amounts.prices_include_tax = true;
  EXPECT_EQ(DefectOf(amounts, {Priced("a", 1, 100, 19)}).total, 100);
}

TEST(AmountsTest, AShortenedLineKeepsNoMoreThanItIsCharged) {
  // The halves of 501 and 95 are rounded down each, that of their sum is not.
  const LineAmounts whole{1'000, 1'000, 501, 95, 596};
  const LineAmounts half = Shortened(whole, Quantity(1), Quantity(2), false);
  EXPECT_EQ(half, (LineAmounts{500, 500, 250, 47, 297}));
  EXPECT_EQ(Shortened(whole, Quantity(1), Quantity(2), true).kept, 250);
  EXPECT_EQ(Shortened(whole, Quantity(2), Quantity(2), false), whole);
}

TEST(AmountsTest, WhatDoesNotAddUpIsNamed) {
  const std::vector<PricedLine> lines = {Priced("a", 1, 1'000)};
  using Kind = AmountsDefect::Kind;
  AmountsDefect defect = DefectOf({.discounts = {{.amount = 1, .line_id = "z"}}}, lines);
  EXPECT_EQ(defect.kind, Kind::kDiscountLine);
  defect = DefectOf(
      {.discounts = {{.amount = 600, .line_id = "a"}, {.amount = 401, .line_id = "a"}}}, lines);
  EXPECT_EQ(defect.kind, Kind::kDiscountTooLarge);
  EXPECT_EQ(defect.index, 1u);
  defect = DefectOf({.discounts = {{.amount = 600, .line_id = "a"}, {.amount = 401}}}, lines);
  EXPECT_EQ(defect.kind, Kind::kDiscountTooLarge);
  EXPECT_EQ(defect.index, 1u);
  defect = DefectOf({.charges = {{.kind = "shipping", .group_id = "z"}}}, lines);
  EXPECT_EQ(defect.kind, Kind::kChargeGroup);
  defect = DefectOf({.total = 999}, lines);
  EXPECT_EQ(defect.kind, Kind::kTotal);
  EXPECT_EQ(defect.total, 1'000);
}

// What was fulfilled, cancelled and came back of an order, in any portions, nets to the minor unit
// to what it came to, and to what is not given back.
TEST(AmountsTest, AllSharesTogetherAreTheWhole) {
  std::mt19937_64 random(TestSeed());
  const auto below = [&random](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int i = 0; i < 10'000 && !HasFailure(); ++i) {
    Amounts amounts{.currency_code = "EUR", .prices_include_tax = below(2) == 0};
    std::vector<PricedLine> lines;
    int64_t sum = 0;
    for (int64_t n = 1 + below(5); n > 0; --n) {
      const int64_t subtotal = below(3) == 0 ? 0 : below(100'000);
      lines.push_back(
          Priced(absl::StrCat(n), 1 + below(7), subtotal, subtotal / 5, below(2) == 0 ? "g" : "h"));
      sum += subtotal;
    }
    if (sum > 0) amounts.discounts.push_back({.amount = 1 + below(sum)});
    amounts.charges.push_back({.kind = "shipping",
                               .amount = below(1'000),
                               .tax = below(190),
                               .group_id = below(2) == 0 ? lines[0].group_id : "",
                               .refundable = below(2) == 0});
    std::vector<LineAmounts> allocated;
    AmountsDefect defect;
    amounts.total = -1;
    ASSERT_FALSE(AllocateToLines(amounts, lines, allocated, defect));
    amounts.total = defect.total;
    ASSERT_TRUE(AllocateToLines(amounts, lines, allocated, defect));

    World world;
    PlaceOrder place{.order_id = "o", .groups = {CarryOut("g", "w1")}, .amounts = amounts};
    int64_t kept = 0;
    for (uint32_t l = 0; l < lines.size(); ++l) {
      PlacedLine& line = place.lines.emplace_back(
          Line(lines[l].line_id, 0, absl::StrCat("s", l), lines[l].quantity.units()));
      line.amounts = allocated[l];
      kept += allocated[l].kept;
      place.assignments.push_back({l, "w1", line.quantity});
    }
    world.Place(place);
    // Some are cancelled before they leave, the rest comes back, unit by unit.
    CancelOrder cancel{.order_id = "o"};
    for (const PricedLine& line : lines) {
      const int64_t units = below(line.quantity.units() + 1);
      if (units > 0) cancel.lines.push_back({line.line_id, Quantity(units)});
    }
    if (!cancel.lines.empty()) world.Do(cancel);
    world.Confirm("o", 1);
    int64_t refunds = 0;
    for (const PricedLine& line : lines) {
      for (int64_t unit = 0; unit < line.quantity.units(); ++unit) {
        const Decision decision = world.Do(
            ReceiveReturn{.location_id = "w1",
                          .order_id = "o",
                          .lines = {{.line_id = line.line_id, .quantity = Quantity(1)}},
                          .unmatched_return_id = absl::StrCat("u", line.line_id, "-", unit)});
        const Return* item = FindReturn(world.state(), decision.result.return_id);
        if (item == nullptr || item->order_id.empty()) break;
        ASSERT_GE(item->refunds[0], 0);
        refunds += item->refunds[0];
      }
    }
    LineSums all;
    int64_t kept_of_fulfilled = 0;
    for (const OrderLine& line : world.order("o").lines) {
      const LineSums sums = SumsOf(world.order("o"), line);
      EXPECT_EQ(sums.total, sums.fulfilled + sums.cancelled);
      all.total += sums.total;
      all.fulfilled += sums.fulfilled;
      all.refund += sums.refund;
      if (!line.cancelled.IsZero()) continue;
      kept_of_fulfilled += line.amounts->kept;
      EXPECT_EQ(sums.fulfilled - sums.refund, line.amounts->kept);
    }
    EXPECT_EQ(all.total, amounts.total);
    EXPECT_EQ(all.refund, refunds);
    EXPECT_LE(kept_of_fulfilled, kept);
    if (cancel.lines.empty()) {
      EXPECT_EQ(all.fulfilled - refunds, kept);
    }
  }
}

}  // namespace
}  // namespace quartermaster::orders
