// Saved: a value's bytes, as a Saver writes them.
#ifndef QUARTERMASTER_SERVICES_BASE_TESTING_SAVED_H_
#define QUARTERMASTER_SERVICES_BASE_TESTING_SAVED_H_

#include <string>
#include <string_view>

#include "services/base/persist.h"

namespace quartermaster {

template <typename T>
std::string Saved(const T& value) {
  std::string bytes;
  Saver save([&](std::string_view piece) { bytes.append(piece); });
  save(value);
  save.Finish();
  return bytes;
}

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TESTING_SAVED_H_
