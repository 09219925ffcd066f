#include "services/orders/domain/types.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/absl_view.h"

namespace quartermaster::orders {

namespace {

// A positive number as StrCat writes it: no sign, no leading zero.
template <typename Int>
std::optional<Int> ParseNumber(std::string_view digits) {
  Int number = 0;
  if (digits.empty() || digits[0] < '1' || digits[0] > '9' ||
      !absl::SimpleAtoi(AbslView(digits), &number) || absl::StrCat(number) != digits) {
    return std::nullopt;
  }
  return number;
}

std::optional<PartOfOrder> ParsePart(std::string_view id, std::string_view mark) {
  const size_t at = id.rfind(mark);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const auto number = ParseNumber<int>(id.substr(at + mark.size()));
  if (!number.has_value()) return std::nullopt;
  return PartOfOrder{.order_id = id.substr(0, at), .number = *number};
}

}  // namespace

std::string TaskId(std::string_view order_id, int number) {
  return absl::StrCat(AbslView(order_id), ".t", number);
}

std::string ReturnId(std::string_view order_id, int number) {
  return absl::StrCat(AbslView(order_id), ".r", number);
}

std::string ParcelId(std::string_view order_id, int number) {
  return absl::StrCat(AbslView(order_id), ".p", number);
}

std::string HoldId(std::string_view order_id, int number) {
  return absl::StrCat(AbslView(order_id), ".h", number);
}

std::string IntentId(std::string_view order_id, int number) {
  return absl::StrCat(AbslView(order_id), ".i", number);
}

std::string ExceptionId(Position position) { return absl::StrCat("e-", position); }

std::string OwnerId(std::string_view order_id, int attempt) {
  return absl::StrCat(AbslView(order_id), "/", attempt);
}

std::string BackorderOwnerId(std::string_view order_id, int attempt) {
  return OwnerId(order_id, attempt) + "/backorder";
}

std::string EditOwnerId(std::string_view order_id, int attempt, std::string_view edit) {
  return absl::StrCat(OwnerId(order_id, attempt), "/edit/",
                      absl::string_view(edit.data(), edit.size()));
}

std::optional<PartOfOrder> ParseTaskId(std::string_view task_id) {
  return ParsePart(task_id, ".t");
}

std::optional<PartOfOrder> ParseReturnId(std::string_view return_id) {
  return ParsePart(return_id, ".r");
}

std::optional<PartOfOrder> ParseParcelId(std::string_view parcel_id) {
  return ParsePart(parcel_id, ".p");
}

std::optional<PartOfOrder> ParseHoldId(std::string_view hold_id) {
  return ParsePart(hold_id, ".h");
}

std::optional<PartOfOrder> ParseIntentId(std::string_view intent_id) {
  return ParsePart(intent_id, ".i");
}

std::optional<Position> ParseExceptionId(std::string_view exception_id) {
  if (!exception_id.starts_with("e-")) return std::nullopt;
  return ParseNumber<Position>(exception_id.substr(2));
}

}  // namespace quartermaster::orders
