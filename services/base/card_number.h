// Card numbers: whether a text that should have none has one. Found are the numbers of the large
// card schemes, by issuer prefix, length and check digit (ISO/IEC 7812-1), also in groups of digits
// with one space or hyphen between them.
//
//   HasCardNumber("card 4111 1111 1111 1111, please")  -> true
//   HasCardNumber("order 4111111111111112")            -> false: its check digit is wrong
#ifndef QUARTERMASTER_SERVICES_BASE_CARD_NUMBER_H_
#define QUARTERMASTER_SERVICES_BASE_CARD_NUMBER_H_

#include <string_view>

namespace quartermaster {

bool HasCardNumber(std::string_view text);

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_CARD_NUMBER_H_
