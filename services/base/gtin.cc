#include "services/base/gtin.h"

#include <algorithm>

namespace quartermaster {

char GtinCheckDigit(std::string_view digits) {
  // Weights alternate 3, 1, 3, ... from the right, whatever the length; the check digit fills the
  // weighted sum up to a multiple of ten.
  int sum = 0;
  int weight = 3;
  for (size_t i = digits.size(); i > 0; --i) {
    sum = (sum + weight * (digits[i - 1] - '0')) % 10;
    weight = 4 - weight;
  }
  return static_cast<char>('0' + (10 - sum) % 10);
}

std::optional<std::string> GtinProblem(std::string_view gtin) {
  if (gtin.size() != 8 && (gtin.size() < 12 || gtin.size() > 14)) {
    return "must have 8, 12, 13 or 14 digits";
  }
  if (!std::all_of(gtin.begin(), gtin.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return "must be decimal digits only";
  }
  const char right = GtinCheckDigit(gtin.substr(0, gtin.size() - 1));
  if (gtin.back() != right) {
    return std::string("has a wrong check digit: ") + right + " would be right";
  }
  return std::nullopt;
}

}  // namespace quartermaster
