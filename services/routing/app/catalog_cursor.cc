#include "services/routing/app/catalog_cursor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/routing/codec/catalog_records.h"

namespace quartermaster::routing {

absl::Status CatalogCursor::Take(int64_t position, int type, int version,
                                 std::string_view payload) {
  if (position <= position_) return absl::OkStatus();
  if (position != position_ + 1) {
    return absl::DataLossError(absl::StrCat("the catalog's log goes on at position ", position,
                                            " instead of ", position_ + 1));
  }
  QM_RETURN_IF_ERROR(AppendCatalogRecord(type, version, payload, changes_));
  position_ = position;
  return absl::OkStatus();
}

std::optional<NetworkBatch> CatalogCursor::Flush() {
  const bool becomes_current = !current_ && head_.has_value() && position_ >= *head_;
  if (changes_.empty() && !becomes_current) return std::nullopt;
  current_ = current_ || becomes_current;
  return NetworkBatch{std::exchange(changes_, {}), becomes_current};
}

}  // namespace quartermaster::routing
