#include "services/base/card_number.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace quartermaster {
namespace {

constexpr size_t kDigitsMin = 13;
constexpr size_t kDigitsMax = 19;
constexpr std::string_view kSeparators = " -_./";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

struct Scheme {
  // Of the first digits, as many as the bounds have.
  int first = 0;
  int last = 0;
  size_t digits = 0;
  size_t length_min = 0;
  size_t length_max = 0;
};

constexpr Scheme kSchemes[] = {
    {4, 4, 1, 13, 19},        // Visa
    {51, 55, 2, 16, 16},      // Mastercard
    {2221, 2720, 4, 16, 16},  // Mastercard
    {34, 34, 2, 15, 15},      // American Express
    {37, 37, 2, 15, 15},      // American Express
    {6011, 6011, 4, 16, 19},  // Discover
    {644, 649, 3, 16, 19},    // Discover
    {65, 65, 2, 16, 19},      // Discover
    {62, 62, 2, 16, 19},      // UnionPay
    {300, 305, 3, 14, 19},    // Diners Club
    {36, 36, 2, 14, 19},      // Diners Club
    {38, 39, 2, 14, 19},      // Diners Club
    {3528, 3589, 4, 16, 19},  // JCB
    {5018, 5018, 4, 13, 19},  // Maestro
    {5020, 5020, 4, 13, 19},  // Maestro
    {5038, 5038, 4, 13, 19},  // Maestro
    {6304, 6304, 4, 13, 19},  // Maestro
    {6759, 6763, 4, 13, 19},  // Maestro
};

bool IsOfAScheme(std::string_view digits) {
  return std::any_of(std::begin(kSchemes), std::end(kSchemes), [digits](const Scheme& scheme) {
    if (digits.size() < scheme.length_min || digits.size() > scheme.length_max) return false;
    int prefix = 0;
    for (size_t i = 0; i < scheme.digits; ++i) prefix = prefix * 10 + (digits[i] - '0');
    return prefix >= scheme.first && prefix <= scheme.last;
  });
}

// Luhn: every second digit from the right doubled, all of the digits' digits add up to tens.
bool HasCheckDigit(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit *= 2;
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

// Whether some of the groups, one behind the other, are a card's number.
bool AnyIn(const std::vector<std::string_view>& groups) {
  for (size_t first = 0; first < groups.size(); ++first) {
    std::string digits;
    for (size_t last = first; last < groups.size(); ++last) {
      digits += groups[last];
      if (digits.size() > kDigitsMax) break;
      if (digits.size() >= kDigitsMin && IsOfAScheme(digits) && HasCheckDigit(digits)) return true;
    }
  }
  return false;
}

}  // namespace

bool HasCardNumber(std::string_view text) {
  std::vector<std::string_view> groups;
  size_t i = 0;
  while (i < text.size()) {
    if (!IsDigit(text[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsDigit(text[end])) ++end;
    groups.push_back(text.substr(i, end - i));
    const bool goes_on = end + 1 < text.size() &&
                         kSeparators.find(text[end]) != std::string_view::npos &&
                         IsDigit(text[end + 1]);
    i = end + 1;
    if (goes_on) continue;
    if (AnyIn(groups)) return true;
    groups.clear();
  }
  return AnyIn(groups);
}

}  // namespace quartermaster
