// What an order, or a sale, comes to: each amount in its range, in one currency, and all of them
// adding up.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/orders/codec/requests.h"
#include "services/orders/rpc/checks.h"

namespace quartermaster::orders {
namespace {

using runtime::FieldChecker;
using runtime::FieldPath;
using runtime::Presence;

constexpr int kDiscountsMax = 200;
constexpr int kChargesMax = 20;

void CheckDefect(const AmountsDefect& defect, const v1::Amounts& amounts, const FieldPath& path,
                 FieldChecker& check) {
  const int index = static_cast<int>(defect.index);
  const FieldPath discount(path, "discounts", index);
  const FieldPath charge(path, "charges", index);
  switch (defect.kind) {
    case AmountsDefect::Kind::kDiscountLine:
      check.Add({discount, "line_id"}, "names no line");
      break;
    case AmountsDefect::Kind::kDiscountTooLarge:
      check.Add({discount, "amount_minor"}, "is more than is left to be paid");
      break;
    case AmountsDefect::Kind::kChargeGroup:
      check.Add({charge, "group_id"}, "names no group");
      break;
    case AmountsDefect::Kind::kTotal:
      check.Add({path, "total_minor"}, absl::StrCat("is ", amounts.total_minor(),
                                                    ", and its parts add up to ", defect.total));
      break;
  }
}

}  // namespace

void CheckAmounts(const v1::Amounts& amounts, const std::vector<PricedLine>& lines,
                  const FieldPath& path, FieldChecker& check) {
  check.CurrencyCode({path, "currency_code"}, amounts.currency_code());
  check.Size({path, "discounts"}, amounts.discounts_size(), 0, kDiscountsMax);
  for (int i = 0; i < amounts.discounts_size() && !check.full(); ++i) {
    const v1::Amounts::Discount& discount = amounts.discounts(i);
    const FieldPath item(path, "discounts", i);
    check.Id({item, "code"}, discount.code(), Presence::kOptional);
    check.Id({item, "line_id"}, discount.line_id(), Presence::kOptional);
    check.Range({item, "amount_minor"}, discount.amount_minor(), 1, kAmountMax);
  }
  check.Size({path, "charges"}, amounts.charges_size(), 0, kChargesMax);
  for (int i = 0; i < amounts.charges_size() && !check.full(); ++i) {
    const v1::Amounts::Charge& charge = amounts.charges(i);
    const FieldPath item(path, "charges", i);
    check.Id({item, "kind"}, charge.kind());
    check.Id({item, "group_id"}, charge.group_id(), Presence::kOptional);
    check.Range({item, "amount_minor"}, charge.amount_minor(), 0, kAmountMax);
    check.Range({item, "tax_minor"}, charge.tax_minor(), 0, kAmountMax);
  }
  // Only amounts in their ranges can be added up.
  if (!check.ok()) return;
  std::vector<LineAmounts> allocated;
  AmountsDefect defect;
  if (!AllocateToLines(FromMessage(amounts), lines, allocated, defect)) {
    CheckDefect(defect, amounts, path, check);
  }
}

}  // namespace quartermaster::orders
