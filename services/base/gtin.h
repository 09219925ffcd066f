// GTIN: the number under a barcode. Lengths 8, 12, 13 and 14; the last digit is a check digit
// (GS1 General Specifications, section 7.9).
//
//   GtinProblem("4006381333931");   // nullopt: it is one
//   GtinProblem("4006381333932");   // "has a wrong check digit: 1 would be right"
#ifndef QUARTERMASTER_SERVICES_BASE_GTIN_H_
#define QUARTERMASTER_SERVICES_BASE_GTIN_H_

#include <optional>
#include <string>
#include <string_view>

namespace quartermaster {

// What is wrong with it as a GTIN-8, -12, -13 or -14, as the end of a sentence about it; nullopt if
// it is valid. Any bytes may be given.
std::optional<std::string> GtinProblem(std::string_view gtin);

// The check digit ('0' to '9') that belongs after `digits`, which must all be decimal digits.
char GtinCheckDigit(std::string_view digits);

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_GTIN_H_
