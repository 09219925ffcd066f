#include "tools/retail/money.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace quartermaster::retail {

bool ParseMinor(const std::string& text, int64_t* minor) {
  const bool negative = !text.empty() && text[0] == '-';
  int64_t thousandths = 0;
  int decimals = -1;
  bool any = false;
  bool above_zero = false;
  for (size_t i = negative ? 1 : 0; i < text.size(); ++i) {
    if (text[i] == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!absl::ascii_isdigit(text[i])) return false;
    any = true;
    above_zero = above_zero || text[i] != '0';
    // Beyond thousandths nothing changes the rounding.
    if (decimals == 3) continue;
    if (decimals >= 0) ++decimals;
    if (thousandths > INT64_MAX / 100'000) return false;
    thousandths = thousandths * 10 + (text[i] - '0');
  }
  if (!any) return false;
  for (int i = std::max(decimals, 0); i < 3; ++i) thousandths *= 10;
  int64_t rounded = (thousandths + 5) / 10;
  if (above_zero) rounded = std::max<int64_t>(rounded, 1);
  *minor = negative ? -rounded : rounded;
  return true;
}

}  // namespace quartermaster::retail
