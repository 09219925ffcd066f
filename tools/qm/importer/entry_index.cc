#include <optional>

#include "tools/qm/importer/batch_call.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {

int EntryIndex(const std::string& field) {
  const size_t open = field.find('[');
  const size_t close = field.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) return -1;
  const std::optional<int64_t> index =
      ParseInteger(std::string_view(field).substr(open + 1, close - open - 1));
  return index && *index >= 0 && *index < 1'000'000 ? static_cast<int>(*index) : -1;
}

}  // namespace quartermaster::qm
