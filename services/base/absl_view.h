// Text for Abseil, whose string_view is a class of its own in Debian's build.
#ifndef QUARTERMASTER_SERVICES_BASE_ABSL_VIEW_H_
#define QUARTERMASTER_SERVICES_BASE_ABSL_VIEW_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace quartermaster {

inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_ABSL_VIEW_H_
