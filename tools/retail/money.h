// Decimal prices as they stand in files, in minor units.
#ifndef QUARTERMASTER_TOOLS_RETAIL_MONEY_H_
#define QUARTERMASTER_TOOLS_RETAIL_MONEY_H_

#include <cstdint>
#include <string>

namespace quartermaster::retail {

// "2.55" is 255, "0.1" is 10, "-3" is -300; a third decimal is rounded half away from zero, and
// what is above zero stays at least 1. False if it is no decimal number, or out of int64's range.
bool ParseMinor(const std::string& text, int64_t* minor);

}  // namespace quartermaster::retail

#endif  // QUARTERMASTER_TOOLS_RETAIL_MONEY_H_
