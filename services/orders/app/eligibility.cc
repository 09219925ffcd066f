#include "services/orders/app/eligibility.h"

#include "absl/strings/str_cat.h"

namespace quartermaster::orders {

void Eligibility::Look(const PlacedLine& line, Method method, const std::string& path) {
  if (directory_ == nullptr || method == Method::kCarryOut) return;
  const std::optional<ItemTerms> terms = directory_->FindItem(line.sku);
  if (!terms || (!terms->discontinued && terms->online)) return;
  const char* const why = terms->discontinued ? "is discontinued" : "is not for sale online";
  if (!refusal_) {
    refusal_.emplace(common::v1::ITEM_NOT_ELIGIBLE,
                     absl::StrCat("the item of line ", line.line_id, " ", why));
    refusal_->SetResource("line", line.line_id);
  }
  refusal_->AddField(path, why);
}

}  // namespace quartermaster::orders
