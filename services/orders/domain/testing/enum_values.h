// Every value of an enum that has a name, so that a new one is in tests without being listed there.
#ifndef QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_ENUM_VALUES_H_
#define QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_ENUM_VALUES_H_

#include <vector>

#include "services/orders/domain/transitions.h"

namespace quartermaster::orders {

template <typename Enum>
std::vector<Enum> ValuesOf() {
  std::vector<Enum> values;
  for (int number = 0; number < 256; ++number) {
    const Enum value = static_cast<Enum>(number);
    if (!NameOf(value).empty()) values.push_back(value);
  }
  return values;
}

}  // namespace quartermaster::orders

#endif  // QUARTERMASTER_SERVICES_ORDERS_DOMAIN_TESTING_ENUM_VALUES_H_
